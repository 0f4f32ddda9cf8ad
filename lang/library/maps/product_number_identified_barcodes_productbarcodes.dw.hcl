# Bar codes of products by unit and quantity.

map "product_number_identified_barcodes_productbarcodes" {
  fno       = "ProductNumberIdentifiedBarcodes"
  dataverse = "msdyn_productbarcodes"
  key       = ["ProductNumber", "ProductQuantityUnitSymbol", "BarcodeSetupId", "Barcode"]

  fields "to_dataverse" {
    ProductNumber             = "msdyn_productnumberid.msdyn_productnumber"
    ProductQuantityUnitSymbol = "msdyn_unitofmeasureid.msdyn_symbol"
    BarcodeSetupId            = "msdyn_barcodesetupid"
    Barcode                   = ["msdyn_name", "msdyn_barcode"]

    ProductQuantity           = "msdyn_productquantity"
    ProductDescription        = "msdyn_productdescription"
    IsDefaultScannedBarcode   = "msdyn_isdefaultscannedbarcode"
    IsDefaultPrintedBarcode   = "msdyn_isdefaultprintedbarcode"
    IsDefaultDisplayedBarcode = "msdyn_isdefaultdisplayedbarcode"
  }
}
