package bind

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

func bound(t *testing.T, text string, cat *schema.Catalog) (*Bound, string) {
	t.Helper()
	cfg := fixture.Load(t, text)
	b, ds := Link(cfg, cfg.Links[0], cat)
	return b, fixture.Lines(ds)
}

func (b *Bound) find(t *testing.T, name string) *Map {
	t.Helper()
	for _, m := range b.Maps {
		if m.Source.Name == name {
			return m
		}
	}
	t.Fatalf("no map %s", name)
	return nil
}

func TestResolve(t *testing.T) {
	text := strings.NewReplacer(
		`OrganizationName  = "name"`, `organizationname = "NAME"`,
		`"msdyn_customergroupid.msdyn_groupid"`, `"MSDYN_CustomerGroupId.MSDYN_GroupId"`,
		`dataverse = "accounts"`, `dataverse = "Account"`,
		"lower(trimspace(value))", "lower(record.organizationname)",
	).Replace(fixture.Config)
	b, problems := bound(t, text, fixture.Schema())
	if problems != "" {
		t.Fatal(problems)
	}
	m := b.find(t, "customers")
	r := m.Resolved
	if r.Dataverse.Name != "accounts" || m.Dataverse.Name != "account" {
		t.Errorf("table %s, %s", r.Dataverse.Name, m.Dataverse.Name)
	}
	var names []string
	for _, f := range r.Fields {
		names = append(names, f.FnO.Name+"="+f.Name())
	}
	want := []string{
		"CustomerAccount=accountnumber", "OrganizationName=name", "CustomerGroupId=msdyn_customergroupid.msdyn_groupid",
		"SalesCurrencyCode=transactioncurrencyid.isocurrencycode", "InvoiceAccount=msdyn_billingaccount.accountnumber",
		"OnHoldStatus=msdyn_onholdstatus", "PrimaryContactEmail=emailaddress1", "=customertypecode", "PartyType=PartyType",
	}
	if !slices.Equal(names, want) {
		t.Errorf("fields\n%v, want\n%v", names, want)
	}
	if e := r.Fields[6].ToDataverse; e.Args[0].Name != "OrganizationName" {
		t.Errorf("expression names %q", e.Args[0].Name)
	}
	if e := m.Source.Fields[6].ToDataverse; e.Args[0].Name != "organizationname" {
		t.Error("the author's map was changed")
	}
	if r.Conflict != "merge" || r.Deletes.ToDataverse != "deactivate" || r.Deletes.ToFnO != "ignore" || r.Initial.Winner != value.FnO ||
		r.Fields[7].Writes != "create" || r.Fields[0].Writes != "always" || r.Filter.OnLeave != "unlink" {
		t.Errorf("defaults: %+v", r)
	}
	if b.find(t, "currencies").Resolved.Deletes.ToDataverse != "ignore" {
		t.Error("a table without a state cannot be deactivated")
	}
	var enums []string
	for _, e := range m.Enums {
		enums = append(enums, e.Name)
	}
	if !slices.Equal(enums, []string{"CustVendorBlocked", "DirPartyType"}) {
		t.Errorf("enums %v", enums)
	}
	if !slices.Equal(m.Companies, []string{"DEMF", "USMF"}) || b.find(t, "currencies").Companies != nil {
		t.Errorf("companies %v and %v", m.Companies, b.find(t, "currencies").Companies)
	}
}

func TestUnknownTables(t *testing.T) {
	cat := fixture.Schema()
	cat.Unknown = []schema.Unknown{{Side: value.FnO, Name: "Customers", Similar: "CustomersV3"}}
	text := strings.NewReplacer(`"CustomersV3"`, `"Customers"`, `"msdyn_customergroups"`, `"msdyn_custgroups"`).Replace(fixture.Config)
	cfg := fixture.Load(t, text)
	b, ds := Link(cfg, cfg.Links[0], cat)
	if len(b.Maps) != 2 || len(ds) != 2 {
		t.Fatalf("%d maps, problems:\n%s", len(b.Maps), fixture.Lines(ds))
	}
	for i, want := range []struct{ text, hint string }{{`"Customers"`, `"CustomersV3"`}, {`"msdyn_custgroups"`, `"msdyn_customergroups"`}} {
		d := ds[i]
		if d.Code != "DW250" || !strings.Contains(d.Summary, want.text) || !strings.Contains(d.Hint, want.hint) {
			t.Errorf("%+v, want %v", d, want)
		}
		if got := text[d.Subject.Start.Byte:d.Subject.End.Byte]; got != want.text {
			t.Errorf("it points at %q", got)
		}
		if d.Fix == nil || d.Fix.NewText != want.hint {
			t.Errorf("fix %+v", d.Fix)
		}
	}
}

func TestDeferral(t *testing.T) {
	contacts := `
map "contacts" {
  fno       = "Vendors"
  dataverse = "contacts"
  key       = ["VendorAccount"]
  fields "both" {
    VendorAccount   = "msdyn_contactpersonid"
    CustomerAccount = "parentcustomerid.accountnumber"
  }
}
`
	primary := "OrganizationName  = \"name\"\n    PrimaryContactPhone = \"primarycontactid.msdyn_contactpersonid\""
	text := fixture.Edit(t, `OrganizationName  = "name"`, primary) + contacts

	// Either reference may wait: one does, and the first map by name goes first.
	b, problems := bound(t, text, fixture.Schema())
	if problems != "" {
		t.Fatal(problems)
	}
	if d := b.find(t, "contacts").Deferred; !slices.Equal(d, []string{"parentcustomerid.accountnumber"}) {
		t.Errorf("contacts defers %v", d)
	}
	if d := b.find(t, "customers").Deferred; !slices.Equal(d, []string{"msdyn_billingaccount.accountnumber"}) {
		t.Errorf("customers defers %v", d)
	}

	// What is required cannot wait.
	cat := fixture.Schema()
	fixture.Table(t, cat, value.Dataverse, "contacts").Field("parentcustomerid").Required = true
	b, _ = bound(t, text, cat)
	if d := b.find(t, "customers").Deferred; !slices.Equal(d, []string{"msdyn_billingaccount.accountnumber", "primarycontactid.msdyn_contactpersonid"}) {
		t.Errorf("customers defers %v", d)
	}
	if b.find(t, "contacts").Wave != b.find(t, "customers").Wave+1 {
		t.Error("contacts do not follow customers")
	}

	// Where neither may wait, the ring is a mistake that shows the way round.
	fixture.Table(t, cat, value.Dataverse, "accounts").Field("primarycontactid").Required = true
	cfg := fixture.Load(t, text)
	_, ds := Link(cfg, cfg.Links[0], cat)
	if len(ds) != 1 || ds[0].Code != "DW251" || !strings.Contains(ds[0].Summary, "map.contacts -> map.customers -> map.contacts") ||
		!strings.Contains(ds[0].Detail, "required in Dataverse") {
		t.Errorf("ring: %+v", ds)
	}
	if got := text[ds[0].Subject.Start.Byte:ds[0].Subject.End.Byte]; !strings.Contains(got, "CustomerAccount") && !strings.Contains(got, "parentcustomerid") {
		t.Errorf("the ring is shown at %q", got)
	}
}

func TestDeliversPrefersTheKey(t *testing.T) {
	other := `
map "accounts_by_phone" {
  fno       = "Vendors"
  dataverse = "accounts"
  key       = ["VendorAccount"]
  fields "both" {
    VendorAccount = "telephone1"
    VendorName    = "name"
  }
}
`
	b, problems := bound(t, fixture.Config+other, fixture.Schema())
	if problems != "" {
		t.Fatal(problems)
	}
	if got := b.find(t, "customers").Delivers["account"]; !slices.Equal(got, []string{"customers", "accounts_by_phone"}) {
		t.Errorf("account is delivered by %s", got)
	}
}

func TestNeeds(t *testing.T) {
	cfg := fixture.Load(t, fixture.Config)
	fno, dv := Needs(cfg, "contoso", &schema.Catalog{})
	if want := []string{"Currencies", "CustomerGroups", "CustomersV3", "LegalEntities"}; !slices.Equal(fno, want) {
		t.Errorf("F&O %v, want %v", fno, want)
	}
	first := []string{"accounts", "cdm_companies", "msdyn_customergroups", "transactioncurrencies"}
	if !slices.Equal(dv, first) {
		t.Errorf("Dataverse %v, want %v", dv, first)
	}
	// A map alone needs the tables that it refers to, once its own is known.
	cfg.Maps = slices.DeleteFunc(cfg.Maps, func(m *model.Map) bool { return m.Name != "customers" })
	if _, dv = Needs(cfg, "contoso", &schema.Catalog{}); !slices.Equal(dv, []string{"accounts"}) {
		t.Errorf("at first Dataverse %v", dv)
	}
	if _, dv = Needs(cfg, "contoso", fixture.Schema()); !slices.Equal(dv, first) {
		t.Errorf("then Dataverse %v, want %v", dv, first)
	}
	if fno, dv = Needs(cfg, "fabrikam", fixture.Schema()); len(fno)+len(dv) > 0 {
		t.Errorf("another link needs %v, %v", fno, dv)
	}
}

// TestKeyField: of several columns that a key field fills, one carries the
// key, and it is the one that the compiled map takes.
func TestKeyField(t *testing.T) {
	text := fixture.Edit(t, "  fields \"both\" {\n    CurrencyCode = \"isocurrencycode\"\n    Name         = \"currencyname\"",
		"  fields \"to_dataverse\" {\n    CurrencyCode = [\"currencyname\", \"isocurrencycode\"]")
	b, problems := bound(t, text, fixture.Schema())
	if problems != "" {
		t.Fatal(problems)
	}
	m := b.find(t, "currencies")
	f := KeyField(m.Resolved, m.Dataverse, "CurrencyCode")
	if f == nil || f.Column.Name != "isocurrencycode" || !IsKeyField(m.Resolved, m.Dataverse, f) {
		t.Fatalf("the key is carried by %+v", f)
	}
	if IsKeyField(m.Resolved, m.Dataverse, m.Resolved.Fields[0]) {
		t.Error("the other column counts as key too")
	}
	c, ds := transform.Compile(m.Input())
	if ds.HasErrors() {
		t.Fatal(fixture.Lines(ds))
	}
	if got := c.Slots[c.Key[0]].Name; got != f.Name() {
		t.Errorf("the compiled map takes %s", got)
	}
}
