# Contact persons of vendors, as contacts, without the party model.

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

  constant "AssociatedContactType" {
    side  = "fno"
    value = "Vendor"
  }

  constant "msdyn_contactforvendor" {
    value = true
  }

  # Left out:
  #   Gender = gendercode: nobody documents the values of the column
  #   MaritalStatus = familystatuscode: nobody documents the values of the column
}
