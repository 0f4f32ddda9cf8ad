# Units of measure.

map "units_of_measure_uoms" {
  fno       = "UnitsOfMeasure"
  dataverse = "uoms"
  key       = ["UnitSymbol"]

  fields "to_dataverse" {
    UnitSymbol = ["msdyn_symbol", "name"]

    DecimalPrecision = "msdyn_decimalprecision"
    IsBaseUnit       = "msdyn_isbaseunit"
    IsSystemUnit     = "msdyn_issystemunit"
    UnitDescription  = "msdyn_description"
  }

  # The column takes the name of the member. The first member, which else stands for
  # nothing, is named.
  field "msdyn_externalunitclassname" {
    fno       = "UnitClass"
    direction = "to_dataverse"
    values    = { Quantity = "Quantity" }
    otherwise = "pass"
  }

  field "msdyn_systemofunits" {
    fno       = "SystemOfUnits"
    direction = "to_dataverse"
    values    = { None = 192350000, Metric = 192350001, US = 192350002 }
  }
}
