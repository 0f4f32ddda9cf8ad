# Characters of contact persons, as sales people note them.

map "personal_character_types_personalcharactertypes" {
  fno       = "PersonalCharacterTypes"
  dataverse = "msdyn_personalcharactertypes"
  key       = ["TypeName"]

  fields "both" {
    TypeName = "msdyn_typename"

    TypeDescription = "msdyn_typedescription"
  }
}
