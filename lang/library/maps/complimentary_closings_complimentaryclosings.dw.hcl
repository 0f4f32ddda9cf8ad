# Phrases that close a letter.

map "complimentary_closings_complimentaryclosings" {
  fno       = "ComplimentaryClosings"
  dataverse = "msdyn_complimentaryclosings"
  key       = ["ClosingPhrase"]

  fields "both" {
    ClosingPhrase = "msdyn_closingphrase"
  }
}
