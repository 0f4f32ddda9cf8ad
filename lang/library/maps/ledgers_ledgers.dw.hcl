# The ledger of each company: chart of accounts, currencies and calendar.

map "ledgers_ledgers" {
  fno       = "Ledgers"
  dataverse = "msdyn_ledgers"
  key       = ["LegalEntityId"]

  fields "to_dataverse" {
    LegalEntityId = "msdyn_company.cdm_companycode"

    Description            = "msdyn_description"
    IsBudgetControlEnabled = "msdyn_isbudgetcontrolenabled"
    Name                   = "msdyn_name"

    AccountingCurrency                = "msdyn_accountingcurrency.isocurrencycode"
    ReportingCurrency                 = "msdyn_reportingcurrency.isocurrencycode"
    BudgetExchangeRateType            = "msdyn_budgetexchangeratetype.msdyn_name"
    ChartOfAccounts                   = "msdyn_chartofaccounts.msdyn_name"
    ExchangeRateType                  = "msdyn_exchangeratetype.msdyn_name"
    FiscalCalendar                    = "msdyn_fiscalcalendar.msdyn_calendar"
    ReportingCurrencyExchangeRateType = "msdyn_reportingcurrencyexchangeratetype.msdyn_name"
  }
}
