variable "amount" {
  type = number
}
map "needy" { # ERROR DW116: map "module.block.needy" must say its link # ERROR DW116: map "module.needs.needy" must say its link # ERROR DW116: map "module.null.needy" must say its link # ERROR DW116: map "module.1st.needy" must say its link
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}
