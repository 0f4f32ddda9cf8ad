package blob_test

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/blob"
)

func TestStore(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	server := httptest.NewUnstartedServer(nil)
	open := func() *blob.Store {
		s, err := blob.Open(blob.Options{Dir: dir, BaseURL: "http://" + server.Listener.Addr().String(), Now: func() time.Time { return now }, Random: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	server.Config.Handler = s
	server.Start()
	t.Cleanup(server.Close)
	send := func(method, address, body string, header ...string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	const kind, block = "x-ms-blob-type", "BlockBlob"
	write, read := s.URL("a b/ü.zip", "rw"), s.URL("a b/ü.zip", "r")
	for _, c := range []struct {
		what, method, address, body string
		header                      []string
		status                      int
		text                        string
	}{
		{"nothing there", "GET", read, "", nil, 404, "BlobNotFound"},
		{"no kind", "PUT", write, "one", nil, 400, "MissingRequiredHeader"},
		{"another kind", "PUT", write, "one", []string{kind, "PageBlob"}, 400, "InvalidHeaderValue"},
		{"a token beside the signature", "PUT", write, "one", []string{kind, block, "Authorization", "Bearer x"}, 400, "InvalidAuthenticationInfo"},
		{"an address to read", "PUT", read, "one", []string{kind, block}, 403, "AuthorizationPermissionMismatch"},
		{"another blob", "PUT", strings.Replace(write, ".zip", ".zap", 1), "one", []string{kind, block}, 403, "AuthenticationFailed"},
		{"without signature", "PUT", strings.SplitN(write, "?", 2)[0], "one", []string{kind, block}, 403, "AuthenticationFailed"},
		{"put", "PUT", write, "one", []string{kind, block}, 201, ""},
		{"get", "GET", read, "", nil, 200, "one"},
		{"put again", "PUT", write, "two", []string{kind, block}, 201, ""},
		{"get again", "GET", write, "", nil, 200, "two"},
		{"a part", "GET", read, "", []string{"Range", "bytes=1-"}, 206, "wo"},
		{"a part of another version", "GET", read, "", []string{"Range", "bytes=1-", "If-Match", `"0x0"`}, 412, ""},
		{"a part after its end", "GET", read, "", []string{"Range", "bytes=3-"}, 416, ""},
		{"another verb", "DELETE", write, "", nil, 405, "UnsupportedHttpVerb"},
	} {
		status, text := send(c.method, c.address, c.body, c.header...)
		if status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%s: %d %s", c.what, status, text)
		}
	}
	server.Config.Handler = open() // the key survives a restart
	if status, text := send("GET", read, ""); status != 200 {
		t.Errorf("after a restart: %d %s", status, text)
	}
	if name, err := s.Fetch(read); err != nil || name != "a b/ü.zip" {
		t.Errorf("fetch: %q, %v", name, err)
	}
	if _, err := s.Fetch("http://example.com/dmf/x?sig=1"); err == nil {
		t.Error("fetched from elsewhere")
	}
	now = now.Add(31 * time.Minute)
	if status, text := send("GET", read, ""); status != 403 {
		t.Errorf("after its time: %d %s", status, text)
	}
	if _, err := s.Fetch(read); err == nil {
		t.Error("fetched after its time")
	}
	now = time.Now().Add(8 * 24 * time.Hour)
	if f, err := open().Open("a b/ü.zip"); err == nil {
		_ = f.Close()
		t.Error("a blob outlived its seven days")
	}
}
