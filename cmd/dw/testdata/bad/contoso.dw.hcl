# A folder full of mistakes, none of which hides another.

link "contoso" {
  sandbox {
    seed    = 7
    records = 80
  }
  companies = ["USMF", "DEMF", "GBSJ"] # unknown company
  currency  = "EUR"                    # unknown attribute
}

variable "unset" { # no value
  type = string
}

variable "rate" {
  type    = number
  default = "many" # wrong type
}

locals {
  here  = local.there # cycle
  there = local.here
}
