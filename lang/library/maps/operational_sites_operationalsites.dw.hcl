# Sites, with their addresses.

map "operational_sites_operationalsites" {
  fno       = "OperationalSites"
  dataverse = "msdyn_operationalsites"
  key       = ["SiteId"]

  fields "both" {
    SiteId = "msdyn_siteid"

    DefaultFinancialDimensionValue                         = "msdyn_defaultfinancialdimensionvalue"
    DefaultInventoryStatusId                               = "msdyn_defaultinventorystatusid"
    IsReceivingWarehouseOverrideAllowed                    = "msdyn_isreceivingwarehouseoverrideallowed"
    SiteName                                               = "msdyn_sitename"
    TaxBranchCode                                          = "msdyn_taxbranchcode"
    FiscalEstablishmentId                                  = "msdyn_fiscalestablishmentid"
    WillMasterPlannedIntraSiteMovementsUseTransferJournals = "msdyn_masterplannedusestransferjournal"

    IsPrimaryAddressAssigned                = "msdyn_isprimaryaddressassigned"
    PrimaryAddressCity                      = "msdyn_primaryaddresscity"
    PrimaryAddressCountryRegionId           = "msdyn_primaryaddresscountryregionid"
    PrimaryAddressCountyId                  = "msdyn_primaryaddresscountyid"
    PrimaryAddressDistrictName              = "msdyn_primaryaddressdistrictname"
    PrimaryAddressLatitude                  = "msdyn_primaryaddresslatitude"
    PrimaryAddressLocationRoles             = "msdyn_primaryaddresslocationrole"
    PrimaryAddressLocationSalesTaxGroupCode = "msdyn_primaryaddresslocationsalestaxgroupcode"
    PrimaryAddressLongitude                 = "msdyn_primaryaddresslongitude"
    PrimaryAddressStateId                   = "msdyn_primaryaddressstateid"
    PrimaryAddressStreet                    = "msdyn_primaryaddressstreet"
    PrimaryAddressZipCode                   = "msdyn_primaryaddresszipcode"
    PrimaryAddressBuildingCompliment        = "msdyn_primaryaddressbuildingcompliment"
    PrimaryAddressCityInKana                = "msdyn_primaryaddresscityinkana"
    PrimaryAddressStreetInKana              = "msdyn_primaryaddressstreetinkana"
    PrimaryAddressDescription               = "msdyn_primaryaddressdescription"
    FormattedPrimaryAddress                 = "msdyn_formattedprimaryaddress"
    PrimaryAddressPostBox                   = "msdyn_primaryaddresspostbox"
    PrimaryAddressStreetNumber              = "msdyn_primaryaddressstreetnumber"
  }
}
