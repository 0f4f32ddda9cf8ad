# Functions of jobs.
#
# The fields of the entity are taken from its sister entity; only the name is known for sure.

map "job_functions_jobfunctions" {
  fno       = "JobFunctions"
  dataverse = "cdm_jobfunctions"
  key       = ["JobFunctionId"]

  fields "both" {
    JobFunctionId = "cdm_name"

    Description = "cdm_description"
  }
}
