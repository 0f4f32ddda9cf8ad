package conformance_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
)

func code(t *testing.T, err error) string {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) || len(f.List) != 1 {
		t.Fatalf("no diagnostic: %v", err)
	}
	d := f.List[0]
	if strings.Contains(d.Summary+d.Detail+d.Hint+err.Error(), secret) {
		t.Fatalf("the secret is shown: %+v", d)
	}
	if d.Summary == "" || d.Hint == "" {
		t.Fatalf("says too little: %+v", d)
	}
	return d.Code
}

// nobody is an address that refuses connections.
func nobody(t *testing.T) string {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	return l.Addr().String()
}

func testSignInFailures(t *testing.T, c *city) {
	certificate := func(path *string) func(a *model.Auth) {
		return func(a *model.Auth) { a.Kind, a.CertificatePath = "certificate", *path }
	}
	missing := c.valid + ".missing"
	for name, test := range map[string]struct {
		change func(a *model.Auth)
		want   string
	}{
		"wrong secret":                {func(a *model.Auth) { a.ClientSecret = model.NewSecret(secret + "x") }, diag.CodeSecretRefused},
		"empty secret":                {func(a *model.Auth) { a.ClientSecret = model.Secret{} }, diag.CodeSecretRefused},
		"unknown application":         {func(a *model.Auth) { a.ClientID = guid(1) }, diag.CodeApplicationUnknown},
		"unknown tenant":              {func(a *model.Auth) { a.TenantID = guid(1) }, diag.CodeApplicationUnknown},
		"expired certificate":         {certificate(&c.expired), diag.CodeCertificateExpired},
		"certificate not registered":  {certificate(&c.unknown), diag.CodeCertificateRefused},
		"certificate missing":         {certificate(&missing), diag.CodeCertificateUnusable},
		"authority unreachable":       {func(a *model.Auth) { a.Authority = "https://" + nobody(t) }, diag.CodeAuthorityUnreachable},
		"authority no address":        {func(a *model.Auth) { a.Authority = "login" }, diag.CodeBadAddress},
		"authority not encrypted":     {func(a *model.Auth) { a.Authority = "http://127.0.0.1" }, diag.CodeBadAddress},
		"kind that is not there yet":  {func(a *model.Auth) { a.Kind = "device_code" }, diag.CodeSignInRefused},
		"authority that is something": {func(a *model.Auth) { a.Authority += "/else" }, diag.CodeUnexpectedAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := c.auth(test.change)
			if err == nil {
				_, err = p.For(audience).Token(t.Context(), "")
			}
			if got := code(t, err); got != test.want {
				t.Fatalf("%s, want %s: %v", got, test.want, err)
			}
		})
	}
	p := must(c.auth(nil))(t)
	if _, err := p.For("https://elsewhere.test").Token(t.Context(), ""); code(t, err) != diag.CodeSignInRefused {
		t.Fatal(err)
	}
	// Without the twin's certificate authority its server is not trusted.
	a := &model.Auth{Kind: "client_secret", Authority: c.server.URL, TenantID: tenant, ClientID: clientID, ClientSecret: model.NewSecret(secret)}
	p = must(auth.New(auth.Options{Auth: a, HTTP: odata.NewHTTPClient(), Clock: c.host.Clock}))(t)
	if _, err := p.For(audience).Token(t.Context(), ""); code(t, err) != diag.CodeServerUntrusted {
		t.Fatal(err)
	}
}

func TestSignInByCertificate(t *testing.T) {
	// The library stamps its assertion with the process's clock.
	w := newWorld(t, newCityAt(t, host.Real("").Clock))
	w.dataverse(nil)
	p := must(w.auth(func(a *model.Auth) {
		a.Kind, a.CertificatePath, a.ClientSecret = "certificate", w.valid, model.Secret{}
	}))(t)
	c := must(dataverse.New(dataverse.Options{URL: w.data.URL, HTTP: odata.NewHTTPClient(), Tokens: p.For(audience), Budget: w.budget(), Host: w.host}))(t)
	if who, err := c.Identity(t.Context()); err != nil || who.User == "" {
		t.Fatal(who, err)
	}
}

func TestCertificateThatEndsDuringARun(t *testing.T) {
	c := newCity(t)
	p := must(c.auth(func(a *model.Auth) { a.Kind, a.CertificatePath = "certificate", c.valid }))(t)
	if err := c.host.Clock.Sleep(t.Context(), 11*365*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := p.For(audience).Token(t.Context(), ""); code(t, err) != diag.CodeCertificateExpired {
		t.Fatal(err)
	}
}

func testTokensAreSharedAndRenewed(t *testing.T, c *city) {
	s := must(c.auth(nil))(t).For(audience)
	got := make([]string, 20)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i], _ = s.Token(context.Background(), "") })
	}
	wg.Wait()
	for _, token := range got {
		if token == "" || token != got[0] {
			t.Fatal("callers at the same time got different tokens")
		}
	}
	wait := func(d time.Duration) string {
		if err := c.host.Clock.Sleep(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		return must(s.Token(t.Context(), ""))(t)
	}
	if wait(30*time.Minute) != got[0] {
		t.Fatal("renewed too early")
	}
	renewed := wait(26 * time.Minute)
	if renewed == got[0] {
		t.Fatal("not renewed four minutes before its end")
	}
	if again := must(s.Token(t.Context(), renewed))(t); again == renewed || again == "" {
		t.Fatal("a refused token was given again")
	}
}

func testUnreachableService(t *testing.T, home *city) {
	w := newWorld(t, home)
	address := nobody(t)
	for _, test := range []struct{ url, want string }{
		{"http://" + address, diag.CodeServiceUnreachable},
		{"https://no-such-host.invalid", diag.CodeServiceUnreachable},
		{w.server.URL, diag.CodeServerUntrusted},
	} {
		c := must(dataverse.New(dataverse.Options{URL: test.url, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: w.budget(), Host: w.host}))(t)
		before := w.host.Clock.Now()
		_, err := c.Identity(t.Context())
		if got := code(t, err); got != test.want || !strings.Contains(err.Error(), strings.SplitN(test.url, "//", 2)[1]) {
			t.Errorf("%s: %v", test.url, err)
		}
		if waited := w.host.Clock.Now().Sub(before); waited > 2*time.Second {
			t.Errorf("first contact waited %v", waited)
		}
	}
	for _, url := range []string{"", "contoso.crm.dynamics.com", "http://contoso.crm.dynamics.com", "ftp://127.0.0.1", "https://u:p@contoso.test"} {
		_, err := dataverse.New(dataverse.Options{URL: url, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: w.budget(), Host: w.host})
		if code(t, err) != diag.CodeBadAddress {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func testServiceThatDisappears(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	account := schemaOf(t, w.dataverseConnector(nil), "accounts")["accounts"]
	c := w.dataverseConnector(nil) // without connections that may still look alive
	w.data.Close()
	results, err := c.Write(t.Context(), account, []connect.Write{{Create: true, Row: connect.RowID{ID: guid(1)}}}, nil)
	if code(t, err) != diag.CodeServiceUnreachable || results[0].Outcome != connect.NotSent {
		t.Fatal(results, err)
	}
}

func testServiceWithoutSignInOnTheTwin(t *testing.T, home *city) {
	w := newWorld(t, home)
	w.dataverse(nil)
	c := must(dataverse.New(dataverse.Options{URL: w.data.URL, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: w.budget(), Host: w.host}))(t)
	if _, err := c.Identity(t.Context()); code(t, err) != diag.CodeTokenRefused {
		t.Fatal(err)
	}
}
