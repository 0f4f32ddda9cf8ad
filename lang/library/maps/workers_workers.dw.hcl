# Workers with their personal data.

map "workers_workers" {
  fno       = "Workers"
  dataverse = "cdm_workers"
  key       = ["PersonnelNumber"]

  fields "both" {
    PersonnelNumber = "cdm_workernumber"

    FirstName              = "cdm_firstname"
    MiddleName             = "cdm_middlename"
    LastName               = "cdm_lastname"
    PrimaryContactEmail    = "cdm_primaryemailaddress"
    PrimaryContactPhone    = "cdm_primarytelephone"
    PrimaryContactFacebook = "cdm_facebookidentity"
    PrimaryContactTwitter  = "cdm_twitteridentity"
    PrimaryContactLinkedIn = "cdm_linkedinidentity"
    PrimaryContactURL      = "cdm_websiteurl"
    BirthDate              = "cdm_birthdate"
  }

  fields "to_dataverse" {
    Name = "cdm_fullname"
  }

  field "cdm_type" {
    fno       = "WorkerType"
    direction = "to_dataverse"
    values    = { Employee = 754400000, Contractor = 754400001, Both = 754400000 }
  }

  field "cdm_status" {
    fno       = "WorkerStatus"
    direction = "to_dataverse"
    values    = { Employed = 754400000, Pending = 754400001, Terminated = 754400001 }
  }

  field "cdm_gender" {
    fno = "Gender"
    values = {
      Male        = 754400000
      Female      = 754400001
      NonSpecific = 754400003
      None        = 754400002
    }
  }
}
