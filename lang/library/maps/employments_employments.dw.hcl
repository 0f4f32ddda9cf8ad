# Employments of workers with their first and last day.
#
# The standard map does not carry the legal entity, which is part of the key in F&O: one worker who
# begins in two companies on one day would be one row.
#
# The standard map also names "both" of WorkerType: no such member stands in the metadata that we
# have seen.

map "employments_employments" {
  fno       = "Employments"
  dataverse = "cdm_employments"
  key       = ["PersonnelNumber", "EmploymentStartDate"]

  fields "both" {
    PersonnelNumber     = "cdm_workerid.cdm_workernumber"
    EmploymentStartDate = "cdm_employmentstartdate"

    EmploymentEndDate = "cdm_employmentenddate"
  }

  field "cdm_workertype" {
    fno       = "WorkerType"
    direction = "to_dataverse"
    values    = { Employee = 754400000, Contractor = 754400001 }
  }
}
