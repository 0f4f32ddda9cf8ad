# Configurations in which a product exists.

map "product_master_configurations_sharedproductconfigurations" {
  fno       = "ProductMasterConfigurations"
  dataverse = "msdyn_sharedproductconfigurations"
  key       = ["ProductMasterNumber", "ProductConfigurationId"]

  fields "to_dataverse" {
    ProductMasterNumber    = "msdyn_globalproduct.msdyn_productnumber"
    ProductConfigurationId = "msdyn_productconfiguration.msdyn_productconfiguration"

    ReplenishmentWeight   = "msdyn_replenishmentweight"
    DisplaySequenceNumber = "msdyn_displaysequencenumber"

    ContainerUnitSymbol = "msdyn_containerunit.msdyn_symbol"
  }
}
