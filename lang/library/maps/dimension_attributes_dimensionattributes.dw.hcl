# Financial dimensions, such as department or cost centre.

map "dimension_attributes_dimensionattributes" {
  fno       = "DimensionAttributes"
  dataverse = "msdyn_dimensionattributes"
  key       = ["DimensionName"]

  fields "both" {
    DimensionName = "msdyn_dimensionname"

    CopyValuesOnCreate              = "msdyn_copyvaluesoncreate"
    ReportColumnName                = "msdyn_reportcolumnname"
    GiveDerivedDimensionsPrecedence = "msdyn_givederiveddimensionsprecedence"
    UseValuesFrom                   = "msdyn_usevaluesfrom"
    DimensionValueMask              = "msdyn_dimensionvaluemask"
  }
}
