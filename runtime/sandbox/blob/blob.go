// Package blob is the local twin of the storage account of an F&O environment:
// one container of block blobs that are put and fetched at shared access
// signatures, as the public documentation of Azure Storage describes them.
package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Options of a store.
type Options struct {
	Dir     string // made where it does not exist
	BaseURL string // "http://127.0.0.1:P", without a slash at the end
	Now     func() time.Time
	Random  io.Reader // of the signing key, on the first start
}

// Store keeps blobs as files. It is safe for concurrent use.
type Store struct {
	dir, base string
	now       func() time.Time
	key       []byte
}

const (
	container = "dmf"
	version   = "2023-11-03"
	keyFile   = "key"

	// ahead is how long before now a signature becomes valid, and lifetime how
	// long it is: clocks differ.
	ahead    = 5 * time.Minute
	lifetime = 30 * time.Minute
	// kept is for how long blobs stay.
	kept = 7 * 24 * time.Hour
)

// Open opens the store, and takes away blobs whose time is over.
func Open(o Options) (*Store, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	s := &Store{dir: o.Dir, base: strings.TrimRight(o.BaseURL, "/"), now: o.Now}
	var err error
	if s.key, err = signingKey(filepath.Join(o.Dir, keyFile), o.Random); err != nil {
		return nil, err
	}
	return s, s.purge()
}

// signingKey keeps the key, so that addresses stay valid over a restart.
func signingKey(path string, random io.Reader) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err == nil && len(key) == sha256.Size {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key = make([]byte, sha256.Size)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, err
	}
	return key, os.WriteFile(path, key, 0o600)
}

func (s *Store) purge() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.Name() == keyFile || s.now().Sub(info.ModTime()) < kept {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// file is where a blob lies: names are the client's, so they do not become
// names of files.
func (s *Store) file(name string) string {
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:16])+".blob")
}

// URL gives an address at which a blob may be read ("r") or read and written
// ("rw") for half an hour.
func (s *Store) URL(name, permissions string) string {
	now := s.now().UTC()
	q := url.Values{
		"sv": {version}, "sr": {"b"}, "sp": {permissions},
		"st": {now.Add(-ahead).Format(time.RFC3339)}, "se": {now.Add(lifetime).Format(time.RFC3339)},
	}
	q.Set("sig", s.sign(name, q))
	return s.base + "/" + container + "/" + url.PathEscape(name) + "?" + q.Encode()
}

func (s *Store) sign(name string, q url.Values) string {
	mac := hmac.New(sha256.New, s.key)
	for _, part := range []string{q.Get("sp"), q.Get("st"), q.Get("se"), "/" + container + "/" + name, q.Get("sv"), q.Get("sr")} {
		_, _ = io.WriteString(mac, part+"\n") // a hash takes everything
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// fault is an answer of the storage service.
type fault struct {
	status        int
	code, message string
}

func (f *fault) Error() string { return f.code + ": " + f.message }

func denied(message string) *fault {
	return &fault{http.StatusForbidden, "AuthenticationFailed", "Server failed to authenticate the request. " + message}
}

// allow gives the blob that an address names, if its signature is good for the
// permission at this time.
func (s *Store) allow(u *url.URL, permission string) (string, *fault) {
	escaped, ok := strings.CutPrefix(u.EscapedPath(), "/"+container+"/")
	name, err := url.PathUnescape(escaped)
	if !ok || err != nil || name == "" {
		return "", &fault{http.StatusNotFound, "ContainerNotFound", "The specified container does not exist."}
	}
	q := u.Query()
	if !hmac.Equal([]byte(q.Get("sig")), []byte(s.sign(name, q))) {
		return "", denied("Signature did not match.")
	}
	start, err1 := time.Parse(time.RFC3339, q.Get("st"))
	end, err2 := time.Parse(time.RFC3339, q.Get("se"))
	if err1 != nil || err2 != nil || s.now().Before(start) || !s.now().Before(end) {
		return "", denied("Signature not valid in the specified time frame.")
	}
	if !strings.Contains(q.Get("sp"), permission) {
		return "", &fault{http.StatusForbidden, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission."}
	}
	return name, nil
}

// ServeHTTP serves Put Blob and Get Blob.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := s.serve(w, r); f != nil {
		body, err := xml.Marshal(struct {
			XMLName xml.Name `xml:"Error"`
			Code    string
			Message string
		}{Code: f.code, Message: f.message})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("x-ms-error-code", f.code)
		w.WriteHeader(f.status)
		_, _ = w.Write(append([]byte(xml.Header), body...)) // a client that is gone cannot be told
	}
}

func (s *Store) serve(w http.ResponseWriter, r *http.Request) *fault {
	// With a signature in the address a token beside it is refused.
	if r.Header.Get("Authorization") != "" {
		return &fault{http.StatusBadRequest, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format. Check the value of Authorization header."}
	}
	permission := map[string]string{http.MethodPut: "w", http.MethodGet: "r", http.MethodHead: "r"}[r.Method]
	if permission == "" {
		return &fault{http.StatusMethodNotAllowed, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb."}
	}
	name, f := s.allow(r.URL, permission)
	if f != nil {
		return f
	}
	w.Header().Set("x-ms-version", version)
	if permission == "w" {
		return s.put(w, r, name)
	}
	return s.get(w, r, name)
}

func (s *Store) put(w http.ResponseWriter, r *http.Request, name string) *fault {
	switch kind := r.Header.Get("x-ms-blob-type"); {
	case kind == "":
		return &fault{http.StatusBadRequest, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified: x-ms-blob-type."}
	case kind != "BlockBlob":
		return &fault{http.StatusBadRequest, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format: x-ms-blob-type."}
	case r.ContentLength < 0:
		return &fault{http.StatusLengthRequired, "MissingContentLengthHeader", "The Content-Length header was not specified."}
	}
	if err := s.Put(name, func(to io.Writer) error {
		n, err := io.Copy(to, r.Body)
		if err == nil && n != r.ContentLength {
			err = io.ErrUnexpectedEOF
		}
		return err
	}); err != nil {
		return &fault{http.StatusInternalServerError, "InternalError", err.Error()}
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Store) get(w http.ResponseWriter, r *http.Request, name string) *fault {
	file, err := os.Open(s.file(name))
	if err != nil {
		return &fault{http.StatusNotFound, "BlobNotFound", "The specified blob does not exist."}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return &fault{http.StatusInternalServerError, "InternalError", err.Error()}
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", etag(info))
	h.Set("x-ms-blob-type", "BlockBlob")
	// It serves parts of the blob and the conditions on its ETag, as the storage
	// service does.
	http.ServeContent(w, r, "", info.ModTime(), file)
	return nil
}

// etag changes whenever a blob is put.
func etag(info fs.FileInfo) string {
	return fmt.Sprintf(`"0x%X%X"`, info.ModTime().UnixNano(), info.Size())
}

// Streams tells the gate to let an answer through as it is made: a blob may not
// fit into memory.
func (s *Store) Streams(r *http.Request) bool { return r.Method == http.MethodGet }

// Put writes a blob as a whole: where write fails, what was there stays.
func (s *Store) Put(name string, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(s.dir, "put-*.part")
	if err != nil {
		return err
	}
	err = write(temporary)
	if e := temporary.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temporary.Name(), s.file(name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// Fetch opens the blob at an address that this store gave, as F&O fetches a
// package, and names it.
func (s *Store) Fetch(address string) (name string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme+"://"+u.Host != s.base {
		return "", errors.New("the address is not one of this storage account")
	}
	name, f := s.allow(u, "r")
	if f != nil {
		return "", f
	}
	if _, err := os.Stat(s.file(name)); err != nil {
		return "", fmt.Errorf("the blob %s does not exist", name)
	}
	return name, nil
}

// Open opens a blob by name; the error is fs.ErrNotExist where there is none.
func (s *Store) Open(name string) (*os.File, error) { return os.Open(s.file(name)) }
