package receive

import (
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

func TestMatch(t *testing.T) {
	customers := &schema.Table{Side: value.FnO, Set: "CustomersV3", Name: "CustomerV3", AOT: "CustCustomerV3Entity"}
	accounts := &schema.Table{Side: value.Dataverse, Set: "accounts", Name: "account"}
	for _, c := range []struct {
		table *schema.Table
		n     connect.Notice
		want  bool
	}{
		{customers, connect.Notice{Side: value.FnO, Table: "custcustomerv3entity"}, true},
		{customers, connect.Notice{Side: value.FnO, Table: "customerv3"}, false},
		{customers, connect.Notice{Side: value.Dataverse, Table: "custcustomerv3entity"}, false},
		{accounts, connect.Notice{Side: value.Dataverse, Table: "account"}, true},
		{accounts, connect.Notice{Side: value.Dataverse, Table: "accounts"}, false},
		{&schema.Table{Side: value.FnO, Name: "CustomerV3"}, connect.Notice{Side: value.FnO}, false},
	} {
		if got := Match(c.table, c.n); got != c.want {
			t.Errorf("%s and %s: %v", c.table.Set, c.n.Table, got)
		}
	}
}

func TestEntityKey(t *testing.T) {
	field := func(name string, kind schema.Type) *schema.Field {
		return &schema.Field{Name: name, Type: kind, IsKey: true}
	}
	day := field("ValidFrom", schema.TypeTime)
	day.DateOnly = true
	table := &schema.Table{Side: value.FnO, AOT: "A", Key: []string{"dataAreaId", "Line", "Amount", "Open", "Id", "ValidFrom", "At"}, Fields: []*schema.Field{
		field("dataAreaId", schema.TypeText), field("Line", schema.TypeInteger), field("Amount", schema.TypeDecimal), field("Open", schema.TypeBool),
		field("Id", schema.TypeGuid), day, field("At", schema.TypeTime), field("Kind", schema.TypeEnum),
	}}
	values := map[string]string{
		"dataareaid": "usmf", "line": "5637144576.0", "amount": "1.50", "open": "false", "id": "60C4A5EE-0000-4000-8000-000000000001",
		"validfrom": "2026-03-01T12:00:00Z", "at": "2026-03-01T12:30:00Z",
	}
	amount, err := value.NewDecimal("1.5")
	if err != nil {
		t.Fatal(err)
	}
	want := []value.Value{value.NewText("usmf"), value.NewInteger(5637144576), amount, value.NewBool(false),
		value.NewGuid("60c4a5ee-0000-4000-8000-000000000001"), value.NewDate(20513), value.NewDateTime(20513*86400 + 45000)}
	n := connect.Notice{Side: value.FnO, Table: "a", Values: values}
	if got, ok := EntityKey(table, n); !ok || !slices.Equal(got, want) {
		t.Errorf("%v %v", got, ok)
	}
	for name, wrong := range map[string]string{"line": "1.5", "amount": "x", "open": "200000001", "id": "x", "validfrom": "x", "at": "2026-03-01"} {
		changed := connect.Notice{Side: value.FnO, Table: "a", Values: map[string]string{}}
		for k, v := range values {
			changed.Values[k] = v
		}
		changed.Values[name] = wrong
		if got, ok := EntityKey(table, changed); ok {
			t.Errorf("%s %q: %v", name, wrong, got)
		}
		delete(changed.Values, name)
		if _, ok := EntityKey(table, changed); ok {
			t.Errorf("without %s", name)
		}
	}
	if _, ok := EntityKey(table, connect.Notice{Side: value.FnO, Table: "b", Values: values}); ok {
		t.Error("another table")
	}
	byEnum := &schema.Table{Side: value.FnO, AOT: "A", Key: []string{"Kind"}, Fields: table.Fields}
	if _, ok := EntityKey(byEnum, connect.Notice{Side: value.FnO, Table: "a", Values: map[string]string{"kind": "200000001"}}); ok {
		t.Error("an enum's number names no symbol")
	}
}
