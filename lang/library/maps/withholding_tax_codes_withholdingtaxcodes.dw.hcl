# Withholding tax codes.

map "withholding_tax_codes_withholdingtaxcodes" {
  fno       = "WithholdingTaxCodes"
  dataverse = "msdyn_withholdingtaxcodes"
  key       = ["WithholdingCode"]

  fields "both" {
    WithholdingCode = "msdyn_name"

    WithholdingTaxName     = "msdyn_description"
    WithholdingTaxRoundOff = "msdyn_roundoff"

    CurrencyCodeID = "msdyn_currency.isocurrencycode"
  }

  field "msdyn_roundofftype" {
    fno    = "WithholdingTaxRoundOffType"
    values = { Ordinary = 192350000, RoundDown = 192350001, RoundUp = 192350002 }
  }

  field "msdyn_taxableamountorigin" {
    fno = "WithholdingTaxBase"
    values = {
      PctPerNet   = 192350000
      PctPerGross = 192350001
    }
    otherwise = null # PctGrsAmtMonth
  }
}
