# Notes and links attached to customers.

map "customer_attachments_annotations" {
  fno       = "CustomerAttachments"
  dataverse = "annotations"
  key       = ["DocumentId"]

  filter {
    fno       = "TypeId eq 'Note' or TypeId eq 'URL'"
    dataverse = "(objecttypecode eq 'account' or objecttypecode eq 'contact') and msdyn_relatedentityid ne null"
  }

  fields "both" {
    DocumentId = "msdyn_notesid"

    Name                  = "subject"
    CustomerAccountNumber = "msdyn_relatedentityid"
    Notes                 = "notetext"
  }

  field "msdyn_restriction" {
    fno    = "Restriction"
    values = { Internal = 0, External = 1 }
  }

  constant "objecttypecode" {
    value = "account"
  }

  constant "TypeId" {
    side  = "fno"
    value = "Note"
  }
}
