# Purposes for which hierarchies of the organization are used.

map "organization_hierarchy_purposes_internalorganizationhierarchypurposes" {
  fno       = "OrganizationHierarchyPurposes"
  dataverse = "msdyn_internalorganizationhierarchypurposes"
  key       = ["HierarchyPurpose", "HierarchyType"]

  fields "to_dataverse" {
    HierarchyType = ["msdyn_hierarchypurposetypename", "msdyn_hierarchytype.msdyn_name"]

    Immutable    = "msdyn_immutable"
    SetAsDefault = "msdyn_setasdefault"
  }

  field "msdyn_hierarchypurpose" {
    fno       = "HierarchyPurpose"
    direction = "to_dataverse"
    values = {
      NotSet                     = 806380000
      PurchaseControl            = 806380001
      ExpenseControl             = 806380002
      OrganizationChart          = 806380003
      SigningLimitControl        = 806380004
      InvoiceControl             = 806380005
      AuditInternalControl       = 806380006
      CentralizedPayments        = 806380007
      Security                   = 806380008
      RetailAssortment           = 806380009
      RetailReplenishment        = 806380010
      RetailReporting            = 806380011
      BenefitEligibilityControl  = 806380012
      BudgetPlanning             = 806380013
      RetailPOSPosting           = 806380014
      Project                    = 806380015
      PremiumEarningGeneration   = 806380016
      DistributedOrderManagement = 806380017
    }
    otherwise = null # RetailAutoCharge
  }
}
