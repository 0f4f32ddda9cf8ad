# Ways in which vendors are paid.
#
# The standard map also names "approved" of PaymentStatus: no such member stands in the metadata
# that we have seen.

map "vendor_payment_methods_vendorpaymentmethods" {
  fno       = "VendorPaymentMethods"
  dataverse = "msdyn_vendorpaymentmethods"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    Description                         = "msdyn_description"
    DiscountGracePeriodDays             = "msdyn_discountgraceperioddays"
    AllowPaymentCopies                  = "msdyn_allowpaymentcopies"
    LastFileNumber                      = "msdyn_lastfilenumber"
    LastFileNumberToday                 = "msdyn_lastfilenumbertoday"
    BridgingPostingEnabled              = "msdyn_bridgingposting"
    EnablePostdatedCheckClearingPosting = "msdyn_postdatedcheckclearingposting"
    DirectDebit                         = "msdyn_directdebit"
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

  field "msdyn_paymentstatus" {
    fno = "PaymentStatus"
    values = {
      None     = 806380000
      Sent     = 806380001
      Recieved = 806380002
      Rejected = 806380004
    }
    otherwise = null # Confirmed, Delete, SentDelete, Deleted
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

  field "msdyn_accounttype" {
    fno = "AccountType"
    values = {
      Ledger      = 806380000
      Bank        = 806380005
      Cust        = 806380001
      FixedAssets = 806380004
      Vend        = 806380002
      Project     = 806380003
    }
    otherwise = null # FixedAssets_RU, Employee_RU, RDeferrals, RCash
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
