# Notes and links attached to sales orders.

map "sales_order_header_document_attachments_annotations" {
  fno       = "SalesOrderHeaderDocumentAttachments"
  dataverse = "annotations"
  key       = ["DocumentId"]

  filter {
    fno       = "DocumentAttachmentTypeCode eq 'Note' or DocumentAttachmentTypeCode eq 'URL'"
    dataverse = "objecttypecode eq 'salesorder'"
  }

  fields "both" {
    DocumentId = "msdyn_notesid"

    Notes                 = "notetext"
    AttachmentDescription = "subject"
    SalesOrderNumber      = "msdyn_relatedentityid"
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
    value = "salesorder"
  }
}
