package odata

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ServiceError is an answer with a status that says no.
type ServiceError struct {
	Title   string // of the service
	Host    string
	Status  int
	Code    string // the service's own, often a hexadecimal number; may be ""
	Message string // the most telling text of the answer, on one line
	// Repeated says that an earlier attempt of the same request got no answer
	// and may be what this refusal is about.
	Repeated bool
}

// Error gives one line.
func (e *ServiceError) Error() string {
	s := fmt.Sprintf("%s at %s answers with status %d", e.Title, e.Host, e.Status)
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// HasCode compares the code without regard to case.
func (e *ServiceError) HasCode(codes ...string) bool {
	for _, c := range codes {
		if strings.EqualFold(e.Code, c) {
			return true
		}
	}
	return false
}

// Unanswered says that a request may have been carried out.
type Unanswered struct {
	Host string
	Err  error
}

// Error gives one line.
func (e *Unanswered) Error() string {
	return fmt.Sprintf("%s gave no answer, the request may have been carried out: %v", e.Host, e.Err)
}

// Unwrap gives the cause.
func (e *Unanswered) Unwrap() error { return e.Err }

func (c *Client) fail(code, summary, detail, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Hint: hint, Address: c.Host()})
}

// unreachable explains the last of several failed attempts.
func (c *Client) unreachable(cause error, attempts int) error {
	times := fmt.Sprintf(" (%d attempts)", attempts)
	var service *ServiceError
	if errors.As(cause, &service) {
		return c.fail(diag.CodeServiceUnreachable, c.o.Title+" at "+c.Host()+" is not available", fmt.Sprintf("last answer: status %d%s", service.Status, times),
			"Look at the state of the environment; run the command again when it is back.")
	}
	var dns *net.DNSError
	var op *net.OpError
	detail := "the connection broke off"
	switch {
	case errors.As(cause, &dns):
		detail = "its name is not known here"
	case errors.As(cause, &op) && op.Err != nil:
		detail = op.Err.Error()
	}
	return c.fail(diag.CodeServiceUnreachable, c.o.Title+" at "+c.Host()+" cannot be reached", detail+times, "Check the url of the environment, the network and the proxy.")
}

func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname)
}

// Explain turns a refusal of a read into a *diag.Failure; doing completes "…
// refused to". Other errors come back as they are.
func (c *Client) Explain(err error, doing string) error {
	var e *ServiceError
	var malformed *Malformed
	switch {
	case errors.As(err, &malformed):
		return c.fail(diag.CodeUnexpectedAnswer, fmt.Sprintf("%s at %s answered in a way that dw does not understand", c.o.Title, c.Host()),
			fmt.Sprintf("when asked to %s: %s", doing, malformed.Detail), "Check that the url is that of an environment; otherwise this is worth a bug report.")
	case !errors.As(err, &e):
		return err
	}
	detail := fmt.Sprintf("when asked to %s it answered with status %d", doing, e.Status)
	if e.Code != "" {
		detail += ", code " + e.Code
	}
	if e.Message != "" {
		detail += ": " + e.Message
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return c.fail(diag.CodeTokenRefused, fmt.Sprintf("%s at %s does not accept the application", c.o.Title, c.Host()), detail,
			"Register the application in the environment itself: as application user (Dataverse), or under Microsoft Entra applications (F&O).")
	case e.Status == http.StatusForbidden:
		return c.fail(diag.CodePrivilegeMissing, fmt.Sprintf("%s at %s: a privilege is missing", c.o.Title, c.Host()), detail, "Give the application's user a security role that allows it.")
	case e.Status < 400:
		return c.fail(diag.CodeUnexpectedAnswer, fmt.Sprintf("%s at %s sends the request elsewhere", c.o.Title, c.Host()), detail, "Check the url of the environment.")
	default:
		return c.fail(diag.CodeRequestRefused, fmt.Sprintf("%s at %s refused to %s", c.o.Title, c.Host(), doing), detail, "")
	}
}

// Malformed says that an answer is not what the protocol says it is.
type Malformed struct{ Detail string }

// Error gives one line.
func (e *Malformed) Error() string { return e.Detail }

const maxErrorBody = 256 << 10

func readError(c *Client, status int, h http.Header, r io.Reader) *ServiceError {
	body, err := io.ReadAll(io.LimitReader(r, maxErrorBody))
	if err != nil && len(body) == 0 {
		body = nil
	}
	return NewServiceError(c.o.Title, c.Host(), status, h, body)
}

// NewServiceError reads an error answer, also one inside a batch.
func NewServiceError(title, host string, status int, h http.Header, body []byte) *ServiceError {
	e := &ServiceError{Title: title, Host: host, Status: status}
	if isHTML(h, body) {
		e.Message = Clean(plainText(body))
	} else {
		e.Code, e.Message = parseError(body)
	}
	return e
}

// errorBody is the envelope of both services. F&O nests the cause in
// innererror and internalexception; its other shape has Message at the top.
type errorBody struct {
	Error            *errorDetail `json:"error"`
	Message          string       `json:"Message"`
	ExceptionMessage string       `json:"ExceptionMessage"`
}

type errorDetail struct {
	Code    jsontext.Value `json:"code"`
	Message string         `json:"message"`
	Inner   *errorCause    `json:"innererror"`
}

type errorCause struct {
	Message  string      `json:"message"`
	Internal *errorCause `json:"internalexception"`
	Inner    *errorCause `json:"innererror"`
}

// parseError gives the code and the deepest text that says something.
func parseError(body []byte) (code, message string) {
	var b errorBody
	err := json.Unmarshal(body, &b, json.MatchCaseInsensitiveNames(false), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		text := string(bytes.TrimSpace(body))
		if strings.HasPrefix(text, "{") {
			return "", "an error answer that cannot be read"
		}
		return "", Clean(text)
	}
	if b.Error == nil {
		return "", Clean(telling(b.Message, b.ExceptionMessage))
	}
	texts := []string{b.Error.Message}
	for cause := b.Error.Inner; cause != nil; {
		texts = append(texts, cause.Message)
		if cause.Internal != nil {
			cause = cause.Internal
		} else {
			cause = cause.Inner
		}
	}
	code = strings.Trim(string(b.Error.Code), `"`)
	if code == "null" || len(code) > 64 {
		code = ""
	}
	return code, Clean(telling(texts...))
}

// telling gives the last text that is not one of the phrases that F&O uses for
// everything.
func telling(texts ...string) string {
	best := ""
	for _, t := range texts {
		switch strings.TrimSpace(t) {
		case "":
		case "An error has occurred.", "An unexpected X++ error occurred.", "Exception has been thrown by the target of an invocation.":
			if best == "" {
				best = t
			}
		default:
			best = t
		}
	}
	return best
}

func isHTML(h http.Header, body []byte) bool {
	return strings.Contains(h.Get("Content-Type"), "html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

var (
	htmlTitle  = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlHidden = regexp.MustCompile(`(?is)<(script|style|head)[^>]*>.*?</(script|style|head)>`)
	htmlTag    = regexp.MustCompile(`<[^>]*>`)
)

// plainText gives the title of a page, or its text where it has none.
func plainText(page []byte) string {
	if m := htmlTitle.FindSubmatch(page); m != nil && len(bytes.TrimSpace(m[1])) > 0 {
		return html.UnescapeString(string(m[1]))
	}
	text := htmlHidden.ReplaceAll(page, []byte(" "))
	return html.UnescapeString(string(htmlTag.ReplaceAll(text, []byte(" "))))
}

const maxMessage = 2000

// signature is the part of an address of a storage account that is a secret.
var signature = regexp.MustCompile(`(?i)\bsig=[^&\s"'<>]+`)

// Clean makes of a service's text one that may be told: on one line of bounded
// length, without control characters and without the signatures of addresses.
func Clean(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "�"), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	s = signature.ReplaceAllString(s, "sig=…")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}
