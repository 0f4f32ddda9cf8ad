# Currencies, taxes, and how and when customers and vendors pay.

map "currencies" {
  fno       = "Currencies"
  dataverse = "transactioncurrencies"
  key       = ["CurrencyCode"]

  filter {
    fno = "CurrencyCode ne '999'"
  }

  fields "both" {
    CurrencyCode = "isocurrencycode"
    Name         = "currencyname"
    Symbol       = "currencysymbol"
  }

  # Dataverse wants a rate for a new currency. A constant is written when the
  # row is created and never again: rates are kept elsewhere.
  constant "exchangerate" {
    value = 1.0
  }
}

map "tax_groups" {
  fno       = "TaxGroups"
  dataverse = "msdyn_taxgroups"
  key       = ["TaxGroupCode"]

  fields "both" {
    TaxGroupCode = "msdyn_name"
    Description  = "msdyn_description"
  }
}

# On which days of a month or week is paid.

map "payment_days" {
  fno       = "PaymentDaysCds"
  dataverse = "msdyn_paymentdays"
  key       = ["Name"]

  fields "both" {
    Name        = "msdyn_name"
    Description = "msdyn_description"
  }
}

map "payment_schedules" {
  fno       = "PaymentSchedules"
  dataverse = "msdyn_paymentschedules"
  key       = ["Name"]

  fields "both" {
    Name                 = "msdyn_name"
    Description          = "msdyn_description"
    Notes                = "msdyn_note"
    PaymentFrequency     = "msdyn_paymentfrequency"
    NumberOfPayments     = "msdyn_numberofpayments"
    FixedPaymentAmount   = "msdyn_fixedpaymentamount"
    MinimumPaymentAmount = "msdyn_minimumpaymentamount"
  }

  field "msdyn_allocationmethod" {
    fno = "AllocationMethod"
    values = {
      Total           = 806380000
      AmountByPayment = 806380001
      NumOfPayment    = 806380002
      Specified       = 806380003
    }
  }

  # A schedule is counted in days, months or years. F&O's enum has a fourth member
  # for other uses: a schedule that has it is a mistake, so it is listed with the
  # reason, and goes through once somebody has mended it.
  field "msdyn_paymentfrequencyunit" {
    fno = "PaymentFrequencyUnits"
    values = {
      Day   = 806380000
      Month = 806380001
      Year  = 806380002
    }
    otherwise = "fail" # All
  }

  field "msdyn_salestaxallocationmethod" {
    fno = "SalesTaxAllocationMethod"
    values = {
      Proportional = 806380000
      FirstRate    = 806380001
      LastRate     = 806380002
    }
  }
}

map "payment_terms" {
  fno       = "PaymentTerms"
  dataverse = "msdyn_paymentterms"
  key       = ["Name"]

  fields "both" {
    Name                    = "msdyn_name"
    Description             = "msdyn_description"
    NumberOfDays            = "msdyn_days"
    NumberOfMonths          = "msdyn_numberofmonth"
    CutoffDayOfMonth        = "msdyn_cutoffdayofmonth"
    IsCashPayment           = "msdyn_iscashpayment"
    IsCertifiedCompanyCheck = "msdyn_iscertifiedcompanycheck"
    IsDefaultPaymentTerm    = "msdyn_isdefaultpaymentterm"
    PaymentDayName          = "msdyn_paymentdayname.msdyn_name"
    PaymentScheduleName     = "msdyn_paymentschedulename.msdyn_name"
  }

  field "msdyn_creditcardpaymenttype" {
    fno = "CreditCardPaymentType"
    values = {
      NA         = 806380998
      CreditCard = 806380999
    }
  }

  field "msdyn_creditcardcreditchecktype" {
    fno = "CreditCardCreditCheckType"
    values = {
      Normal = 806380000
      ByPass = 806380001
    }
  }

  field "msdyn_paymentmethodtype" {
    fno = "PaymentMethodType"
    values = {
      Net          = 806380991
      CurrentMth   = 806380992
      CurrentQuart = 806380993
      CurrentYear  = 806380994
      CurrentWeek  = 806380995
      COD          = 806380996
      CutOffDate   = 806380997
    }
  }
}

# F&O knows more members than Dataverse has options for. What becomes of those
# has to be said: null shows them as nothing, and nothing is never written back
# over them. "fail", as above, lists such records with their reason instead.

enum "payment_account_type" {
  values = {
    Ledger      = 806380000
    Cust        = 806380001
    Vend        = 806380002
    Project     = 806380003
    FixedAssets = 806380004
    Bank        = 806380005
  }
  otherwise = null # FixedAssets_RU, Employee_RU, RDeferrals, RCash
}

enum "payment_status" {
  values = {
    None      = 806380000
    Sent      = 806380001
    Recieved  = 806380002 # Microsoft's spelling
    Confirmed = 806380003
    Rejected  = 806380004
  }
  otherwise = null # Delete, SentDelete, Deleted
}

map "customer_payment_methods" {
  fno       = "CustomerPaymentMethods"
  dataverse = "msdyn_customerpaymentmethods"
  key       = ["Name"]

  fields "both" {
    Name                                            = "msdyn_name"
    Description                                     = "msdyn_description"
    DiscountGracePeriodDays                         = "msdyn_discountgraceperioddays"
    BridgingPostingEnabled                          = "msdyn_bridgingpostingenabled"
    IsSEPA                                          = "msdyn_issepa"
    LastFileNumber                                  = "msdyn_lastfilenumber"
    LastFileNumberToday                             = "msdyn_lastfilenumbertoday"
    CreateAndDrawBillOfExchangeDuringInvoicePosting = "msdyn_invoiceupdate"
    EnablePostdatedCheckClearingPosting             = "msdyn_enablepostdatescheckclearingposting"
    DirectDebit                                     = "msdyn_directdebit"
  }

  field "msdyn_accounttype" {
    fno    = "AccountType"
    values = enum.payment_account_type
  }

  field "msdyn_paymentstatus" {
    fno    = "PaymentStatus"
    values = enum.payment_status
  }

  field "msdyn_paymenttype" {
    fno = "PaymentType"
    values = {
      Other             = 806380000
      ElectronicPayment = 806380001
      Check             = 806380002
      BillOfExchange    = 806380003
      CreditCard        = 806380004
    }
  }

  field "msdyn_sumbyperiod" {
    fno = "SumByPeriod"
    values = {
      Invoice   = 806380000
      TransDate = 806380001
      Week      = 806380002
      Total     = 806380003
    }
  }

  field "msdyn_billofexchangedrafttype" {
    fno = "BillOfExchangeDraftType"
    values = {
      NoDraft        = 806380000
      NoAcceptance   = 806380001
      Acceptance     = 806380002
      Promissory     = 806380003
      BankAcceptance = 806380004
    }
  }
}

# The same idea for vendors; what both have in common is said once, above.

map "vendor_payment_methods" {
  fno       = "VendorPaymentMethods"
  dataverse = "msdyn_vendorpaymentmethods"
  key       = ["Name"]

  fields "both" {
    Name                                = "msdyn_name"
    Description                         = "msdyn_description"
    DiscountGracePeriodDays             = "msdyn_discountgraceperioddays"
    AllowPaymentCopies                  = "msdyn_allowpaymentcopies"
    LastFileNumber                      = "msdyn_lastfilenumber"
    LastFileNumberToday                 = "msdyn_lastfilenumbertoday"
    BridgingPostingEnabled              = "msdyn_bridgingposting"
    EnablePostdatedCheckClearingPosting = "msdyn_postdatedcheckclearingposting"
    DirectDebit                         = "msdyn_directdebit"
  }

  field "msdyn_accounttype" {
    fno    = "AccountType"
    values = enum.payment_account_type
  }

  field "msdyn_paymentstatus" {
    fno    = "PaymentStatus"
    values = enum.payment_status
  }

  field "msdyn_paymenttype" {
    fno = "PaymentType"
    values = {
      Blank             = 806380000
      Check             = 806380001
      ElectronicPayment = 806380002
      PromissoryNote    = 806380003
    }
  }

  field "msdyn_sumbyperiod" {
    fno = "SumByPeriod"
    values = {
      TransDate = 806380001
      Invoice   = 806380000
      Week      = 806380002
      Total     = 806380003
    }
  }

  field "msdyn_promissorynotedrafttype" {
    fno = "PromissoryNoteDraftType"
    values = {
      NoDraft        = 806380000
      NoAcceptance   = 806380001
      Acceptance     = 806380002
      Promissory     = 806380003
      BankAcceptance = 806380004
    }
  }
}
