# Functions that contact persons have at work.

map "employment_job_functions_employmentjobfunctions" {
  fno       = "EmploymentJobFunctions"
  dataverse = "msdyn_employmentjobfunctions"
  key       = ["FunctionName"]

  fields "both" {
    FunctionName = "msdyn_functionname"

    FunctionDescription = "msdyn_functiondescription"
  }
}
