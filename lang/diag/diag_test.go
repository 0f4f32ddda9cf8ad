package diag

import (
	"encoding/json"
	"testing"
)

func TestSuggest(t *testing.T) {
	names := []string{"companies", "conflict", "company", "constant", "key"}
	for given, want := range map[string]string{
		"comapnies": "companies", "Company": "company", "conflcit": "conflict", "kye": "key", "zzzzzz": "", "": "", "constnat": "constant",
	} {
		if got := Suggest(given, names); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", given, got, want)
		}
	}
	if got := Suggest("ab", []string{"ac", "aa"}); got != "aa" {
		t.Errorf("a tie gives %q, want the first by name whatever the order", got)
	}
}

func TestSorted(t *testing.T) {
	at := func(file string, offset int) Range { return Range{File: file, Start: Pos{Byte: offset}} }
	list := List{
		{Code: "DW102", Summary: "b", Subject: at("b", 1)},
		{Code: "DW101", Summary: "a", Subject: at("b", 1)},
		{Code: "DW102", Summary: "b", Subject: at("b", 1)},
		{Code: "DW109", Summary: "c", Subject: at("a", 9), Severity: Warning},
	}
	got := list.Sorted()
	if len(got) != 3 || got[0].Summary != "c" || got[1].Summary != "a" || got[2].Summary != "b" {
		t.Errorf("got %v", got)
	}
	// What several maps say of one place is said once, what they say of no place
	// of each.
	at7 := Range{File: "b", Start: Pos{Line: 1, Byte: 7}, End: Pos{Line: 1, Byte: 9}}
	shared := List{{Summary: "d", Subject: at7, Address: "map.x"}, {Summary: "d", Subject: at7, Address: "map.y"}, {Summary: "d", Address: "map.x"}, {Summary: "d", Address: "map.y"}}
	if got := shared.Sorted(); len(got) != 3 {
		t.Errorf("got %v", got)
	}
	if list[0].Summary != "b" || got.Count(Warning) != 1 || !got.HasErrors() || (List{got[0]}).HasErrors() {
		t.Error("the list was changed or is counted wrongly")
	}
}

func TestSeverityJSON(t *testing.T) {
	for _, s := range []Severity{Error, Warning, Notice} {
		text, err := json.Marshal(s)
		var back Severity
		if err != nil || json.Unmarshal(text, &back) != nil || back != s || string(text) != `"`+s.String()+`"` {
			t.Errorf("%v becomes %s and %v", s, text, back)
		}
	}
	var s Severity
	if json.Unmarshal([]byte(`"fatal"`), &s) == nil {
		t.Error("an unknown word is read")
	}
}

func TestCertain(t *testing.T) {
	columns := []string{"accountnumber", "name", "emailaddress1", "emailaddress2", "telephone1", "websiteurl"}
	for _, tt := range []struct {
		name, candidate string
		want            bool
	}{
		{"AccountNumber", "accountnumber", true},
		{"acountnumber", "accountnumber", true},
		{"acuontnumber", "accountnumber", false}, // two slips
		{"accuontnumber", "accountnumber", true},
		{"nme", "name", false},                   // too short to be told
		{"telephone", "telephone1", false},       // which one?
		{"telephone2", "telephone1", false},      // the number counts
		{"emailadress1", "emailaddress1", false}, // emailaddress2 is close
	} {
		if got := Certain(tt.name, tt.candidate, columns); got != tt.want {
			t.Errorf("%s for %s: %v", tt.candidate, tt.name, got)
		}
	}
}
