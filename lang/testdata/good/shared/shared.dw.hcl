# A module with everything that a module can have.
variable "region" {
  type        = string
  description = "that the maps are for"
}

variable "limits" {
  type = map(number)
}

variable "table" {
  default = "contoso_areas"
}

locals {
  large = var.limits["high"] > 50
}

enum "size" {
  values = { Small = 1, Large = 2 }
}

map "areas" {
  fno       = "Areas"
  dataverse = var.table
  key       = { AreaId = "contoso_id" }
  status    = local.large ? "paused" : "running"

  filter {
    fno = "Region eq '${var.region}'"
  }
  field "contoso_size" {
    fno    = "Size"
    values = enum.size
  }
}

module "inner" {
  source  = "./inner"
  link    = link.contoso
  region  = upper(var.region)
  enabled = var.region == "north"
}
