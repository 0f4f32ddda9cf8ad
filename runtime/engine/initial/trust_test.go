package initial_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/store"
)

// TestFilesThatAreNotTrue: a file whose values are others than those of the data
// service, though nobody has edited the records, is not taken; some that differ
// are edits that came without another version.
func TestFilesThatAreNotTrue(t *testing.T) {
	const many = 230
	for _, c := range []struct {
		what    string
		way     string
		records int // of the larger company
		spoil   func(e *enginetest.Exporter)
		fails   string
		pages   bool // the company at hand is read by pages after all
	}{
		{what: "true", way: "package", records: many, spoil: func(*enginetest.Exporter) {}},
		{what: "another name", way: "package", records: many, spoil: func(e *enginetest.Exporter) {
			e.Spoil = func(field string, v value.Value) value.Value {
				if field == "OrganizationName" {
					return text(v.Text() + "!")
				}
				return v
			}
		}, fails: "OrganizationName differs in 20 of 20 records"},
		{what: "another name, by chance", way: "auto", records: many, spoil: func(e *enginetest.Exporter) {
			e.PerRow = 1 << 40
			e.Cost = connect.ExportRoute{Start: 1, PerRow: 1}
			e.Spoil = func(field string, v value.Value) value.Value {
				if field == "OrganizationName" {
					return text(v.Text() + "!")
				}
				return v
			}
		}, pages: true},
		{what: "line ends", way: "package", records: many, spoil: func(e *enginetest.Exporter) {
			for i, r := range e.Rows("CustomersV3") {
				if i%10 == 0 {
					e.Change("CustomersV3", r.ID, values{"OrganizationName": text("Two\r\nlines")})
				}
			}
			e.Spoil = func(_ string, v value.Value) value.Value {
				return orText(v, strings.ReplaceAll(v.Text(), "\r\n", "\n"))
			}
		}, fails: `"Two\nlines" in the file`},
		{what: "few that differ", way: "package", records: many, spoil: func(e *enginetest.Exporter) {
			left := 2
			e.Spoil = func(field string, v value.Value) value.Value {
				if left > 0 && field == "OrganizationName" {
					left--
					return text(v.Text() + "!")
				}
				return v
			}
		}},
		{what: "edited meanwhile", way: "package", records: many, spoil: func(e *enginetest.Exporter) {
			e.Ended = func(_, _ string) {
				for _, r := range e.Rows("CustomersV3") {
					e.Change("CustomersV3", r.ID, values{"OrganizationName": text("Edited")})
				}
			}
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			w, e := newExports(t, c.way)
			w.Env.Batch, w.FnO.PageSize, w.Dataverse.PageSize = 100, 100, 100
			for i := range c.records {
				w.Customer("USMF", fmt.Sprintf("M-%03d", i), nil)
			}
			c.spoil(e)
			err := join(w.Context(), w, "customers")
			failed, ok := errors.AsType[*diag.Failure](err)
			switch {
			case c.fails == "" && err != nil:
				t.Fatal(err)
			case c.fails != "" && (!ok || failed.List[0].Code != diag.CodeExportUnreadable || !strings.Contains(failed.List[0].Detail, c.fails)):
				t.Fatalf("%v: %+v", err, failed)
			case c.fails != "":
				w.View(func(tx store.Tx) error {
					if n, err := tx.Tally("customers"); err != nil || n.Read[value.FnO] > 0 {
						t.Errorf("records of the file were stored: %+v, %v", n, err)
					}
					return nil
				})
				return
			}
			left(w, "customers")
			for _, r := range w.Dataverse.Rows("accounts") {
				if c.pages && strings.HasSuffix(r.Values["name"].Text(), "!") {
					t.Fatalf("%v has come from the file", r.Values["name"])
				}
			}
			if jobs := e.Jobs(); len(jobs) == 0 {
				t.Error("nothing was exported")
			}
		})
	}
}

// orText gives a text in place of another one.
func orText(v value.Value, changed string) value.Value {
	if v.Kind() == value.Text {
		return text(changed)
	}
	return v
}
