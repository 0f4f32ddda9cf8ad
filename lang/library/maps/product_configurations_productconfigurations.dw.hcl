# Configurations that product variants can have.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "product_configurations_productconfigurations" {
  fno       = "ProductConfigurations"
  dataverse = "msdyn_productconfigurations"
  key       = ["ConfigurationId"]

  fields "to_dataverse" {
    ConfigurationId = "msdyn_productconfiguration"
  }
}
