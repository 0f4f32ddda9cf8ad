# Roles that contact persons play in decisions.

map "decision_making_roles_decisionmakingroles" {
  fno       = "DecisionMakingRoles"
  dataverse = "msdyn_decisionmakingroles"
  key       = ["RoleName"]

  fields "both" {
    RoleName = "msdyn_rolename"

    RoleDescription = "msdyn_roledescription"
  }
}
