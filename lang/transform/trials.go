package transform

import (
	"encoding/json"
	"fmt"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Trials remembers what became of generated values, so that fields of the same
// types and expressions are tried once for all maps. The zero value is ready; a
// nil one remembers nothing. It is for one goroutine.
type Trials struct{ known map[string]*trip }

// worst gives the outcome of a key, trying where it is not known. An empty key
// is tried each time.
func (t *Trials) worst(key string, try func() *trip) *trip {
	if t == nil || key == "" {
		return try()
	}
	out, known := t.known[key]
	if !known {
		out = try()
		if t.known == nil {
			t.known = map[string]*trip{}
		}
		t.known[key] = out
	}
	return out
}

// trialKey names everything that the trial of a slot depends on; "" where it
// depends on other fields of the record.
func (b *builder) trialKey(s *Slot) string {
	if b.in.Trials == nil || readsRecord(s.Field.ToDataverse) || readsRecord(s.Field.ToFnO) {
		return ""
	}
	fno, dv := *b.c.Column(s, value.FnO), *b.c.Column(s, value.Dataverse)
	fno.Name, dv.Name, dv.Targets = "", "", nil
	lookup := ""
	if s.Lookup != nil {
		lookup = s.Lookup.Title()
	}
	key, err := json.Marshal(struct {
		FnO, Dataverse     schema.Field
		ToDataverse, ToFnO *expr.Expr
		Values             *model.Enum
		Key, Company       bool
		Lookup             string
	}{fno, dv, s.Field.ToDataverse, s.Field.ToFnO, s.Field.Values, s.IsKey, b.c.Company >= 0, lookup})
	if err != nil {
		return ""
	}
	if e := b.enum(fno.Enum); e != nil {
		return fmt.Sprintf("%s %v", key, e.Members)
	}
	return string(key)
}

func readsRecord(e *expr.Expr) bool {
	found := false
	e.Walk(func(x *expr.Expr) { found = found || x.Op == expr.OpRecord })
	return found
}
