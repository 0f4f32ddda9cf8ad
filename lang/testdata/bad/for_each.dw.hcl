link "one" {
  companies = ["USMF"]
  sandbox {}
}
variable "hidden" {
  sensitive = true
  default   = ["hush"]
}
variable "on" {
  default = "yes"
}
locals {
  none  = null
  early = each.key # ERROR DW101: each is not known here
  many  = { for a in ["a", "b", "c"] : a => a }
  wrong = local.wrng # ERROR DW101: local.wrng is not declared
  self  = "${local.self}" # ERROR DW104: locals need each other in a ring
}
map "number" {
  for_each  = 3 # ERROR DW016: for_each must be a list of texts or an object, not a number
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "null" {
  for_each  = local.none # ERROR DW017: for_each is null
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "text" {
  for_each  = "USMF" # ERROR DW016: for_each must be a list of texts or an object, not a text
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "members" {
  for_each = [
    "",     # ERROR DW017: "" cannot be a key of for_each
    " x",   # ERROR DW017: " x" cannot be a key of for_each
    "a\"b", # ERROR DW017: "a\"b" cannot be a key of for_each
    "a\tb", # ERROR DW017: "a\tb" cannot be a key of for_each
    7,      # ERROR DW016: member 5 of for_each must be a text, not a number
    null,   # ERROR DW016: member 6 of for_each must be a text, not null
    "x",
    "x", # ERROR DW023: the key "x" is given twice
    {},  # ERROR DW016: member 9 of for_each must be a text, not an object
  ]
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "secret" {
  for_each  = var.hidden # ERROR DW120: for_each is a sensitive value
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "mistaken" {
  for_each  = [local.wrong, local.self]
  fno       = each.value
  dataverse = "a"
  key       = { A = "a" }
}
map "unevaluated" {
  for_each  = local.nothing # ERROR DW101: local.nothing is not declared
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "each" {
  for_each  = local.many
  enabled   = each.key == "a"
  fno       = each.vaule # ERROR DW101: each.vaule is not declared
  dataverse = each # ERROR DW101: "each" needs a name
  key       = { A = "a", B = each.value.deep } # ERROR DW022: unsupported attribute
  companies = [each.value] # ERROR DW115: the company "a" is not in link.one
}
map "single" {
  fno       = each.key # ERROR DW101: each is not known here
  dataverse = "a"
  key       = { A = "a" }
  field "b" {
    fno          = "B"
    to_dataverse = each.value # ERROR DW101: each is not known here
  }
}
map "switch" {
  enabled   = var.on # ERROR DW016: the attribute enabled must be true or false, not a text
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
map "absent" {
  enabled   = false
  fno       = local.wrong
  dataverse = "a"
  statsu    = "running" # ERROR DW011: no attribute "statsu" in a map block
  # dw:ignore DW260 of nothing that is there
  key = { A = "a" }
}
map "no name" { # ERROR DW019: "no name" cannot be the name of a map
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
enum "each" {
  for_each = ["a"] # ERROR DW011: no attribute "for_each" in an enum block
  values   = { A = 1 }
}
