# Parties of the global address book: every person and organization once, whatever roles they play.

map "cds_parties_parties" {
  fno       = "CDSParties"
  dataverse = "msdyn_parties"
  key       = ["PartyNumber"]

  fields "both" {
    PartyNumber = "msdyn_partynumber"

    NameAlias                  = "msdyn_namealias"
    KnownAs                    = "msdyn_nickname"
    OrganizationName           = "msdyn_organizationname"
    OrganizationNumOfEmployees = "msdyn_numberofemployees"
    OrganizationNumber         = "msdyn_organizationnumber"
    OrganizationPhoneticName   = "msdyn_organizationphoneticname"
    PersonFirstName            = "msdyn_firstname"
    PersonMiddleName           = "msdyn_middlename"
    PersonLastName             = "msdyn_lastname"
    PersonLastNamePrefix       = "msdyn_lastnameprefix"
    PersonInitials             = "msdyn_initials"
    PersonProfessionalTitle    = "msdyn_professionaltitle"
    PersonProfessionalSuffix   = "msdyn_professionalsuffix"
    PersonPhoneticFirstName    = "msdyn_phoneticfirstname"
    PersonPhoneticLastName     = "msdyn_phoneticlastname"
    PersonPhoneticMiddleName   = "msdyn_phoneticmiddlename"
    PersonHobbies              = "msdyn_hobbies"
    PersonChildrenNames        = "msdyn_childrennames"
    PersonAnniversaryDay       = "msdyn_anniversaryday"
    PersonAnniversaryYear      = "msdyn_anniversaryyear"
    PersonBirthDay             = "msdyn_birthday"
    PersonBirthYear            = "msdyn_birthyear"
  }

  field "msdyn_partytype" {
    fno = "PartyType"
    values = {
      Person        = 192350001
      Organization  = 192350002
      LegalEntity   = 192350003
      Team          = 192350004
      OperatingUnit = 192350005
      None          = 192350000
    }
  }

  field "msdyn_language" {
    fno = "LanguageId"
    values = {
      ar      = 192350000
      ar-ae   = 192350001
      en-us   = 192350015
      en-gb   = 192350009
      cs      = 192350002
      da      = 192350003
      de      = 192350004
      de-at   = 192350005
      de-ch   = 192350006
      en-au   = 192350007
      en-ca   = 192350008
      en-ie   = 192350010
      en-in   = 192350011
      en-my   = 192350012
      en-nz   = 192350013
      en-sg   = 192350014
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

  field "msdyn_organizationabccode" {
    fno = "OrganizationABCCode"
    values = {
      A    = 192350000
      B    = 192350001
      C    = 192350002
      None = 192350003
    }
  }

  field "msdyn_gender" {
    fno = "PersonGender"
    values = {
      Male        = 1
      Female      = 2
      NonSpecific = 192350000
      Unknown     = 192350001
    }
  }

  field "msdyn_maritalstatus" {
    fno = "PersonMaritalStatus"
    values = {
      Single    = 1
      Married   = 2
      Divorced  = 3
      Widowhood = 4
      None      = 192350000
    }
  }

  field "msdyn_anniversarymonth" {
    fno = "PersonAnniversaryMonth"
    values = {
      January   = 1
      February  = 2
      March     = 3
      None      = 0
      April     = 4
      May       = 5
      June      = 6
      July      = 7
      August    = 8
      September = 9
      October   = 10
      November  = 11
      December  = 12
    }
  }

  field "msdyn_birthmonth" {
    fno = "PersonBirthMonth"
    values = {
      None      = 0
      January   = 1
      February  = 2
      March     = 3
      April     = 4
      May       = 5
      June      = 6
      July      = 7
      August    = 8
      September = 9
      October   = 10
      November  = 11
      December  = 12
    }
  }
}
