package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/entra"
)

// environments is a link to real addresses, as users write it.
type environments struct {
	fno, dataverse, authority, tenant, client string
	secret                                    string // given by the environment, never in the file
	certificate                               string // path; in place of the secret
}

func (e environments) configuration() string {
	kind, credential := "client_secret", "client_secret = var.secret"
	if e.certificate != "" {
		kind, credential = "certificate", fmt.Sprintf("certificate_path = %q", e.certificate)
	}
	return fmt.Sprintf(`variable "secret" {
  type      = string
  sensitive = true
}

link "main" {
  fno {
    url = %q
  }
  dataverse {
    url = %q
  }
  auth %q {
    authority = %q
    tenant_id = %q
    client_id = %q
    %s
  }
  companies = ["USMF"]
}

map "currencies" {
  fno       = "Currencies"
  dataverse = "transactioncurrencies"
  key       = { CurrencyCode = "isocurrencycode" }

  fields "both" {
    Name = "currencyname"
  }
}
`, e.fno, e.dataverse, kind, e.authority, e.tenant, e.client, credential)
}

// processDW runs dw in a process of its own: which certificates are trusted and
// which proxies are used is read from its environment once.
func processDW(t *testing.T, env []string, args ...string) (out, talk string, code int) {
	t.Helper()
	cmd := exec.Command("dw", args...)
	cmd.Env = append(os.Environ(), env...)
	var o, e strings.Builder
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// Everything that can go wrong before the first row has a code of its own, ends
// with exit code 1 and shows no secret.
func TestConnectionMistakes(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the twin's certificate is made trusted by SSL_CERT_FILE, which this system does not look at")
	}
	served := t.TempDir()
	write(t, filepath.Join(served, "contoso.dw.hcl"), goodLink)
	_, a := serveTwins(t, served)
	trusted := filepath.Join(served, "ca.pem")
	closed := closedAddress(t)
	other := otherAuthority(t, a, "http://"+closed)
	write(t, trusted, a.CAPEM+string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw})))
	expired, mine := filepath.Join(served, "expired.pem"), filepath.Join(served, "unregistered.pem")
	now := time.Now()
	write(t, expired, clientCertificate(t, now.AddDate(0, -2, 0), now.AddDate(0, -1, 0)))
	write(t, mine, clientCertificate(t, now.AddDate(0, -1, 0), now.AddDate(0, 1, 0)))

	right := func() environments {
		return environments{fno: a.FnO, dataverse: a.Dataverse, authority: a.Entra, tenant: a.Tenant, client: a.ClientID, secret: a.ClientSecret}
	}
	const secret = "s3cr3t-that-is-wrong"
	for _, test := range []struct {
		name   string
		change func(e *environments)
		ca     string
		want   string // "" for success
	}{
		{"all right", func(*environments) {}, trusted, ""},
		{"service unreachable", func(e *environments) { e.fno, e.authority = "http://"+closed, other.URL }, trusted, diag.CodeServiceUnreachable},
		{"token of another tenant", func(e *environments) { e.authority = other.URL }, trusted, diag.CodeTokenRefused},
		{"unknown environment", func(e *environments) { e.fno = "http://" + closed }, trusted, diag.CodeSignInRefused},
		{"sign-in unreachable", func(e *environments) { e.authority = "https://" + closed }, trusted, diag.CodeAuthorityUnreachable},
		{"sign-in not trusted", func(*environments) {}, "", diag.CodeServerUntrusted},
		{"wrong secret", func(e *environments) { e.secret = secret }, trusted, diag.CodeSecretRefused},
		{"unknown application", func(e *environments) { e.client = "00000000-0000-0000-0000-000000000001" }, trusted, diag.CodeApplicationUnknown},
		{"expired certificate", func(e *environments) { e.certificate = expired }, trusted, diag.CodeCertificateExpired},
		{"unregistered certificate", func(e *environments) { e.certificate = mine }, trusted, diag.CodeCertificateRefused},
		{"certificate missing", func(e *environments) { e.certificate = "none.pem" }, trusted, diag.CodeCertificateUnusable},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, dir := right(), t.TempDir()
			test.change(&e)
			write(t, filepath.Join(dir, "main.dw.hcl"), e.configuration())
			env := []string{"DW_VAR_secret=" + e.secret, "HTTP_PROXY=", "HTTPS_PROXY=", "ALL_PROXY=", "http_proxy=", "https_proxy=", "all_proxy="}
			if test.ca != "" {
				env = append(env, "SSL_CERT_FILE="+test.ca)
			}
			for _, args := range [][]string{{"plan"}, {"plan", "-json"}} {
				out, talk, code := processDW(t, env, append([]string{"-chdir", dir}, args...)...)
				assertNoSecret(t, out+talk, e, a)
				if test.want == "" {
					if code != exitDone {
						t.Fatalf("exit code %d\n%s%s", code, out, talk)
					}
					continue
				}
				if code != exitError {
					t.Errorf("exit code %d, want %d", code, exitError)
				}
				if len(args) == 1 {
					if out != "" || !strings.HasPrefix(talk, "error "+test.want+": ") || !strings.Contains(talk, "\n  hint: ") {
						t.Errorf("want %s with a hint on standard error only:\n%s%s", test.want, out, talk)
					}
					continue
				}
				if l := decodeDiagnostics(t, out); len(l) != 1 || l[0].Code != test.want || talk != "" {
					t.Errorf("want %s alone:\n%s%s", test.want, out, talk)
				}
			}
			assertNoSecretInFiles(t, dir, e, a)
		})
	}
}

// A syntax error is a diagnostic of its own and keeps nothing else from being
// said.
func TestSyntaxError(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.dw.hcl"), "link \"main\" {\n  companies = [\"USMF\"\n}\n")
	write(t, filepath.Join(dir, "b.dw.hcl"), "enum \"x\" {\n  value = {}\n}\n")
	got := map[string]string{}
	for _, d := range planDiagnostics(t, dir) {
		got[d.Code] = fmt.Sprintf("%s:%d", d.Subject.File, d.Subject.Start.Line)
	}
	if got[diag.CodeSyntax] == "" || !strings.HasPrefix(got[diag.CodeSyntax], "a.dw.hcl:") {
		t.Errorf("no syntax error in a.dw.hcl: %v", got)
	}
	if got[diag.CodeUnknownAttr] != "b.dw.hcl:2" {
		t.Errorf("the mistake in the other file is not told: %v", got)
	}
}

// secretsOf lists what must never be shown.
func secretsOf(e environments, a sandbox.Addresses) []string {
	return []string{e.secret, a.ClientSecret, "-----BEGIN", "eyJ"} // a private key, a token
}

func assertNoSecret(t *testing.T, text string, e environments, a sandbox.Addresses) {
	t.Helper()
	for i, s := range secretsOf(e, a) {
		if strings.Contains(text, s) {
			t.Errorf("secret %d is shown", i)
		}
	}
}

// assertNoSecretInFiles looks through what dw left in a folder.
func assertNoSecretInFiles(t *testing.T, dir string, e environments, a sandbox.Addresses) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		assertNoSecret(t, string(b), e, a)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// otherAuthority is a sign-in service that gives tokens for one more address,
// which the environments of the twins do not take.
func otherAuthority(t *testing.T, a sandbox.Addresses, environment string) *httptest.Server {
	t.Helper()
	twin, err := entra.New(entra.Options{
		Tenant: a.Tenant, Clients: []entra.Client{{ID: a.ClientID, Secret: a.ClientSecret}},
		Audiences: []string{environment, a.FnO, a.Dataverse}, Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(twin)
	t.Cleanup(s.Close)
	return s
}

// closedAddress is one on loopback that refuses connections.
func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// clientCertificate makes a certificate of an application with its private key.
func clientCertificate(t *testing.T, from, to time.Time) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "dw test"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}
