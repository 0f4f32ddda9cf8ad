package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// tellAfter is how long a service has to be silent before somebody is told: a
// connection that is cut once is nobody's business.
const tellAfter = 2 * time.Second

// outages tells the operator that a service does not answer, long before the
// patience of the requests ends, and that it answers again.
type outages struct {
	now func() time.Time
	say func(text string)

	mu      sync.Mutex
	silence map[string]*silence // by service
}

// silence is one service that does not answer.
type silence struct {
	since time.Time
	told  bool
}

func newOutages(now func() time.Time, say func(text string)) *outages {
	return &outages{now: now, say: say, silence: map[string]*silence{}}
}

// watch gives a transport that reports how requests to a service end. Nobody to
// tell: the transport itself.
func (o *outages) watch(title string, t http.RoundTripper) http.RoundTripper {
	if o == nil {
		return t
	}
	return &watchedTransport{RoundTripper: t, title: title, outages: o}
}

// watchedTransport tells outages how each request ended.
type watchedTransport struct {
	http.RoundTripper
	title   string
	outages *outages
}

// RoundTrip implements http.RoundTripper.
func (w *watchedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.RoundTripper.RoundTrip(r)
	if err == nil || !errors.Is(r.Context().Err(), context.Canceled) {
		w.outages.ended(w.title+" at "+r.URL.Host, err)
	}
	return response, err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections through.
func (w *watchedTransport) CloseIdleConnections() {
	if c, ok := w.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// ended notes how a request to a service ended.
func (o *outages) ended(service string, err error) {
	now := o.now()
	o.mu.Lock()
	s := o.silence[service]
	text := ""
	switch {
	case err == nil && s != nil:
		if s.told {
			text = fmt.Sprintf("%s answers again, after %d s.", service, int(now.Sub(s.since).Seconds()))
		}
		delete(o.silence, service)
	case err != nil && s == nil:
		o.silence[service] = &silence{since: now}
	case err != nil && !s.told && now.Sub(s.since) >= tellAfter:
		s.told = true
		text = fmt.Sprintf("%s does not answer (%s): it is asked again and again, and what changes meanwhile is carried over then.", service, cause(err))
	}
	o.mu.Unlock()
	if text != "" {
		o.say(text)
	}
}

// cause names what went wrong with a connection, without addresses: they stand
// in the name of the service.
func cause(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &dns):
		return "its name is not known"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "the connection broke"
}
