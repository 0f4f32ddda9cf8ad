dw {
  required_versoin = ">= 0.1" # ERROR DW011: no attribute "required_versoin" in a dw block
  state "sqlit" {} # ERROR DW017: "sqlit" is not possible for the kind of state
}
dw { # ERROR DW014: the block dw is given twice
  required_version = "about 2" # ERROR DW117: required_version cannot be read
}
lnik "contoso" { # ERROR DW010: no block "lnik" at the top of a file
}
link "contoso" {
  companies = ["USMF", "usmf", 7] # ERROR DW114: the company "usmf" is listed twice # ERROR DW016: member 3 of the attribute companies must be a text, not a number
  sandbox {
    seed    = "1" # ERROR DW016: the attribute seed must be a number, not a text
    latency = "60" # ERROR DW017: "60" is no duration for latency
    limits  = "publshed" # ERROR DW017: "publshed" is not possible for the attribute limits
    dirt    = -5 # ERROR DW017: dirt must be a whole number from 0 to 100000
    companies = ["GBSI", "usmf", "gbsi"] # ERROR DW114: the company "usmf" is one of the link's # ERROR DW114: the company "gbsi" is listed twice
    records = 0.5 # ERROR DW017: records must be a whole number from 1 to 10000000
  }
  auth "client_secret" { # ERROR DW024: auth and sandbox exclude each other
    tenant_id        = "t"
    client_id        = "c"
    client_secret    = "hush" # WARNING DW119: client_secret is written in the file
    certificate_path = "x.pem" # ERROR DW024: certificate_path does not belong to auth "client_secret"
  }
}
link "half" { # ERROR DW015: link "half" needs the block "auth"
  companies = [] # ERROR DW017: the link has no company
  fno { # ERROR DW012: the block fno needs the attribute "url"
  }
  dataverse {
    url = "http://contoso.crm.dynamics.com" # ERROR DW017: the url of dataverse cannot be used
  }
}
link "late" {
  companies = ["USMF"]
  fno {
    url = "https://a.example"
  }
  dataverse {
    url = "https://b.example"
  }
  auth "device_code" { # ERROR DW018: auth "device_code" is not in this version of dw
  }
}
link "1st" "x" { # ERROR DW013: extraneous label for link
}
link "2nd" { # ERROR DW019: "2nd" cannot be the name of a link
  companies = ["USMF"]
  sandbox {}
}
