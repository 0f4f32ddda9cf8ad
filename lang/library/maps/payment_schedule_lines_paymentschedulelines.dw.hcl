# Lines of payment schedules: each instalment.

map "payment_schedule_lines_paymentschedulelines" {
  fno       = "PaymentScheduleLines"
  dataverse = "msdyn_paymentschedulelines"
  key       = ["LineNumber", "PaymentScheduleName"]

  fields "both" {
    LineNumber          = "msdyn_linenumber"
    PaymentScheduleName = "msdyn_paymentschedule.msdyn_name"

    PeriodsAfterDueDate  = "msdyn_periodsafterduedate"
    PercentOrAmountValue = "msdyn_percentoramountvalue"
  }

  field "msdyn_percentoramount" {
    fno    = "PercentOrAmount"
    values = { Percent = 806380000, Amount = 806380001 }
  }
}
