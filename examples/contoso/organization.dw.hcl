# What everything else refers to: legal entities and units of measure. Both flow
# to Dataverse only, as in Microsoft's standard maps.

map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]

  # Company rows are not company-specific themselves, so the link's list of
  # companies does not narrow them: the filter does.
  filter {
    fno       = "LegalEntityId eq 'USMF' or LegalEntityId eq 'DEMF' or LegalEntityId eq 'GBSI'"
    dataverse = "cdm_companycode eq 'USMF' or cdm_companycode eq 'DEMF' or cdm_companycode eq 'GBSI'"
  }

  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
    Name          = "cdm_name"
  }
}

# The first member of an F&O enum also stands for "nothing". Naming Quantity says
# that it means something here; all other members pass as they are.

enum "unit_class" {
  values = {
    Quantity = "Quantity"
  }
  otherwise = "pass"
}

map "units" {
  fno       = "UnitsOfMeasure"
  dataverse = "uoms"
  key       = ["UnitSymbol"]

  fields "to_dataverse" {
    UnitSymbol       = ["msdyn_symbol", "name"] # one F&O field, two columns
    UnitDescription  = "msdyn_description"
    DecimalPrecision = "msdyn_decimalprecision"
    IsBaseUnit       = "msdyn_isbaseunit" # NoYes and boolean need no value map
    IsSystemUnit     = "msdyn_issystemunit"
  }

  field "msdyn_externalunitclassname" {
    fno       = "UnitClass"
    direction = "to_dataverse"
    values    = enum.unit_class
  }

  field "msdyn_systemofunits" {
    fno       = "SystemOfUnits"
    direction = "to_dataverse"
    values = {
      None   = 192350000
      Metric = 192350001
      US     = 192350002
    }
  }

  # Left out: uomscheduleid, baseuom and quantity. A plug-in of the dual-write
  # solution puts a new unit into the unit group of its class.
}
