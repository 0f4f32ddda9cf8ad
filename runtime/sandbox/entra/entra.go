// Package entra is the twin of Microsoft Entra ID: it gives access tokens to
// registered applications by the client credentials flow and checks them for
// the other twins.
package entra

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// Options of the twin.
type Options struct {
	Tenant    string // guid
	Clients   []Client
	Audiences []string // resources that tokens are given for: the addresses of the data twins

	TokenLifetime time.Duration // 0 is an hour
	Now           func() time.Time
	Rand          io.Reader
}

// Client is an application registration.
type Client struct {
	ID           string // guid
	Secret       string // "" signs in by certificate only
	Certificates []*x509.Certificate
}

// Twin answers the token endpoint of one tenant. It is safe for concurrent use.
type Twin struct {
	opts  Options
	key   *ecdsa.PrivateKey
	keyID string

	mu   sync.Mutex // guards Rand and seen
	seen map[string]time.Time

	signedMu sync.Mutex
	signed   map[string]claims // by access token, those whose signature was right
}

// maxSigned limits how many tokens are remembered; a client has one a resource.
const maxSigned = 100

// New makes a twin with a signing key of its own: tokens of another twin are
// not valid here.
func New(o Options) (*Twin, error) {
	if o.Now == nil || o.Rand == nil {
		return nil, errors.New("entra twin: Now and Rand are needed")
	}
	if _, err := uuid.Parse(o.Tenant); err != nil {
		return nil, fmt.Errorf("entra twin: the tenant %q is not a guid", o.Tenant)
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = time.Hour
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), o.Rand)
	if err != nil {
		return nil, fmt.Errorf("entra twin: making the signing key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("entra twin: %w", err)
	}
	sum := sha256.Sum256(der)
	o.Audiences = slices.Clone(o.Audiences)
	for i, a := range o.Audiences {
		o.Audiences[i] = strings.TrimSuffix(a, "/")
	}
	return &Twin{opts: o, key: key, keyID: base64.RawURLEncoding.EncodeToString(sum[:]), seen: map[string]time.Time{}, signed: map[string]claims{}}, nil
}

// tokenError is an error of the token endpoint.
type tokenError struct {
	status  int
	code    string // of OAuth: "invalid_client"
	number  int    // AADSTS number
	message string
}

func (e *tokenError) Error() string { return fmt.Sprintf("AADSTS%d: %s", e.number, e.message) }

// ServeHTTP serves the sign-in endpoints below /<tenant>/.
func (t *Twin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !slices.Contains([]string{"v2.0/.well-known/openid-configuration", "oauth2/v2.0/token", "discovery/v2.0/keys"}, rest) {
		http.NotFound(w, r)
		return
	}
	if !strings.EqualFold(tenant, t.opts.Tenant) {
		t.fail(w, &tokenError{http.StatusBadRequest, "invalid_tenant", 90002,
			fmt.Sprintf("Tenant '%.100s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", tenant)})
		return
	}
	switch {
	case rest == "v2.0/.well-known/openid-configuration" && r.Method == http.MethodGet:
		authority := t.authority(r)
		answer(w, http.StatusOK, map[string]any{
			"token_endpoint":                        authority + "/oauth2/v2.0/token",
			"authorization_endpoint":                authority + "/oauth2/v2.0/authorize",
			"jwks_uri":                              authority + "/discovery/v2.0/keys",
			"issuer":                                authority + "/v2.0",
			"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
			"response_types_supported":              []string{"code"},
			"subject_types_supported":               []string{"pairwise"},
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	case rest == "discovery/v2.0/keys" && r.Method == http.MethodGet:
		answer(w, http.StatusOK, map[string]any{"keys": []any{t.publicKey()}})
	case rest == "oauth2/v2.0/token" && r.Method == http.MethodPost:
		t.token(w, r)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (t *Twin) authority(r *http.Request) string {
	scheme := "https"
	if r.TLS == nil {
		scheme = "http"
	}
	return scheme + "://" + r.Host + "/" + t.opts.Tenant
}

// publicKey is the key that tokens are checked with, as a JSON web key.
func (t *Twin) publicKey() map[string]any {
	raw, err := t.key.PublicKey.Bytes() // 4 || x || y
	if err != nil {
		return map[string]any{}
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": t.keyID,
		"x": base64.RawURLEncoding.EncodeToString(raw[1:33]), "y": base64.RawURLEncoding.EncodeToString(raw[33:])}
}

// token answers the token endpoint.
func (t *Twin) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	if err := r.ParseForm(); err != nil {
		t.fail(w, &tokenError{http.StatusBadRequest, "invalid_request", 900144, "The request body is not a form."})
		return
	}
	takeBasic(r)
	resource, err := t.grant(r)
	if err != nil {
		t.fail(w, err)
		return
	}
	now := t.opts.Now()
	id, client := t.random(), r.PostForm.Get("client_id")
	token, serr := t.sign(map[string]any{
		"aud": resource, "iss": t.authority(r) + "/v2.0", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(t.opts.TokenLifetime).Unix(),
		"appid": client, "appidacr": "1", "tid": t.opts.Tenant, "oid": principal(t.opts.Tenant, client), "sub": principal(t.opts.Tenant, client), "uti": id, "ver": "1.0",
	})
	if serr != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	seconds := int(t.opts.TokenLifetime / time.Second)
	answer(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token})
}

// takeBasic puts the credentials of an Authorization header into the form,
// where the body has none: RFC 6749, section 2.3.1, the way that many clients
// prefer.
func takeBasic(r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok || r.PostForm.Has("client_secret") || r.PostForm.Has("client_assertion") {
		return
	}
	if plain, err := url.QueryUnescape(id); err == nil {
		id = plain
	}
	if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain
	}
	if !r.PostForm.Has("client_id") {
		r.PostForm.Set("client_id", id)
	}
	if r.PostForm.Get("client_id") == id {
		r.PostForm.Set("client_secret", secret)
	}
}

// principal is the id of an application's service principal in the tenant.
func principal(tenant, client string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(tenant+"/"+client)).String()
}

func (t *Twin) sign(claims any) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return signJWT(t.opts.Rand, t.key, t.keyID, claims)
}

// random is a random guid.
func (t *Twin) random() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, err := uuid.NewRandomFromReader(t.opts.Rand)
	if err != nil {
		return uuid.Nil.String()
	}
	return id.String()
}

// grant checks a token request and returns the resource that it asks for.
func (t *Twin) grant(r *http.Request) (resource string, failed *tokenError) {
	form := r.PostForm
	if g := form.Get("grant_type"); g != "client_credentials" {
		return "", &tokenError{http.StatusBadRequest, "unsupported_grant_type", 70003, fmt.Sprintf("The app requested an unsupported grant type '%.50s'.", g)}
	}
	id := form.Get("client_id")
	i := slices.IndexFunc(t.opts.Clients, func(c Client) bool { return strings.EqualFold(c.ID, id) })
	if i < 0 {
		return "", &tokenError{http.StatusBadRequest, "unauthorized_client", 700016,
			fmt.Sprintf("Application with identifier '%.100s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", id, t.opts.Tenant)}
	}
	if failed := t.authenticate(r, t.opts.Clients[i]); failed != nil {
		return "", failed
	}
	for scope := range strings.FieldsSeq(form.Get("scope")) {
		name, ok := strings.CutSuffix(scope, "/.default")
		name = strings.TrimSuffix(name, "/")
		if ok && slices.ContainsFunc(t.opts.Audiences, func(a string) bool { return strings.EqualFold(a, name) }) {
			return name, nil
		}
	}
	return "", &tokenError{http.StatusBadRequest, "invalid_scope", 70011, fmt.Sprintf("The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope %.200s is not valid.", form.Get("scope"))}
}

// authenticate checks the secret or the assertion of a client.
func (t *Twin) authenticate(r *http.Request, c Client) *tokenError {
	form := r.PostForm
	if assertion := form.Get("client_assertion"); assertion != "" {
		if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
			return &tokenError{http.StatusUnauthorized, "invalid_client", 700027, "The client_assertion_type is not 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'."}
		}
		return t.checkAssertion(assertion, t.authority(r), c)
	}
	secret := form.Get("client_secret")
	if secret == "" {
		return &tokenError{http.StatusUnauthorized, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."}
	}
	if c.Secret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(c.Secret)) != 1 {
		return &tokenError{http.StatusUnauthorized, "invalid_client", 7000215,
			fmt.Sprintf("Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", c.ID)}
	}
	return nil
}

// checkAssertion checks a client assertion: signature by a registered
// certificate that is valid now, audience, times, issuer, and that it was not
// used before.
func (t *Twin) checkAssertion(assertion, authority string, c Client) *tokenError {
	bad := func(reason string) *tokenError {
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application, or the assertion is not valid. [Reason - " + reason + "]"}
	}
	h, cl, err := parseJWT(assertion)
	if err != nil {
		return bad("The assertion is not a signed JSON web token.")
	}
	cert := findCertificate(c.Certificates, h)
	if cert == nil {
		return bad("The key was not found.")
	}
	if err := h.verify(cert.PublicKey); err != nil {
		return bad("The signature is not valid.")
	}
	now := t.opts.Now()
	switch {
	case now.After(cert.NotAfter):
		return bad("The key used is expired. Expired on " + cert.NotAfter.UTC().Format(time.DateTime))
	case now.Before(cert.NotBefore):
		return bad("The key used is not valid yet.")
	}
	const skew = 5 * time.Minute
	switch {
	case !slices.ContainsFunc(cl.Audience, func(a string) bool {
		return strings.EqualFold(strings.TrimSuffix(a, "/"), authority+"/oauth2/v2.0/token") || strings.EqualFold(a, authority+"/v2.0")
	}):
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer."}
	case !strings.EqualFold(cl.Issuer, c.ID) || !strings.EqualFold(cl.Subject, c.ID):
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter."}
	case cl.Expires == 0 || now.After(seconds(cl.Expires).Add(skew)) || now.Before(seconds(cl.NotBefore).Add(-skew)):
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700024, "Client assertion is not within its valid time range."}
	case cl.ID == "":
		return bad("The claim 'jti' is missing.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, until := range t.seen {
		if now.After(until) {
			delete(t.seen, id)
		}
	}
	if _, again := t.seen[c.ID+"/"+cl.ID]; again {
		return bad("The assertion was used before.")
	}
	t.seen[c.ID+"/"+cl.ID] = seconds(cl.Expires).Add(skew)
	return nil
}

// seconds reads a time of a claim; what lies beyond any calendar is cut.
func seconds(f float64) time.Time {
	return time.Unix(int64(min(max(f, 0), 1<<40)), 0)
}

// findCertificate finds the registered certificate that signed an assertion.
func findCertificate(certs []*x509.Certificate, h header) *x509.Certificate {
	for _, c := range certs {
		one, two := sha1.Sum(c.Raw), sha256.Sum256(c.Raw)
		if thumbIs(h.Thumb, one[:]) || thumbIs(h.Thumb256, two[:]) {
			return c
		}
	}
	return nil
}

// thumbIs compares a thumbprint in a header, with or without padding.
func thumbIs(text string, sum []byte) bool {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	}
	return text != "" && err == nil && bytes.Equal(raw, sum)
}

// Verify checks an access token of this twin: signature, times and audience.
// The error does not hold the token.
func (t *Twin) Verify(token, audience string) error {
	c, err := t.signedClaims(token)
	if err != nil {
		return err
	}
	now := t.opts.Now()
	switch {
	case !now.Before(seconds(c.Expires)):
		return errors.New("the token has expired")
	case now.Before(seconds(c.NotBefore).Add(-time.Minute)):
		return errors.New("the token is not valid yet")
	case !slices.ContainsFunc(c.Audience, func(a string) bool {
		return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(audience, "/"))
	}):
		return errors.New("the token is for another resource")
	}
	return nil
}

// signedClaims reads a token of this twin. A client sends the same token with
// thousands of requests: its signature is checked once.
func (t *Twin) signedClaims(token string) (claims, error) {
	t.signedMu.Lock()
	defer t.signedMu.Unlock()
	if c, ok := t.signed[token]; ok {
		return c, nil
	}
	h, c, err := parseJWT(token)
	if err != nil {
		return claims{}, err
	}
	if h.KeyID != t.keyID {
		return claims{}, errors.New("the token is signed with an unknown key")
	}
	if err := h.verify(&t.key.PublicKey); err != nil {
		return claims{}, fmt.Errorf("the token's signature: %w", err)
	}
	if len(t.signed) >= maxSigned {
		clear(t.signed)
	}
	t.signed[token] = c
	return c, nil
}

// Auth makes the check of bearer tokens for one audience that a gate takes.
func (t *Twin) Auth(audience string) func(*http.Request) error {
	return func(r *http.Request) error {
		token := gate.BearerToken(r)
		if token == "" {
			return errors.New("a bearer token is missing")
		}
		return t.Verify(token, audience)
	}
}

// fail answers in the shape of the token endpoint.
func (t *Twin) fail(w http.ResponseWriter, e *tokenError) {
	now := t.opts.Now().UTC().Format("2006-01-02 15:04:05Z")
	trace, correlation := t.random(), t.random()
	answer(w, e.status, map[string]any{
		"error":             e.code,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", e.number, e.message, trace, correlation, now),
		"error_codes":       []int{e.number}, "timestamp": now, "trace_id": trace, "correlation_id": correlation,
		"error_uri": "https://login.microsoftonline.com/error?code=" + strconv.Itoa(e.number),
	})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}

// serial is a random positive serial number.
func serial(rand io.Reader) (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, err
	}
	b[0] &= 0x7f
	b[15] |= 1
	return new(big.Int).SetBytes(b), nil
}
