package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

func options(dir string) Options {
	return Options{
		Dir: dir, Seed: 42, Records: 120, Companies: []string{"USMF", "DEMF", "GBSI"},
		Now: time.Now, Sleep: func(context.Context, time.Duration) {}, Rand: rand.Reader,
	}
}

func start(t *testing.T, o Options) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// token signs in with the secret, as an ordinary client would.
func token(t *testing.T, a Addresses, audience string) string {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(a.CAPEM)) {
		t.Fatal("no certificate in CAPEM")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	resp, err := client.PostForm(a.Entra+"/"+a.Tenant+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "scope": {audience + "/.default"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		Description string `json:"error_description"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if answer.AccessToken == "" {
		t.Fatal(answer.Description)
	}
	return answer.AccessToken
}

func get(t *testing.T, address, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func count(t *testing.T, db *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestServesBothTwinsToThoseWhoSignIn(t *testing.T) {
	s := start(t, options(t.TempDir()))
	a := s.Addresses()
	accounts, customers := a.Dataverse+"/api/data/v9.2/accounts?$top=1", a.FnO+"/data/CustomersV3?$top=1&cross-company=true"
	for _, address := range []string{accounts, customers} {
		if status := get(t, address, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without a token: %d", address, status)
		}
	}
	forDataverse, forFnO := token(t, a, a.Dataverse), token(t, a, a.FnO)
	for _, c := range []struct {
		address, token string
		want           int
	}{
		{accounts, forDataverse, http.StatusOK}, {customers, forFnO, http.StatusOK},
		{accounts, forFnO, http.StatusUnauthorized}, {customers, forDataverse, http.StatusUnauthorized},
	} {
		if status := get(t, c.address, c.token); status != c.want {
			t.Errorf("%s: %d, want %d", c.address, status, c.want)
		}
	}
	twins := map[string]int{}
	for _, e := range s.Log().Entries() {
		twins[e.Twin]++
	}
	if twins[DataverseTwin] != 3 || twins[FnOTwin] != 3 || twins[EntraTwin] != 2 {
		t.Errorf("the request log has %v", twins)
	}
	if !a.Alive(t.Context()) {
		t.Error("a running sandbox is not alive")
	}
	s.Inject(gate.Fault{Twin: FnOTwin, Kind: gate.Busy, RetryAfter: 1})
	if status := get(t, customers, forFnO); status != http.StatusTooManyRequests {
		t.Errorf("with a fault: %d", status)
	}
}

// TestCountsMatchTheReport counts rows in both files by SQL.
func TestCountsMatchTheReport(t *testing.T) {
	s := start(t, options(t.TempDir()))
	rep := s.Report()
	customersOf := map[string]string{"accounts": "Organization", "contacts": "Person"}
	for _, m := range rep.Maps {
		inFnO := count(t, s.FnO().DB(), `SELECT count(*) FROM "`+m.EntitySet+`"`)
		if kind := customersOf[m.Map]; kind != "" {
			inFnO = count(t, s.FnO().DB(), `SELECT count(*) FROM CustomersV3 WHERE PartyType = ?`, kind)
		}
		if want := m.OnlyFnO + m.Differ + m.Equal + m.UntouchedFnO; inFnO != want {
			t.Errorf("%s: %d rows in F&O, reported %d", m.Map, inFnO, want)
		}
		inDataverse := count(t, s.Dataverse().DB(), `SELECT count(*) FROM "`+m.Table+`"`)
		if want := m.OnlyDataverse + m.Differ + m.Equal + m.UntouchedDataverse; inDataverse != want {
			t.Errorf("%s: %d rows in Dataverse, reported %d", m.Map, inDataverse, want)
		}
	}
	if n := count(t, s.Dataverse().DB(), `SELECT count(*) FROM accounts a JOIN teams t ON a.ownerid = t.teamid JOIN cdm_companies c ON c.cdm_companyid = a.msdyn_company AND c.cdm_defaultowningteam = t.teamid`); n == 0 {
		t.Error("no account is owned by the team of its company")
	}
}

func TestDataSurvive(t *testing.T) {
	dir := t.TempDir()
	s := start(t, options(dir))
	report := s.Report()
	if _, err := s.FnO().DB().ExecContext(t.Context(), `UPDATE Currencies SET Name = 'changed' WHERE CurrencyCode = 'USD'`); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), options(dir)); !errors.Is(err, ErrInUse) {
		t.Errorf("a second start: %v", err)
	}
	stop(t, s)
	if s.Addresses().Alive(t.Context()) {
		t.Error("a stopped sandbox is alive")
	}
	again := start(t, options(dir))
	if n := count(t, again.FnO().DB(), `SELECT count(*) FROM Currencies WHERE Name = 'changed'`); n != 1 {
		t.Error("the change did not survive")
	}
	if again.Addresses().ID == "" || again.Addresses().ID != s.Addresses().ID {
		t.Errorf("the id was %q and is %q", s.Addresses().ID, again.Addresses().ID)
	}
	if again.Report().Of("accounts") != report.Of("accounts") {
		t.Errorf("the report became %+v", again.Report())
	}
	stop(t, again)
	for _, change := range []func(*Options){
		func(o *Options) { o.Seed++ },
		func(o *Options) { o.Records++ },
	} {
		o := options(dir)
		change(&o)
		if _, err := Start(t.Context(), o); !errors.Is(err, ErrOtherData) || !strings.Contains(err.Error(), "start anew") {
			t.Errorf("other options: %v", err)
		}
	}
	fewer := options(dir)
	fewer.Companies = fewer.Companies[:1]
	stop(t, start(t, fewer)) // what a link covers changes no environment
}

// TestPortsStay: a second start listens where the first one did, unless someone
// else does.
func TestPortsStay(t *testing.T) {
	o := options(t.TempDir())
	s := start(t, o)
	first := s.Addresses()
	stop(t, s)
	if err := os.Remove(filepath.Join(o.Dir, manifestFile)); err != nil {
		t.Fatal(err)
	}
	// If somebody else has just taken the port, it is taken all the same.
	if taken, err := net.Listen("tcp", strings.TrimPrefix(first.FnO, "http://")); err == nil {
		defer taken.Close()
	}
	again := start(t, o).Addresses()
	if again.FnO == first.FnO || again.ID == first.ID {
		t.Errorf("%+v after %+v", again, first)
	}
	// Another process may have taken the free ports in between, so that only one
	// of them has to be the same.
	if again.Dataverse != first.Dataverse && again.Entra != first.Entra {
		t.Errorf("%+v after %+v", again, first)
	}
}

func TestAnInterruptedStartBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	first := start(t, o)
	want := first.Report()
	stop(t, first)
	if err := os.Remove(filepath.Join(dir, manifestFile)); err != nil {
		t.Fatal(err)
	}
	if got := start(t, o).Report().Of("contacts"); got != want.Of("contacts") {
		t.Errorf("%+v, want %+v", got, want.Of("contacts"))
	}
}

func TestNoAuthAndCertificate(t *testing.T) {
	dir := t.TempDir()
	o := options(dir)
	o.NoAuth, o.Certificate = true, true
	s := start(t, o)
	a := s.Addresses()
	if status := get(t, a.FnO+"/data/Currencies?$top=1", ""); status != http.StatusOK {
		t.Errorf("without a token: %d", status)
	}
	info, err := os.Stat(a.CertificatePath)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", a.CertificatePath, info, err)
	}
	before, err := os.ReadFile(a.CertificatePath)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	start(t, o)
	if after, err := os.ReadFile(a.CertificatePath); err != nil || string(after) != string(before) {
		t.Errorf("the certificate changed: %v", err)
	}
}

// TestPagesAreKeptOut sends what a browser sends for a page of somebody else:
// a form or a script that guesses the port, and a name made to point here.
func TestPagesAreKeptOut(t *testing.T) {
	o := options(t.TempDir())
	o.NoAuth = true
	s := start(t, o)
	a := s.Addresses()
	port := a.Dataverse[strings.LastIndexByte(a.Dataverse, ':'):]
	const faults = "/_sandbox/faults"
	for _, c := range []struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		{"POST", "/api/data/v9.2/accounts", "", nil, http.StatusNoContent},
		{"POST", "/api/data/v9.2/accounts", "localhost" + port, nil, http.StatusNoContent},
		{"POST", "/api/data/v9.2/accounts", "", map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		{"POST", "/api/data/v9.2/accounts", "", map[string]string{"Origin": "null"}, http.StatusForbidden},
		{"POST", "/api/data/v9.2/accounts", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"POST", "/api/data/v9.2/accounts", "evil.example" + port, map[string]string{"Origin": "http://evil.example" + port}, http.StatusMisdirectedRequest},
		{"GET", "/api/data/v9.2/accounts", "evil.example" + port, nil, http.StatusMisdirectedRequest},
		{"POST", faults, "", map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
		{"DELETE", faults, "", nil, http.StatusNoContent},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, a.Dataverse+c.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		for name, v := range c.header {
			req.Header.Set(name, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s %s as %q %v: %d, want %d", c.method, c.path, c.host, c.header, resp.StatusCode, c.want)
		}
	}
}

func TestRefusedStarts(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"public address": func(o *Options) { o.FnOAddr = "0.0.0.0:0" },
		"every address":  func(o *Options) { o.FnOAddr = ":0" },
		"too few":        func(o *Options) { o.Records = 5 },
		"bad fault":      func(o *Options) { o.Faults = []gate.Fault{{Kind: "fire"}} },
		"no clock":       func(o *Options) { o.Now = nil },
		"no companies":   func(o *Options) { o.Companies = nil },
	} {
		o := options(t.TempDir())
		change(&o)
		if s, err := Start(t.Context(), o); err == nil {
			stop(t, s)
			t.Errorf("%s was accepted", name)
		}
		if _, err := os.Stat(filepath.Join(o.Dir, manifestFile)); err == nil {
			t.Errorf("%s: a manifest was left", name)
		}
	}
}

func TestAddressesFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.json")
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	want := Addresses{
		Dataverse: "http://127.0.0.1:5001", FnO: "http://127.0.0.1:5002", Entra: "https://127.0.0.1:5003",
		Control: "http://127.0.0.1:5004", ControlKey: "k",
		Tenant: "t", ClientID: "c", ClientSecret: "s", CAPEM: "pem\n", PID: 12,
	}
	if err := Write(path, want); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for _, text := range []string{"", "{", `{"dataverse":"http://192.168.1.1:80","fno":"","entra":""}`, `{"secret":1}`, `{}`, `{} {}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add([]byte(`{"dataverse":"http://127.0.0.1:1","fno":"http://127.0.0.1:2","entra":"https://[::1]:3","control":"http://127.0.0.1:4","pid":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := parseAddresses(text)
		if err != nil {
			return
		}
		for _, u := range a.urls() {
			parsed, err := url.Parse(u)
			if err != nil {
				t.Fatal(err)
			}
			if ip := net.ParseIP(parsed.Hostname()); parsed.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
				t.Errorf("%q was accepted", u)
			}
		}
	})
}

func TestParseFault(t *testing.T) {
	got, err := ParseFault("429 twin=dataverse method=post path=accounts from=3 count=-1 retry_after=5")
	want := gate.Fault{Kind: gate.Busy, Twin: DataverseTwin, Method: "POST", PathContains: "accounts", From: 3, Count: -1, RetryAfter: 5}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"", "fire", "429 twin=crm", "429 from", "429 from=x", "slow delay=2", "429 colour=red", "429 from=-1"} {
		if _, err := ParseFault(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	f.Add("slow twin=fno delay=2s")
	f.Fuzz(func(t *testing.T, text string) {
		if fault, err := ParseFault(text); err == nil && fault.Check() != nil {
			t.Errorf("%q gave %+v", text, fault)
		}
	})
}

// BenchmarkFirstStart makes the data of the default size.
func BenchmarkFirstStart(b *testing.B) {
	for b.Loop() {
		o := options(b.TempDir())
		o.Records = generate.DefaultRecords
		s, err := Start(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
