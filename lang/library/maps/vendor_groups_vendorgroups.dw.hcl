# Groups of vendors with their terms of payment.

map "vendor_groups_vendorgroups" {
  fno       = "VendorGroups"
  dataverse = "msdyn_vendorgroups"
  key       = ["VendorGroupId"]

  fields "both" {
    VendorGroupId = "msdyn_vendorgroup"

    Description = "msdyn_description"

    DefaultPaymentTermName        = "msdyn_paymentterms.msdyn_name"
    ClearingPeriodPaymentTermName = "msdyn_clearingperiodpaymentpermname.msdyn_name" # Microsoft's spelling
  }
}
