# Categories of products, as trees.
#
# The documentation of 2020 does not have ParentProductCategoryHierarchyName =
# msdyn_parentproductcategory.msdyn_hierarchy.msdyn_name, CategoryRecordId =
# msdyn_externalproductcategoryid, ExternalId = msdyn_integrationid; it has also
# ProductCategoryHierarchyName = msdyn_parentproductcategory.msdyn_hierarchy.msdyn_name.

map "product_categories_productcategories" {
  fno       = "ProductCategories"
  dataverse = "msdyn_productcategories"
  key       = ["CategoryName", "ProductCategoryHierarchyName"]

  fields "both" {
    CategoryName                 = "msdyn_name"
    ProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"

    IsCategoryInheritingParentProductAttributes  = "msdyn_isinheritingparentproductattributes"
    ProjectCategoryName                          = "msdyn_projectcategoryname"
    IsTangibleProduct                            = "msdyn_istangibleproduct"
    IsCategoryInheritingParentCategoryAttributes = "msdyn_isinheritingparentcategoryattributes"
    CategoryCode                                 = "msdyn_code"
    CategoryDescription                          = "msdyn_description"
    CategoryKeywords                             = "msdyn_keywords"
    FriendlyCategoryName                         = "msdyn_friendlycategoryname"
    ExternalId                                   = "msdyn_integrationid"
  }

  fields "to_dataverse" {
    CategoryRecordId = "msdyn_externalproductcategoryid"
  }

  lookup "msdyn_parentproductcategory" {
    match = {
      ParentProductCategoryName          = "msdyn_name"
      ParentProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    }
  }
}
