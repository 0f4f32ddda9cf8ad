variable "word" {
  type = string
}
variable "source" { # ERROR DW019: "source" cannot be the name of a module's variable
}
link "three" { # ERROR DW010: the block link is not possible here
  companies = ["USMF"]
}
dw { # ERROR DW010: the block dw is not possible here
}
enum "mine" {
  values = { A = 1 }
}
map "customers" {
  fno       = var.word
  dataverse = local.outside # ERROR DW101: local.outside is not declared
  key       = { A = "a" }
  companies = ["DEMF"] # ERROR DW115: the company "DEMF" is not in link.two
  field "b" {
    fno    = "B"
    values = enum.theirs # ERROR DW101: enum.theirs is not declared
  }
  # dw:ignore # WARNING DW021: the ignore note names no code
}
