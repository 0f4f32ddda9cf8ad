package auth

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
)

// newSignIn prepares the credential of the application.
func newSignIn(o Options, authority *url.URL) (signIn, error) {
	where := place{auth: o.Auth, host: authority.Host}
	var credential msal.Credential
	check := func(time.Time) error { return nil }
	switch o.Auth.Kind {
	case "client_secret":
		c, err := msal.NewCredFromSecret(o.Auth.ClientSecret.Reveal())
		if err != nil {
			return nil, where.fail(diag.CodeSecretRefused, "the client secret is empty", "", "Give client_secret in the auth block, usually by a variable.")
		}
		credential = c
	case "certificate":
		certificate, c, err := where.certificate(o.ReadFile)
		if err != nil {
			return nil, err
		}
		credential = c
		// The dates are looked at before each sign-in, not only at start: the
		// certificate of a long run may end on the way.
		check = func(now time.Time) error { return where.dates(certificate, now) }
	default:
		return nil, where.fail(diag.CodeSignInRefused, fmt.Sprintf("sign-in by %q is not possible", o.Auth.Kind), "", `Use auth "client_secret" or auth "certificate".`)
	}
	tenant := strings.TrimRight(authority.String(), "/") + "/" + url.PathEscape(o.Auth.TenantID)
	return func(ctx context.Context, scope string) (string, time.Duration, error) {
		if err := check(o.Clock.Now()); err != nil {
			return "", 0, err
		}
		// A client of its own for each request: the library's cache would give
		// a token again that the environment has just refused.
		client, err := msal.New(tenant, o.Auth.ClientID, credential,
			msal.WithHTTPClient(o.HTTP), msal.WithInstanceDiscovery(isMicrosoft(authority.Hostname())),
			msal.WithX5C(), msal.WithAzureRegion("DisableMsalForceRegion"))
		if err != nil {
			return "", 0, where.fail(diag.CodeSignInRefused, "the sign-in settings cannot be used", err.Error(), "Check tenant_id, client_id and authority of the auth block.")
		}
		result, err := client.AcquireTokenByCredential(ctx, []string{scope})
		if err != nil {
			return "", 0, where.explain(err, scope)
		}
		// The library reckons the end by the process's clock; only the time
		// that is left means anything on ours.
		return result.AccessToken, time.Until(result.ExpiresOn), nil
	}, nil
}

// isMicrosoft tells whether the library may check the host with Microsoft's
// instance discovery. Any other host is a private authority.
func isMicrosoft(host string) bool {
	switch strings.ToLower(host) {
	case "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "login.windows.net", "login.microsoft.com":
		return true
	}
	return false
}

// place is what diagnostics about a sign-in name.
type place struct {
	auth *model.Auth
	host string
}

func (p place) fail(code, summary, detail, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Hint: hint, Subject: p.auth.Range, Address: p.host})
}

// certificate reads the PEM file with the certificate and its key.
func (p place) certificate(readFile func(string) ([]byte, error)) (*x509.Certificate, msal.Credential, error) {
	unusable := func(detail string) (*x509.Certificate, msal.Credential, error) {
		return nil, msal.Credential{}, p.fail(diag.CodeCertificateUnusable, "the certificate cannot be used", detail,
			"Certificate_path must name a PEM file with the certificate and its unencrypted private key.")
	}
	data, err := readFile(p.auth.CertificatePath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unusable("the file " + p.auth.CertificatePath + " does not exist")
	case err != nil:
		return unusable("the file " + p.auth.CertificatePath + " cannot be read: " + err.Error())
	}
	certificates, key, err := parsePEM(data)
	if err != nil {
		return unusable("the file " + p.auth.CertificatePath + " holds " + err.Error())
	}
	credential, err := msal.NewCredFromCert(certificates, key)
	if err != nil {
		return unusable("the file " + p.auth.CertificatePath + " holds a key of a kind that sign-in does not support, or one that belongs to another certificate")
	}
	return certificates[0], credential, nil
}

// parsePEM takes certificate and key out of a PEM file. Its errors complete
// the sentence "the file holds …" and show nothing of the key.
func parsePEM(data []byte) ([]*x509.Certificate, crypto.PrivateKey, error) {
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return nil, nil, errors.New("an encrypted private key")
		}
	}
	certificates, key, err := msal.CertFromPEM(data, "")
	switch {
	case err != nil || key == nil:
		return nil, nil, errors.New("no readable certificate with its private key")
	case len(certificates) == 0:
		return nil, nil, errors.New("no certificate")
	}
	return certificates, key, nil
}

// dates checks the certificate's own dates, so that an expired one is named
// without asking anybody.
func (p place) dates(c *x509.Certificate, now time.Time) error {
	const day = "2006-01-02"
	switch {
	case now.After(c.NotAfter):
		return p.fail(diag.CodeCertificateExpired, "the certificate expired on "+c.NotAfter.UTC().Format(day), p.auth.CertificatePath,
			"Register a new certificate with the application and put it in the place of the old one.")
	case now.Before(c.NotBefore):
		return p.fail(diag.CodeCertificateExpired, "the certificate is not valid before "+c.NotBefore.UTC().Format(day), p.auth.CertificatePath,
			"Wait for that day, check this machine's clock, or use another certificate.")
	}
	return nil
}
