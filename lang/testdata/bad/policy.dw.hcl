# Mistakes of a policy.
policy {
  destroys           = "denny" # ERROR DW017: "denny" is not possible for the attribute destroys
  replaces           = true # ERROR DW016: the attribute replaces must be a text, not true or false
  desructive         = "deny" # ERROR DW011: no attribute "desructive" in a policy block
  max_maps           = -1 # ERROR DW017: max_maps must be a whole number, 0 or more
  max_rows_rewritten = { approve = 100, deny = 10 } # ERROR DW024: max_rows_rewritten denies more than 10 and asks for approval of more than 100
  max_rows_initial   = {} # ERROR DW017: max_rows_initial has no limit
  max_deletes        = { aprove = 3 } # ERROR DW011: no entry "aprove" in the attribute max_deletes
  max_minutes        = 1.5 # ERROR DW017: max_minutes must be a whole number, 0 or more
}
policy { # ERROR DW014: the block policy is given twice
  changes = "allow"
}
