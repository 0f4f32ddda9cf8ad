package model

import "testing"

func TestMapNames(t *testing.T) {
	for name, address := range map[string]string{
		`customers`:                       `map.customers`,
		`customers["USMF"]`:               `map.customers["USMF"]`,
		`customers["a.b map.c"]`:          `map.customers["a.b map.c"]`,
		`module.x.customers`:              `module.x.map.customers`,
		`module.x["a.b"].module.y.c["d"]`: `module.x["a.b"].module.y.map.c["d"]`,
		`module`:                          `map.module`,
		`module["a"]`:                     `map.module["a"]`,
		`map`:                             `map.map`,
	} {
		if got := MapAddress(name); got != address {
			t.Errorf("the address of %s is %s, want %s", name, got, address)
		}
		if got := (&Map{Name: name}).Address(); got != address {
			t.Errorf("the address of %s is %s, want %s", name, got, address)
		}
		if got := MapName(address); got != name {
			t.Errorf("%s names %s, want %s", address, got, name)
		}
		if got := MapName(name); got != name {
			t.Errorf("%s names %s", name, got)
		}
	}
	for text, name := range map[string]string{
		`customers[USMF]`:              `customers["USMF"]`,
		`map.customers['USMF']`:        `customers["USMF"]`,
		`module.x[a].map.customers[b]`: `module.x["a"].customers["b"]`,
		`module.x`:                     `module.x`,
		`module.x[a`:                   `module.x[a`,
		`module.x[a]b`:                 `module.x[a]b`,
		`customers[`:                   `customers[`,
		``:                             ``,
		`module.x[a].customers["b`:     `module.x["a"].customers["b`,
	} {
		if got := MapName(text); got != name {
			t.Errorf("%s names %s, want %s", text, got, name)
		}
	}
}
