# Groups of customers that pay the same prices.

map "price_customer_groups_pricecustomergroups" {
  fno       = "PriceCustomerGroups"
  dataverse = "msdyn_pricecustomergroups"
  key       = ["GroupCode"]

  fields "both" {
    GroupCode = "msdyn_groupcode"

    GroupName = "msdyn_groupname"
  }
}
