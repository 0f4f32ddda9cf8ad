# Types of jobs and whether they are exempt from overtime rules.
#
# The fields of the entity are taken from its sister entity; only the name is known for sure.

map "job_types_jobtypes" {
  fno       = "JobTypes"
  dataverse = "cdm_jobtypes"
  key       = ["JobTypeId"]

  fields "both" {
    JobTypeId = "cdm_name"

    Description = "cdm_description"
  }

  field "cdm_exemptstatus" {
    fno    = "ExemptStatus"
    values = { Exempt = 754400000, NonExempt = 754400001, DoesNotApply = 754400002 }
  }
}
