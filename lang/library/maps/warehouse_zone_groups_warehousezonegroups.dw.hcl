# Groups of warehouse zones.

map "warehouse_zone_groups_warehousezonegroups" {
  fno       = "WarehouseZoneGroups"
  dataverse = "msdyn_warehousezonegroups"
  key       = ["GroupId"]

  fields "both" {
    GroupId = "msdyn_groupid"

    GroupName = "msdyn_groupname"
  }
}
