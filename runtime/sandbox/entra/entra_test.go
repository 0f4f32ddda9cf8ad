package entra

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

const (
	tenant   = "11111111-2222-4333-8444-555555555555"
	client   = "aaaaaaaa-2222-4333-8444-555555555555"
	resource = "http://127.0.0.1:4711"
)

// bench is a twin behind TLS.
type bench struct {
	twin   *Twin
	http   *http.Client
	url    string
	offset atomic.Int64 // moves the twin's clock
}

func (b *bench) now() time.Time { return time.Now().Add(time.Duration(b.offset.Load())) }

func newBench(t *testing.T, certs ...*x509.Certificate) *bench {
	t.Helper()
	b := &bench{}
	twin, err := New(Options{Tenant: tenant, Clients: []Client{{ID: client, Secret: "s3cret", Certificates: certs}}, Audiences: []string{resource + "/"}, Now: b.now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	cert, ca, err := ServerCertificate(time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(twin)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		t.Fatal("the CA is not readable")
	}
	b.twin, b.url = twin, server.URL
	b.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

func (b *bench) acquire(cred msal.Credential, id, tenant string, scopes ...string) (msal.AuthResult, error) {
	app, err := msal.New(b.url+"/"+tenant, id, cred, msal.WithInstanceDiscovery(false), msal.WithHTTPClient(b.http))
	if err != nil {
		return msal.AuthResult{}, err
	}
	return app.AcquireTokenByCredential(context.Background(), scopes)
}

func secret(t *testing.T, s string) msal.Credential {
	t.Helper()
	c, err := msal.NewCredFromSecret(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func certificate(t *testing.T, pem []byte) msal.Credential {
	t.Helper()
	certs, key, err := msal.CertFromPEM(pem, "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := msal.NewCredFromCert(certs, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMSAL(t *testing.T) {
	good, goodPEM, err := ClientCertificate(time.Now(), time.Hour, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, oldPEM, err := ClientCertificate(time.Now(), -time.Hour, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, otherPEM, err := ClientCertificate(time.Now(), time.Hour, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, good, old)
	const scope = resource + "/.default"
	for _, c := range []struct {
		name   string
		cred   msal.Credential
		client string
		tenant string
		scope  string
		want   string
	}{
		{"secret", secret(t, "s3cret"), client, tenant, scope, ""},
		{"certificate", certificate(t, goodPEM), client, tenant, scope, ""},
		{"wrong secret", secret(t, "wrong"), client, tenant, scope, "AADSTS7000215"},
		{"unknown application", secret(t, "s3cret"), tenant, tenant, scope, "AADSTS700016"},
		{"unknown certificate", certificate(t, otherPEM), client, tenant, scope, "AADSTS700027"},
		{"expired certificate", certificate(t, oldPEM), client, tenant, scope, "The key used is expired"},
		{"unknown tenant", secret(t, "s3cret"), client, client, scope, "AADSTS90002"},
		{"unknown scope", secret(t, "s3cret"), client, tenant, "http://127.0.0.1:1/.default", "AADSTS70011"},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := b.acquire(c.cred, c.client, c.tenant, c.scope)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := b.twin.Verify(result.AccessToken, resource); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Error("the secret is in the error")
			}
		})
	}
}

func TestVerify(t *testing.T) {
	b, other := newBench(t), newBench(t)
	result, err := b.acquire(secret(t, "s3cret"), client, tenant, resource+"/.default")
	if err != nil {
		t.Fatal(err)
	}
	token := result.AccessToken
	if err := b.twin.Verify(token, "http://127.0.0.1:1"); err == nil {
		t.Error("a token for another resource is taken")
	}
	if err := other.twin.Verify(token, resource); err == nil {
		t.Error("a token of another twin is taken")
	}
	parts := strings.Split(token, ".")
	if err := b.twin.Verify(parts[0]+"."+parts[1]+"."+strings.Repeat("A", len(parts[2])), resource); err == nil {
		t.Error("a forged token is taken")
	}
	for _, bad := range []string{"", "a.b.c", "..", token + "x.y"} {
		if err := b.twin.Verify(bad, resource); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	b.offset.Store(int64(2 * time.Hour))
	if err := b.twin.Verify(token, resource); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an expired token: %v", err)
	}
	auth := b.twin.Auth(resource)
	r := httptest.NewRequest("GET", "/", nil)
	if err := auth(r); err == nil {
		t.Error("a request without a token is taken")
	}
	b.offset.Store(0)
	r.Header.Set("Authorization", "Bearer "+token)
	if err := auth(r); err != nil {
		t.Error(err)
	}
}

// TestAssertion sends the same assertion twice and one for another audience.
func TestAssertion(t *testing.T) {
	cert, pem, err := ClientCertificate(time.Now(), time.Hour, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, cert)
	var form url.Values
	catcher := &catch{next: b.http.Transport, form: &form}
	b.http.Transport = catcher
	if _, err := b.acquire(certificate(t, pem), client, tenant, resource+"/.default"); err != nil {
		t.Fatal(err)
	}
	post := func(f url.Values) string {
		res, err := b.http.PostForm(b.url+"/"+tenant+"/oauth2/v2.0/token", f)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if form.Get("client_assertion") == "" {
		t.Fatal("no assertion was sent")
	}
	if got := post(form); !strings.Contains(got, "AADSTS700027") || !strings.Contains(got, "used before") {
		t.Errorf("a replayed assertion: %s", got)
	}
	form.Set("client_assertion", form.Get("client_assertion")[:40])
	if got := post(form); !strings.Contains(got, "AADSTS700027") {
		t.Errorf("a broken assertion: %s", got)
	}
	form.Del("client_assertion")
	if got := post(form); !strings.Contains(got, "AADSTS7000218") {
		t.Errorf("no credential: %s", got)
	}
	form.Set("grant_type", "password")
	if got := post(form); !strings.Contains(got, "AADSTS70003") {
		t.Errorf("another grant: %s", got)
	}
}

// catch remembers the form of token requests.
type catch struct {
	next http.RoundTripper
	form *url.Values
}

func (c *catch) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if f, err := url.ParseQuery(string(body)); err == nil && f.Get("client_assertion") != "" {
			*c.form = f
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	return c.next.RoundTrip(r)
}

func TestOptions(t *testing.T) {
	if _, err := New(Options{Tenant: "x", Now: time.Now, Rand: rand.Reader}); err == nil {
		t.Error("a tenant that is no guid is taken")
	}
	if _, err := New(Options{Tenant: tenant}); err == nil {
		t.Error("no clock is taken")
	}
	if _, _, err := ServerCertificate(time.Now(), strings.NewReader("")); !errors.Is(err, io.EOF) {
		t.Errorf("no randomness: %v", err)
	}
}

func FuzzParseJWT(f *testing.F) {
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJFUzI1NiJ9.eyJhdWQiOlsieCJdLCJleHAiOjFlOTl9.AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		h, c, err := parseJWT(token)
		if err == nil {
			_ = seconds(c.Expires)
			if strings.Count(token, ".") != 2 || len(h.unverified) == 0 {
				t.Errorf("%q is taken", token)
			}
		}
	})
}

// TestBasic signs in with the credentials in the Authorization header, as
// @odata/client does where it is not told otherwise.
func TestBasic(t *testing.T) {
	b := newBench(t)
	ask := func(id, secret string, form url.Values) (int, string) {
		t.Helper()
		form.Set("grant_type", "client_credentials")
		form.Set("scope", resource+"/.default")
		r, err := http.NewRequest(http.MethodPost, b.url+"/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(id, secret)
		resp, err := b.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for name, c := range map[string]struct {
		id, secret string
		form       url.Values
		status     int
		part       string
	}{
		"header only":           {client, "s3cret", url.Values{}, 200, `"access_token":"`},
		"percent-encoded":       {client, "s%33cret", url.Values{}, 200, `"access_token":"`},
		"id in both":            {client, "s3cret", url.Values{"client_id": {client}}, 200, `"access_token":"`},
		"wrong secret":          {client, "other", url.Values{}, 401, "AADSTS7000215"},
		"no secret":             {client, "", url.Values{}, 401, "AADSTS7000218"},
		"unknown client":        {tenant, "s3cret", url.Values{}, 400, "AADSTS700016"},
		"secret of another":     {tenant, "s3cret", url.Values{"client_id": {client}}, 401, "AADSTS7000218"},
		"the body has its own":  {client, "other", url.Values{"client_id": {client}, "client_secret": {"s3cret"}}, 200, `"access_token":"`},
		"the body's is a wrong": {client, "s3cret", url.Values{"client_id": {client}, "client_secret": {"other"}}, 401, "AADSTS7000215"},
	} {
		if status, body := ask(c.id, c.secret, c.form); status != c.status || !strings.Contains(body, c.part) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
