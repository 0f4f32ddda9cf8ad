# Levels of loyalty of contact persons.

map "loyalty_levels_loyaltylevels" {
  fno       = "LoyaltyLevels"
  dataverse = "msdyn_loyaltylevels"
  key       = ["LevelPhrase"]

  fields "both" {
    LevelPhrase = "msdyn_levelphrase"

    LevelDescription = "msdyn_description"
  }
}
