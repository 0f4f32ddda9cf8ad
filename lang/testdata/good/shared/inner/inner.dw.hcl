variable "region" {}

map "places" {
  for_each  = ["A", "B"]
  fno       = "Places"
  dataverse = "contoso_places"
  key       = { PlaceId = "contoso_id" }

  constant "contoso_region" {
    value = "${var.region} ${each.key}"
  }
}
