# Groups of customers with their terms of payment.

map "customer_groups_customergroups" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]

  fields "both" {
    CustomerGroupId = "msdyn_groupid"

    Description               = "msdyn_description"
    IsSalesTaxIncludedInPrice = "msdyn_issalestaxincludedinprice"

    PaymentTermId                 = "msdyn_paymenttermid.msdyn_name"
    ClearingPeriodPaymentTermName = "msdyn_clearingperiodpaymenttermname.msdyn_name"
  }
}
