# Categories of main accounts.

map "main_account_categories_mainaccountcategories" {
  fno       = "MainAccountCategories"
  dataverse = "msdyn_mainaccountcategories"
  key       = ["ReferenceId"]

  fields "both" {
    ReferenceId = "msdyn_referenceid"

    MainAccountCategory = "msdyn_mainaccountcategory"
    Description         = "msdyn_description"
    DisplayOrder        = "msdyn_displayorder"
    Closed              = "msdyn_closed"
  }

  field "msdyn_mainaccounttypevalue" {
    fno = "MainAccountType"
    values = {
      Blank         = 192350000
      ProfitAndLoss = 192350001
      Revenue       = 192350002
      Expense       = 192350003
      BalanceSheet  = 192350004
      Asset         = 192350005
      Liability     = 192350006
      Equity        = 192350007
    }
  }
}
