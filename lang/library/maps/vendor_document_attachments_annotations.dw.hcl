# Notes and links attached to vendors.

map "vendor_document_attachments_annotations" {
  fno       = "VendorDocumentAttachments"
  dataverse = "annotations"
  key       = ["DocumentId"]

  filter {
    fno       = "DocumentAttachmentTypeCode eq 'Note' or DocumentAttachmentTypeCode eq 'URL'"
    dataverse = "msdyn_relatedentityid2 ne null and (objecttypecode eq 'msdyn_vendor' or objecttypecode eq 'account' or objecttypecode eq 'contact')"
  }

  fields "both" {
    DocumentId = "msdyn_notesid"

    Notes                 = "notetext"
    AttachmentDescription = "subject"
    VendorAccountNumber   = "msdyn_relatedentityid2"
  }

  field "msdyn_restriction" {
    fno    = "AccessRestriction"
    values = { Internal = 0, External = 1 }
  }

  constant "DocumentAttachmentTypeCode" {
    side  = "fno"
    value = "Note"
  }

  constant "objecttypecode" {
    value = "msdyn_vendor"
  }
}
