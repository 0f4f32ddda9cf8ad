# Operating units, such as departments and cost centres, as internal organizations.
#
# Legal entities fill the same table. What a row is stands in msdyn_type.

map "operating_units_internalorganizations" {
  fno       = "OperatingUnits"
  dataverse = "msdyn_internalorganizations"
  key       = ["PartyNumber"]

  fields "to_dataverse" {
    PartyNumber = "msdyn_partynumber"

    LanguageId = "msdyn_languageid"
    NameAlias  = "msdyn_namealias"
    Name       = "msdyn_name"
  }

  field "msdyn_type" {
    fno       = "OperatingUnitType"
    direction = "to_dataverse"
    values = {
      OMDepartment   = 806380001
      None           = 806380002
      OMCostCenter   = 806380003
      OMValueStream  = 806380004
      OMBusinessUnit = 806380005
      OMAnyOU        = 806380006
      RetailChannel  = 192350000
    }
    otherwise = null # OMBranch, OMRentalLocation, OMRegion, OMBranchFM, OMRentalLocationFM, OMRegionFM
  }
}
