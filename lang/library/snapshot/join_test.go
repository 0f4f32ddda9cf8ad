package snapshot

import (
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
)

// TestJoinRefuses gives statements that contradict each other or say nothing.
func TestJoinRefuses(t *testing.T) {
	fact := func(item, property, text string) Statement {
		return Statement{Side: value.Dataverse, Table: "account", Item: item, Property: property, Value: text}
	}
	facts := []Statement{
		fact("", "table", "set=accounts; id=accountid; name=name; ownership=UserOwned"),
		fact("name", "column", "type=text; length=160; required=yes"),
		fact("fax", "column", "type=text"),
	}
	if _, err := join(facts, []Statement{fact("name", "filled", "by=server"), fact("account_key", "key", "columns=fax")}); err != nil {
		t.Fatal(err)
	}
	for text, s := range map[string]Statement{
		"there already":          fact("name", "column", "type=text"),
		"no table contact":       fact("primarycontactid", "lookup", "target=contact"),
		"no required column":     fact("fax", "filled", "by=server"),
		"no column accountnum":   fact("account_key", "key", "columns=accountnum"),
		`unknown part "lenght"`:  fact("telex", "column", "type=text; lenght=10"),
		"unknown property":       fact("telex", "colum", "type=text"),
		"no such table":          {Side: value.Dataverse, Table: "contact", Item: "fax", Property: "column", Value: "type=text"},
		`parsing "many"`:         fact("telex", "column", "type=text; length=many"),
		`parsing "x"`:            fact("state", "column", "type=choice; options=0|x"),
		`parsing ""`:             {Side: value.FnO, Table: "NoYes", Item: "Yes", Property: "member"},
		"account , table: it is": fact("", "table", "set=accounts"),
	} {
		_, err := join(facts, []Statement{s})
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v, want %q", s, err, text)
		}
	}
}
