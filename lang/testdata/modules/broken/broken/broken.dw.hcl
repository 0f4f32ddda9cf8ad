map "a" {
  fno = "A # ERROR DW001: text without a closing quote
}
