link "one" {
  companies = ["USMF", "DEMF"]
  sandbox {}
}
link "two" {
  companies = ["USMF"]
  sandbox {}
}
variable "folder" {
  default = "./maps"
}
module "out" {
  source = "../elsewhere" # ERROR DW122: "../elsewhere" cannot be the source of a module
}
module "absolute" {
  source = "/etc" # ERROR DW122: "/etc" cannot be the source of a module
}
module "drive" {
  source = "C:/maps" # ERROR DW122: "C:/maps" cannot be the source of a module
}
module "windows" {
  source = ".\\maps" # ERROR DW122: ".\\maps" cannot be the source of a module
}
module "far" {
  source = "https://example.com/maps.git" # ERROR DW122: "https://example.com/maps.git" cannot be the source of a module
}
module "getter" {
  source = "git::https://example.com/maps.git" # ERROR DW122: "git::https://example.com/maps.git" cannot be the source of a module
}
module "bare" {
  source = "maps" # ERROR DW122: "maps" cannot be the source of a module
}
module "missing" {
  source = "./maps/nowhere" # ERROR DW122: there is no folder maps/nowhere
}
module "file" {
  source = "./main.dw.hcl" # ERROR DW122: main.dw.hcl is no folder
}
module "itself" {
  source = "./" # ERROR DW123: the module contains itself
}
module "computed" {
  source = var.folder # ERROR DW017: the source of a module must be written out
}
module "nothing" { # ERROR DW012: module "nothing" needs the attribute "source"
}
module "block" {
  source = "./needs"
  amount = 1
  fields {} # ERROR DW010: no block "fields" in a module block
}
module "1st" { # ERROR DW019: "1st" cannot be the name of a module
  source = "./needs"
  amount = 2
}
module "needs" { # ERROR DW105: module "needs" gives no value for the variable "amount"
  source = "./needs"
  amont  = 1 # ERROR DW106: module "needs" has no variable "amont"
}
module "needs" { # ERROR DW102: module "needs" is declared twice
  source = "./needs"
  amount = "many" # ERROR DW016: the value of the variable "amount" has the wrong type
  link   = link.three # ERROR DW101: link.three is not declared
}
module "null" { # ERROR DW105: module "null" gives no value for the variable "amount"
  source = "./needs"
  amount = null
}
module "maps" {
  source   = "./maps"
  for_each = ["a", "a"] # ERROR DW023: the key "a" is given twice
  link     = link.one
  word     = each.valu # ERROR DW101: each.valu is not declared
}
module "two" {
  source = "./maps"
  link   = link.two
  word   = "b"
}
module "ring" {
  source = "./ring"
}
module "chain" {
  source = "./chain/a"
}
map "root" {
  link      = link.one
  fno       = module.maps # ERROR DW103: a reference such as module.NAME is not possible here
  dataverse = "a"
  key       = { A = "a" }
}
