# Mistakes of moved blocks.
link "one" {
  sandbox {}
  companies = ["USMF"]
}
map "new" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = { CustomerAccount = "accountnumber" }
  fields "both" {
    OrganizationName = "name"
    Phone            = "telephone2"
  }
}
map "other" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = { CustomerGroupId = "msdyn_groupid" }
}

# What is right.
moved {
  from = map.old
  to   = map.between
}
moved {
  from = map.between
  to   = map.new
}
moved {
  from = map.new.telephone1
  to   = map.new.telephone2
}
moved {
  from = "map.new.Telephone"
  to   = "map.new.Phone"
}
moved {
  from = map.other["USMF"]
  to   = map.other
}

# What is not.
moved {
  from = map.new # ERROR DW334: map.new is still there
  to   = map.nwe # ERROR DW335: there is no map.nwe
}
moved {
  from = map.new.name # ERROR DW334: map.new.name is still there
  to   = map.new.telephone3 # ERROR DW335: there is no map.new.telephone3
}
moved { # ERROR DW332: map.old is moved twice
  from = map.old
  to   = map.third
}
moved { # ERROR DW332: two are moved to map.new
  from = map.older
  to   = map.new
}
moved { # ERROR DW333: moved blocks lead round in a ring
  from = map.a
  to   = map.b
}
moved {
  from = map.b
  to   = map.a
}
moved { # ERROR DW331: map.c cannot become map.other.msdyn_groupid
  from = map.c
  to   = map.other.msdyn_groupid
}
moved { # ERROR DW331: map.old.telephone1 cannot become map.new.Phone: a field stays in its map
  from = map.old.telephone1
  to   = map.new.Phone
}
moved { # ERROR DW331: map.d is moved to itself
  from = map.d
  to   = map.d
}
moved {
  from = enum.on_hold # ERROR DW331: "enum.on_hold" names neither a map nor a field of one
  to   = 3 # ERROR DW016: the attribute to must be a text, not a number
}
moved { # ERROR DW012: the block moved needs the attribute "to"
  from = map.e
}
