package conformance_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/conformance"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	dvtwin "github.com/dualwrite/dw/runtime/sandbox/dataverse"
	"github.com/dualwrite/dw/runtime/sandbox/entra"
	fnotwin "github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

const (
	tenant   = "11111111-1111-4111-8111-111111111111"
	clientID = "22222222-2222-4222-8222-222222222222"
	secret   = "s3cret-of-the-test"
)

// audience is what tokens are for. It need not be the address of a twin, so
// that one sign-in twin, whose keys take long to make, serves many of them.
const audience = "https://environment.test"

// city is the sign-in twin and a clock for the worlds of one test.
type city struct {
	host                    *host.Host // parallel, with a clock that only sleeping moves
	twin                    *entra.Twin
	server                  *httptest.Server
	trust                   *http.Client
	valid, expired, unknown string // paths of certificates
}

func newCity(t *testing.T) *city { return newCityAt(t, host.Simulated(1).Clock) }

func newCityAt(t *testing.T, clock host.Clock) *city {
	h := *host.Real(t.TempDir())
	h.Clock = clock
	c := &city{host: &h}
	file := func(name string, valid time.Duration) (string, *x509.Certificate) {
		certificate, pem, err := entra.ClientCertificate(clock.Now(), valid, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem, 0o600); err != nil {
			t.Fatal(err)
		}
		return path, certificate
	}
	var registered, old *x509.Certificate
	c.valid, registered = file("valid.pem", 10*365*24*time.Hour)
	c.expired, old = file("expired.pem", -time.Hour)
	c.unknown, _ = file("unknown.pem", 10*365*24*time.Hour)
	var err error
	c.twin, err = entra.New(entra.Options{
		Tenant: tenant, Audiences: []string{audience}, Now: h.Clock.Now, Rand: rand.Reader,
		Clients: []entra.Client{{ID: clientID, Secret: secret, Certificates: []*x509.Certificate{registered, old}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	certificate, ca, err := entra.ServerCertificate(time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.server = httptest.NewUnstartedServer(c.twin)
	c.server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that distrust it are part of the tests
	c.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	c.server.StartTLS()
	t.Cleanup(c.server.Close)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	c.trust = odata.NewHTTPClient()
	c.trust.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
	return c
}

func (c *city) auth(change func(a *model.Auth)) (*auth.Provider, error) {
	a := &model.Auth{Kind: "client_secret", Authority: c.server.URL, TenantID: tenant, ClientID: clientID, ClientSecret: model.NewSecret(secret)}
	if change != nil {
		change(a)
	}
	return auth.New(auth.Options{Auth: a, HTTP: c.trust, Clock: c.host.Clock, ReadFile: os.ReadFile})
}

// TestTwins runs everything that can share one sign-in twin.
func TestTwins(t *testing.T) {
	c := newCity(t)
	for _, test := range []struct {
		name string
		run  func(t *testing.T, c *city)
	}{
		{"Dataverse", testDataverse},
		{"Dataverse without bulk messages", testDataverseWithoutBulkMessages},
		{"Dataverse states", testDataverseStates},
		{"Dataverse missing target", testDataverseMissingTarget},
		{"FnO", testFnO},
		{"Dataverse schema", testDataverseSchema},
		{"Dataverse values", testDataverseValues},
		{"Dataverse routes", testDataverseRoutes},
		{"Dataverse loses nothing of a batch", testDataverseLosesNothingOfABatch},
		{"Dataverse changes", testDataverseChanges},
		{"Dataverse tags and conditions", testDataverseTagsAndConditions},
		{"Dataverse references", testDataverseReferences},
		{"Dataverse gone status means expired", testDataverseGoneStatusMeansExpired},
		{"FnO schema", testFnOSchema},
		{"FnO values", testFnOValues},
		{"FnO pages by key and company", testFnOPagesByKeyAndCompany},
		{"FnO addresses", testFnOAddresses},
		{"FnO refusals are readable", testFnORefusalsAreReadable},
		{"FnO writes are not repeated blindly", testFnOWritesAreNotRepeatedBlindly},
		{"FnO packages", testFnOPackages},
		{"FnO package rows", testFnOPackageRows},
		{"FnO packages disturbed", testFnOPackagesDisturbed},
		{"FnO packages need a project", testFnOPackagesNeedAProject},
		{"FnO exports", testFnOExports},
		{"FnO exports disturbed", testFnOExportsDisturbed},
		{"FnO exports need a project", testFnOExportsNeedAProject},
		{"Sign in failures", testSignInFailures},
		{"Tokens are shared and renewed", testTokensAreSharedAndRenewed},
		{"Unreachable service", testUnreachableService},
		{"Service that disappears", testServiceThatDisappears},
		{"Service without sign in on the twin", testServiceWithoutSignInOnTheTwin},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c) })
	}
}

// world is one data twin behind a gate.
type world struct {
	*city
	t    *testing.T
	gate *gate.Gate
	log  *gate.Log
	data *httptest.Server
}

func newWorld(t *testing.T, c *city) *world {
	w := &world{city: c, t: t}
	var err error
	if w.log, err = gate.NewLog(""); err != nil {
		t.Fatal(err)
	}
	w.gate = gate.New(gate.Options{Now: c.host.Clock.Now, Log: w.log, Auth: c.twin.Auth(audience)})
	return w
}

func (w *world) serve(name string, handler http.Handler) {
	w.data = httptest.NewServer(w.gate.Wrap(name, handler))
	w.t.Cleanup(w.data.Close)
}

// tokens gives a source with a cache of its own.
func (w *world) tokens() auth.Source {
	p, err := w.auth(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.For(audience)
}

func (w *world) budget() limit.Budget { return limit.New(limit.Options{Clock: w.host.Clock}) }

func (w *world) bench(c connect.Connector, set, name string, create func(t *schema.Table, n int) connect.Write) conformance.Bench {
	return conformance.Bench{
		Connector: c, Set: set, Name: name, Pages: 10, Create: create,
		Disturb: func(d conformance.Disturbance, method, path string, count int) {
			w.gate.ClearFaults()
			w.gate.Inject(gate.Fault{Method: method, PathContains: path, Count: count, Kind: gate.Kind(d), RetryAfter: 3})
		},
		Requests: func() []conformance.Request {
			var out []conformance.Request
			for _, e := range w.log.Entries() {
				out = append(out, conformance.Request{Method: e.Method, URL: e.URL, Status: e.Status, Token: e.Token, Writes: len(e.Writes)})
			}
			return out
		},
	}
}

func testDataverse(t *testing.T, c *city) { conformance.Run(t, accounts(c)) }

func testDataverseStates(t *testing.T, c *city) { conformance.States(t, accounts(c)) }

func accounts(c *city) func(t *testing.T) conformance.Bench {
	return func(t *testing.T) conformance.Bench {
		w := newWorld(t, c)
		w.dataverse(nil)
		return w.bench(w.dataverseConnector(nil), "accounts", "name", func(table *schema.Table, n int) connect.Write {
			return connect.Write{
				Create: true, Bulk: true, Row: connect.RowID{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)},
				Values: []connect.ColumnValue{
					{Field: table.Field("name"), Value: value.NewText(fmt.Sprintf("Row %d", n))},
					{Field: table.Field("accountnumber"), Value: value.NewText(fmt.Sprintf("A-%d", n))},
				},
			}
		})
	}
}

func testDataverseWithoutBulkMessages(t *testing.T, c *city) {
	conformance.Run(t, func(t *testing.T) conformance.Bench {
		w := newWorld(t, c)
		w.dataverse(nil)
		return w.bench(w.dataverseConnector(nil), "plains", "name", func(table *schema.Table, n int) connect.Write {
			return connect.Write{
				Create: true, Row: connect.RowID{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)},
				Values: []connect.ColumnValue{{Field: table.Field("name"), Value: value.NewText(fmt.Sprintf("Row %d", n))}},
			}
		})
	})
}

func testFnO(t *testing.T, c *city) {
	conformance.Run(t, func(t *testing.T) conformance.Bench {
		w := newWorld(t, c)
		w.fno()
		return w.bench(w.fnoConnector(), "CustomerGroups", "Description", func(table *schema.Table, n int) connect.Write {
			return connect.Write{Create: true, Values: []connect.ColumnValue{
				{Field: table.Field("dataAreaId"), Value: value.NewText([]string{"usmf", "DEMF"}[n%2])},
				{Field: table.Field("CustomerGroupId"), Value: value.NewText(fmt.Sprintf("G/'*%d", n))},
				{Field: table.Field("Description"), Value: value.NewText(fmt.Sprintf("Row %d", n))},
			}}
		})
	})
}

func (w *world) dataverse(change func(o *dvtwin.Options)) *dvtwin.Twin {
	o := dvtwin.Options{Path: filepath.Join(w.t.TempDir(), "dataverse.db"), Tables: tables(), Now: w.host.Clock.Now, NewID: w.host.Random.NewID}
	if change != nil {
		change(&o)
	}
	twin, err := dvtwin.Open(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.serve("dataverse", twin)
	w.t.Cleanup(func() { twin.Close() })
	return twin
}

func (w *world) dataverseConnector(change func(o *dataverse.Options)) connect.Connector {
	o := dataverse.Options{URL: w.data.URL, HTTP: odata.NewHTTPClient(), Tokens: w.tokens(), Budget: w.budget(), Host: w.host, PageSize: 10}
	if change != nil {
		change(&o)
	}
	c, err := dataverse.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) fno() *fnotwin.Twin {
	twin, err := fnotwin.Open(w.t.Context(), fnotwin.Options{Path: filepath.Join(w.t.TempDir(), "fno.db"), Entities: entities(), Enums: enums(), Random: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	w.serve("fno", twin)
	w.t.Cleanup(func() { twin.Close() })
	return twin
}

func (w *world) fnoConnector() connect.Connector {
	c, err := fno.New(fno.Options{URL: w.data.URL, HTTP: odata.NewHTTPClient(), Tokens: w.tokens(), Budget: w.budget(), Host: w.host, PageSize: 10, User: clientID})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func column(name, kind string, change ...func(*catalog.Column)) catalog.Column {
	c := catalog.Column{LogicalName: name, SchemaName: strings.ToUpper(name[:1]) + name[1:], Type: kind, Required: "None", Create: true, Update: true, Read: true}
	for _, f := range change {
		f(&c)
	}
	return c
}

func length(n int) func(*catalog.Column) { return func(c *catalog.Column) { c.MaxLength = n } }

func idColumn(name string) catalog.Column {
	return column(name, "UniqueidentifierType", func(c *catalog.Column) { c.Update, c.Required = false, "SystemRequired" })
}

func to(targets ...string) func(*catalog.Column) {
	return func(c *catalog.Column) {
		for i := 0; i < len(targets); i += 2 {
			c.Targets = append(c.Targets, catalog.Target{Table: targets[i], NavigationProperty: targets[i+1]})
		}
	}
}

// computed is a column that only the server writes.
func computed(c *catalog.Column) { c.Create, c.Update = false, false }

func tables() []catalog.Table {
	return []catalog.Table{
		{LogicalName: "account", SchemaName: "Account", EntitySet: "accounts", PrimaryID: "accountid", PrimaryName: "name", Ownership: "UserOwned",
			ChangeTracking: true, OptimisticConcurrency: true, Messages: []string{"CreateMultiple", "UpdateMultiple"},
			Keys: []catalog.Key{{LogicalName: "accountkey", Columns: []string{"accountnumber"}, Status: "Active"}},
			Columns: []catalog.Column{
				idColumn("accountid"), column("name", "StringType", length(160)), column("accountnumber", "StringType", length(20)),
				column("creditlimit", "MoneyType", func(c *catalog.Column) { c.Precision, c.Min, c.Max = 2, "0", "100000000000" }),
				column("creditlimit_base", "MoneyType", computed, func(c *catalog.Column) { c.Precision = 2 }),
				column("deals", "IntegerType", computed), column("deals_date", "DateTimeType", computed), column("deals_state", "IntegerType", computed),
				column("industrycode", "PicklistType", func(c *catalog.Column) {
					c.Options = []catalog.Option{{Value: 1, Label: "Accounting"}, {Value: 9, Label: "Other"}}
				}),
				column("hobbies", "MultiSelectPicklistType", func(c *catalog.Column) { c.Options = []catalog.Option{{Value: 1}, {Value: 9}} }),
				column("onhold", "BooleanType"), column("employees", "IntegerType"), column("rate", "DoubleType", func(c *catalog.Column) { c.Precision = 3 }),
				column("founded", "DateTimeType", func(c *catalog.Column) { c.DateTimeBehavior = "DateOnly" }), column("seen", "DateTimeType"),
				column("msdyn_company", "LookupType", to("cdm_company", "msdyn_Company_Nav")),
				column("customerid", "CustomerType", to("account", "customerid_account", "contact", "customerid_contact")),
				column("ownerid", "OwnerType", to("systemuser", "ownerid", "team", "ownerid"), func(c *catalog.Column) { c.Required = "SystemRequired" }),
				column("statecode", "StateType", func(c *catalog.Column) {
					c.Required, c.Options = "SystemRequired", []catalog.Option{{Value: 0, Label: "Active"}, {Value: 1, Label: "Inactive"}}
				}),
				column("statuscode", "StatusType", func(c *catalog.Column) {
					c.Options = []catalog.Option{{Value: 1, Label: "Active", State: 0}, {Value: 2, Label: "Inactive", State: 1}}
				}),
			}},
		{LogicalName: "contact", SchemaName: "Contact", EntitySet: "contacts", PrimaryID: "contactid", PrimaryName: "fullname", Ownership: "UserOwned",
			ChangeTracking: true, OptimisticConcurrency: true, Columns: []catalog.Column{idColumn("contactid"), column("fullname", "StringType", length(100))}},
		{LogicalName: "plain", SchemaName: "Plain", EntitySet: "plains", PrimaryID: "plainid", PrimaryName: "name", Ownership: "OrganizationOwned",
			OptimisticConcurrency: true, Columns: []catalog.Column{idColumn("plainid"), column("name", "StringType", length(50))}},
		{LogicalName: "cdm_company", SchemaName: "cdm_Company", EntitySet: "cdm_companies", PrimaryID: "cdm_companyid", PrimaryName: "cdm_name", Ownership: "OrganizationOwned",
			ChangeTracking: true, OptimisticConcurrency: true,
			Columns: []catalog.Column{idColumn("cdm_companyid"), column("cdm_name", "StringType", length(100)), column("cdm_companycode", "StringType", length(4))}},
	}
}

func property(name, edm string, change ...func(*catalog.Property)) catalog.Property {
	p := catalog.Property{Name: name, Type: edm, AllowEdit: true, AllowEditOnCreate: true}
	for _, f := range change {
		f(&p)
	}
	return p
}

func keyPart(p *catalog.Property) { p.AllowEdit, p.Mandatory = false, true }

func enums() []catalog.Enum {
	return []catalog.Enum{
		{Name: "NoYes", Members: []catalog.Member{{Name: "No"}, {Name: "Yes", Value: 1}}},
		{Name: "Zone", Members: []catalog.Member{{Name: "GMT", Value: 1}}},
	}
}

func entities() []catalog.Entity {
	return []catalog.Entity{
		{Name: "CustomerGroup", EntitySet: "CustomerGroups", AOT: "CustCustomerGroupEntity", Label: "Customer groups", Key: []string{"dataAreaId", "CustomerGroupId"}, CompanySpecific: true, Sources: 3,
			Properties: []catalog.Property{
				property("dataAreaId", "Edm.String", keyPart), property("CustomerGroupId", "Edm.String", keyPart, func(p *catalog.Property) { p.MaxLength = 10 }),
				property("Description", "Edm.String", func(p *catalog.Property) { p.MaxLength = 60 }),
				property("IsTaxed", "NoYes"), property("Zone", "Zone"), property("Rate", "Edm.Decimal"), property("Days", "Edm.Int32"), property("Big", "Edm.Int64"),
				property("Since", "Edm.DateTimeOffset", func(p *catalog.Property) { p.Date = true }), property("Seen", "Edm.DateTimeOffset"), property("Ref", "Edm.Guid"),
			}},
		{Name: "Currency", EntitySet: "Currencies", AOT: "CurrencyEntity", Label: "Currencies", Key: []string{"CurrencyCode"}, Sources: 1,
			Properties: []catalog.Property{property("CurrencyCode", "Edm.String", keyPart), property("Name", "Edm.String")}},
	}
}
