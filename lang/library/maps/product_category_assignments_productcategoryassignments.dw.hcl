# Which product belongs to which category.

map "product_category_assignments_productcategoryassignments" {
  fno       = "ProductCategoryAssignments"
  dataverse = "msdyn_productcategoryassignments"
  key       = ["ProductCategoryName", "ProductCategoryHierarchyName", "ProductNumber"]

  fields "both" {
    ProductNumber = "msdyn_globalproduct.msdyn_productnumber"
  }

  fields "to_dataverse" {
    ProductNumber = "msdyn_name"
  }

  lookup "msdyn_productcategory" {
    match = {
      ProductCategoryName          = "msdyn_name"
      ProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    }
  }
}
