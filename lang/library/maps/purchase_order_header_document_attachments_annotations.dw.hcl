# Notes and links attached to purchase orders.

map "purchase_order_header_document_attachments_annotations" {
  fno       = "PurchaseOrderHeaderDocumentAttachments"
  dataverse = "annotations"
  key       = ["DocumentId"]

  filter {
    fno       = "DocumentAttachmentTypeCode eq 'Note' or DocumentAttachmentTypeCode eq 'URL'"
    dataverse = "objecttypecode eq 'msdyn_purchaseorder'"
  }

  fields "both" {
    DocumentId = "msdyn_notesid"

    Notes                 = "notetext"
    AttachmentDescription = "subject"
    PurchaseOrderNumber   = "msdyn_relatedentityid"
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
    value = "msdyn_purchaseorder"
  }
}
