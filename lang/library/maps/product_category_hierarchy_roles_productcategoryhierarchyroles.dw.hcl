# What each hierarchy of categories is used for.

map "product_category_hierarchy_roles_productcategoryhierarchyroles" {
  fno       = "ProductCategoryHierarchyRoles"
  dataverse = "msdyn_productcategoryhierarchyroles"
  key       = ["HierarchyRole", "ProductCategoryHierarchyName"]

  fields "both" {
    ProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
  }

  field "msdyn_hierarchyrole" {
    fno = "HierarchyRole"
    values = {
      Procurement                  = 192350000
      Sales                        = 192350001
      Retail                       = 192350002
      Commodity                    = 192350003
      Financials                   = 192350004
      RetailSpecialGroup           = 192350005
      RetailVendorProductHierarchy = 192350006
      RetailChannelNavigation      = 192350007
      PackingMaterials_W           = 192350008
      CommonDataService            = 192350009
      CostManagement               = 192350010
      EngineeringProduct           = 192350011
    }
    otherwise = null # Traceability
  }
}
