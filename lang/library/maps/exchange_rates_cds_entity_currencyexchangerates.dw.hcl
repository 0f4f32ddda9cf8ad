# Exchange rates with the days from which they hold.
#
# The documentation of 2020 does not have ExchangeRateTypeName =
# msdyn_currencyexchangeratepair.msdyn_currencyexchangeratetypeid.msdyn_name, FromCurrencyCode =
# msdyn_currencyexchangeratepair.msdyn_fromtransactioncurrencyid.isocurrencycode, ToCurrencyCode =
# msdyn_currencyexchangeratepair.msdyn_totransactioncurrencyid.isocurrencycode; it has also
# ExchangeRateTypeName = msdyn_exchangeratetypename, FromCurrencyCode = msdyn_fromcurrencycode,
# ToCurrencyCode = msdyn_tocurrencycode.

map "exchange_rates_cds_entity_currencyexchangerates" {
  fno       = "ExchangeRatesCDSEntity"
  dataverse = "msdyn_currencyexchangerates"
  key       = ["ExchangeRateTypeName", "FromCurrencyCode", "ToCurrencyCode", "ValidFrom"]

  fields "to_dataverse" {
    ValidFrom = "msdyn_validfrom"

    Rate    = "msdyn_exchangerate"
    ValidTo = "msdyn_validto"
  }

  lookup "msdyn_currencyexchangeratepair" {
    direction = "to_dataverse"
    match = {
      ExchangeRateTypeName = "msdyn_currencyexchangeratetypeid.msdyn_name"
      FromCurrencyCode     = "msdyn_fromtransactioncurrencyid.isocurrencycode"
      ToCurrencyCode       = "msdyn_totransactioncurrencyid.isocurrencycode"
    }
  }
}
