# Formats in which combinations of financial dimensions are written as one text.

map "dimension_integration_formats_financialdimensionformats" {
  fno       = "DimensionIntegrationFormats"
  dataverse = "msdyn_financialdimensionformats"
  key       = ["DimensionFormatName", "DimensionFormatType"]

  fields "both" {
    DimensionFormatName = "msdyn_dimensionformatname"

    FinancialDimensionFormat = "msdyn_financialdimensionformat"
    IsActive                 = "msdyn_isactive"
  }

  field "msdyn_dimensionformattype" {
    fno = "DimensionFormatType"
    values = {
      DataEntityDefaultDimensionFormat        = 192350000
      DataEntityLedgerDimensionFormat         = 192350001
      DataEntityBudgetDimensionFormat         = 192350002
      DataEntityBudgetPlanningDimensionFormat = 192350003
    }
    otherwise = null # 20 other members: the standard map does not name them
  }
}
