# Phrases that open a letter.

map "salutations_salutations" {
  fno       = "Salutations"
  dataverse = "msdyn_salutations"
  key       = ["SalutationPhrase"]

  fields "both" {
    SalutationPhrase = "msdyn_salutationphrase"
  }
}
