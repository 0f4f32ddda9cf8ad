# Posted invoices of sales orders.

map "sales_invoice_headers_v2_invoices" {
  fno       = "SalesInvoiceHeadersV2"
  dataverse = "invoices"
  key       = ["LedgerVoucher", "InvoiceDate", "InvoiceNumber"]

  filter {
    fno       = "SalesOrderNumber ne ''"
    dataverse = "msdyn_ordertype eq 192350000"
  }

  fields "to_dataverse" {
    LedgerVoucher = "msdyn_ledgervoucher"
    InvoiceDate   = "msdyn_invoicedate"
    InvoiceNumber = "msdyn_invoicenumber"

    CustomersOrderReference        = "description"
    TotalChargeAmount              = "freightamount"
    TotalDiscountAmount            = "msdyn_totaldiscountamount"
    TotalDiscountCustomerGroupCode = "discountamount"
    TotalInvoiceAmount             = "msdyn_totalamount"
    TotalTaxAmount                 = "msdyn_totaltax"

    ContactPersonId  = "msdyn_associatedcontact.msdyn_contactforpartynumber"
    CurrencyCode     = "transactioncurrencyid.isocurrencycode"
    PaymentTermsName = "msdyn_paymentterms.msdyn_name"
    SalesOrderNumber = "salesorderid.msdyn_salesordernumber"

    InvoiceAddressCity                 = "billto_city"
    InvoiceAddressCountryRegionISOCode = "billto_country"
    InvoiceAddressState                = "billto_stateorprovince"
    InvoiceAddressStreet               = "billto_line1"
    InvoiceAddressStreetNumber         = "billto_line2"
    InvoiceAddressZipCode              = "billto_postalcode"
  }

  lookup "customerid" {
    direction = "to_dataverse"
    target "accounts" {
      match = { InvoiceCustomerAccountNumber = "accountnumber" }
    }
    target "contacts" {
      match = { InvoiceCustomerAccountNumber = "msdyn_contactpersonid" }
    }
  }

  constant "ispricelocked" {
    value = false
  }

  constant "statuscode" {
    value = 4
  }

  constant "msdyn_ordertype" {
    value = 192350000
  }
}
