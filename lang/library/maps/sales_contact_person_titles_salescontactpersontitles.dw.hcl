# Job titles of contact persons.

map "sales_contact_person_titles_salescontactpersontitles" {
  fno       = "SalesContactPersonTitles"
  dataverse = "msdyn_salescontactpersontitles"
  key       = ["JobTitleAlias"]

  fields "both" {
    JobTitleAlias = "msdyn_jobtitlealias"

    JobTitle = "msdyn_jobtitle"
  }
}
