# Lines of payment days: the day of the week or month.

map "payment_day_lines_cds_v2_paymentdaylines" {
  fno       = "PaymentDayLinesCdsV2"
  dataverse = "msdyn_paymentdaylines"
  key       = ["LineNumber", "Name"]

  fields "both" {
    LineNumber = "msdyn_linenumber"
    Name       = "msdyn_paymentday.msdyn_name"

    DayOfMonth = "msdyn_dayofmonth"
  }

  field "msdyn_frequency" {
    fno    = "Frequency"
    values = { Week = 806380000, Month = 806380001 }
  }

  field "msdyn_dayofweek" {
    fno = "DayOfWeek"
    values = {
      None      = 806380000
      Monday    = 806380001
      Tuesday   = 806380002
      Wednesday = 806380003
      Thursday  = 806380004
      Friday    = 806380005
      Saturday  = 806380006
      Sunday    = 806380007
    }
  }
}
