# Languages, as human resources lists them.

map "language_codes_languages" {
  fno       = "LanguageCodes"
  dataverse = "cdm_languages"
  key       = ["LanguageCodeId"]

  fields "both" {
    LanguageCodeId = "cdm_name"

    Description = "cdm_description"
  }
}
