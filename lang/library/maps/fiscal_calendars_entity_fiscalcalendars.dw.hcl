# Fiscal calendars.

map "fiscal_calendars_entity_fiscalcalendars" {
  fno       = "FiscalCalendarsEntity"
  dataverse = "msdyn_fiscalcalendars"
  key       = ["CalendarId"]

  fields "both" {
    CalendarId = "msdyn_calendar"

    Description = "msdyn_description"
  }
}
