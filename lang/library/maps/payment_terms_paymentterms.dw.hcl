# Terms of payment.

map "payment_terms_paymentterms" {
  fno       = "PaymentTerms"
  dataverse = "msdyn_paymentterms"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    Description             = "msdyn_description"
    NumberOfMonths          = "msdyn_numberofmonth"
    CutoffDayOfMonth        = "msdyn_cutoffdayofmonth"
    IsCashPayment           = "msdyn_iscashpayment"
    NumberOfDays            = "msdyn_days"
    IsCertifiedCompanyCheck = "msdyn_iscertifiedcompanycheck"
    IsDefaultPaymentTerm    = "msdyn_isdefaultpaymentterm"

    PaymentDayName      = "msdyn_paymentdayname.msdyn_name"
    PaymentScheduleName = "msdyn_paymentschedulename.msdyn_name"
  }

  field "msdyn_creditcardpaymenttype" {
    fno    = "CreditCardPaymentType"
    values = { NA = 806380998, CreditCard = 806380999 }
  }

  field "msdyn_creditcardcreditchecktype" {
    fno    = "CreditCardCreditCheckType"
    values = { Normal = 806380000, ByPass = 806380001 }
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
