# Loyalty cards and the party that holds them.
#
# The documentation of 2020 does not have LoyaltyEnrollmentDateLocal = msdyn_effectivedate.

map "retail_loyalty_cards_loyaltycards" {
  fno       = "RetailLoyaltyCards"
  dataverse = "msdyn_loyaltycards"
  key       = ["CardNumber"]

  fields "both" {
    CardNumber = "msdyn_cardnumber"

    PartyNumber                = "msdyn_partynumber"
    OmOperatingUnitNumber      = "msdyn_operatingunitnumber"
    LoyaltyEnrollmentDate      = "msdyn_enrollmentdate"
    LoyaltyEnrollmentDateLocal = "msdyn_effectivedate"
  }

  fields "to_dataverse" {
    ReplacementCardNumber = "msdyn_replacementcardnumber"
  }

  field "msdyn_cardtendertype" {
    fno = "CardTenderType"
    values = {
      AsCardTender    = 806380000
      AsContactTender = 806380001
      NoTender        = 806380002
      Blocked         = 806380003
    }
  }
}
