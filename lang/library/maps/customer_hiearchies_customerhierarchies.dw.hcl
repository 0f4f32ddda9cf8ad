# Hierarchies of customers, for commerce between businesses.

map "customer_hiearchies_customerhierarchies" {
  fno       = "CustomerHiearchies"
  dataverse = "msdyn_customerhierarchies"
  key       = ["CustomerHierarchyId"]

  fields "both" {
    CustomerHierarchyId = "msdyn_customerhierarchynumber"

    Name = "msdyn_name"

    OrganizationPartyNumber = "msdyn_organizationpartynumber.msdyn_partynumber"
  }

  field "msdyn_purpose" {
    fno    = "Purpose"
    values = { B2BOrganization = 192350000 }
  }
}
