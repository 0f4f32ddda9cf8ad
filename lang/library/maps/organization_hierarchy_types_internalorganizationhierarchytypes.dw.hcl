# Names of the hierarchies of the organization.

map "organization_hierarchy_types_internalorganizationhierarchytypes" {
  fno       = "OrganizationHierarchyTypes"
  dataverse = "msdyn_internalorganizationhierarchytypes"
  key       = ["Name"]

  fields "to_dataverse" {
    Name = "msdyn_name"
  }
}
