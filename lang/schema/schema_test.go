package schema

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
)

func scale(n int) *int { return &n }

func sample() Catalog {
	return Catalog{
		FnO: []Table{{
			Side: value.FnO, Set: "CustomersV3", Name: "CustomerV3", Key: []string{"dataAreaId", "CustomerAccount"}, CompanySpecific: true,
			Fields: []*Field{
				{Name: "CustomerAccount", Type: TypeText, MaxLength: 20, OnCreate: true, Readable: true, IsKey: true},
				{Name: "CreditLimit", Type: TypeDecimal, Scale: scale(6), OnCreate: true, OnUpdate: true, Readable: true},
				{Name: "OnHoldStatus", Type: TypeEnum, Enum: "CustVendorBlocked", OnCreate: true, OnUpdate: true, Readable: true},
				{Name: "dataAreaId", Type: TypeText, MaxLength: 4, OnCreate: true, Readable: true, IsKey: true},
			},
		}, {Side: value.FnO, Set: "Currencies", Name: "Currency"}},
		Dataverse: []Table{{
			Side: value.Dataverse, Set: "accounts", Name: "account", SchemaName: "Account", Label: "Kunde <\"&\">", PrimaryID: "accountid", PrimaryName: "name",
			Keys:     []Key{{Name: "msdyn_k", Columns: []string{"accountnumber", "msdyn_company"}, Status: "Active"}},
			Messages: []string{"UpdateMultiple", "CreateMultiple"},
			Fields: []*Field{
				{Name: "accountid", Type: TypeGuid, Readable: true},
				{Name: "accountnumber", Type: TypeText, MaxLength: 20, OnCreate: true, OnUpdate: true, Readable: true},
				{Name: "msdyn_company", Type: TypeLookup, Targets: []Target{{Table: "cdm_company", Set: "cdm_companies", Navigation: "msdyn_Company"}}, OnCreate: true, OnUpdate: true, Readable: true},
				{Name: "name", Type: TypeText, MaxLength: 160, OnCreate: true, OnUpdate: true, Readable: true},
				{Name: "creditlimit", Type: TypeDecimal, Min: "0", Max: "100000000000", Scale: scale(2), Money: true, OnCreate: true, OnUpdate: true, Readable: true},
				{Name: "customertypecode", Type: TypeChoice, Options: []Option{{Value: 3, Label: "Customer"}, {Value: 1}}, OnCreate: true, OnUpdate: true, Readable: true},
			},
		}},
		Enums:   []Enum{{Name: "NoYes", Members: []Member{{Name: "Yes", Value: 1}, {Name: "No", Value: 0}}}},
		Unknown: []Unknown{{Side: value.FnO, Name: "Customer", Similar: "CustomersV3"}},

		Companies: []string{"USMF", "DEMF"},
	}
}

func TestEncodeIsStable(t *testing.T) {
	want := Encode(sample())
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		c := sample()
		random.Shuffle(len(c.FnO), func(i, j int) { c.FnO[i], c.FnO[j] = c.FnO[j], c.FnO[i] })
		for _, tables := range [][]Table{c.FnO, c.Dataverse} {
			for _, t := range tables {
				random.Shuffle(len(t.Fields), func(i, j int) { t.Fields[i], t.Fields[j] = t.Fields[j], t.Fields[i] })
				random.Shuffle(len(c.Companies), func(i, j int) { c.Companies[i], c.Companies[j] = c.Companies[j], c.Companies[i] })
				random.Shuffle(len(t.Messages), func(i, j int) { t.Messages[i], t.Messages[j] = t.Messages[j], t.Messages[i] })
			}
		}
		if got := Encode(c); !bytes.Equal(got, want) {
			t.Fatalf("order of the input changed the file:\n%s\n---\n%s", got, want)
		}
	}
	if !strings.Contains(string(want), `        {"name":"CreditLimit","type":"decimal","scale":6,"on_create":true,"on_update":true,"readable":true},`+"\n") {
		t.Errorf("a field does not stand on one line:\n%s", want)
	}
	if c := sample(); c.FnO[0].Set != "CustomersV3" || Hash(c) != Hash(sample()) || c.FnO[0].Fields[0].Name != "CustomerAccount" {
		t.Error("Encode changed its input")
	}
	other := sample()
	other.Dataverse[0].Fields[1].MaxLength = 21
	if Hash(other) == Hash(sample()) {
		t.Error("another length gives the same hash")
	}
}

func TestDecode(t *testing.T) {
	text := Encode(sample())
	c, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if again := Encode(c); !bytes.Equal(again, text) {
		t.Errorf("round trip:\n%s\n---\n%s", again, text)
	}
	if empty, err := Decode(Encode(Catalog{})); err != nil || len(empty.FnO) != 0 {
		t.Errorf("empty catalog: %v, %v", empty, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := string(Encode(sample()))
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":        {"{", "no JSON (line 1)"},
		"no version":     {"{}", "format_version"},
		"other version":  {strings.Replace(good, `"1.2"`, `"2.0"`, 1), "this dw reads 1.2"},
		"unknown member": {strings.Replace(good, `"enums"`, `"enumz"`, 1), "enumz"},
		"wrong type":     {strings.Replace(good, `"max_length":20`, `"max_length":"x"`, 1), "line "},
		"field twice":    {strings.Replace(good, `"name":"CreditLimit"`, `"name":"customeraccount"`, 1), "occurs twice"},
		"unknown type":   {strings.Replace(good, `"type":"guid"`, `"type":"uuid"`, 1), `unknown type "uuid"`},
		"unknown source": {strings.Replace(good, `"money":true`, `"source":"guess"`, 1), `unknown source "guess"`},
		"bad number":     {strings.Replace(good, `"min":"0"`, `"min":"null"`, 1), "decimal"},
		"trailing":       {good + "{}", "no JSON"},
		"wrong side":     {strings.Replace(good, `"side": "fno"`, `"side": "dataverse"`, 1), "says side"},
	} {
		if _, err := Decode([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	// A later minor version may have members that this program does not know.
	later := strings.Replace(strings.Replace(good, `"1.2"`, `"1.7"`, 1), `"enums"`, `"new": 1, "enums"`, 1)
	if _, err := Decode([]byte(later)); err != nil {
		t.Errorf("later minor version: %v", err)
	}
}

// A file of an earlier minor version lacks what was added since, which is then
// not known; a table's own facts come and go with the file.
func TestDecodeEarlier(t *testing.T) {
	earlier := strings.Replace(strings.Replace(string(Encode(sample())), `"1.2"`, `"1.1"`, 1), `"money":true,`, "", 1)
	c, err := Decode([]byte(earlier))
	if err != nil {
		t.Fatal(err)
	}
	f := c.Table(value.Dataverse, "accounts").Field("creditlimit")
	if f.Money || f.Source != "" || f.Zoneless {
		t.Errorf("%+v", f)
	}
	later := sample()
	later.Dataverse[0].Kind, later.Dataverse[0].Fields[1].Source = KindVirtual, SourceRollup
	if c, err := Decode(Encode(later)); err != nil || c.Dataverse[0].Kind != KindVirtual || c.Dataverse[0].Field("accountnumber").Source != SourceRollup {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestDecimals(t *testing.T) {
	two := 2
	for _, tt := range []struct {
		f    Field
		n    int
		ok   bool
		name string
	}{
		{Field{Type: TypeDecimal}, 0, false, "unknown"},
		{Field{Type: TypeDecimal, Money: true}, MoneyScale, true, "money"},
		{Field{Type: TypeDecimal, Money: true, Scale: &two}, 2, true, "money of two"},
		{Field{Type: TypeInteger}, 0, true, "whole numbers"},
	} {
		if n, ok := tt.f.Decimals(); n != tt.n || ok != tt.ok {
			t.Errorf("%s: %d, %v", tt.name, n, ok)
		}
	}
}

func TestLookups(t *testing.T) {
	c := sample()
	if c.Table(value.FnO, "customersv3") == nil || c.Table(value.Dataverse, "ACCOUNT") == nil || c.Table(value.Dataverse, "Accounts") == nil {
		t.Error("a table is not found in another case")
	}
	if c.Table(value.Dataverse, "CustomersV3") != nil || c.Enum("noyes") == nil || c.Enum("x") != nil {
		t.Error("a table or enum of the wrong side or name is found")
	}
	account := c.Table(value.Dataverse, "account")
	if f := account.Field("ACCOUNTNUMBER"); f == nil || f.Name != "accountnumber" {
		t.Error("a field is not found in another case")
	}
	if !account.HasKey([]string{"MSDYN_COMPANY", "accountnumber"}) || account.HasKey([]string{"accountnumber"}) {
		t.Error("HasKey")
	}
	if f := account.CompanyColumn(); f == nil || f.Name != "msdyn_company" {
		t.Errorf("company column %v", f)
	}
	if m := c.Enum("NoYes").Member("YES"); m == nil || m.Value != 1 {
		t.Errorf("member %v", m)
	}
	s := account.Subset([]string{"NAME"})
	if names := strings.Join(s.FieldNames(), " "); names != "accountid accountnumber msdyn_company name" {
		t.Errorf("subset has %s", names)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode(sample()))
	f.Add([]byte(`{"format_version":"1.1","fno":[{"set":"A","name":"A","side":"fno","fields":[{}]}]}`))
	f.Add([]byte(`{"format_version":"1.1","fno":[],"dataverse":[{"set":"a","name":"\u00e4","side":"dataverse","fields":null,"set":"b"}]}`))
	f.Add([]byte(`{"format_version":"1.2","fno":[{"set":"A","name":"A","side":"fno","fields":[null]}]}`))
	f.Add([]byte(`{"format_version":"1.1","Fno":null,"companies":["\xff"],"enums":[{"name":"x","members":[{"name":"y","value":-0}]}]}`))
	f.Add(bytes.Replace(Encode(sample()), []byte("\n    }"), []byte("\r\n    }"), 1))
	f.Add([]byte("{\"format_version\":\"1.2\",\"fno\":[{\"set\":\"A\",\"name\":\"A\",\"side\":\"fno\",\"fields\":[\n{\"name\":\"b\",\"type\":\"text\"},\n{\"name\":\"b\",\"type\":\"text\"},\n{\"name\":\"b\"\n},\n{\"name\":\"b\"\n}]}]}"))
	for _, c := range hostileFiles() {
		if len(c[0]) < 1000 {
			f.Add([]byte(c[0]))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, ok := decodeQuick(b)
		for _, size := range []int{1, 7, 64, window} {
			if part, partly := readQuick(bytes.NewReader(b), size); partly != ok || !reflect.DeepEqual(part, whole) {
				t.Fatalf("through a window of %d bytes %t, as a whole %t: %+v, %+v", size, partly, ok, part, whole)
			}
		}
		// The quick way must mean the same as encoding/json, or give up.
		if quick, ok := decodeQuick(b); ok && sameMajor(quick.FormatVersion) {
			slow, err := decodeSlow(b)
			if inner := check(&quick.Catalog); (err == nil) != (inner == nil) {
				t.Fatalf("quick says %v, slow %v", inner, err)
			}
			if err == nil && !reflect.DeepEqual(slow, quick.Catalog) {
				t.Fatalf("quick reads %+v, slow %+v", quick.Catalog, slow)
			}
		}
		c, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Decode(Encode(c))
		if err != nil {
			t.Fatalf("own file refused: %v\n%s", err, Encode(c))
		}
		if Hash(again) != Hash(c) {
			t.Fatal("the round trip changed the catalog")
		}
	})
}

// A catalog is compared with another one only where both have something.
func TestWithinAndLacking(t *testing.T) {
	big := Catalog{
		FnO: []Table{{Set: "A"}, {Set: "B"}}, Dataverse: []Table{{Set: "as"}, {Set: "bs"}},
		Enums: []Enum{{Name: "E"}, {Name: "F"}}, Unknown: []Unknown{{Name: "x"}}, Companies: []string{"USMF"},
	}
	small := Catalog{FnO: []Table{{Set: "A"}}, Dataverse: []Table{{Set: "as"}}, Enums: []Enum{{Name: "E"}}, Companies: []string{"USMF"}}
	if got := Hash(big.Within(small)); got != Hash(small) {
		t.Errorf("within: %+v", big.Within(small))
	}
	if got := small.Lacking(big); got != nil {
		t.Errorf("small lacks %v", got)
	}
	if got := big.Lacking(small); !slices.Equal(got, []string{"B", "bs"}) {
		t.Errorf("big lacks %v", got)
	}
}

// TestQuick reads every member that a catalog has the quick way, and means the
// same by it. Names that a side does not have are left to encoding/json.
func TestQuick(t *testing.T) {
	var c Catalog
	fill(reflect.ValueOf(&c).Elem(), new(int))
	c.FnO[0].Side, c.Dataverse[0].Side, c.Unknown = value.FnO, value.Dataverse, nil
	for _, tables := range [][]Table{c.FnO, c.Dataverse} {
		f := tables[0].Fields[0]
		f.Type, f.Source, f.Min, f.Max = TypeDecimal, SourceRollup, "-1", "1.5"
	}
	quick, ok := decodeQuick(Encode(c))
	slow, err := decodeSlow(Encode(c))
	if !ok || err != nil {
		t.Fatalf("quick %t, slow %v: does decodeQuick know every member?\n%s", ok, err, Encode(c))
	}
	if !reflect.DeepEqual(quick.Catalog, slow) || !reflect.DeepEqual(slow, c) {
		t.Errorf("quick reads %+v, slow %+v, want %+v", quick.Catalog, slow, c)
	}
}

// TestKnownLines: a field whose text stood in another table is that field.
func TestKnownLines(t *testing.T) {
	var c Catalog
	for i := range 3 {
		table := sample().Dataverse[0]
		table.Label = "" // its quotes are left to encoding/json
		table.Set, table.Name = fmt.Sprintf("set%d", i), fmt.Sprintf("name%d", i)
		c.Dataverse = append(c.Dataverse, table)
	}
	text := Encode(c)
	slow, err := decodeSlow(text)
	if err != nil {
		t.Fatal(err)
	}
	q := &quick{b: text}
	if f, ok := q.file(); !ok || !reflect.DeepEqual(f.Catalog, slow) {
		t.Errorf("quick reads %+v, slow %+v", f.Catalog, slow)
	}
	if n := len(c.Dataverse[0].Fields); len(q.lines) != n || n < 3 {
		t.Errorf("%d lines are known, of %d", len(q.lines), n)
	}
}

// TestRead: a file that is read piece by piece is that file, and a mistake in it
// is told as for one that is there as a whole.
func TestRead(t *testing.T) {
	text := Encode(sample())
	want, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Read(bytes.NewReader(text)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range [][]byte{nil, text[:len(text)/2], bytes.Replace(text, []byte(`"type":"text"`), []byte(`"type":"texd"`), 1), append(slices.Clone(text), 'x')} {
		_, err1 := Read(bytes.NewReader(bad))
		_, err2 := Decode(bad)
		if err1 == nil || err2 == nil || err1.Error() != err2.Error() {
			t.Errorf("%v, want %v", err1, err2)
		}
	}
	if _, err := Read(unreadable{}); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}

var errBroken = errors.New("broken")

type unreadable struct{}

func (unreadable) Read([]byte) (int, error)       { return 0, errBroken }
func (unreadable) Seek(int64, int) (int64, error) { return 0, nil }

// fill gives every member a value that is not the zero value.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("text%d", *n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(int64(*n))
	}
}
