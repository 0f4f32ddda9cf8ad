map "groups" {
  fno       = "CustomerGrups" # no entity set
  dataverse = "msdyn_customergroups"
  key       = { CustomerGroupId = "msdyn_groupid" }
}

map "methods" {
  fno       = "CustomerPaymentMethods"
  dataverse = "msdyn_customerpaymentmethod"
  key       = { Name = "msdyn_name" }

  fields "both" {
    Descripton = "msdyn_description" # misspelt field
  }
  field "msdyn_paymenttype" {
    fno = "PaymentType"
    values = {
      Other  = 192350000 # no choice of the column
      Cheque = 192350001 # neither a member nor a choice
    }
  }
}

map "accounts" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = { CustomerAccount = "accountnumber" }

  filter {
    fno       = "PartyTyp eq 'Organization'"  # misspelt field in a filter
    dataverse = "customertypecode eq 'three'" # a number, not a text
  }

  fields "both" {
    OrganizationName    = "nam"                               # misspelt column
    SalesCurrencyCode   = "transactioncurrencyid.isocurrency" # misspelt key column of a lookup
    PaymentTerms        = "msdyn_paymentterm"                 # a lookup without a key column
    CustomerGroupId     = "msdyn_customergroupid.msdyn_groupid"
    CreditLimit         = "msdyn_onetimecustomer"          # types that have nothing to do with each other
    SalesTaxGroup       = "msdyn_salestaxgroup.msdyn_name" # a lookup whose target nobody has installed
    SalesMemo           = "name.msdyn_groupid"             # a path through a column that is no lookup
    TaxExemptNumber     = "telephone1"
    PrimaryContactPhone = "telephone1" # a column written twice
  }
  field "msdyn_onholdstatus" {
    fno    = "OnHoldStatus"
    values = enum.on_hld # misspelt reference
  }
  field "familystatuscode" { # a column of another table
    fno = "PersonMaritalStatus"
  }
  lookup "msdyn_billingaccount" {
    target "acounts" { # misspelt target
      match = { InvoiceAccount = "accountnumber" }
    }
  }
  constant "customertypecode" { # takes a number
    value = "customer"
  }
  mastering {
    dataverse = ["emailaddress1"] # not mapped
  }
  owner_team = "sales" # unknown attribute
}

map "groups" { # declared twice
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"] # not mapped
}
