package transform

import (
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

const (
	companyID = "00000000-0000-0000-0000-0000000000c1"
	groupID   = "00000000-0000-0000-0000-0000000000a1"
	accountID = "00000000-0000-0000-0000-0000000000b1"
)

func scaleOf(n int) *int { return &n }

func rw(name string, t schema.Type) *schema.Field {
	return &schema.Field{Name: name, Type: t, OnCreate: true, OnUpdate: true, Readable: true}
}

func fieldOf(name string, t schema.Type, change func(*schema.Field)) *schema.Field {
	f := rw(name, t)
	change(f)
	return f
}

func text(name string, most int) *schema.Field {
	return fieldOf(name, schema.TypeText, func(f *schema.Field) { f.MaxLength = most })
}

func enumField(name, enum string) *schema.Field {
	return fieldOf(name, schema.TypeEnum, func(f *schema.Field) { f.Enum = enum })
}

func lookup(name, table, set string) *schema.Field {
	return fieldOf(name, schema.TypeLookup, func(f *schema.Field) {
		f.Targets = []schema.Target{{Table: table, Set: set, Navigation: name}}
	})
}

func choice(name string, options ...int64) *schema.Field {
	return fieldOf(name, schema.TypeChoice, func(f *schema.Field) {
		for _, o := range options {
			f.Options = append(f.Options, schema.Option{Value: o})
		}
	})
}

func customers() *schema.Table {
	readOnly := rw("CreatedOn", schema.TypeTime)
	readOnly.OnCreate, readOnly.OnUpdate = false, false
	key := text("CustomerAccount", 20)
	key.OnUpdate, key.IsKey = false, true
	company := text("dataAreaId", 4)
	company.OnUpdate, company.IsKey = false, true
	return &schema.Table{
		Side: value.FnO, Set: "CustomersV3", Name: "CustomerV3", Key: []string{"dataAreaId", "CustomerAccount"}, CompanySpecific: true,
		Fields: []*schema.Field{
			key, company, readOnly, text("OrganizationName", 100), text("CustomerGroupId", 10), text("InvoiceAccount", 20), text("PrimaryContactEmail", 255),
			fieldOf("CreditLimit", schema.TypeDecimal, func(f *schema.Field) { f.Scale = scaleOf(6) }), rw("Employees", schema.TypeInteger),
			enumField("OnHoldStatus", "CustVendorBlocked"), enumField("IsOneTimeCustomer", "NoYes"), enumField("PartyType", "DirPartyType"),
			fieldOf("BirthDate", schema.TypeTime, func(f *schema.Field) { f.DateOnly = true }), rw("ChangedAt", schema.TypeTime), text("LanguageId", 7),
			text("SalesCurrencyCode", 3), text("Code", 10), rw("Image", schema.TypeOther),
		},
	}
}

func accounts() *schema.Table {
	return &schema.Table{
		Side: value.Dataverse, Set: "accounts", Name: "account", PrimaryID: "accountid", PrimaryName: "name",
		Keys: []schema.Key{{Name: "k", Columns: []string{"accountnumber", "msdyn_company"}, Status: "Active"}},
		Fields: []*schema.Field{
			{Name: "accountid", Type: schema.TypeGuid, Readable: true},
			text("accountnumber", 20), text("name", 160), text("emailaddress1", 100), text("description", 0), text("shortname", 5),
			lookup("msdyn_company", "cdm_company", "cdm_companies"), lookup("msdyn_customergroupid", "msdyn_customergroup", "msdyn_customergroups"),
			lookup("msdyn_billingaccount", "account", "accounts"), lookup("transactioncurrencyid", "transactioncurrency", "transactioncurrencies"),
			fieldOf("creditlimit", schema.TypeDecimal, func(f *schema.Field) { f.Scale, f.Min, f.Max = scaleOf(2), "0", "100000000000" }),
			fieldOf("numberofemployees", schema.TypeInteger, func(f *schema.Field) { f.Min, f.Max = "0", "1000000000" }),
			choice("msdyn_onholdstatus", 806380000, 806380001, 806380002), choice("customertypecode", 1, 3), rw("msdyn_onetimecustomer", schema.TypeBool),
			fieldOf("birthdate", schema.TypeTime, func(f *schema.Field) { f.DateOnly = true }), rw("changedat", schema.TypeTime),
			{Name: "createdon", Type: schema.TypeTime, Readable: true}, text("msdyn_partytype", 50), fieldOf("msdyn_required", schema.TypeText, func(f *schema.Field) { f.Required = true }),
			{Name: "customerid", Type: schema.TypeLookup, OnCreate: true, OnUpdate: true, Readable: true, Targets: []schema.Target{{Table: "account", Set: "accounts"}, {Table: "msdyn_customergroup", Set: "msdyn_customergroups"}}},
			lookup("ownerid", "systemuser", "systemusers"),
		},
	}
}

func targets() []schema.Table {
	return []schema.Table{
		*accounts(),
		{Side: value.Dataverse, Set: "cdm_companies", Name: "cdm_company", PrimaryID: "cdm_companyid", PrimaryName: "cdm_name", Fields: []*schema.Field{text("cdm_companycode", 4), text("cdm_name", 100)}},
		{Side: value.Dataverse, Set: "msdyn_customergroups", Name: "msdyn_customergroup", PrimaryID: "msdyn_customergroupid", PrimaryName: "msdyn_groupid",
			Keys:   []schema.Key{{Name: "k", Columns: []string{"msdyn_groupid", "msdyn_company"}, Status: "Active"}},
			Fields: []*schema.Field{text("msdyn_groupid", 10), lookup("msdyn_company", "cdm_company", "cdm_companies"), text("name", 10)}},
		{Side: value.Dataverse, Set: "transactioncurrencies", Name: "transactioncurrency", PrimaryID: "transactioncurrencyid", Fields: []*schema.Field{text("isocurrencycode", 5)}},
	}
}

func enums() []schema.Enum {
	return []schema.Enum{
		{Name: "NoYes", Members: []schema.Member{{Name: "No"}, {Name: "Yes", Value: 1}}},
		{Name: "CustVendorBlocked", Members: []schema.Member{{Name: "No"}, {Name: "Invoice", Value: 1}, {Name: "All", Value: 2}}},
		{Name: "DirPartyType", Members: []schema.Member{{Name: "None"}, {Name: "Person", Value: 1}, {Name: "Organization", Value: 2}}},
	}
}

// line makes a field of "F&O field = column" with distinct ranges, so that
// tests can tell where a diagnostic points.
func line(n int, fno, column string, change ...func(*model.Field)) *model.Field {
	parts := strings.Split(column, ".")
	at := func(col int) diag.Range {
		return diag.Range{File: "t.dw.hcl", Start: diag.Pos{Line: n, Column: col, Byte: n*100 + col}, End: diag.Pos{Line: n, Column: col + 5, Byte: n*100 + col + 5}}
	}
	f := &model.Field{
		FnO: model.Named{Name: fno, Range: at(1)}, Column: model.Named{Name: parts[0], Range: at(50)}, Path: parts[1:],
		Direction: model.Both, Range: at(1),
	}
	for _, c := range change {
		c(f)
	}
	return f
}

func goes(d model.Direction) func(*model.Field) { return func(f *model.Field) { f.Direction = d } }

func values(change func(*model.Enum), pairs ...any) func(*model.Field) {
	return func(f *model.Field) {
		e := &model.Enum{Range: f.Range}
		for i := 0; i < len(pairs); i += 2 {
			e.Values = append(e.Values, model.EnumValue{FnO: value.NewText(pairs[i].(string)), Dataverse: literalOf(pairs[i+1]), Range: f.Range})
		}
		if change != nil {
			change(e)
		}
		f.Values = e
	}
}

func literalOf(v any) value.Value {
	switch v := v.(type) {
	case int:
		return value.NewInteger(int64(v))
	case string:
		return value.NewText(v)
	case bool:
		return value.NewBool(v)
	default:
		return value.Value{}
	}
}

func input(fields ...*model.Field) Input {
	return Input{
		Map: &model.Map{
			Name: "customers", FnO: model.Named{Name: "customersv3"}, Dataverse: model.Named{Name: "account"},
			Key: []model.Named{{Name: "customeraccount"}}, Fields: append([]*model.Field{line(1, "CUSTOMERACCOUNT", "AccountNumber")}, fields...),
			Range: diag.Range{File: "t.dw.hcl", Start: diag.Pos{Line: 1, Column: 1}},
		},
		FnO: customers(), Dataverse: accounts(), Targets: targets(), Enums: enums(), Companies: []string{"USMF", "DEMF"},
		Delivers: map[string][]string{"account": {"customers"}, "cdm_company": {"companies"}},
	}
}

func compiled(t testing.TB, in Input) *Compiled {
	t.Helper()
	c, list := Compile(in)
	if list.HasErrors() {
		t.Fatalf("compile: %+v", list)
	}
	return c
}

func slotNamed(t testing.TB, c *Compiled, name string) *Slot {
	t.Helper()
	for i := range c.Slots {
		if c.Slots[i].Name == name {
			return &c.Slots[i]
		}
	}
	t.Fatalf("no slot %q", name)
	return nil
}

// rec makes a record of a side from column names and values.
func rec(c *Compiled, side value.Side, company string, cells map[string]value.Value) *Record {
	p := &c.FnO
	if side == value.Dataverse {
		p = &c.Dataverse
	}
	r := &Record{Side: side, Values: make([]value.Value, p.Width()), Company: company}
	for name, v := range cells {
		r.Values[p.Index(name)] = v
	}
	return r
}

// known answers references from two maps.
type known struct {
	ids  map[string]string // table/company/key -> guid
	keys map[string]string // guid -> key
}

func (k known) ID(l *Lookup, company, key string) (value.Value, RefState) {
	if l.CompanyColumn == "" {
		company = ""
	}
	id, ok := k.ids[l.Table+"/"+FoldKey(company)+"/"+FoldKey(key)]
	switch {
	case !ok:
		return value.Value{}, RefUnknown
	case id == "":
		return value.Value{}, RefMissing
	}
	return value.NewReference(l.Table, id), RefKnown
}

func (k known) Key(_ *Lookup, ref value.Value) (string, RefState) {
	_, id := ref.Ref()
	key, ok := k.keys[id]
	if !ok {
		return "", RefMissing
	}
	return key, RefKnown
}

func someRefs() known {
	return known{
		ids: map[string]string{
			"cdm_company//usmf": companyID, "msdyn_customergroup/usmf/10": groupID, "account/usmf/us-001": accountID, "account/usmf/gone": "",
		},
		keys: map[string]string{companyID: "USMF", groupID: "10", accountID: "US-001"},
	}
}
