# Groups of product dimensions: by what variants of a product differ.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "product_dimension_groups_productdimensiongroups" {
  fno       = "ProductDimensionGroups"
  dataverse = "msdyn_productdimensiongroups"
  key       = ["GroupName"]

  fields "both" {
    GroupName = "msdyn_groupname"

    WillSalesPriceSearchUseProductStyle            = "msdyn_willsalespricesearchuseproductstyle"
    WillPurchasePriceSearchUseProductSize          = "msdyn_willpurchasepricesearchuseproductsize"
    WillSalesPriceSearchUseProductConfiguration    = "msdyn_willsalespricesearchuseprodconfig"
    WillSalesPriceSearchUseProductColor            = "msdyn_willsalespricesearchuseproductcolor"
    WillPurchasePriceSearchUseProductStyle         = "msdyn_willpurchasepricesearchuseproductstyle"
    WillPurchasePriceSearchUseProductConfiguration = "msdyn_willpurchpricesearchuseprodconfig"
    WillPurchasePriceSearchUseProductColor         = "msdyn_willpurchpricesearchuseproductcolor"
    IsProductStyleActive                           = "msdyn_isproductstyleactive"
    IsProductSizeActive                            = "msdyn_isproductsizeactive"
    IsProductConfigurationActive                   = "msdyn_isproductconfigurationactive"
    IsProductColorActive                           = "msdyn_isproductcoloractive"
    GroupDescription                               = "msdyn_groupdescription"
    ProductVariantNomenclatureName                 = "msdyn_productvariantnomenclaturename"
    WillSalesPriceSearchUseProductSize             = "msdyn_willsalespricesearchuseproductsize"
  }
}
