# Periods of fiscal years.

map "fiscal_periods_fiscalcalendarperiods" {
  fno       = "FiscalPeriods"
  dataverse = "msdyn_fiscalcalendarperiods"
  key       = ["Calendar", "PeriodName", "StartDate", "EndDate"]

  fields "both" {
    Calendar   = "msdyn_fiscalcalendar.msdyn_calendar"
    PeriodName = "msdyn_periodname"
    StartDate  = "msdyn_startdate"
    EndDate    = "msdyn_enddate"

    Comments  = "msdyn_comments"
    ShortName = "msdyn_shortname"
  }

  field "msdyn_month" {
    fno = "Month"
    values = {
      Month1  = 192350000
      Month2  = 192350001
      Month3  = 192350002
      Month4  = 192350003
      Month5  = 192350004
      Month6  = 192350005
      Month7  = 192350006
      Month8  = 192350007
      Month9  = 192350008
      Month10 = 192350009
      Month11 = 192350010
      Month12 = 192350011
    }
  }

  field "msdyn_quarter" {
    fno = "Quarter"
    values = {
      Q1 = 192350000
      Q2 = 192350001
      Q3 = 192350002
      Q4 = 192350003
    }
  }

  field "msdyn_fiscalperiodtype" {
    fno    = "Type"
    values = { Opening = 192350000, Operating = 192350001, Closing = 192350002 }
  }

  # The year is found by its calendar too, which the line above brings back already. In
  # dual-write the year flows back; here periods are made in F&O only.
  lookup "msdyn_fiscalcalendaryear" {
    direction = "to_dataverse"
    match = {
      FiscalYear = "msdyn_name"
      Calendar   = "msdyn_fiscalcalendarname"
    }
  }

  creates = { to_dataverse = true, to_fno = false }
}
