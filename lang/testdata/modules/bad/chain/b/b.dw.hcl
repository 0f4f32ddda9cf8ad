module "a" {
  source = "../a" # ERROR DW123: the module contains itself
}
