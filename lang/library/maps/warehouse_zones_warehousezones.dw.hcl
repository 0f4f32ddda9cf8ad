# Zones of warehouses.

map "warehouse_zones_warehousezones" {
  fno       = "WarehouseZones"
  dataverse = "msdyn_warehousezones"
  key       = ["ZoneId"]

  fields "both" {
    ZoneId = "msdyn_zoneid"

    ZoneName = "msdyn_zonename"

    WarehouseZoneGroupId = "msdyn_warehousezonegroup.msdyn_groupid"
  }
}
