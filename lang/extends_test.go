package lang

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/library"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

const oneLink = "link \"contoso\" {\n  companies = [\"USMF\", \"DEMF\"]\n  sandbox {}\n}\n"

// loadMap loads one map beside a link; without mistakes.
func loadMap(t *testing.T, src string) (*model.Map, *model.Config) {
	t.Helper()
	cfg, list := Load(one("main.dw.hcl", oneLink+src), Options{})
	for _, d := range list {
		t.Errorf("%s %s %s: %s", d.Subject, d.Code, d.Summary, d.Detail)
	}
	if len(cfg.Maps) != 1 || t.Failed() {
		t.Fatalf("%d maps of\n%s", len(cfg.Maps), src)
	}
	return cfg.Maps[0], cfg
}

// TestExtendingIsCopying: a map that extends a standard map and says nothing of
// its own is the standard map under another name.
func TestExtendingIsCopying(t *testing.T) {
	for _, e := range library.List() {
		text, _ := library.Source(e.Name)
		copied, _ := loadMap(t, strings.Replace(string(text), `map "`+e.Name+`"`, `map "mine"`, 1))
		extended, cfg := loadMap(t, fmt.Sprintf("map \"mine\" {\n  extends = library.%s\n}\n", e.Name))
		want, err := json.Marshal(copied)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(extended)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", e.Name, got, want)
		}
		if string(cfg.Sources["library."+e.Name]) != string(text) {
			t.Errorf("%s: the text is not among the sources", e.Name)
		}
	}
}

// TestInheritedPlaces: every place of what is inherited is that of the
// reference, with the line of the library; whatever the model has places of.
func TestInheritedPlaces(t *testing.T) {
	at := diag.Range{File: "main.dw.hcl", Start: diag.Pos{Line: 3, Column: 5, Byte: 20}, End: diag.Pos{Line: 3, Column: 9, Byte: 24}}
	m := &model.Map{}
	fill(reflect.ValueOf(m).Elem(), 0)
	for _, f := range m.Fields { // a whole tree of an expression
		f.ToDataverse.Args[0].Range = diag.Range{File: "library.x", Start: diag.Pos{Line: 9}}
	}
	before, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out := inherited(m, at)
	n := 0
	visit(reflect.ValueOf(*out), "map", func(path string, r diag.Range) {
		n++
		if path == "map.Range" || path == "map.BodyRange" {
			return // the map's own
		}
		if r.File != at.File || r.Start != at.Start || r.End != at.End || r.Origin.File != "library.x" || r.Origin.Line == 0 {
			t.Errorf("%s is at %+v", path, r)
		}
	})
	if n < 25 {
		t.Errorf("only %d places", n)
	}
	visit(reflect.ValueOf(*m), "map", func(path string, r diag.Range) {
		if r.File != "library.x" || !r.Origin.IsZero() {
			t.Errorf("the standard map itself has moved: %s is at %+v", path, r)
		}
	})
	after, err := json.Marshal(out)
	if err != nil || string(before) != string(after) {
		t.Errorf("what it says has changed:\n%s\n%s", before, after)
	}
}

// fill gives everything in a value something, and every place one of a library.
func fill(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[diag.Range]():
		v.Set(reflect.ValueOf(diag.Range{File: "library.x", Start: diag.Pos{Line: depth + 1, Column: 1}}))
	case v.Type() == reflect.TypeFor[value.Value]():
		v.Set(reflect.ValueOf(value.NewText("x")))
	case v.Kind() == reflect.Pointer && depth < 9:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case v.Kind() == reflect.Slice && depth < 9:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	}
}

// visit calls f for every place in a value.
func visit(v reflect.Value, path string, f func(path string, r diag.Range)) {
	switch {
	case v.Type() == reflect.TypeFor[diag.Range]():
		f(path, v.Interface().(diag.Range))
	case v.Type() == reflect.TypeFor[value.Value]():
	case v.Kind() == reflect.Pointer && !v.IsNil():
		visit(v.Elem(), path, f)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			visit(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	}
}

func fieldNames(m *model.Map) (names []string) {
	for _, f := range m.Fields {
		n := f.Name()
		if f.IsConstant {
			n = f.Constant.String() + " -> " + n
		}
		names = append(names, n)
	}
	return names
}

// TestOverriding holds what a map writes itself against what it inherits.
func TestOverriding(t *testing.T) {
	standard, _ := loadMap(t, "map \"mine\" {\n  extends = library.customers_v3_accounts\n}\n")
	all := fieldNames(standard)
	m, _ := loadMap(t, `map "mine" {
  extends   = library.customers_v3_accounts
  dataverse = "contoso_accounts"
  omit      = ["msdyn_creditrating", "msdyn_vendor", "MSDYN_PARTYID.msdyn_partynumber", "partyTYPE"]
  owner     = "company_team"
  company   = null
  filter { dataverse = "statecode eq 0" }
  fields "to_dataverse" {
    SalesMemo        = "description"
    OrganizationName = "name"
    CustomerGroupId  = "msdyn_CustomerGroupId.msdyn_other"
  }
  field "creditlimit" {
    fno    = "CreditLimit"
    to_fno = value
  }
  constant "LanguageId" {
    side  = "fno"
    value = "de"
  }
  constant "customertypecode" { value = 4 }
}
`)
	want := slices.DeleteFunc(slices.Clone(all), func(n string) bool {
		return slices.Contains([]string{"msdyn_creditrating", "msdyn_vendor.msdyn_vendoraccountnumber", "msdyn_partyid.msdyn_partynumber", "Organization -> PartyType"}, n)
	})
	for old, text := range map[string]string{"msdyn_customergroupid.msdyn_groupid": "msdyn_CustomerGroupId.msdyn_other", "3 -> customertypecode": "4 -> customertypecode"} {
		want[slices.Index(want, old)] = text
	}
	want = append(want, "name", "de -> LanguageId")
	if got := fieldNames(m); !slices.Equal(got, want) {
		t.Errorf("fields\n%q\nwant\n%q", got, want)
	}
	if m.FnO.Name != "CustomersV3" || m.Dataverse.Name != "contoso_accounts" || len(m.Key) != 1 || m.Key[0].Name != "CustomerAccount" {
		t.Errorf("tables %s and %s, key %v", m.FnO.Name, m.Dataverse.Name, m.Key)
	}
	if m.Filter.FnO.Name != standard.Filter.FnO.Name || m.Filter.Dataverse.Name != "statecode eq 0" || m.Filter.OnLeave != "unlink" {
		t.Errorf("filter %+v", m.Filter)
	}
	if m.Company == nil || !m.Company.Global || m.Owner.Name != "company_team" {
		t.Errorf("company %+v, owner %+v", m.Company, m.Owner)
	}
	for name, direction := range map[string]model.Direction{"description": model.ToDataverse, "creditlimit": model.ToFnO, "msdyn_onetimecustomer": model.Both} {
		i := slices.IndexFunc(m.Fields, func(f *model.Field) bool { return f.Name() == name })
		if m.Fields[i].Direction != direction {
			t.Errorf("%s goes %s", name, m.Fields[i].Direction)
		}
		if isInherited(m.Fields[i]) != (direction == model.Both) {
			t.Errorf("%s stands at %s", name, m.Fields[i].Range)
		}
	}
	if i := slices.IndexFunc(m.Fields, func(f *model.Field) bool { return f.Name() == "msdyn_onholdstatus" }); len(m.Fields[i].Values.Values) != 6 || m.Fields[i].Values.ToFnO.Kind != "null" {
		t.Errorf("the value map has not come along: %+v", m.Fields[i].Values)
	}

	// The short form of a key overrides too, and an empty filter takes one away.
	m, _ = loadMap(t, `map "mine" {
  extends = library.customers_v3_accounts
  key     = { CustomerAccount = "accountnumber" }
  filter { fno = "" }
}
`)
	if got := fieldNames(m); !slices.Equal(got, all) || isInherited(m.Fields[0]) || m.Filter.FnO.Name != "" || m.Filter.Dataverse.Name == "" {
		t.Errorf("fields %q, filter %+v", got, m.Filter)
	}
}

// TestInheritedRules: rules of the standard map hold attribute by attribute,
// but for fields that are gone or listed otherwise.
func TestInheritedRules(t *testing.T) {
	base := &model.Map{
		Together: [][]string{{"a", "b", "c"}, {"d", "e"}}, Mastering: model.Mastering{FnO: []model.Named{{Name: "a"}, {Name: "b"}}, Dataverse: []model.Named{{Name: "c"}, {Name: "d"}}},
		Creates: model.Creates{ToFnO: new(bool)}, Deletes: model.Deletes{ToDataverse: "propagate"}, Initial: model.InitialSync{Winner: value.Dataverse, AllowBlank: true, Via: "package", ReadVia: "package"},
	}
	for _, c := range []string{"a", "b", "c", "d", "e"} {
		base.Fields = append(base.Fields, &model.Field{Column: model.Named{Name: c}, FnO: model.Named{Name: strings.ToUpper(c)}, Range: diag.Range{File: "library.rules"}})
	}
	src := `map "mine" {
  extends   = library.customers_v3_accounts
  omit      = ["b", "e"]
  fno       = "A"
  dataverse = "a"
  key       = ["A"]
  creates   = { to_dataverse = true }
  deletes   = { to_fno = "propagate" }
  mastering { fno = ["c"] }
  initial_sync {
    max_errors = 5
    read_via   = "auto"
  }
}
`
	tree, list := parseTree(t, src)
	l := newLoader(&model.Config{Sources: map[string][]byte{}})
	l.standard["customers_v3_accounts"] = base
	l.incomplete = true
	l.folder(&tree.Folder, nil)
	if len(list)+len(l.list) > 0 {
		t.Fatal(list, l.list)
	}
	m := l.cfg.Maps[0]
	names := func(list []model.Named) (out []string) {
		for _, n := range list {
			out = append(out, n.Name)
		}
		return out
	}
	if !slices.Equal(names(m.Mastering.FnO), []string{"c"}) || !slices.Equal(names(m.Mastering.Dataverse), []string{"d"}) {
		t.Errorf("mastering %+v", m.Mastering)
	}
	if !reflect.DeepEqual(m.Together, [][]string{{"a", "c"}}) {
		t.Errorf("together %v", m.Together)
	}
	if *m.Creates.ToFnO || !*m.Creates.ToDataverse || m.Deletes.ToDataverse != "propagate" || m.Deletes.ToFnO != "propagate" {
		t.Errorf("creates %+v, deletes %+v", m.Creates, m.Deletes)
	}
	if m.Initial.Winner != value.Dataverse || !m.Initial.AllowBlank || *m.Initial.MaxErrors != 5 || m.Initial.Via != "package" || m.Initial.ReadVia != "" {
		t.Errorf("initial sync %+v", m.Initial)
	}
	if len(base.Together[0]) != 3 || len(base.Mastering.FnO) != 2 || len(base.Fields) != 5 {
		t.Error("the standard map itself has changed")
	}
}

// TestInheritedFindings: a mistake in what is inherited stands at the reference
// and names the line.
func TestInheritedFindings(t *testing.T) {
	_, list := Load(one("main.dw.hcl", oneLink+"map \"mine\" {\n  extends = library.customers_v3_accounts\n  omit    = [\"accountnumber\"]\n}\n"), Options{})
	if len(list) != 1 {
		t.Fatal(list)
	}
	d := list[0]
	if d.Subject.File != "main.dw.hcl" || d.Subject.Start.Line != 6 || d.Subject.Origin.File != "library.customers_v3_accounts" ||
		!strings.Contains(d.Detail, fmt.Sprintf("line %d of library.customers_v3_accounts", d.Subject.Origin.Line)) || d.Fix != nil {
		t.Errorf("%+v", d)
	}
}

// TestHostileFiles: endless recursion and growth are mistakes and no crash.
func TestHostileFiles(t *testing.T) {
	many := make([]string, 10_001)
	for i := range many {
		many[i] = fmt.Sprintf("%q", fmt.Sprint("k", i))
	}
	row := "  fno = \"A\"\n  dataverse = \"a\"\n  key = { A = \"a\" }\n}\n"
	fan := func(to string) *fstest.MapFile { // two uses of the next folder
		return &fstest.MapFile{Data: []byte("module \"a\" {\n  source = \"./" + to + "\"\n}\nmodule \"b\" {\n  source = \"./" + to + "\"\n}\n")}
	}
	deep := fstest.MapFS{}
	dir := ""
	for range 40 {
		deep[dir+"m.dw.hcl"] = fan("d")
		dir += "d/"
	}
	deep[dir+"m.dw.hcl"] = &fstest.MapFile{Data: []byte("map \"m\" {\n" + row)}
	for name, c := range map[string]struct {
		files fstest.MapFS
		code  string
	}{
		"for_each of more": {fstest.MapFS{"m.dw.hcl": {Data: []byte(oneLink + "map \"m\" {\n  for_each = [" + strings.Join(many, ", ") + "]\n" + row)}}, diag.CodeTooManyInstances},
		"in all": {fstest.MapFS{"m.dw.hcl": {Data: []byte(oneLink + "locals {\n  k = [" + strings.Join(many[:6000], ", ") + "]\n}\nmap \"m\" {\n  for_each = local.k\n" + row +
			"map \"n\" {\n  for_each = local.k\n" + row)}}, diag.CodeTooManyInstances},
		"modules that double": {deep, diag.CodeTooManyInstances},
		"modules in modules": {fstest.MapFS{
			"m.dw.hcl":   {Data: []byte(oneLink + "module \"x\" {\n  for_each = [" + strings.Join(many[:300], ", ") + "]\n  source = \"./a\"\n}\n")},
			"a/m.dw.hcl": {Data: []byte("module \"x\" {\n  for_each = [" + strings.Join(many[:300], ", ") + "]\n  source = \"../b\"\n}\n")},
			"b/m.dw.hcl": {Data: []byte("map \"m\" {\n" + row)},
		}, diag.CodeTooManyInstances},
		"a local of itself": {fstest.MapFS{"m.dw.hcl": {Data: []byte("locals {\n  a = [local.a, local.a]\n}\n")}}, diag.CodeCycle},
	} {
		t.Run(name, func(t *testing.T) {
			_, list := Load(c.files, Options{})
			n := 0
			for _, d := range list {
				if d.Code == c.code {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d times %s: %.2000v", n, c.code, list)
			}
		})
	}
}

// TestNotesOfAbsentBlocks: where nothing is looked for, no note is asked
// whether it was needed.
func TestNotesOfAbsentBlocks(t *testing.T) {
	cfg, list := Load(fstest.MapFS{
		"main.dw.hcl": {Data: []byte(oneLink + `
map "a" {
  for_each  = []
  fno       = "A" # dw:ignore DW203 none
  dataverse = "a"
  key       = { A = "a" }
}
map "b" {
  enabled   = false
  fno       = "A" # dw:ignore DW203 none
  dataverse = "a"
  key       = { A = "a" }
}
# dw:ignore DW204 one of two is there
map "c" {
  for_each  = ["on", "off"]
  enabled   = each.key == "on"
  fno       = "A" # dw:ignore DW203 there
  dataverse = "a"
  key       = { A = "a" }
}
module "off" {
  source  = "./off"
  enabled = false
}
module "on" {
  source = "./on"
}
`)},
		"off/off.dw.hcl": {Data: []byte("map \"d\" {\n  fno = \"A\" # dw:ignore DW203 none\n  dataverse = \"a\"\n  key = { A = \"a\" }\n}\n")},
		"on/on.dw.hcl":   {Data: []byte("map \"e\" {\n  fno = \"A\" # dw:ignore DW203 there\n  dataverse = \"a\"\n  key = { A = \"a\" }\n}\n")},
	}, Options{})
	if len(list) > 0 {
		t.Fatal(list)
	}
	var got []string
	for _, n := range cfg.IgnoreNotes {
		got = append(got, fmt.Sprintf("%s:%d %s", n.Range.File, n.Range.Start.Line, n.Reason))
	}
	if want := []string{"main.dw.hcl:18 one of two is there", "main.dw.hcl:22 there", "on/on.dw.hcl:2 there"}; !slices.Equal(got, want) {
		t.Errorf("notes %q, want %q", got, want)
	}
}
