package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
)

// Addresses say where twins are served and how to sign in to them. The secret
// is one of a service on loopback that ends with its process.
type Addresses struct {
	// ID names the data: it stays when the twins are served at other addresses,
	// and is another one after the data are made anew.
	ID string `json:"id"`

	Dataverse string `json:"dataverse"` // "http://127.0.0.1:P", without /api/data
	FnO       string `json:"fno"`       // "http://127.0.0.1:P", without /data
	Entra     string `json:"entra"`     // "https://127.0.0.1:P"

	Blob string `json:"blob,omitempty"` // "http://127.0.0.1:P", the storage account of F&O

	// Control does what a person does in the pages of the real systems: see
	// package control, whose client takes both members.
	Control    string `json:"control"` // "http://127.0.0.1:P"
	ControlKey string `json:"control_key"`

	Tenant          string `json:"tenant"`
	ClientID        string `json:"client_id"`
	ClientSecret    string `json:"client_secret"`
	CertificatePath string `json:"certificate_path,omitempty"` // PEM with certificate and key
	CAPEM           string `json:"ca_pem"`                     // what vouches for Entra's certificate

	NoAuth bool `json:"no_auth,omitempty"`
	PID    int  `json:"pid"`
}

// Write keeps addresses in a file that only its owner may read, and replaces it
// as a whole.
func Write(path string, a Addresses) error {
	text, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(text, '\n'), 0o600)
}

// Read reads the file of a running sandbox. The error is fs.ErrNotExist where
// there is none.
func Read(path string) (Addresses, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Addresses{}, err
	}
	a, err := parseAddresses(text)
	if err != nil {
		return Addresses{}, fmt.Errorf("%s: %w; remove it if no sandbox runs", path, err)
	}
	return a, nil
}

func parseAddresses(text []byte) (Addresses, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var a Addresses
	if err := d.Decode(&a); err != nil {
		return Addresses{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Addresses{}, errors.New("something follows the JSON object")
	}
	for _, text := range a.urls() {
		u, err := url.Parse(text)
		if err != nil {
			return Addresses{}, err
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Port() == "" {
			return Addresses{}, fmt.Errorf("%q is no address of a twin", text)
		}
		if err := checkLoopback(u.Host); err != nil {
			return Addresses{}, err
		}
	}
	return a, nil
}

func (a Addresses) urls() []string {
	all := []string{a.Dataverse, a.FnO, a.Entra, a.Control}
	if a.Blob != "" {
		all = append(all, a.Blob)
	}
	return all
}

// Alive tells whether something listens at all the addresses. A process that
// was killed leaves its file behind.
func (a Addresses) Alive(ctx context.Context) bool {
	var dialer net.Dialer
	for _, text := range a.urls() {
		u, err := url.Parse(text)
		if err != nil {
			return false
		}
		conn, err := dialer.DialContext(ctx, "tcp", u.Host)
		if err != nil {
			return false
		}
		_ = conn.Close()
	}
	return true
}
