# Published hierarchies of the organization: who stands under whom, and since when.

map "organization_hierarchy_published_internalorganizationhierarchies" {
  fno       = "OrganizationHierarchyPublished"
  dataverse = "msdyn_internalorganizationhierarchies"
  key       = ["HierarchyType", "ChildOrganizationPartyNumber", "validFrom"]

  fields "to_dataverse" {
    HierarchyType                = ["msdyn_hierarchytypename", "msdyn_hierarchytypeid.msdyn_name"]
    ChildOrganizationPartyNumber = ["msdyn_childpartyid", "msdyn_childid.msdyn_partynumber"]
    validFrom                    = "msdyn_validfrom"

    validTo                       = "msdyn_validto"
    ParentOrganizationPartyNumber = ["msdyn_parentpartyid", "msdyn_parentid.msdyn_partynumber"]
  }
}
