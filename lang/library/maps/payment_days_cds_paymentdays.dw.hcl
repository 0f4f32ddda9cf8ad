# Payment days: on which days of a week or month is paid.

map "payment_days_cds_paymentdays" {
  fno       = "PaymentDaysCds"
  dataverse = "msdyn_paymentdays"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    Description = "msdyn_description"
  }
}
