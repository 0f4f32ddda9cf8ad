# Terms of delivery.

map "delivery_terms_termsofdeliveries" {
  fno       = "DeliveryTerms"
  dataverse = "msdyn_termsofdeliveries"
  key       = ["TermsCode"]

  fields "both" {
    TermsCode = "msdyn_termscode"

    IntrastatCode                                    = "msdyn_intrastatcode"
    TermsDescription                                 = "msdyn_termsdescription"
    DoRetailSalesOrdersGetTransportationChargesAdded = "msdyn_doretailsogettransportationchargesadded"
    IsCashOnDelivery                                 = "msdyn_iscashondelivery"
    WillShipmentConfirmationTransferCharges          = "msdyn_willshipmentconfirmationtransfercharges"
  }

  field "msdyn_salestaxlocationrole" {
    fno = "SalesTaxLocationRole"
    values = {
      None                  = 192350000
      Invoice               = 192350001
      Delivery              = 192350002
      SWIFT                 = 192350003
      Payment               = 192350004
      Service               = 192350005
      Home                  = 192350006
      Other                 = 192350007
      Business              = 192350008
      RemitTo               = 192350009
      Statement             = 192350010
      FixedAsset            = 192350011
      OneTime               = 192350012
      Recruit               = 192350013
      SMS                   = 192350014
      Lading_W              = 192350015
      Unlading_W            = 192350016
      HeadCompany_IT        = 192350017
      StableOrganization_IT = 192350018
    }
    otherwise = null # PayrollResidencyLocation, PayrollWorkLocation, RealAddress_RU, Consignment_IN
  }

  field "msdyn_freightchargeterms" {
    fno = "FreightChargeTerms"
    values = {
      Prepaid    = 192350000
      Collect    = 192350001
      ThirdParty = 192350002
      Nofreight  = 192350003
    }
    otherwise = null # ConsigneeParty
  }
}
