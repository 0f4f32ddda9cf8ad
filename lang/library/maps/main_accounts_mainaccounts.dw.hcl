# Main accounts of the charts of accounts.
#
# The standard map also names "billSchUnbilledAccountsReceivable" and "billSchAccruedRevenue" of
# PostingType: no such member stands in the metadata that we have seen.

enum "main_accounts_mainaccounts_validatecurrencycode" {
  values = {
    Optional = 192350000
    FillIn   = 192350001
    Table    = 192350002
    List     = 192350003
  }
}

map "main_accounts_mainaccounts" {
  fno       = "MainAccounts"
  dataverse = "msdyn_mainaccounts"
  key       = ["ChartOfAccounts", "MainAccountId"]

  fields "both" {
    ChartOfAccounts = "msdyn_chartofaccounts.msdyn_name"
    MainAccountId   = "msdyn_accountnumber"

    Name                       = "msdyn_name"
    ForeignCurrencyRevaluation = "msdyn_foreigncurrencyrevaluation"
    MainAccountCategory        = "msdyn_mainaccountcategoryname"
    MandatoryPaymentReference  = "msdyn_mandatorypaymentreference"
    Monetary                   = "msdyn_monetary"
    OffsetAccountDisplayValue  = "msdyn_offsetaccount"
    SRUCode                    = "msdyn_srucode"
    User                       = "msdyn_user"

    ExchangeAdjustmentRateType          = "msdyn_exchangeadjustmentratetype.msdyn_name"
    ReportingExchangeAdjustmentRateType = "msdyn_reportingexchangeadjustmentratetype.msdyn_name"
    FinancialReportingExchangeRateType  = "msdyn_financialreportingexchangeratetype.msdyn_name"
    DefaultCurrency                     = "msdyn_defaultcurrency.isocurrencycode"
  }

  field "msdyn_balancecontrol" {
    fno    = "BalanceControl"
    values = { None = 192350000, Debit = 192350001, Credit = 192350002 }
  }

  field "msdyn_closing" {
    fno = "Closing"
    values = {
      None         = 192350000
      Result       = 192350001
      BalanceSheet = 192350002
      Capital      = 192350003
    }
  }

  field "msdyn_debitcreditrequirement" {
    fno    = "DebitCreditRequirement"
    values = { None = 192350000, Debit = 192350001, Credit = 192350002 }
  }

  field "msdyn_postingtype" {
    fno = "PostingType"
    values = {
      None                               = 192350000
      ExchRateGain                       = 192350001
      ExchRateLoss                       = 192350002
      InterCompany                       = 192350003
      Tax                                = 192350004
      VATRoundOff                        = 192350005
      Allocation                         = 192350006
      InvestmentDuty                     = 192350007
      Liquidity                          = 192350008
      MSTDiffSecond                      = 192350009
      ErrorAccount                       = 192350010
      MSTDiff                            = 192350011
      YearResult                         = 192350012
      Closing                            = 192350013
      LedgerJournal                      = 192350014
      CashDiscount                       = 192350015
      ConsolidateDiffBalance             = 192350016
      TaxReport                          = 192350017
      TransferOpeningClosing             = 192350018
      Bank                               = 192350019
      ConversionProfit                   = 192350020
      ConversionLoss                     = 192350021
      TaxWithhold                        = 192350022
      ConsolidateDiffProfitLoss          = 192350023
      IndirectEstimatedAbsorptionOffset  = 192350024
      IndirectAbsorption                 = 192350025
      IndirectAbsorptionOffset           = 192350026
      FreeTextInvoice                    = 192350027
      ConversionReportingLoss            = 192350029
      ConversionReportingProfit          = 192350030
      CustBalance                        = 192350031
      CustRevenue                        = 192350032
      CustInterest                       = 192350033
      CustCashDisc                       = 192350034
      CustCollectionLetterFee            = 192350035
      CustInterestFee                    = 192350036
      CustInvoiceDisc                    = 192350028
      CustPayment                        = 192350037
      CustReimbursement                  = 192350038
      CustSettlement                     = 192350039
      VendBalance                        = 192350040
      VendPurchLedger                    = 192350041
      VendOffsetAccount                  = 192350042
      VendInterest                       = 192350043
      VendCashDisc                       = 192350044
      VendPayment                        = 192350045
      VendInvoiceDisc                    = 192350046
      VendSettlement                     = 192350047
      CrossCompanySettlement             = 192350048
      InventIssueFixedAsset              = 192350049
      SalesRevenue                       = 192350050
      SalesConsump                       = 192350051
      SalesDisc                          = 192350052
      SalesCash                          = 192350053
      SalesFreight                       = 192350054
      SalesFee                           = 192350055
      SalesPostage                       = 192350056
      SalesRoundOff                      = 192350057
      SalesPackingSlip                   = 192350058
      SalesOffsetAccountPackingSlip      = 192350059
      SalesIssue                         = 192350060
      SalesCommission                    = 192350061
      SalesOffsetAccountCommission       = 192350062
      SalesPckSlipRevenue                = 192350063
      SalesPckSlipRevenueOffsetAccount   = 192350064
      Rebate                             = 192350065
      PdsCWLoss                          = 192350066
      PdsCWProfit                        = 192350067
      PurchConsump                       = 192350068
      PurchDisc                          = 192350069
      PurchCash                          = 192350070
      PurchFreight                       = 192350071
      PurchFee                           = 192350072
      PurchPostage                       = 192350073
      PurchOffsetAccount                 = 192350074
      PurchaseInvoiceRoundOff            = 192350075
      PurchMarkupFreight                 = 192350076
      PurchMarkupCustoms                 = 192350077
      PurchMarkupInsurance               = 192350078
      PurchPckSlp                        = 192350079
      PurchOffsetAccountPckSlp           = 192350080
      PurchReceipt                       = 192350081
      PurchStdProfit                     = 192350082
      PurchStdLoss                       = 192350083
      PurchStdOffsetAccount              = 192350084
      InventReceipt                      = 192350085
      InventIssue                        = 192350086
      InventProfit                       = 192350087
      InventLoss                         = 192350088
      InventStdProfit                    = 192350089
      InventStdLoss                      = 192350090
      Opening_ES                         = 192350091
      PurchReq                           = 192350092
      APInvoice                          = 192350093
      Budget                             = 192350094
      PurchOrderYearEnd                  = 192350095
      InflationAdjustment_MX             = 192350096
      ProdReportFinished                 = 192350097
      ProdReportFinishedOffsetAccount    = 192350098
      ProdIssue                          = 192350099
      ProdIssueOffsetAccount             = 192350100
      ProdReceipt                        = 192350101
      ProdReceiptOffsetAccount           = 192350102
      ProdPicklistOffsetAccount          = 192350103
      ProdPicklist                       = 192350104
      ProdWIPValuation                   = 192350105
      ProdWIPIssue                       = 192350106
      ProdWrkCtrIssue                    = 192350107
      ProdScrap                          = 192350108
      ProdScrapOffsetAccount             = 192350109
      ProdLeanWIPServiceReceipt          = 192350110
      ProdLeanWIPServiceClearing         = 192350111
      ProjCost                           = 192350112
      ProjPayrollAllocation              = 192350113
      ProjWIPCostvalue                   = 192350114
      ProjOffsetAccountItem              = 192350115
      ProjStatusAccountItem              = 192350116
      ProjTurnover                       = 192350117
      ProjOnAccount                      = 192350118
      ProjSalesvalue                     = 192350119
      ProjSalesvalueOffset               = 192350120
      ProjAccruedTurnoverProd            = 192350121
      ProjWIPProduction                  = 192350122
      ProJAccruedTurnoverProfit          = 192350123
      ProjWIPProfit                      = 192350125
      ProjNeverLedger                    = 192350126
      ProjAccruedCost                    = 192350127
      ProjWIPCost                        = 192350128
      ProjAccruedRevenueOnAccount        = 192350129
      ProjWIPInvoicedOnAccount           = 192350130
      ProjNoLedger                       = 192350131
      PayrollDebitAccount                = 192350132
      PayrollCreditAccount               = 192350133
      EmplPayment_RU                     = 192350134
      RTSLTranslationDifference          = 192350135
      RCash                              = 192350136
      InventRoundingLoss_RU              = 192350137
      InventRoundingProfit_RU            = 192350138
      AdvanceAdjustmentGain_RU           = 192350139
      AdvanceAdjustmentLoss_RU           = 192350140
      FixedAssetsDebit                   = 192350141
      FixedAssetsCredit                  = 192350142
      CACLedgerJournalNoOff              = 192350143
      AmountDiffGain_RU                  = 192350144
      AmountDiffLoss_RU                  = 192350145
      Misc_IN                            = 192350146
      TransferGoodsTransit_IN            = 192350147
      TransferScrap_IN                   = 192350148
      PurchCharge                        = 192350149
      PurchStockVariation                = 192350150
      PurchPckSlpPurchaseOffsetAccount   = 192350151
      PurchPckSlpTax                     = 192350152
      PurchPckSlpPurchase                = 192350153
      SalesPackingslipTax                = 192350154
      ProjAccruedRevenueSubscription     = 192350155
      ProjWIPSubscription                = 192350156
      TaxOffsetWithhold_TH               = 192350157
      InventStdCostChangeVariance        = 192350158
      InventSystemRounding               = 192350159
      PurchAdvance                       = 192350160
      PurchStdCostPurchasePriceVariance  = 192350161
      PurchAdvanceApplication            = 192350162
      ProdStdCostProductionVariance      = 192350163
      SalesGoodsInRoute_RU               = 192350164
      SalesGoodsInRouteOffset_RU         = 192350165
      InventInterUnitPayable             = 192350166
      InventInterUnitReceivable          = 192350167
      IndirectEstimatedAbsorption        = 192350168
      ProdStdCostLotSizeVariance         = 192350169
      ProdStdCostQuantityVariance        = 192350170
      ProdStdCostSubstitutionVariance    = 192350171
      InventStdCostRoundingVariance      = 192350172
      PurchReceiptFixedAsset             = 192350173
      PSATransportation                  = 192350174
      PSACompanyCCClearing               = 192350175
      PSAEmployeeClearing                = 192350176
      PSAEmployeeAdvance                 = 192350177
      PSAWriteOffCap                     = 192350178
      PSAProjRetain                      = 192350179
      PSAProjPurchRetain                 = 192350180
      InventStdCostRevaluation           = 192350181
      PurchExpense                       = 192350182
      VAT_IN                             = 192350183
      InventMovingAveragePriceDifference = 192350184
      SalesTax_IN                        = 192350185
      InventMovingAverageCostRevaluation = 192350186
      Excise_IN                          = 192350187
      IntercompanyCost                   = 192350188
      ServiceTax_IN                      = 192350189
      IntercompanyRevenue                = 192350190
      Customs_IN                         = 192350191
      TDS_IN                             = 192350192
      TCS_IN                             = 192350193
      TransferIssue_IN                   = 192350194
      TransferReceipt_IN                 = 192350195
      TransferProfit_IN                  = 192350196
      TransferLoss_IN                    = 192350197
      TaxAdjustmentSettlement_IN         = 192350198
      TaxExpense_BR                      = 192350199
      BankStatement                      = 192350200
      EmplBalance_RU                     = 192350201
      DebitNote_BR                       = 192350202
      CustFine_BR                        = 192350203
      VendFine_BR                        = 192350204
      Payroll                            = 192350205
      InterunitDebit                     = 192350206
      InterunitCredit                    = 192350207
      FixedAssetsDebit_RU                = 192350208
      FixedAssetsCredit_RU               = 192350209
      TransferInterim_IN                 = 192350210
      DeferralsDebit_RU                  = 192350211
      DeferralsCredit_RU                 = 192350212
      MCRReturns                         = 192350213
      MCRReturnsConsump                  = 192350214
      MCRUnderpayWriteOff                = 192350215
      MCRBrokerFee                       = 192350216
      RPayTaxRefundOffset                = 192350217
      BudgetReservation_PSN              = 192350218
      BudgetReservationYearEnd_PSN       = 192350219
      GST_IN                             = 192350222
      ReportingCurrencyAdjustment        = 192350223
      RevRecDeferredRevenue              = 192350224
      RevRecDeferredCostOfGoodsSold      = 192350225
      RevRecPartialRevenue               = 192350226
      RevRecDeferredCost                 = 192350227
    }
    otherwise = null # 18 other members: the standard map does not name them
  }

  field "msdyn_validatecurrencycode" {
    fno    = "ValidateCurrency"
    values = enum.main_accounts_mainaccounts_validatecurrencycode
  }

  field "msdyn_validateuser" {
    fno    = "ValidateUser"
    values = enum.main_accounts_mainaccounts_validatecurrencycode
  }

  field "msdyn_debitcreditdefault" {
    fno    = "DebitCreditDefault"
    values = { None = 192350000, Debit = 192350001, Credit = 192350002 }
  }

  field "msdyn_mainaccounttype" {
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
      Total         = 192350008
      Reporting     = 192350009
      Common_CN     = 192350010
    }
  }

  field "msdyn_financialreportingcurrencytrantype" {
    fno = "FinancialReportingCurrencyTranslationType"
    values = {
      WeightedAverage = 192350000
      StandardAverage = 192350001
      Current         = 192350002
      TransactionDate = 192350003
    }
  }

  field "msdyn_validateposting" {
    fno    = "ValidatePostingType"
    values = enum.main_accounts_mainaccounts_validatecurrencycode
  }
}
