package conformance_test

import (
	"net/http"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// testDataverseMissingTarget: a row whose lookup points at nothing is told from
// a row that is not there itself, alone and in a batch.
func testDataverseMissingTarget(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	c := w.dataverseConnector(nil)
	table := schemaOf(t, c, "accounts")["accounts"]
	nowhere := value.NewReference("cdm_company", guid(99))
	create := func(n int, company value.Value) connect.Write {
		return connect.Write{Create: true, Row: connect.RowID{ID: guid(n)}, Values: values(table, "name", value.NewText("A"), "msdyn_company", company)}
	}
	results, err := c.Write(t.Context(), table, []connect.Write{create(1, value.Value{}), create(2, nowhere), create(3, value.Value{})}, nil)
	outcome(t, results, err, connect.Done, connect.Refused, connect.Done)
	update := connect.Write{Row: connect.RowID{ID: guid(1)}, Values: values(table, "msdyn_company", nowhere)}
	gone := connect.Write{Row: connect.RowID{ID: guid(50)}, Values: values(table, "name", value.NewText("B"))}
	again, err := c.Write(t.Context(), table, []connect.Write{update, gone}, nil)
	outcome(t, again, err, connect.Refused, connect.Gone)
	if !results[1].Missing || results[0].Missing || !again[0].Missing || again[1].Missing {
		t.Fatalf("%+v %+v", results, again)
	}
	w.gate.ClearFaults()
	w.gate.Inject(gate.Fault{Method: http.MethodPatch, Kind: gate.Down, Count: 1})
	alone, err := c.Write(t.Context(), table, []connect.Write{update}, nil)
	outcome(t, alone, err, connect.Unresolved)
	if alone[0].Missing {
		t.Fatalf("%+v", alone)
	}
}
