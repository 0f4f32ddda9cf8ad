# Ways in which customers pay.

map "customer_payment_methods_customerpaymentmethods" {
  fno       = "CustomerPaymentMethods"
  dataverse = "msdyn_customerpaymentmethods"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    DiscountGracePeriodDays                         = "msdyn_discountgraceperioddays"
    BridgingPostingEnabled                          = "msdyn_bridgingpostingenabled"
    IsSEPA                                          = "msdyn_issepa"
    LastFileNumber                                  = "msdyn_lastfilenumber"
    LastFileNumberToday                             = "msdyn_lastfilenumbertoday"
    Description                                     = "msdyn_description"
    CreateAndDrawBillOfExchangeDuringInvoicePosting = "msdyn_invoiceupdate"
    EnablePostdatedCheckClearingPosting             = "msdyn_enablepostdatescheckclearingposting"
    DirectDebit                                     = "msdyn_directdebit"
  }

  field "msdyn_accounttype" {
    fno = "AccountType"
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

  field "msdyn_paymentstatus" {
    fno = "PaymentStatus"
    values = {
      None      = 806380000
      Sent      = 806380001
      Recieved  = 806380002
      Confirmed = 806380003
      Rejected  = 806380004
    }
    otherwise = null # Delete, SentDelete, Deleted
  }

  field "msdyn_sumbyperiod" {
    fno = "SumByPeriod"
    values = {
      Invoice   = 806380000
      Week      = 806380002
      Total     = 806380003
      TransDate = 806380001
    }
  }

  field "msdyn_billofexchangedrafttype" {
    fno = "BillOfExchangeDraftType"
    values = {
      Acceptance     = 806380002
      Promissory     = 806380003
      BankAcceptance = 806380004
      NoDraft        = 806380000
      NoAcceptance   = 806380001
    }
  }
}
