# Products and variants that are released to a company, each as one product that can be sold.
#
# The documentation of 2020 does not have IsStockedProduct = msdyn_isstockedproduct,
# FieldServiceProductType = msdyn_fieldserviceproducttype.

map "cds_released_distinct_products_products" {
  fno       = "CDSReleasedDistinctProducts"
  dataverse = "products"
  key       = ["ProductNumber"]

  fields "to_dataverse" {
    ProductNumber = "msdyn_productnumber"

    ProductName          = "name"
    ProductDescription   = "description"
    ItemNumber           = "msdyn_itemnumber"
    SalesPrice           = "price"
    UnitCost             = "currentcost"
    IsCatchWeightProduct = "msdyn_iscatchweight"
    IsStockedProduct     = "msdyn_isstockedproduct"

    CurrencyCode           = "transactioncurrencyid.isocurrencycode"
    SalesUnitSymbol        = "defaultuomid.msdyn_symbol"
    ProductColorId         = "msdyn_productcolor.msdyn_productcolorname"
    ProductConfigurationId = "msdyn_productconfiguration.msdyn_productconfiguration"
    ProductSizeId          = "msdyn_productsize.msdyn_productsize"
    ProductStyleId         = "msdyn_productstyle.msdyn_productstyle"
  }

  field "producttypecode" {
    fno       = "ProductType"
    direction = "to_dataverse"
    values    = { Item = 1, Service = 3 }
  }

  field "quantitydecimal" {
    fno          = "SalesUnitDecimalPrecision"
    to_dataverse = coalesce(value, 0)
  }

  field "msdyn_fieldserviceproducttype" {
    fno       = "FieldServiceProductType"
    direction = "to_dataverse"
    values = {
      Inventory    = 690970000
      NonInventory = 690970001
      Service      = 690970002
    }
    otherwise = null # NotAvailable
  }
}
