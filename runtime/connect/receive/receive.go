// Package receive takes the reports of changes that both systems send over
// HTTP: data events of F&O and webhook posts of Dataverse.
//
// A report is a hint to read a record again, never the truth about it: senders
// repeat, reorder and lose them.
package receive

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/connect"
)

const (
	// MaxBody is the most bytes of a post. Dataverse strips posts above 256 KB
	// by itself; events of F&O are a row each.
	MaxBody = 1 << 20

	// KeyHeader may carry the key in place of the query parameter "code".
	KeyHeader = "X-Dw-Key"

	// MinKey is the fewest characters of a key.
	MinKey = 16
)

// Options of a receiver.
type Options struct {
	// Key is what a sender must show, in the query parameter "code" or in the
	// header KeyHeader.
	Key string

	// Sink takes what a post reports. The sender is told to send again where
	// it returns an error, and may give up after 10 s (F&O) or 60 s
	// (Dataverse): it should store and return. It is called concurrently.
	Sink func(ctx context.Context, notices []connect.Notice) error

	// Log is told, in a line, what a sender was refused and what a post was
	// about that reported nothing; nil for nobody. It is called concurrently
	// and never gets the key or values of records.
	Log func(text string)
}

func (o *Options) check() error {
	if o.Sink == nil {
		return errors.New("receive: Options.Sink is missing")
	}
	if len(o.Key) < MinKey {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeReceiverKey, Summary: fmt.Sprintf("the event receiver's key has fewer than %d characters", MinKey),
			Detail: "Whoever guesses it can make dw read records at will.",
			Hint:   "Give it a long random text, the same as in the endpoints of both systems.",
		})
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	return nil
}

// handler serves posts on any path.
type handler struct {
	Options
	key [sha256.Size]byte
}

// NewHandler makes the handler of posts. It answers 200 once the sink has taken
// what a post reports, 503 where the sink could not (the sender tries again),
// 400 for what it cannot read, 401 without the key, 413 for more than MaxBody.
func NewHandler(o Options) (http.Handler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &handler{Options: o, key: sha256.Sum256([]byte(o.Key))}, nil
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.shows(r.URL.Query().Get("code")) && !h.shows(r.Header.Get(KeyHeader)) {
		h.refuse(w, r, http.StatusUnauthorized, "the key is missing or wrong")
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		h.refuse(w, r, http.StatusMethodNotAllowed, "events are sent with POST")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		h.refuse(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", MaxBody))
		return
	}
	if err != nil {
		h.refuse(w, r, http.StatusBadRequest, "the body broke off")
		return
	}
	p, err := parse(body)
	if err != nil {
		h.refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	for _, text := range p.ignored {
		h.Log("Taken without effect: " + text + ".")
	}
	if len(p.notices) > 0 {
		if err := h.Sink(r.Context(), p.notices); err != nil {
			h.Log(fmt.Sprintf("%d reports of changes could not be stored: %v", len(p.notices), err))
			http.Error(w, "the report could not be stored; send it again", http.StatusServiceUnavailable)
			return
		}
	}
	if p.validation == "" {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// The sender asks again where it does not get the answer.
	_ = json.NewEncoder(w).Encode(map[string]string{"validationResponse": p.validation})
}

// shows compares a key in a time that tells nothing about the right one.
func (h *handler) shows(key string) bool {
	sum := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(sum[:], h.key[:]) == 1
}

func (h *handler) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	h.Log(fmt.Sprintf("Refused a post from %s: %s.", r.RemoteAddr, why))
	http.Error(w, why, status)
}
