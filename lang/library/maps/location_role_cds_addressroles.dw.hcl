# Purposes of addresses, such as delivery or invoice.

map "location_role_cds_addressroles" {
  fno       = "LocationRoleCDS"
  dataverse = "msdyn_addressroles"
  key       = ["Purpose"]

  fields "both" {
    Purpose = "msdyn_name"

    IsContactInformation = "msdyn_iselectronicaddressrole"

    IsPostalAddress = "msdyn_ispostaladdressrole"
  }
}
