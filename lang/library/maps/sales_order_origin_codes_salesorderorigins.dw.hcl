# Where sales orders come from.

map "sales_order_origin_codes_salesorderorigins" {
  fno       = "SalesOrderOriginCodes"
  dataverse = "msdyn_salesorderorigins"
  key       = ["OriginCode"]

  fields "both" {
    OriginCode = "msdyn_origincode"

    OriginDescription = "msdyn_origindescription"
  }
}
