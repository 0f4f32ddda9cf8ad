package auth

import (
	"strings"
	"testing"
)

func TestParsePEMSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":     "no readable certificate",
		"junk": "no readable certificate",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n": "an encrypted private key",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n":                     "no readable certificate",
	} {
		if _, _, err := parsePEM([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParsePEM(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		certificates, key, err := parsePEM(b)
		if err == nil && (len(certificates) == 0 || key == nil) {
			t.Fatal("no error, and no credential")
		}
	})
}
