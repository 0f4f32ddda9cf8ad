# Vendors, organizations and persons alike. Names and addresses come from the party.

map "vendors_v2_vendors" {
  fno       = "VendorsV2"
  dataverse = "msdyn_vendors"
  key       = ["VendorAccountNumber"]

  filter {
    fno = "VendorPartyType eq 'Organization' or VendorPartyType eq 'Person'"
  }

  fields "both" {
    VendorAccountNumber = "msdyn_vendoraccountnumber"

    CreditLimit                = "msdyn_vendorcreditlimit"
    IsForeignEntity            = "msdyn_isforeignentity"
    IsOneTimeVendor            = "msdyn_isonetimevendor"
    CreditRating               = "msdyn_creditrating"
    DUNSNumber                 = "msdyn_dunsnumber"
    EthnicOriginId             = "msdyn_ethnicorigin"
    OurAccountNumber           = "msdyn_ourvendoraccountnumber"
    PaymentId                  = "msdyn_paymentid"
    PrimaryURL                 = "msdyn_primarycontacturl"
    HasOnlyTakenBids           = "msdyn_hasonlytakenbids"
    IsMinorityOwned            = "msdyn_isminorityowned"
    IsVendorLocallyOwned       = "msdyn_isvendorlocallyowned"
    IsServiceVeteranOwned      = "msdyn_isserviceveteranowned"
    IsOwnerDisabled            = "msdyn_ownerisdisabled"
    IsWomanOwner               = "msdyn_womanowner"
    OrganizationEmployeeAmount = "msdyn_numberofemployees"
    VendorHoldReleaseDate      = "msdyn_vendoronholdreleasedate"
    IsVendorLocatedInHUBZone   = "msdyn_isvendorlocatedinhubzone"
    ArePricesIncludingSalesTax = "msdyn_priceincludessalestax"

    VendorGroupId                  = "msdyn_vendorgroupid.msdyn_vendorgroup"
    DefaultPaymentDayName          = "msdyn_defaultpaymentdayname.msdyn_name"
    DefaultPaymentScheduleName     = "msdyn_paymentschedule.msdyn_name"
    DefaultPaymentTermsName        = "msdyn_paymentterms.msdyn_name"
    VendorPartyNumber              = "msdyn_partyid.msdyn_partynumber"
    CurrencyCode                   = "msdyn_currencycode.isocurrencycode"
    DefaultVendorPaymentMethodName = "msdyn_vendorpaymentmethod.msdyn_name"
    InvoiceVendorAccountNumber     = "msdyn_invoicevendoraccountnumber.msdyn_vendoraccountnumber"
    SalesTaxGroupCode              = "msdyn_taxgroup.msdyn_name"
    PrimaryContactPersonId         = "msdyn_primarycontact.msdyn_contactforpartynumber"
  }

  field "msdyn_isperson" {
    fno    = "VendorPartyType"
    values = { Person = true, Organization = false }
  }

  field "msdyn_onholdstatus" {
    fno = "OnHoldStatus"
    values = {
      No          = 806380000
      Invoice     = 806380001
      All         = 806380002
      Payment     = 806380003
      Requisition = 806380004
      Never       = 806380005
    }
    otherwise = null # PurchOrder
  }
}
