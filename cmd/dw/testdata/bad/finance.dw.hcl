enum "status" {
  values = {
    None = 192350000
    Sent = 192350001
    Sent = 192350002 # twice
  }
}

map "terms" {
  fno       = "PaymentTerms"
  dataverse = "msdyn_paymentterms"
  key       = { Name = "msdyn_name" }
  companies = ["FRSI"] # not in the link
  conflict  = "newest" # no such way

  fields "both" {
    NumberOfDays = 30 # a number for a name
  }
  field "msdyn_creditcardpaymenttype" { # a member and a choice without a counterpart
    fno    = "CreditCardPaymentType"
    values = { NA = 806380998 }
  }
  field "msdyn_description" {
    fno          = "Description"
    to_dataverse = shout(value) # unknown function
  }
  fields "sideways" { # unknown direction
    CutoffDayOfMonth = "msdyn_cutoffdayofmonth"
  }
  filters { # unknown block
    fno = "NumberOfDays gt 0"
  }
}

map "currencies" {
  fno       = "Currencies"
  dataverse = "currencies" # no table
  key       = { CurrencyCode = "isocurrencycode" }
}

map "units" {
  fno       = "UnitsOfMeasure"
  dataverse = "uoms"
  key       = { UnitSymbol = "msdyn_symbol" }

  field "msdyn_systemofunits" { # an enum and a choice without a value map
    fno = "SystemOfUnits"
  }
}
