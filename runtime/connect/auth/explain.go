package auth

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"

	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/go-json-experiment/json"
)

// aadsts finds the error code of the sign-in service in its description.
var aadsts = regexp.MustCompile(`AADSTS[0-9]+`)

// explain turns an error of the library into a diagnostic. The library's own
// texts are not passed on: they may quote whole answers.
func (p place) explain(err error, scope string) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("sign in at %s: %w", p.host, err)
	}
	var call msalerrors.CallErr
	if errors.As(err, &call) && call.Resp != nil {
		return p.refused(call, scope)
	}
	var callPointer *msalerrors.CallErr
	if errors.As(err, &callPointer) && callPointer.Resp != nil {
		return p.refused(*callPointer, scope)
	}
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	if errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &hostname) {
		return p.fail(diag.CodeServerUntrusted, "the certificate of "+p.host+" is not trusted", "the sign-in service could not prove who it is",
			"Check the authority, and that this machine trusts the certificate authority that your network uses.")
	}
	var network *url.Error
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &dns) || errors.As(err, &op) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		detail := "no connection"
		switch {
		case dns != nil:
			detail = "its name is not known here"
		case op != nil && op.Err != nil:
			detail = op.Err.Error()
		}
		return p.fail(diag.CodeAuthorityUnreachable, "the sign-in service "+p.host+" cannot be reached", detail,
			"Check the network, the proxy and the authority of the auth block.")
	}
	return p.fail(diag.CodeUnexpectedAnswer, "the sign-in service "+p.host+" gave an answer that makes no sense", "", "Check the authority of the auth block.")
}

// refused explains an error answer of the sign-in service.
func (p place) refused(call msalerrors.CallErr, scope string) error {
	status := call.Resp.StatusCode
	body, err := io.ReadAll(io.LimitReader(call.Resp.Body, 1<<16))
	if err != nil {
		body = nil
	}
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	known := json.Unmarshal(bytes.TrimSpace(body), &answer) == nil && answer.Error != ""
	if !known {
		if status >= 500 || status == 429 {
			return p.fail(diag.CodeAuthorityUnreachable, "the sign-in service "+p.host+" cannot be reached", fmt.Sprintf("it answers with status %d", status), "Try again later.")
		}
		return p.fail(diag.CodeUnexpectedAnswer, p.host+" does not answer like a sign-in service", fmt.Sprintf("status %d", status), "Check the authority and tenant_id of the auth block.")
	}
	description, _, _ := strings.Cut(strings.ReplaceAll(answer.Description, "\r", ""), "\n")
	// The service quotes parts of wrong secrets in some texts; nothing of the
	// secret may be shown.
	if secret := p.auth.ClientSecret.Reveal(); secret != "" {
		description = strings.ReplaceAll(description, secret, "(secret)")
	}
	switch code := aadsts.FindString(answer.Description); code {
	case "AADSTS7000215":
		return p.fail(diag.CodeSecretRefused, "the client secret is wrong", description,
			"Copy the value of the secret (not its id) from the application's page \"Certificates & secrets\".")
	case "AADSTS7000222":
		return p.fail(diag.CodeSecretRefused, "the client secret has expired", description, "Create a new secret for the application and put it in the place of the old one.")
	case "AADSTS700016":
		return p.fail(diag.CodeApplicationUnknown, "the tenant does not know the application "+p.auth.ClientID, description, "Check client_id and tenant_id of the auth block.")
	case "AADSTS90002", "AADSTS900023":
		return p.fail(diag.CodeApplicationUnknown, "there is no tenant "+p.auth.TenantID, description, "Check tenant_id and authority of the auth block.")
	case "AADSTS700027", "AADSTS7000214":
		return p.fail(diag.CodeCertificateRefused, "the certificate is not registered with the application", description,
			"Upload the certificate (without its key) on the application's page \"Certificates & secrets\".")
	case "AADSTS700024":
		return p.fail(diag.CodeSignInRefused, "the clock of this machine differs from that of the sign-in service", description, "Set the clock of this machine.")
	case "AADSTS70011", "AADSTS500011", "AADSTS1002012":
		return p.fail(diag.CodeSignInRefused, "the tenant does not know the environment "+strings.TrimSuffix(scope, "/.default"), description, "Check the url of the environment and that it belongs to this tenant.")
	}
	if status >= 500 {
		return p.fail(diag.CodeAuthorityUnreachable, "the sign-in service "+p.host+" is not available", description, "Try again later.")
	}
	return p.fail(diag.CodeSignInRefused, "the sign-in service refuses", description, "Check the auth block and the application's registration.")
}
