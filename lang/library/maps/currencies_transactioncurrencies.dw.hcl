# Currencies. Rates of exchange are not carried: new currencies start at 1.

map "currencies_transactioncurrencies" {
  fno       = "Currencies"
  dataverse = "transactioncurrencies"
  key       = ["CurrencyCode"]

  filter {
    fno = "CurrencyCode ne '999'"
  }

  fields "both" {
    CurrencyCode = "isocurrencycode"

    Name   = "currencyname"
    Symbol = "currencysymbol"
  }

  constant "exchangerate" {
    value = 1
  }
}
