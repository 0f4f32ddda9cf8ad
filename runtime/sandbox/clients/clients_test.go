// Package clients holds the twins against clients that other people wrote for
// the real systems: DynamicsWebApi for Dataverse, @odata/client for F&O.
package clients

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox"
)

// scriptTime is when a script that hangs is ended.
const scriptTime = 3 * time.Minute

// rig is running twins with Node.js beside them.
type rig struct {
	*sandbox.Sandbox
	node      string
	addresses string // file with the addresses
	authority string // file with the certificate of the sign-in service
}

// newRig starts twins. Without Node.js or the packages the test is skipped,
// unless DW_REQUIRE_NODE is set, as it is in continuous integration.
func newRig(t *testing.T) *rig {
	t.Helper()
	node, err := findNode()
	if err != nil {
		if os.Getenv("DW_REQUIRE_NODE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	s, err := sandbox.Start(t.Context(), sandbox.Options{
		Dir: filepath.Join(dir, "data"), Seed: 7, Records: 200, Companies: []string{"USMF", "DEMF", "GBSI"},
		Now: time.Now, Sleep: func(context.Context, time.Duration) {}, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	r := &rig{Sandbox: s, node: node, addresses: filepath.Join(dir, "sandbox.json"), authority: filepath.Join(dir, "ca.pem")}
	if err := sandbox.Write(r.addresses, s.Addresses()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.authority, []byte(s.Addresses().CAPEM), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// findNode finds Node.js; the clients have to be installed beside this file.
func findNode() (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("Node.js 18 or newer is missing: %w", err)
	}
	if _, err := os.Stat("node_modules"); err != nil {
		return "", fmt.Errorf("the clients are missing, run npm ci in runtime/sandbox/clients: %w", err)
	}
	return node, nil
}

// run runs a script; the steps that it tells go to the test's log.
func (r *rig) run(t *testing.T, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), scriptTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.node, script, r.addresses)
	// Nothing of the machine's environment: a proxy named in it would be asked
	// for addresses on loopback.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "NODE_EXTRA_CA_CERTS=" + r.authority}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	steps := strings.Count("\n"+out.String(), "\nok ")
	if err != nil || steps == 0 {
		t.Fatalf("%s: %v after %d steps\n%s", script, err, steps, out.String())
	}
	t.Logf("%s: %d steps\n%s", script, steps, out.String())
}

// get reads an address of a twin, without any of the clients.
func (r *rig) get(t *testing.T, base, path, query string) (status int, body map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path+"?"+strings.ReplaceAll(query, " ", "%20"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token(t, base))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatalf("%s: %v\n%s", path, err, text)
		}
	}
	return resp.StatusCode, body
}

// has checks the members of one row.
func (r *rig) has(t *testing.T, base, path, query string, want map[string]any) {
	t.Helper()
	status, row := r.get(t, base, path, query)
	if status != http.StatusOK {
		t.Errorf("%s: status %d", path, status)
		return
	}
	for name, v := range want {
		if row[name] != v {
			t.Errorf("%s: %s is %v, want %v", path, name, row[name], v)
		}
	}
}

// missing checks that there is no such row.
func (r *rig) missing(t *testing.T, base, path, query string) {
	t.Helper()
	if status, row := r.get(t, base, path, query); status != http.StatusNotFound {
		t.Errorf("%s: status %d, %v", path, status, row)
	}
}

// lists checks which values of a column a query finds, in order.
func (r *rig) lists(t *testing.T, base, path, query, column string, want ...string) {
	t.Helper()
	status, body := r.get(t, base, path, query)
	rows, _ := body["value"].([]any)
	if status != http.StatusOK {
		t.Errorf("%s?%s: status %d", path, query, status)
		return
	}
	var got []string
	for _, row := range rows {
		value, _ := row.(map[string]any)[column].(string)
		got = append(got, value)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s?%s: %q, want %q", path, query, got, want)
	}
}

// token signs in.
func (r *rig) token(t *testing.T, audience string) string {
	t.Helper()
	a := r.Addresses()
	client, err := signInClient(a.CAPEM)
	if err != nil {
		t.Fatal(err)
	}
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
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("signing in: status %d, %v", resp.StatusCode, err)
	}
	return answer.AccessToken
}

func signInClient(pem string) (*http.Client, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(pem)) {
		return nil, errors.New("there is no certificate of the sign-in service")
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}, nil
}
