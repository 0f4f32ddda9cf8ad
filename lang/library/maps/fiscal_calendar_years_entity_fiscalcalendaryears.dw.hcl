# Years of fiscal calendars.

map "fiscal_calendar_years_entity_fiscalcalendaryears" {
  fno       = "FiscalCalendarYearsEntity"
  dataverse = "msdyn_fiscalcalendaryears"
  key       = ["FiscalCalendar_CalendarId", "Name"]

  fields "both" {
    FiscalCalendar_CalendarId = ["msdyn_fiscalcalendarname", "msdyn_calendar.msdyn_calendar"]
    Name                      = "msdyn_name"

    StartDate = "msdyn_startdate"
    EndDate   = "msdyn_enddate"
  }
}
