# Contact persons as relations between two parties: who speaks for whom.
#
# The map in Microsoft's published solution (version 1.0.0.6) does not have AvailableFromTime =
# msdyn_availablefromtime, AvailableToTime = msdyn_availabletotime.

map "contact_persons_contactforparties" {
  fno       = "ContactPersons"
  dataverse = "msdyn_contactforparties"
  key       = ["ContactPersonId"]

  fields "both" {
    ContactPersonId = "msdyn_contactforpartynumber"

    EmploymentProfession             = "msdyn_employmentprofession"
    EmploymentDepartment             = "msdyn_employmentdepartment"
    AssistantName                    = "msdyn_assistantname"
    AssistantPhoneNumber             = "msdyn_assistantphonenumber"
    AvailableFromTime                = "msdyn_availablefromtime"
    AvailableToTime                  = "msdyn_availabletotime"
    EmploymentComputerNetworkName    = "msdyn_employmentcomputernetworkname"
    EmploymentJobFunctionName        = "msdyn_employmentjobfunctionname"
    EmploymentOfficeLocation         = "msdyn_employmentofficelocation"
    GovernmentIdentificationNumber   = "msdyn_governmentidentificationnumber"
    HasRequestedInternetAccess       = "msdyn_hasrequestedinternetaccess"
    IdentityCardNumber               = "msdyn_identitycardnumber"
    IsReceivingDirectMail            = "msdyn_isreceivingdirectmail"
    IsVIP                            = "msdyn_isvip"
    MicrosoftOutlookCategories       = "msdyn_microsoftoutlookcategories"
    MileageDistance                  = "msdyn_mileagedistance"
    Notes                            = "msdyn_notes"
    OrganizationIdentificationNumber = "msdyn_organizationidentificationnumber"
    SpouseName                       = "msdyn_spousename"

    ContactPersonPartyNumber                = "msdyn_contactpartyid.msdyn_partynumber"
    AssociatedPartyNumber                   = "msdyn_associatedpartyid.msdyn_partynumber"
    PrimarySalutationPhrase                 = "msdyn_primarysalutationphrase.msdyn_salutationphrase"
    ContactPersonResponsiblePersonnelNumber = "msdyn_employeeresponsible.cdm_workernumber"
    DecisionMakingRoleCode                  = "msdyn_decisionmakingrole.msdyn_rolename"
    EmploymentJobTitle                      = "msdyn_jobtitle.msdyn_jobtitlealias"
    LoyaltyLevelPhrase                      = "msdyn_loyaltylevelphrase.msdyn_levelphrase"
    ManagerContactPersonId                  = "msdyn_parentcontactforpartyid.msdyn_contactforpartynumber"
    PersonalCharacterTypeCode               = "msdyn_personalcharactertypecode.msdyn_typename"
    PrimaryComplimentaryClosingPhrase       = "msdyn_primarycomplimentaryclosingphrase.msdyn_closingphrase"
  }

  field "msdyn_contactactivitysensitivitylevel" {
    fno = "ContactActivitySensitivityLevel"
    values = {
      Normal       = 192350000
      Personal     = 192350001
      Privat       = 192350002
      Confidential = 192350003
    }
  }

  field "msdyn_nativelanguage" {
    fno = "ContactInformationLanguageId"
    values = {
      ar      = 192350000
      ar-ae   = 192350001
      cs      = 192350002
      da      = 192350003
      de      = 192350004
      de-at   = 192350005
      de-ch   = 192350006
      en-au   = 192350007
      en-gb   = 192350009
      en-ie   = 192350010
      en-in   = 192350011
      en-ca   = 192350008
      en-my   = 192350012
      en-nz   = 192350013
      en-sg   = 192350014
      en-us   = 192350015
      en-za   = 192350016
      es      = 192350017
      es-mx   = 192350018
      et      = 192350019
      fi      = 192350020
      fr      = 192350021
      fr-be   = 192350022
      fr-ca   = 192350023
      fr-ch   = 192350024
      hu      = 192350025
      is      = 192350026
      it      = 192350027
      it-ch   = 192350028
      ja      = 192350029
      lt      = 192350030
      lv      = 192350031
      nb-no   = 192350032
      nl      = 192350033
      nl-be   = 192350034
      pl      = 192350035
      pt-br   = 192350036
      ru      = 192350037
      sv      = 192350038
      th      = 192350039
      tr      = 192350040
      zh-hans = 192350041
      ""      = 192350015
    }
    reverse = { 192350015 = "en-us" }
  }
}
