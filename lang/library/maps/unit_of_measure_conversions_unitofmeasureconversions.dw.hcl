# Conversions between units.

map "unit_of_measure_conversions_unitofmeasureconversions" {
  fno       = "UnitOfMeasureConversions"
  dataverse = "msdyn_unitofmeasureconversions"
  key       = ["FromUnitSymbol", "ToUnitSymbol"]

  fields "both" {
    FromUnitSymbol = "msdyn_fromunit.msdyn_symbol"
    ToUnitSymbol   = "msdyn_tounit.msdyn_symbol"

    Denominator = "msdyn_denominator"
    Numerator   = "msdyn_numerator"
    Factor      = "msdyn_factor"
    InnerOffset = "msdyn_inneroffset"
    OuterOffset = "msdyn_outeroffset"
  }

  field "msdyn_rounding" {
    fno    = "Rounding"
    values = { Nearest = 192350000, Up = 192350001, Down = 192350002 }
  }
}
