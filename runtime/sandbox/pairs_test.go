package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	dataverseconnect "github.com/dualwrite/dw/runtime/connect/dataverse"
	fnoconnect "github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/pull"
	"github.com/dualwrite/dw/runtime/host"
)

// TestGeneratedCasesAreSeenByTheExample reads both twins through the connectors,
// compiles the example's maps against the schema that they pull, joins records
// by key and compares them: the numbers of each case are those that the
// generator, which has its own reading of the maps, reports.
func TestGeneratedCasesAreSeenByTheExample(t *testing.T) {
	o := options(t.TempDir())
	o.NoAuth, o.Records = true, 600
	s := start(t, o)
	h := host.Real(t.TempDir())
	budget := func() limit.Budget { return limit.New(limit.Options{Clock: h.Clock}) }
	f, err := fnoconnect.New(fnoconnect.Options{URL: s.Addresses().FnO, HTTP: http.DefaultClient, Tokens: auth.None{}, Budget: budget(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataverseconnect.New(dataverseconnect.Options{URL: s.Addresses().Dataverse, HTTP: http.DefaultClient, Tokens: auth.None{}, Budget: budget(), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	cfg, list := lang.Load(os.DirFS("../../examples/contoso"), lang.Options{})
	if list.HasErrors() {
		t.Fatal(list)
	}
	schema, err := pull.Catalog(t.Context(), f, d, cfg.Maps)
	if err != nil {
		t.Fatal(err)
	}
	lines := schema.Table(value.Dataverse, "salesorderdetails")
	if order, product := lines.Field("salesorderid"), lines.Field("productid"); !order.Targets[0].Cascade || product.Targets[0].Cascade {
		t.Errorf("lines are deleted with their order and not with their product: %+v, %+v", order.Targets, product.Targets)
	}
	bound, list := bind.Link(cfg, cfg.Links[0], schema)
	failOn(t, list)
	refs := readReferences(t, s)
	for _, m := range bound.Maps {
		c, list := transform.Compile(m.Input())
		failOn(t, list)
		if c == nil {
			continue
		}
		inFnO := readAll(t, c, f, value.FnO, &c.FnO, refs)
		inDataverse := readAll(t, c, d, value.Dataverse, &c.Dataverse, refs)
		onlyFnO, equal, differ := 0, 0, 0
		for key, a := range inFnO {
			b := inDataverse[key]
			if b == nil {
				onlyFnO++
				continue
			}
			delete(inDataverse, key)
			if differences := compare(t, c, a, b, refs); len(differences) > 0 {
				differ++
			} else {
				equal++
			}
		}
		want := s.Report().Of(m.Source.Name)
		if onlyFnO != want.OnlyFnO || len(inDataverse) != want.OnlyDataverse || differ != want.Differ || equal != want.Equal {
			t.Errorf("%s: only F&O %d, only Dataverse %d, differ %d, equal %d; generated %+v", m.Source.Name, onlyFnO, len(inDataverse), differ, equal, want)
		}
	}
}

func failOn(t *testing.T, list diag.List) {
	t.Helper()
	for _, d := range list {
		if d.Severity == diag.Error {
			t.Errorf("%s: %s: %s", d.Subject, d.Code, d.Summary)
		}
	}
}

func compare(t *testing.T, c *transform.Compiled, a, b *transform.Record, refs *references) []string {
	t.Helper()
	var differences []string
	for i := range c.Slots {
		slot := &c.Slots[i]
		if i == c.Company || slot.OnCreate {
			continue
		}
		same, err := c.Same(slot, a, b, refs)
		if err != nil {
			t.Errorf("%s: %v", slot.Name, err)
		}
		if !same {
			differences = append(differences, slot.Name)
		}
	}
	return differences
}

// readAll gives the records of one side that are in scope, by key.
func readAll(t *testing.T, c *transform.Compiled, from connect.Connector, side value.Side, p *transform.Projection, refs *references) map[string]*transform.Record {
	t.Helper()
	found := map[string]*transform.Record{}
	q := connect.Query{Projection: p}
	for {
		page, err := from.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			r := &transform.Record{Side: side, Values: c.Widen(side, row.Values, refs)}
			if c.Company >= 0 {
				slot := &c.Slots[c.Company]
				switch {
				case side == value.FnO:
					r.Company = strings.ToUpper(r.Values[slot.FnO].Text())
				case slot.Lookup == nil:
					r.Company = r.Values[slot.Dataverse].String()
				default:
					_, id := r.Values[slot.Dataverse].Ref()
					r.Company = refs.companies[id]
				}
			}
			if !c.InScope(side, r.Values, r.Company) {
				continue
			}
			key, ok := c.KeyOf(side, r.Values, r.Company)
			if !ok || found[key] != nil {
				t.Errorf("%s: a record of %s without a key of its own: %q", c.Map.Name, side, key)
			}
			found[key] = r
		}
		if page.Next == "" {
			return found
		}
		q.Resume = page.Next
	}
}

// references answers from the twin's file, by lookups that it carries out
// itself.
type references struct {
	t         *testing.T
	db        *sql.DB
	companies map[string]string // id -> code
}

func (r *references) ID(l *transform.Lookup, company, key string) (value.Value, transform.RefState) {
	id := r.find(l, company, strings.Split(key, transform.RefKeySeparator))
	if id == "" {
		return value.Value{}, transform.RefMissing
	}
	return value.NewReference(l.Table, id), transform.RefKnown
}

// find gives the id of the row with a key of several parts; "" where there is
// none. A part that is a reference has a key of its own, which takes one part.
func (r *references) find(l *transform.Lookup, company string, parts []string) string {
	query, args := fmt.Sprintf("SELECT %q FROM %q WHERE 1 = 1", l.PrimaryID, l.Set), []any{}
	for i, p := range l.Parts {
		if i >= len(parts) {
			r.t.Errorf("%s: a key of %d parts", l.Title(), len(parts))
			return ""
		}
		v := parts[i]
		if p.Via != nil {
			if v = r.find(p.Via, company, []string{v}); v == "" {
				return ""
			}
		}
		query += fmt.Sprintf(" AND %q = ?", p.Column)
		args = append(args, v)
	}
	if l.CompanyColumn != "" {
		id := ""
		for at, code := range r.companies {
			if strings.EqualFold(code, company) {
				id = at
			}
		}
		query += fmt.Sprintf(" AND %q = ?", l.CompanyColumn)
		args = append(args, id)
	}
	var id string
	if err := r.db.QueryRowContext(r.t.Context(), query, args...).Scan(&id); err != nil && !errors.Is(err, sql.ErrNoRows) {
		r.t.Errorf("%s: %v", l.Title(), err)
	}
	return id
}

func (r *references) Key(l *transform.Lookup, ref value.Value) (string, transform.RefState) {
	_, id := ref.Ref()
	var texts []string
	for _, p := range l.Parts {
		var text sql.NullString
		err := r.db.QueryRowContext(r.t.Context(), fmt.Sprintf("SELECT %q FROM %q WHERE %q = ?", p.Column, l.Set, l.PrimaryID), id).Scan(&text)
		if err != nil || !text.Valid {
			return "", transform.RefMissing
		}
		if p.Via != nil {
			key, state := r.Key(p.Via, value.NewReference(p.Via.Table, text.String))
			if state != transform.RefKnown {
				return "", state
			}
			text.String = key
		}
		texts = append(texts, text.String)
	}
	return strings.Join(texts, transform.RefKeySeparator), transform.RefKnown
}

func readReferences(t *testing.T, s *Sandbox) *references {
	t.Helper()
	r := &references{t: t, db: s.Dataverse().DB(), companies: map[string]string{}}
	rows, err := r.db.QueryContext(t.Context(), "SELECT cdm_companyid, cdm_companycode FROM cdm_companies")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, code string
		if err := rows.Scan(&id, &code); err != nil {
			t.Fatal(err)
		}
		r.companies[id] = code
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}
