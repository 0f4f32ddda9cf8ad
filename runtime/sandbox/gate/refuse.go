package gate

import (
	"net/http"
	"strconv"
	"strings"
)

// BearerToken returns the token of the Authorization header, "" where there is
// none.
func BearerToken(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// Challenge sets the WWW-Authenticate header of a 401 answer: where a token
// comes from and for which resource it has to be asked.
func Challenge(h http.Header, authority, resource string) {
	h.Set("WWW-Authenticate", "Bearer authorization_uri="+authority+", resource_id="+resource)
}

// PlainRefusal answers without an envelope, as a gateway would.
func PlainRefusal(w http.ResponseWriter, refusal Refusal) {
	SetRetryAfter(w.Header(), refusal.RetryAfter)
	switch refusal.Reason {
	case Unauthorized:
		if w.Header().Get("WWW-Authenticate") == "" {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		w.WriteHeader(http.StatusUnauthorized)
	case Broken:
		http.Error(w, "Internal server error.", http.StatusInternalServerError)
	default:
		http.Error(w, "Too many requests.", http.StatusTooManyRequests)
	}
}

// SetRetryAfter sets the Retry-After header; seconds of 0 or less set nothing.
func SetRetryAfter(h http.Header, seconds int) {
	if seconds > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
}

// serviceUnavailable answers 503 with HTML, as gateways in front of the
// services do: clients must not expect JSON.
func serviceUnavailable(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("<html><head><title>503 Service Unavailable</title></head>" +
		"<body><h2>Service Unavailable</h2><hr><p>HTTP Error 503. The service is unavailable.</p></body></html>"))
}
