# The pair of environments that this folder keeps equal.
#
# A `sandbox` link runs on two local twins that dw starts by itself: no tenant,
# no licence, no network. For real environments put these blocks in its place:
#
#   fno       { url = "https://contoso.operations.dynamics.com" }
#   dataverse { url = "https://contoso.crm.dynamics.com" }
#   auth "client_secret" {
#     tenant_id     = "..."
#     client_id     = "..."
#     client_secret = var.client_secret
#   }

dw {
  required_version = ">= 0.1"
}

# dw:ignore DW714 amounts have two decimals here, and memos of a page; more is listed as failed
link "contoso" {
  sandbox {
    seed    = 20250401 # the same seed gives the same data
    records = 20000    # of all maps together
  }

  # Legal entities in scope. The twins hold a fourth one, FRSI, and Dataverse
  # rows without any company: none of those is ever touched.
  companies = ["USMF", "DEMF", "GBSI"]
}
