# Conversions between units that hold for one product.

map "product_specific_unit_of_measure_conversions_productspecificunitofmeasureconversions" {
  fno       = "ProductSpecificUnitOfMeasureConversions"
  dataverse = "msdyn_productspecificunitofmeasureconversions"
  key       = ["ProductNumber", "FromUnitSymbol", "ToUnitSymbol"]

  fields "both" {
    ProductNumber  = "msdyn_globalproduct.msdyn_productnumber"
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
