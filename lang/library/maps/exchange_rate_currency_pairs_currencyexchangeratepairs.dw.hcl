# Pairs of currencies between which rates are kept.

map "exchange_rate_currency_pairs_currencyexchangeratepairs" {
  fno       = "ExchangeRateCurrencyPairs"
  dataverse = "msdyn_currencyexchangeratepairs"
  key       = ["FromCurrencyCode", "ToCurrencyCode", "ExchangeRateTypeName"]

  fields "both" {
    FromCurrencyCode     = "msdyn_fromtransactioncurrencyid.isocurrencycode"
    ToCurrencyCode       = "msdyn_totransactioncurrencyid.isocurrencycode"
    ExchangeRateTypeName = "msdyn_currencyexchangeratetypeid.msdyn_name"
  }

  field "msdyn_displayfactor" {
    fno = "ExchangeRateDisplayFactor"
    values = {
      One         = 192350000
      Ten         = 192350001
      Hundred     = 192350002
      Thousand    = 192350003
      TenThousand = 192350004
    }
  }
}
