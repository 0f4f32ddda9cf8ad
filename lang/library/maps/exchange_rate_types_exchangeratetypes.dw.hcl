# Kinds of exchange rates, such as average or budget.

map "exchange_rate_types_exchangeratetypes" {
  fno       = "ExchangeRateTypes"
  dataverse = "msdyn_exchangeratetypes"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    Description = "msdyn_description"
  }
}
