# What customers refer to, kept equal before they are measured.

map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]

  filter {
    fno       = "LegalEntityId eq 'USMF' or LegalEntityId eq 'DEMF' or LegalEntityId eq 'GBSI'"
    dataverse = "cdm_companycode eq 'USMF' or cdm_companycode eq 'DEMF' or cdm_companycode eq 'GBSI'"
  }

  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
    Name          = "cdm_name"
  }
}

map "customer_groups" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]

  fields "both" {
    CustomerGroupId = "msdyn_groupid"
    Description     = "msdyn_description"
  }
}

map "payment_days" {
  fno       = "PaymentDaysCds"
  dataverse = "msdyn_paymentdays"
  key       = ["Name"]

  fields "both" {
    Name        = "msdyn_name"
    Description = "msdyn_description"
  }
}

map "payment_schedules" {
  fno       = "PaymentSchedules"
  dataverse = "msdyn_paymentschedules"
  key       = ["Name"]

  fields "both" {
    Name        = "msdyn_name"
    Description = "msdyn_description"
  }
}

map "payment_terms" {
  fno       = "PaymentTerms"
  dataverse = "msdyn_paymentterms"
  key       = ["Name"]

  fields "both" {
    Name        = "msdyn_name"
    Description = "msdyn_description"
  }
}

map "customer_payment_methods" {
  fno       = "CustomerPaymentMethods"
  dataverse = "msdyn_customerpaymentmethods"
  key       = ["Name"]

  fields "both" {
    Name        = "msdyn_name"
    Description = "msdyn_description"
  }
}
