# Lines of posted sales invoices.
#
# dual-write finds the invoice by number, day and voucher together; here the number finds it.
#
# The fields of the entity are taken from its sister entity; only the name is known for sure.

map "sales_invoice_v2_lines_invoicedetails" {
  fno       = "SalesInvoiceV2Lines"
  dataverse = "invoicedetails"
  key       = ["InvoiceNumber", "LineCreationSequenceNumber"]
  company   = "invoiceid.msdyn_company"

  fields "to_dataverse" {
    # dw:ignore DW253 the number tells the invoice where no number is given twice; dual-write takes its day and voucher too
    InvoiceNumber              = "invoiceid.msdyn_invoicenumber"
    LineCreationSequenceNumber = "sequencenumber"

    ConfirmedShippingDate   = "msdyn_confirmedshippingdate"
    InvoicedQuantity        = "quantity"
    LineAmount              = "extendedamount"
    LineTotalChargeAmount   = "msdyn_totalchargeamount"
    LineTotalDiscountAmount = "manualdiscountamount"
    LineTotalTaxAmount      = "tax"
    ProductName             = "description"
    SalesPrice              = "priceperunit"

    CurrencyCode         = "transactioncurrencyid.isocurrencycode"
    InventorySiteId      = "msdyn_inventorysite.msdyn_siteid"
    InventoryWarehouseId = "msdyn_inventorywarehouse.msdyn_warehouseidentifier"
    ProductNumber        = "productid.msdyn_productnumber"
    SalesUnitSymbol      = "uomid.msdyn_symbol"
  }

  lookup "msdyn_salesproductcategory" {
    direction = "to_dataverse"
    match = {
      SalesProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
      SalesProductCategoryName          = "msdyn_name"
    }
  }

  constant "producttypecode" {
    value = 1
  }

  constant "propertyconfigurationstatus" {
    value = 2
  }

  constant "ispriceoverridden" {
    value = true
  }

  # Left out:
  #   InvoiceDate = invoiceid.msdyn_invoicedate: see above
  #   LedgerVoucher = invoiceid.msdyn_ledgervoucher: see above
}
