# Contact persons of vendors, as contacts.
#
# Microsoft's map leaves msdyn_sellable to the default of the column. The constant says it, since
# the filter asks for it.

map "cds_contact_persons_v2_contacts" {
  fno       = "CDSContactPersonsV2"
  dataverse = "contacts"
  key       = ["ContactPersonId"]

  filter {
    fno       = "AssociatedContactType eq 'Vendor'"
    dataverse = "msdyn_contactforvendor eq true and msdyn_sellable eq false and msdyn_contactpersonid ne null"
  }

  fields "both" {
    ContactPersonId = "msdyn_contactpersonid"

    EmploymentDepartment           = "department"
    Notes                          = "description"
    GovernmentIdentificationNumber = "governmentid"
    IsReceivingDirectMail          = "donotemail"
    SpouseName                     = "spousesname"

    ContactPersonPartyNumber = "msdyn_partyid.msdyn_partynumber"
    AssociatedContactNumber  = "msdyn_vendorcontactid.msdyn_vendoraccountnumber"
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
