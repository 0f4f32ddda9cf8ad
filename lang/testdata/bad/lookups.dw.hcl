link "one" {
  companies = ["USMF"]
  sandbox {}
  receive {
    listen = "7071" # ERROR DW017: "7071" is no address to listen on
    key    = "hush" # WARNING DW119: key is written in the file
  }
}
link "two" {
  companies = ["USMF"]
  sandbox {}
  receive { # ERROR DW012: the block receive needs the attribute "key"
    listen = ":7071" # ERROR DW012: the block receive needs the attribute "url"
  }
}
link "three" {
  companies = ["USMF"]
  sandbox {}
  receive {
    listen = "[::]:99999" # ERROR DW017: "[::]:99999" is no address to listen on
    url    = "http://sync.contoso.com" # ERROR DW017: the url of receive cannot be used
    key    = var.empty # ERROR DW017: the key of receive is empty
  }
}
link "four" {
  companies = ["USMF"]
  fno {
    url = "https://a.example"
  }
  dataverse {
    url = "https://b.example"
  }
  auth "certificate" {
    tenant_id        = "t"
    client_id        = "c"
    certificate_path = "c.pem"
  }
  receive {
    listen = "localhost:7071" # ERROR DW012: the block receive needs the attribute "url"
    key    = var.hidden
  }
}
variable "empty" {
  default   = ""
  sensitive = true
}
variable "hidden" {
  default   = "hush"
  sensitive = true
}
enum "words" {
  values    = { A = 1, B = 2 }
  otherwise = "fali" # ERROR DW017: "fali" is not possible for otherwise
  reverse   = { "1" = "A", "01" = "B" } # ERROR DW023: the key "01" is given twice
}
enum "texts" {
  values    = { A = "a", Pas = "b" }
  otherwise = { to_dataverse = "PASS", to_fno = "pas" } # ERROR DW017: "PASS" is not possible for otherwise
}
map "orders" {
  link      = link.one
  fno       = "Orders"
  dataverse = "salesorders"
  key       = ["Number", "Either", "Whole"] # ERROR DW112: the key field "Either" is mapped as part of a lookup only
  owner     = "ownerid.fullname" # ERROR DW018: an owner by a lookup is not in this version of dw
  fields "both" {
    Number = "msdyn_number"
    Hops   = "a.b.c"
    Many   = ["one", "two"]
    None   = [] # ERROR DW017: None has no column
  }
  fields "to_fno" {
    Back = ["three", "four"] # ERROR DW111: the F&O field "Back" is written twice
  }
  field "shipto_country" {
    fno       = "Country"
    otherwise = "pass" # ERROR DW024: otherwise belongs to a value map
  }
  field "shipto_state" {
    fno     = "State"
    values  = enum.words
    reverse = { x = "A" } # ERROR DW024: reverse belongs to enum.words
  }
  lookup "customerid" {
    match = { A = "x", B = "y" } # ERROR DW024: match and target exclude each other
    target "accounts" {
      match = { A = "accountnumber" }
    }
  }
  lookup "contactid" { # ERROR DW012: lookup "contactid" needs the attribute "match"
    missing = "defer"
  }
  lookup "accountid" {
    target "accounts" { # ERROR DW012: target "accounts" needs the attribute "match"
    }
    target "Accounts" {
      match = {} # ERROR DW017: match is empty
    }
  }
  lookup "partyid" {
    target "parties" {
      match = { Party = "number", Other = "Number", party = "x", Gone = null } # ERROR DW121: the column "Number" is matched twice # ERROR DW121: the F&O field "party" is matched twice # ERROR DW016: Gone has no column
    }
    target "Parties" { # ERROR DW121: the target "Parties" is given twice
      match = { Party = "number" }
    }
    target " " { # ERROR DW019: the table of the target is empty or has blanks around it
      match = { Party = "number" }
    }
    missing = "wait" # ERROR DW017: "wait" is not possible for the attribute missing
  }
  lookup "category" {
    match = { Part = "name", Number = "hierarchy..name" } # ERROR DW019: the key column is empty or has blanks around it
    writes = "sometimes" # ERROR DW017: "sometimes" is not possible for the attribute writes
  }
  lookup "hierarchy" {
    match = {
      Part  = "name" # ERROR DW111: the F&O field "Part" is written twice
      Whole = "whole"
    }
  }
  lookup "eitherid" {
    target "ones" {
      match = { Either = "one" }
    }
    target "others" {
      match = { Either = "other" }
    }
  }
  lookup "a.b" { # ERROR DW019: "a.b" is no lookup column
    match = { X = "x" }
  }
}
map "lines" {
  link      = link.one
  fno       = "Lines"
  dataverse = "salesorderdetails"
  key       = { Order = "salesorderid.msdyn_number", Line = "number" }
  company   = "salesorderid..msdyn_company" # ERROR DW019: the company column is empty or has blanks around it
  filter {
    on_leave = "delete" # ERROR DW024: on_leave without a filter
  }
  deletes   = { to_dataverse = "delete", to_fno = "deactivate" } # ERROR DW017: "delete" is not possible for the entry to_dataverse of the attribute deletes # ERROR DW017: "deactivate" is not possible for the entry to_fno of the attribute deletes
}
