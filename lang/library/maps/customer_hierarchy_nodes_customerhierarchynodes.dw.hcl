# Members of customer hierarchies and what they may order.

map "customer_hierarchy_nodes_customerhierarchynodes" {
  fno       = "CustomerHierarchyNodes"
  dataverse = "msdyn_customerhierarchynodes"
  key       = ["CustomerHierarchyId", "NodePartyNumber"]

  fields "both" {
    CustomerHierarchyId = "msdyn_customerhierarchynumber.msdyn_customerhierarchynumber"
    NodePartyNumber     = "msdyn_nodepartynumber.msdyn_partynumber"
  }

  field "msdyn_nodetype" {
    fno    = "NodeType"
    values = { Customer = 192350000 }
  }

  field "msdyn_role" {
    fno    = "Role"
    values = { Admin = 192350000, User = 192350001 }
  }
}
