module "outer" {
  source = "../../ring" # ERROR DW123: the module contains itself
}
