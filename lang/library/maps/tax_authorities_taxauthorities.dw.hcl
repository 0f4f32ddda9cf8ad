# Authorities to which sales tax is reported.

map "tax_authorities_taxauthorities" {
  fno       = "TaxAuthorities"
  dataverse = "msdyn_taxauthorities"
  key       = ["TaxAuthorityCode"]

  fields "both" {
    TaxAuthorityCode = "msdyn_taxauthoritycode"

    TaxAuthorityIdentification = "msdyn_taxauthorityidentificator"
    Description                = "msdyn_description"
    RoundOff                   = "msdyn_roundoff"
    Email                      = "msdyn_email"
    Phone                      = "msdyn_phone"
    URL                        = "msdyn_url"
  }

  field "msdyn_taxreportlayout" {
    fno = "ReportLayout"
    values = {
      Default       = 192350000
      Norway        = 192350001
      UnitedKingdom = 192350002
      Sweden        = 192350003
      Germany       = 192350004
      Austria       = 192350005
      Netherlands   = 192350006
      USA           = 192350007
      Italy         = 192350008
      Belgium       = 192350009
      Singapore     = 192350010
      Japan         = 192350011
      Finland       = 192350012
      Estonia       = 192350013
      UAE           = 192350014
    }
  }

  field "msdyn_roundofftype" {
    fno = "RoundOffType"
    values = {
      Ordinary  = 192350000
      RoundDown = 192350001
      RoundUp   = 192350002
      Advantage = 192350003
    }
  }
}
