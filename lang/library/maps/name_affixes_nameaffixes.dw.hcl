# Titles and suffixes of personal names.

map "name_affixes_nameaffixes" {
  fno       = "NameAffixes"
  dataverse = "msdyn_nameaffixes"
  key       = ["Type", "Affix"]

  fields "both" {
    Affix = "msdyn_affix"

    Description = "msdyn_description"
  }

  field "msdyn_affixtype" {
    fno    = "Type"
    values = { PersonalSuffix = 806380001, PersonalPrefix = 806380000 }
  }
}
