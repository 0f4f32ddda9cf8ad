# Hierarchies of product categories.

map "product_category_hierarchies_productcategoryhierarchies" {
  fno       = "ProductCategoryHierarchies"
  dataverse = "msdyn_productcategoryhierarchies"
  key       = ["HierarchyName"]

  fields "both" {
    HierarchyName = "msdyn_name"

    HierarchyDescription = "msdyn_description"
  }
}
