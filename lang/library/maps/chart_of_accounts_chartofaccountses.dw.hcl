# Charts of accounts.

map "chart_of_accounts_chartofaccountses" {
  fno       = "ChartOfAccounts"
  dataverse = "msdyn_chartofaccountses"
  key       = ["ChartOfAccounts"]

  fields "both" {
    ChartOfAccounts = "msdyn_name"

    Description     = "msdyn_description"
    MainAccountMask = "msdyn_mainaccountmask"
  }
}
