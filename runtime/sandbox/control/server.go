package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/dualwrite/dw/runtime/sandbox/dataverse"
	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

const maxBody = 1 << 20

// server serves the interface for the twins of a sandbox.
type server struct {
	key       [sha256.Size]byte
	fno       *fno.Twin
	dataverse *dataverse.Twin
}

// NewHandler makes the handler of the interface.
func NewHandler(key string, f *fno.Twin, d *dataverse.Twin) http.Handler {
	s := &server{key: sha256.Sum256([]byte(key)), fno: f, dataverse: d}
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(r *http.Request) error{
		"GET " + eventsPath:      func(*http.Request) error { return nil },
		"POST " + eventsPath:     s.activate,
		"DELETE " + eventsPath:   s.deactivate,
		"POST " + resendPath:     s.resend,
		"POST " + faultsPath:     s.disturb,
		"POST " + projectsPath:   s.createProject,
		"DELETE " + projectsPath: s.deleteProject,
		"POST " + parametersPath: s.setParameters,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := serve(r); err != nil {
				answer(w, http.StatusBadRequest, errorAnswer{err.Error()})
				return
			}
			status, err := s.status(r)
			if err != nil {
				answer(w, http.StatusInternalServerError, errorAnswer{err.Error()})
				return
			}
			answer(w, http.StatusOK, status)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown := sha256.Sum256([]byte(gate.BearerToken(r)))
		if subtle.ConstantTimeCompare(shown[:], s.key[:]) != 1 {
			answer(w, http.StatusUnauthorized, errorAnswer{"the key of the sandbox is missing or wrong"})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *server) activate(r *http.Request) error {
	var a Activation
	if err := read(r, &a); err != nil {
		return err
	}
	return s.fno.ActivateEvents(r.Context(), a)
}

func (s *server) deactivate(r *http.Request) error {
	var e endpointName
	if err := read(r, &e); err != nil {
		return err
	}
	s.fno.DeactivateEvents(e.Endpoint)
	return nil
}

func (s *server) resend(r *http.Request) error {
	var again Resend
	if err := read(r, &again); err != nil {
		return err
	}
	s.fno.Events().Resend(again.FnO...)
	s.dataverse.Webhooks().Resend(again.Dataverse...)
	return nil
}

func (s *server) disturb(r *http.Request) error {
	var f FaultSet
	if err := read(r, &f); err != nil {
		return err
	}
	if f.Events == nil {
		return errors.New("nothing to disturb is named; events is known")
	}
	return errors.Join(s.fno.Events().SetFaults(*f.Events), s.dataverse.Webhooks().SetFaults(*f.Events))
}

func (s *server) createProject(r *http.Request) error {
	var p Project
	if err := read(r, &p); err != nil {
		return err
	}
	return s.fno.CreateProject(r.Context(), p)
}

func (s *server) deleteProject(r *http.Request) error {
	var p projectName
	if err := read(r, &p); err != nil {
		return err
	}
	return s.fno.DeleteProject(r.Context(), p.Name)
}

func (s *server) setParameters(r *http.Request) error {
	var p Parameters
	if err := read(r, &p); err != nil {
		return err
	}
	return s.fno.SetParameters(r.Context(), p)
}

func (s *server) status(r *http.Request) (Status, error) {
	projects, err := s.fno.Projects(r.Context())
	return Status{
		Activations: s.fno.EventActivations(), FnO: delivery(s.fno.Events()), Dataverse: delivery(s.dataverse.Webhooks()), Projects: projects,
	}, err
}

func delivery(b *outbox.Outbox) Delivery {
	d := Delivery{Counts: b.Counts(), Failures: b.Failures()}
	if d.Failures == nil {
		d.Failures = []outbox.Failure{}
	}
	return d
}

// read reads one JSON object without unknown members.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}
