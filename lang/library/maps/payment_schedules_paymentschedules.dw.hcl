# Payment schedules: how an amount is paid in instalments.

map "payment_schedules_paymentschedules" {
  fno       = "PaymentSchedules"
  dataverse = "msdyn_paymentschedules"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    Description          = "msdyn_description"
    PaymentFrequency     = "msdyn_paymentfrequency"
    NumberOfPayments     = "msdyn_numberofpayments"
    FixedPaymentAmount   = "msdyn_fixedpaymentamount"
    MinimumPaymentAmount = "msdyn_minimumpaymentamount"
    Notes                = "msdyn_note"
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

  field "msdyn_paymentfrequencyunit" {
    fno = "PaymentFrequencyUnits"
    values = {
      Day   = 806380000
      Month = 806380001
      Year  = 806380002
    }
    otherwise = null # All
  }

  field "msdyn_salestaxallocationmethod" {
    fno    = "SalesTaxAllocationMethod"
    values = { Proportional = 806380000, FirstRate = 806380001, LastRate = 806380002 }
  }
}
