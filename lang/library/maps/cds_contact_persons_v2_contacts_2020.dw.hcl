# Contact persons of vendors, as contacts, without the party model.
#
# Microsoft's map leaves msdyn_sellable to the default of the column. The constant says it, since
# the filter asks for it.

map "cds_contact_persons_v2_contacts_2020" {
  fno       = "CDSContactPersonsV2"
  dataverse = "contacts"
  key       = ["ContactPersonId"]

  filter {
    fno       = "AssociatedContactType eq 'Vendor'"
    dataverse = "msdyn_contactforvendor eq true and msdyn_sellable eq false and msdyn_contactpersonid ne null"
  }

  fields "both" {
    ContactPersonId = "msdyn_contactpersonid"

    ContactPersonPartyNumber       = "msdyn_partynumber"
    FirstName                      = "firstname"
    MiddleName                     = "middlename"
    LastName                       = "lastname"
    PrimaryFaxNumber               = "fax"
    PrimaryPhoneNumber             = "telephone1"
    PrimaryEmailAddress            = "emailaddress1"
    EmploymentDepartment           = "department"
    Notes                          = "description"
    GovernmentIdentificationNumber = "governmentid"
    PrimaryURL                     = "websiteurl"
    IsReceivingDirectMail          = "donotemail"
    EmploymentProfession           = "jobtitle"
    SpouseName                     = "spousesname"

    AssociatedContactNumber = "msdyn_vendorcontactid.msdyn_vendoraccountnumber"

    PrimaryAddressCity            = "address1_city"
    PrimaryAddressCountryRegionId = "address1_country"
    PrimaryAddressCountyId        = "address1_county"
    PrimaryAddressStateId         = "address1_stateorprovince"
    PrimaryAddressStreet          = "address1_line1"
    PrimaryAddressZipCode         = "address1_postalcode"
  }

  field "gendercode" {
    fno = "Gender"
    values = {
      Male   = 1
      Female = 2
    }
    otherwise = null # NonSpecific
  }

  field "familystatuscode" {
    fno = "MaritalStatus"
    values = {
      Single    = 1
      Married   = 2
      Divorced  = 3
      Widowhood = 4
    }
  }

  constant "AssociatedContactType" {
    side  = "fno"
    value = "Vendor"
  }

  constant "msdyn_contactforvendor" {
    value = true
  }

  constant "msdyn_sellable" {
    value = false
  }
}
