# made_machines - Asset management assets, from dual-write.
# Machines.
# Second line
# Dual-write's map needs: Made 1.0 (CRM).
# Tags: Own.

enum "size" {
  values = { small = 1, medium = 2, large = "0003" }
}

map "asset_maintenance_assets_machines" {
  version   = "1.2.0.3"
  fno       = "AssetMaintenanceAssets"
  dataverse = "made_machines"
  key       = ["MaintenanceAssetId"]
  company   = "made_company"

  filter {
    fno       = "MaintenanceAssetId ne '' and not (startswith(Name,'Test'))"
    dataverse = "made_kind eq 2 and made_note ne 'two  blanks'"
  }

  fields "both" {
    MaintenanceAssetId = "made_number"
    Name               = "made_name"
    SITE               = "made_site.made_siteid"
  }

  fields "to_dataverse" {
    Name = ["made_label", "made_title"]
    SITE = "made_sitename"
  }

  fields "to_fno" {
    MODELNAME = "made_model.made_name"
  }

  field "made_flag" {
    fno    = "OWNFLAG"
    values = { No = false, Yes = true }
  }

  field "made_language" {
    fno = "LANGUAGEID"
    values = {
      ""         = 1
      "en-us"    = 1
      de         = 2
      "for"      = 3
      "a\"$${b}" = 4
    }
    reverse = { 1 = "en-us" }
  }

  field "made_size" {
    fno       = "SIZE"
    direction = "to_dataverse"
    values    = enum.size
  }

  field "made_size2" {
    fno       = "SIZE2"
    direction = "to_dataverse"
    values    = enum.size
  }

  field "made_precision" {
    fno          = "PRECISION"
    to_dataverse = coalesce(value, 0)
  }

  lookup "made_model" {
    direction = "to_dataverse"
    match = {
      MODELNAME = "made_name"
      MAKERNAME = "made_maker.made_name"
    }
  }

  lookup "made_holder" {
    target "accounts" {
      match = { HOLDER = "accountnumber" }
    }
    target "contacts" {
      match = { HOLDER = "msdyn_contactpersonid" }
    }
  }

  constant "made_kind" {
    value = 2
  }

  constant "TYPE" {
    side  = "fno"
    value = "Machine"
  }

  # Not taken over, or not as it was:
  # SITE <-> made_sitename: narrowed to to_dataverse, since another field sends to the F&O field
  # too.
  # CUT -> made_cut with {"transformType": "Truncate", "length": 5}: its transform is not known.
  # NAME2 -> made_name: another field sends to the column too.
  # (none) -> made_nothing: it has one side and no default.
  # NINE <-> made_nine with syncDirection "9": its direction is not known.
}
