# A file of a module that cannot be parsed: what may stand in it is not missed.
module "empty" {
  source = "./empty" # ERROR DW122: the folder empty holds no configuration
}
module "off" {
  source  = "./broken"
  enabled = false
  what    = 1
}
module "on" {
  source = "./broken"
  what   = 1
}
