// Package auth gets bearer tokens for the environments of a link from the
// sign-in service (Microsoft Entra ID, OAuth 2 client credentials).
package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/host"
	"golang.org/x/sync/singleflight"
)

// Source gives bearer tokens for one environment. It is safe for concurrent
// use.
type Source interface {
	// Token gives a token that is good for some minutes, or "" where the
	// environment asks for none. refused is a token that the environment has
	// just turned down, "" otherwise: it is not given again.
	Token(ctx context.Context, refused string) (string, error)
}

// None is the source for twins that are served without sign-in.
type None struct{}

// Token implements Source.
func (None) Token(context.Context, string) (string, error) { return "", nil }

// DefaultAuthority is the sign-in service of the public cloud.
const DefaultAuthority = "https://login.microsoftonline.com"

// renewBefore is how long before its end a token is replaced, so that no
// request is sent with one that ends on the way.
const renewBefore = 5 * time.Minute

// Options of a provider.
type Options struct {
	Auth     *model.Auth
	HTTP     *http.Client // for the sign-in service
	Clock    host.Clock
	ReadFile func(name string) ([]byte, error) // for the certificate
}

// Provider signs in as one application and gives a source per environment.
type Provider struct {
	clock   host.Clock
	signIn  signIn
	mu      sync.Mutex
	sources map[string]*source
}

// signIn asks the sign-in service for a fresh token of one scope.
type signIn func(ctx context.Context, scope string) (token string, life time.Duration, err error)

// New checks the settings and reads the certificate, if any; it asks nobody
// yet. Its errors are *diag.Failure.
func New(o Options) (*Provider, error) {
	authority := strings.TrimRight(o.Auth.Authority, "/")
	if authority == "" {
		authority = DefaultAuthority
	}
	u, err := url.Parse(authority)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeBadAddress, Summary: "the authority is not an https address",
			Detail:  "the sign-in service is asked at " + authority,
			Hint:    "Leave authority out for the public cloud, or write it like " + DefaultAuthority + ".",
			Subject: o.Auth.Range,
		})
	}
	ask, err := newSignIn(o, u)
	if err != nil {
		return nil, err
	}
	return &Provider{clock: o.Clock, signIn: ask, sources: map[string]*source{}}, nil
}

// For gives the source of tokens for an environment, the same for every call
// with its address.
func (p *Provider) For(environment string) Source {
	scope := audience(environment) + "/.default"
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sources[scope]
	if s == nil {
		s = &source{scope: scope, clock: p.clock, signIn: p.signIn}
		p.sources[scope] = s
	}
	return s
}

// audience is the resource that tokens for an environment are asked for: its
// address. Dataverse answers under <org>.api.crm…, too, but its resource is the
// address without "api" (Dataverse developer documentation, "Use OAuth
// authentication").
func audience(environment string) string {
	environment = strings.TrimRight(environment, "/")
	org, rest, ok := strings.Cut(environment, ".api.crm")
	if ok && !strings.Contains(org, ".") && strings.HasPrefix(org, "https://") {
		return org + ".crm" + rest
	}
	return environment
}

// source keeps the token of one scope.
type source struct {
	scope  string
	clock  host.Clock
	signIn signIn
	flight singleflight.Group

	mu      sync.Mutex
	token   string
	renewAt time.Time
}

// Token implements Source. Callers that need a new token at the same time
// share one request for it.
func (s *source) Token(ctx context.Context, refused string) (string, error) {
	if token, ok := s.current(refused); ok {
		return token, nil
	}
	// The request must not die with the first caller's context: others wait
	// for it too.
	answer := s.flight.DoChan("", func() (any, error) {
		if token, ok := s.current(refused); ok {
			return token, nil
		}
		asked := s.clock.Now()
		token, life, err := s.signIn(context.WithoutCancel(ctx), s.scope)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		// Short-lived tokens are renewed after half their life, else every
		// request would ask for one.
		s.token, s.renewAt = token, asked.Add(life-min(renewBefore, life/2))
		return token, nil
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-answer:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	}
}

func (s *source) current(refused string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ok := s.token != "" && s.token != refused && s.clock.Now().Before(s.renewAt)
	return s.token, ok
}
