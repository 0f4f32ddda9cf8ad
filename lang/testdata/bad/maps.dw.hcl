link "one" {
  companies = ["USMF", "DEMF"]
  sandbox {}
}
link "two" {
  companies = ["USMF"]
  sandbox {}
}
enum "yes" {
  values = { No = 0, No = 1, Maybe = null, Half = 0.5 } # ERROR DW023: the key "No" is given twice # ERROR DW016: Maybe has no value # ERROR DW016: 0.5 is no value of a Dataverse choice
  otherwise = { to_dataverze = 1 } # ERROR DW011: no entry "to_dataverze" in the attribute otherwise
}
map "customers" {
  link      = link.oen # ERROR DW101: link.oen is not declared
  fno       = "CustomersV3"
  dataverse = accounts # ERROR DW101: no name "accounts" here
  key       = ["CustomerAcount", "CustomerGroupId", "customergroupid"] # ERROR DW112: the key field "CustomerAcount" is not mapped # ERROR DW121: "customergroupid" is listed twice in the key
  conflict  = "merg" # ERROR DW017: "merg" is not possible for the attribute conflict
  owner     = "company_taem" # ERROR DW017: "company_taem" is not possible for the attribute owner
  plugins   = "tag" # ERROR DW018: the attribute plugins is not in this version of dw
  version   = "one" # ERROR DW117: the version of the map cannot be read
  fields "both" {
    CustomerAccount  = "accountnumber"
    OrganizationName = "name"
    NameAlias        = "NAME" # ERROR DW110: the column "NAME" is written twice
    CustomerGroupId  = "msdyn_group.msdyn_groupid"
    customergroupid  = "msdyn_groupname" # ERROR DW111: the F&O field "customergroupid" is written twice
    Broken           = "a..b" # ERROR DW019: "a..b" is no column
    Nothing          = null # ERROR DW016: Nothing has no column
  }
  fields "to_dataverze" { # ERROR DW017: "to_dataverze" is not possible for the direction of the fields block
  }
  field "emailaddress1" {
    fno          = "Email"
    to_dataverse = lowr(valeu) # ERROR DW107: no function "lowr" # ERROR DW109: no name "valeu" in a value expression
    missing      = "park" # ERROR DW024: missing belongs to lookups
  }
  field "telephone1" { # ERROR DW024: values and expressions exclude each other
    fno          = "Phone"
    values       = enum.yess # ERROR DW101: enum.yess is not declared
    to_dataverse = replace(value, "-") # ERROR DW108: replace takes 3 arguments, not 2
    direction    = "both"
    to_fno       = [value] # ERROR DW020: a list or an object is not possible in a value expression
  }
  field "fax" {
    fno          = "Fax"
    to_dataverse = value % 2 # ERROR DW020: this operator is not possible in a value expression
    to_fno       = value[0] # ERROR DW020: a part of value is not possible in a value expression
  }
  field "oneway" {
    fno          = "OneWay"
    to_dataverse = upper(value) # ERROR DW024: the way back is not said: to_fno is missing
    direction    = "both"
  }
  field "never" {
    fno       = "Never"
    to_fno    = upper(value) # ERROR DW024: to_fno is never used
    direction = "to_dataverse"
  }
  constant "name" { # ERROR DW110: the column "name" is written twice
    value = 3
  }
  constant "x" {
    value = enum.yes # ERROR DW103: a reference such as enum.NAME is not possible here
    side  = fno # ERROR DW101: no name "fno" here
  }
  together = [["name", "nmae"], ["OrganizationName"]] # ERROR DW113: together names "nmae", which the map does not carry # ERROR DW113: together names "OrganizationName", which the map does not carry # ERROR DW017: a group of together needs two columns or more
  mastering {
    fno       = ["name", "emailadress1"] # ERROR DW113: mastering names "emailadress1", which the map does not carry
    dataverse = ["name"] # ERROR DW121: "name" is listed twice in mastering
    violation = "revrt" # ERROR DW017: "revrt" is not possible for the attribute violation
  }
  initial_sync {
    via        = "auto"
    read_via   = "export" # ERROR DW017: "export" is not possible for the attribute read_via
    max_error_rate = 1.5 # ERROR DW017: max_error_rate must be a number from 0 to 1, such as 0.01 for one record in a hundred
    match      = [["OrganizationName", "organizationname"], ["Nmae"], []] # ERROR DW121: "organizationname" is listed twice in one way of match # ERROR DW113: match names "Nmae", which the map does not carry # ERROR DW017: a way of match is empty
    crosswalk  = "../elsewhere.csv" # ERROR DW125: the crosswalk file "../elsewhere.csv" cannot be read
    max_errors = -1 # ERROR DW017: max_errors must be a whole number from 0 to 1000000000
  }
  filter {
    fno      = "PartyType eq 'Organization'"
    on_leave = "forget" # ERROR DW017: "forget" is not possible for the attribute on_leave
  }
}
map "customers" { # ERROR DW102: map "customers" is declared twice # ERROR DW116: map "customers" must say its link
  conflict  = "last_writer_win" # ERROR DW017: "last_writer_win" is not possible for the attribute conflict
  fno       = "CustomersV3"
  dataverse = "contacts"
  key       = { CustomerAccount = "accountnumber" }
}
map "elsewhere" { # ERROR DW012: map "elsewhere" needs the attribute "key"
  link      = "two" # ERROR DW016: the attribute link must be a reference such as link.NAME, not a text
  fno       = true # ERROR DW016: the attribute fno must be a text, not true or false
  dataverse = null # ERROR DW012: the attribute dataverse must have a value
  status    = var.statsu # ERROR DW101: var.statsu is not declared
}
map "narrow" {
  link      = link.two
  fno       = "A"
  dataverse = "b"
  key       = {} # ERROR DW017: the key is empty
  companies = ["USMF", "DEMF"] # ERROR DW115: the company "DEMF" is not in link.two
  filter = "x" # ERROR DW011: no attribute "filter" in a map block
  version {} # ERROR DW010: no block "version" in a map block
}
