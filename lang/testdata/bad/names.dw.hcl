variable "status" {
  default = "running"
}
variable "unset" { # ERROR DW105: the variable "unset" has no value
}
variable "number" {
  type    = numbr # ERROR DW017: this is no type
  default = 1
}
variable "wrong" {
  type    = number
  default = "many" # ERROR DW016: the value of the variable "wrong" has the wrong type
}
variable "secret" {
  sensitive = true
  default   = "hush"
}
variable "status" { # ERROR DW102: variable "status" is declared twice
  default = 1
}
locals {
  a    = local.b # ERROR DW104: locals need each other in a ring
  b    = "${local.c}x"
  c    = [for x in ["1"] : local.a]
  fine = lower(var.statis) # ERROR DW101: var.statis is not declared
  more = lowr("x") # ERROR DW107: no function "lowr"
  used = local.fine
  bad  = concat("x") # ERROR DW022: invalid function argument
  told = "say ${var.secret}"
  unkn = "${var.unset}${local.used}"
}
link "contoso" {
  companies = [local.told] # ERROR DW120: a sensitive value cannot stand in member 1 of the attribute companies
  sandbox {}
}
# dw:ignore # WARNING DW021: the ignore note names no code
map "a" {
  fno       = local.unkn
  dataverse = local.usd # ERROR DW101: local.usd is not declared
  key       = { A = "a" }
  status    = local.nothing.at.all # ERROR DW101: local.nothing is not declared
  field "x" {
    fno          = "X"
    to_dataverse = "${value} ${var.secret} ${var.status}" # ERROR DW120: a sensitive value cannot stand in a value expression
  }
}
# dw:ignore DW201 nothing follows # WARNING DW021: nothing follows the ignore note
