package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

func makeColumn(name string, typ schema.Type, more ...func(*schema.Field)) *schema.Field {
	f := &schema.Field{Name: name, Type: typ, OnCreate: true, OnUpdate: true, Readable: true}
	if typ == schema.TypeText {
		f.MaxLength = 20
	}
	for _, m := range more {
		m(f)
	}
	return f
}

func refersTo(table, set string) func(*schema.Field) {
	return func(f *schema.Field) {
		f.Targets = []schema.Target{{Table: table, Set: set, Navigation: f.Name}}
	}
}

func choice(name string, options ...int64) *schema.Field {
	return makeColumn(name, schema.TypeChoice, func(f *schema.Field) {
		for _, o := range options {
			f.Options = append(f.Options, schema.Option{Value: o})
		}
	})
}

func isKey(f *schema.Field) { f.IsKey = true }

func fixed(f *schema.Field) { f.OnUpdate = false }

func table(side value.Side, set, name string, fields ...*schema.Field) *schema.Table {
	slices.SortFunc(fields, func(a, b *schema.Field) int { return strings.Compare(a.Name, b.Name) })
	return &schema.Table{Side: side, Set: set, Name: name, Fields: fields, ChangeTracking: true}
}

// tables gives the schema that all tests map: customers with plain fields, a
// company, a reference to groups and one to other customers.
func tables() (fno, dataverse *schema.Table, targets []schema.Table) {
	fno = table(value.FnO, "CustomersV3", "CustomerV3",
		makeColumn("dataAreaId", schema.TypeText, isKey), makeColumn("CustomerAccount", schema.TypeText, isKey),
		makeColumn("Name", schema.TypeText), makeColumn("Email", schema.TypeText), makeColumn("Phone", schema.TypeText),
		makeColumn("Street", schema.TypeText), makeColumn("City", schema.TypeText), makeColumn("Note", schema.TypeText), makeColumn("Origin", schema.TypeText),
		makeColumn("GroupId", schema.TypeText), makeColumn("InvoiceAccount", schema.TypeText), makeColumn("Limit", schema.TypeDecimal),
		makeColumn("LanguageId", schema.TypeText), makeColumn("ModifiedDateTime", schema.TypeTime, fixed))
	fno.Key, fno.CompanySpecific = []string{"dataAreaId", "CustomerAccount"}, true
	company := makeColumn("msdyn_company", schema.TypeLookup, refersTo("cdm_company", "cdm_companies"))
	scale := 2
	account := table(value.Dataverse, "accounts", "account",
		makeColumn("accountid", schema.TypeGuid, fixed), makeColumn("accountnumber", schema.TypeText), company,
		makeColumn("name", schema.TypeText), makeColumn("emailaddress1", schema.TypeText), makeColumn("telephone1", schema.TypeText),
		makeColumn("address1_line1", schema.TypeText), makeColumn("address1_city", schema.TypeText), makeColumn("description", schema.TypeText),
		makeColumn("origin", schema.TypeText, fixed),
		makeColumn("msdyn_group", schema.TypeLookup, refersTo("msdyn_customergroup", "msdyn_customergroups")),
		makeColumn("msdyn_billingaccount", schema.TypeLookup, refersTo("account", "accounts")),
		makeColumn("creditlimit", schema.TypeDecimal, func(f *schema.Field) { f.Scale = &scale }),
		makeColumn("customertypecode", schema.TypeChoice, func(f *schema.Field) { f.Options = []schema.Option{{Value: 3}, {Value: 4}} }),
		makeColumn("ownerid", schema.TypeLookup, refersTo("team", "teams")), makeColumn("modifiedon", schema.TypeTime, fixed),
		choice("statecode", 0, 1), choice("statuscode", 1, 2))
	account.PrimaryID, account.PrimaryName = "accountid", "name"
	account.Keys = []schema.Key{{Name: "k", Columns: []string{"accountnumber", "msdyn_company"}, Status: "Active"}}
	companies := table(value.Dataverse, "cdm_companies", "cdm_company", makeColumn("cdm_companyid", schema.TypeGuid), makeColumn("cdm_companycode", schema.TypeText))
	companies.PrimaryID = "cdm_companyid"
	groups := table(value.Dataverse, "msdyn_customergroups", "msdyn_customergroup",
		makeColumn("msdyn_customergroupid", schema.TypeGuid), makeColumn("msdyn_groupid", schema.TypeText), company)
	groups.PrimaryID = "msdyn_customergroupid"
	return fno, account, []schema.Table{*account, *companies, *groups}
}

func named(names ...string) (list []model.Named) {
	for _, n := range names {
		list = append(list, model.Named{Name: n})
	}
	return list
}

func field(fno, columnName string, more ...func(*model.Field)) *model.Field {
	name, path, _ := strings.Cut(columnName, ".")
	f := &model.Field{FnO: model.Named{Name: fno}, Column: model.Named{Name: name}, Direction: model.Both}
	if path != "" {
		f.Path = []string{path}
	}
	for _, m := range more {
		m(f)
	}
	return f
}

func flows(d model.Direction) func(*model.Field) { return func(f *model.Field) { f.Direction = d } }

func missing(policy string) func(*model.Field) { return func(f *model.Field) { f.Missing = policy } }

func constant(side value.Side, name string, v value.Value, writes string) *model.Field {
	f := &model.Field{Constant: v, IsConstant: true, Writes: writes, Direction: model.ToDataverse}
	if side == value.FnO {
		f.FnO, f.Direction = model.Named{Name: name}, model.ToFnO
	} else {
		f.Column = model.Named{Name: name}
	}
	return f
}

// customers is a map with a bit of everything; the change makes another of it.
func customers(t testing.TB, change func(*model.Map)) *transform.Compiled {
	t.Helper()
	m := &model.Map{Name: "customers", Link: "contoso", FnO: model.Named{Name: "CustomersV3"}, Dataverse: model.Named{Name: "accounts"},
		Key: named("CustomerAccount"),
		Fields: []*model.Field{
			field("CustomerAccount", "accountnumber"), field("Name", "name"), field("Email", "emailaddress1"), field("Phone", "telephone1"),
			field("Street", "address1_line1"), field("City", "address1_city"),
			field("Note", "description", flows(model.ToDataverse)),
			field("GroupId", "msdyn_group.msdyn_groupid"),
			field("InvoiceAccount", "msdyn_billingaccount.accountnumber", missing("defer")),
			field("Limit", "creditlimit"),
			constant(value.Dataverse, "customertypecode", value.NewInteger(3), "create"),
			constant(value.FnO, "LanguageId", value.NewText("en-us"), "create"),
		},
		Together:  [][]string{{"address1_line1", "address1_city"}},
		Mastering: model.Mastering{Dataverse: named("emailaddress1")},
	}
	if change != nil {
		change(m)
	}
	fno, dataverse, targets := tables()
	c, list := transform.Compile(transform.Input{Map: m, FnO: fno, Dataverse: dataverse, Targets: targets, Companies: []string{"USMF"},
		Delivers: map[string][]string{"account": {"customers"}, "msdyn_customergroup": {"groups"}}})
	if list.HasErrors() {
		t.Fatalf("the map does not compile: %v", list)
	}
	return c
}

// guid gives the n-th made-up GUID.
func guid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// refs are references that exist (table/KEY -> id); everything else is missing,
// or not asked for yet.
type refs struct {
	ids     map[string]value.Value
	unasked bool
}

func newRefs(names ...string) *refs {
	r := &refs{ids: map[string]value.Value{}}
	for n, name := range append([]string{"cdm_company/usmf"}, names...) {
		tableName, _, _ := strings.Cut(name, "/")
		r.ids[strings.ToLower(name)] = value.NewReference(tableName, guid(n+1))
	}
	return r
}

func (r *refs) ID(l *transform.Lookup, company, key string) (value.Value, transform.RefState) {
	if v, ok := r.ids[strings.ToLower(l.Table+"/"+key)]; ok {
		return v, transform.RefKnown
	}
	return value.Value{}, r.absent()
}

func (r *refs) Key(l *transform.Lookup, ref value.Value) (string, transform.RefState) {
	for name, v := range r.ids {
		if v == ref {
			_, key, _ := strings.Cut(name, "/")
			return strings.ToUpper(key), transform.RefKnown
		}
	}
	return "", r.absent()
}

func (r *refs) absent() transform.RefState {
	if r.unasked {
		return transform.RefUnknown
	}
	return transform.RefMissing
}

// world is a record on both sides as the services hold it, with what is stored
// of it.
type world struct {
	c        *transform.Compiled
	refs     *refs
	rows     map[value.Side][]value.Value // nil: not there
	ids      map[value.Side]string
	versions map[value.Side]int
	gone     map[value.Side]string // id of a row whose delete is certain
	pair     *record.Pair
	writes   map[value.Side]int
	next     int
	history  []record.Change
	active   bool // state of the Dataverse row
	clock    int64
	stopped  bool // the clock
	shared   map[value.Side]bool
	retry    bool

	// rewrites is what a service makes of a value that is written.
	rewrites func(s value.Side, column string, v value.Value) value.Value
}

func newWorld(c *transform.Compiled, r *refs) *world {
	return &world{c: c, refs: r, rows: map[value.Side][]value.Value{}, ids: map[value.Side]string{}, versions: map[value.Side]int{}, writes: map[value.Side]int{},
		gone: map[value.Side]string{}, next: 100, active: true}
}

// put makes or changes a row from outside. Keys that are not given get a
// record of company USMF, account US-1.
func (w *world) put(s value.Side, vals map[string]value.Value) {
	p := projection(w.c, s)
	if w.rows[s] == nil {
		w.rows[s] = make([]value.Value, len(p.Columns))
		w.next++
		w.ids[s] = guid(w.next)
		w.active = w.active || s == value.Dataverse
		key := map[string]value.Value{"dataAreaId": value.NewText("usmf"), "CustomerAccount": value.NewText("US-1"),
			"accountnumber": value.NewText("US-1"), "msdyn_company": w.refs.ids["cdm_company/usmf"], "customertypecode": value.NewOption(3)}
		for name, v := range key {
			if i := p.Index(name); i >= 0 {
				w.rows[s][i] = v
			}
		}
	}
	w.rows[s] = slices.Clone(w.rows[s])
	for name, v := range vals {
		w.rows[s][p.Index(name)] = v
	}
	w.touch(s)
	w.rows[s] = stored(p, w.rows[s])
	w.versions[s]++
}

// touch notes the time of an edit in the row, as both services do. Time passes
// with every edit, unless a test stops the clock.
func (w *world) touch(s value.Side) {
	name := map[value.Side]string{value.FnO: "ModifiedDateTime", value.Dataverse: "modifiedon"}[s]
	if !w.stopped {
		w.clock++
	}
	if at := projection(w.c, s).Index(name); at >= 0 {
		w.rows[s][at] = value.NewDateTime(w.clock)
	}
}

func (w *world) get(s value.Side, columnName string) value.Value {
	return w.rows[s][projection(w.c, s).Index(columnName)]
}

func (w *world) seen(s value.Side) *record.Observation {
	if w.gone[s] != "" && w.rows[s] == nil {
		return &record.Observation{Map: "customers", Side: s, Key: "usmf\x1fus-1", Company: "USMF", ID: w.gone[s], Deleted: true}
	}
	if w.rows[s] == nil {
		return nil
	}
	vals := slices.Clone(w.rows[s])
	key, _ := w.c.KeyOf(s, vals, "USMF")
	return &record.Observation{Map: "customers", Side: s, Key: key, Company: "USMF", ID: w.ids[s],
		Version: fmt.Sprintf("W/\"%d\"", w.versions[s]), Values: vals, InScope: w.c.InScope(s, vals, "USMF")}
}

func (w *world) input() Input {
	w.next++
	return Input{Map: w.c, MapVersion: 1, Pair: w.pair, FnO: w.seen(value.FnO), Dataverse: w.seen(value.Dataverse),
		Refs: w.refs, NewID: guid(w.next), History: w.history, Shared: w.shared, Retry: w.retry, Lost: w.lost()}
}

// lost gives the references of the base whose rows are gone.
func (w *world) lost() map[value.Value]bool {
	lost := map[value.Value]bool{}
	if w.pair == nil {
		return lost
	}
	for _, b := range w.pair.Base {
		if b.Dataverse.Kind() == value.Reference {
			lost[b.Dataverse] = true
			for _, ref := range w.refs.ids {
				if ref == b.Dataverse {
					delete(lost, b.Dataverse)
				}
			}
		}
	}
	return lost
}

// remove deletes a row from outside.
func (w *world) remove(s value.Side) {
	if w.rows[s] != nil {
		w.rows[s], w.gone[s] = nil, w.ids[s]
	}
}

// apply carries an intent out as a service would.
func (w *world) apply(in record.Intent) {
	p := projection(w.c, in.Side)
	switch in.Op {
	case record.Delete:
		if w.rows[in.Side] != nil {
			w.rows[in.Side], w.gone[in.Side] = nil, w.ids[in.Side]
			w.writes[in.Side]++
		}
		return
	case record.Deactivate, record.Activate:
		if w.rows[in.Side] != nil {
			w.active = in.Op == record.Activate
			w.versions[in.Side]++
			w.writes[in.Side]++
		}
		return
	case record.Update:
		if w.rows[in.Side] == nil {
			return
		}
	}
	row := slices.Clone(w.rows[in.Side])
	if in.Op == record.Create {
		row = make([]value.Value, len(p.Columns))
		w.next++
		w.ids[in.Side] = guid(w.next)
		if in.Side == value.Dataverse {
			w.ids[in.Side], w.active = in.TargetID, true
		}
	}
	for _, f := range in.Fields {
		v := f.New
		if w.rewrites != nil {
			v = w.rewrites(in.Side, f.Column, v)
		}
		if i := p.Index(f.Column); i >= 0 {
			row[i] = v
		}
	}
	w.rows[in.Side] = row
	w.touch(in.Side)
	w.rows[in.Side] = stored(p, row)
	w.versions[in.Side]++
	w.writes[in.Side]++
}

// stored gives a row as its service keeps it: F&O knows no null, Dataverse no
// empty text.
func stored(p *transform.Projection, row []value.Value) []value.Value {
	for i, f := range p.Columns {
		switch {
		case p.Table.Side == value.Dataverse && row[i] == text(""):
			row[i] = value.Value{}
		case p.Table.Side == value.FnO && row[i].IsNull() && f.Type == schema.TypeDecimal:
			row[i], _ = value.NewDecimal("0")
		case p.Table.Side == value.FnO && row[i].IsNull():
			row[i] = text("")
		}
	}
	return row
}

// store keeps the pair of a result and gives its intents their pair.
func (w *world) store(r Result) {
	if r.Unlink {
		w.pair = nil
		return
	}
	if r.Pair != nil {
		w.pair = r.Pair
		if w.pair.ID == 0 {
			w.pair.ID = 1
		}
	}
}

// settle closes an intent against the row as it is now.
func (w *world) settle(in record.Intent, done, ours bool) SettleResult {
	if in.Op == record.Deactivate || in.Op == record.Activate {
		done = w.active == (in.Op == record.Activate) // by a read of the state
	}
	r := Settle(SettleInput{Map: w.c, Pair: w.pair, Intent: &in, Row: w.seen(in.Side), Done: done, Ours: ours})
	w.history = append(w.history, r.Changes...)
	w.pair = r.Pair
	if r.Ended || r.Missing && in.Op == record.Create {
		w.pair = nil
	}
	return r
}

// round merges once and carries everything out without accidents.
func (w *world) round() Result {
	r := Merge(w.input())
	w.store(r)
	for _, in := range r.Intents {
		w.apply(in)
		w.settle(in, true, true)
	}
	return r
}

func text(s string) value.Value { return value.NewText(s) }

func listedCodes(r Result) (codes []string) {
	for _, l := range r.Listed {
		codes = append(codes, string(l.Kind)+" "+l.Code+" "+l.Field)
	}
	return codes
}

// writesOf shows an intent's columns: "name=New".
func writesOf(in record.Intent) (list []string) {
	for _, f := range in.Fields {
		list = append(list, f.Column+"="+show(f.New))
	}
	slices.Sort(list)
	return list
}
