# Groups of tracking dimensions: batch and serial numbers.

map "tracking_dimension_groups_producttrackingdimensiongroups" {
  fno       = "TrackingDimensionGroups"
  dataverse = "msdyn_producttrackingdimensiongroups"
  key       = ["GroupName"]

  fields "both" {
    GroupName = "msdyn_groupname"

    GroupDescription                                     = "msdyn_groupdescription"
    IsSerialNumberEnabledForProductionConsumptionProcess = "msdyn_issnenabledforpcprocess"
    IsSerialNumberControlEnabled                         = "msdyn_isserialnumbercontrolenabled"
    IsSerialNumberEnabledForSalesProcess                 = "msdyn_isserialnumberenabledforsalesprocess"
    IsSerialNumberActive                                 = "msdyn_isserialnumberactive"
    IsSalesPriceBySerialNumber                           = "msdyn_issalespricebyserialnumber"
    IsSalesPriceByBatchNumber                            = "msdyn_issalespricebybatchnumber"
    IsPurchasePriceBySerialNumber                        = "msdyn_ispurchasepricebyserialnumber"
    IsPurchasePriceByBatchNumber                         = "msdyn_ispurchasepricebybatchnumber"
    IsPrimaryStockingEnabledForSerialNumber              = "msdyn_isprimarystockingenabledforsn"
    IsPrimaryStockingEnabledForBatchNumber               = "msdyn_isprimarystockingenabledforbn"
    IsPhysicalInventoryEnabledForSerialNumber            = "msdyn_isphysicalinventoryenabledforsn"
    IsPhysicalInventoryEnabledForBatchNumber             = "msdyn_isphysicalinventoryenabledforbn"
    IsFinancialInventoryEnabledForSerialNumber           = "msdyn_isfinancialinventoryenabledforsn"
    IsFinancialInventoryEnabledForBatchNumber            = "msdyn_isfinancialinventoryenabledforbn"
    IsCoveragePlanEnabledForSerialNumber                 = "msdyn_iscoverageplanenabledforserialnumber"
    IsCoveragePlanEnabledForBatchNumber                  = "msdyn_iscoverageplanenabledforbatchnumber"
    IsBlankReceiptAllowedForSerialNumber                 = "msdyn_isblankreceiptallowedforserialnumber"
    IsBlankReceiptAllowedForBatchNumber                  = "msdyn_isblankreceiptallowedforbatchnumber"
    IsBlankIssueAllowedForSerialNumber                   = "msdyn_isblankissueallowedforserialnumber"
    IsBlankIssueAllowedForBatchNumber                    = "msdyn_isblankissueallowedforbatchnumber"
    IsBatchNumberActive                                  = "msdyn_isbatchnumberactive"
    IsInventoryOwnerActive                               = "msdyn_isinventoryowneractive"
  }

  field "msdyn_serialnumbercapturingoperation" {
    fno    = "SerialNumberCapturingOperation"
    values = { None = 806380000, Picking = 806380001, Packing = 806380002 }
  }
}
