package fno

import (
	"net/http"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/batch"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// request is one operation on the OData service.
type request struct {
	*http.Request
	set     *set
	key     string // key predicate, decoded
	keyed   bool
	options map[string]string
	base    string // scheme and host
}

// crossCompany says that the operation reaches all companies, not only the
// user's own.
func (r *request) crossCompany() bool {
	return strings.EqualFold(r.options["cross-company"], "true")
}

// base is the scheme and host that answers name.
func (t *Twin) base(r *http.Request) string {
	if t.opts.BaseURL != "" {
		return t.opts.BaseURL
	}
	return "http://" + r.Host
}

// ServeHTTP serves /data/ and /metadata/.
func (t *Twin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.readStatistics()
	r = t.withCaller(r)
	root, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	rest = strings.TrimSuffix(rest, "/")
	var err error
	switch root {
	case "data":
		err = t.serveData(w, r, rest)
	case "metadata":
		err = t.serveMetadata(w, r, rest)
	default:
		err = noResource(r, t.base(r))
	}
	if err != nil {
		t.answerError(w, err)
	}
}

func (t *Twin) serveData(w http.ResponseWriter, r *http.Request, path string) error {
	switch path {
	case "":
		return t.serveServiceDocument(w, r)
	case "$metadata":
		return t.serveEDMX(w, r)
	case "$batch":
		t.serveBatch(w, r)
		return nil
	}
	segment, rest, _ := strings.Cut(path, "/")
	if action, ok := strings.CutPrefix(rest, namespace); ok && segment == projectsSet {
		return t.serveAction(w, r, action)
	}
	name, key, keyed, err := odata.SplitSegment(segment)
	if err != nil {
		return noRoute()
	}
	s := t.sets[name]
	if s == nil || rest != "" && (rest != "$count" || keyed) {
		return noResource(r, t.base(r))
	}
	options, err := odata.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	q := &request{Request: r, set: s, key: key, keyed: keyed, options: options, base: t.base(r)}
	switch {
	case rest == "$count" && r.Method == http.MethodGet:
		return t.countRows(w, q)
	case rest == "$count":
		return notAllowed(r)
	case keyed:
		return t.serveRow(w, q)
	}
	return t.serveCollection(w, q)
}

func (t *Twin) serveCollection(w http.ResponseWriter, q *request) error {
	if q.set.internal && q.Method != http.MethodGet {
		return notAllowed(q.Request)
	}
	switch q.Method {
	case http.MethodGet:
		return t.readPage(w, q)
	case http.MethodPost:
		return t.create(w, q)
	case http.MethodPatch, http.MethodPut, http.MethodDelete:
		return severalResources()
	}
	return notAllowed(q.Request)
}

func (t *Twin) serveRow(w http.ResponseWriter, q *request) error {
	if q.set.internal && q.Method != http.MethodGet {
		return notAllowed(q.Request)
	}
	switch q.Method {
	case http.MethodGet:
		return t.readRow(w, q)
	case http.MethodPatch, http.MethodPut:
		return t.update(w, q)
	case http.MethodDelete:
		return t.delete(w, q)
	}
	return notAllowed(q.Request)
}

func notAllowed(r *http.Request) error {
	return &failure{
		status:    http.StatusMethodNotAllowed,
		message:   "The requested resource does not support http method '" + r.Method + "'.",
		exception: "System.InvalidOperationException",
	}
}

// serveBatch carries out a $batch; a change set is one transaction.
func (t *Twin) serveBatch(w http.ResponseWriter, r *http.Request) {
	batch.Serve(w, r, batch.Config{
		Syntax:         batch.Syntax{MaxOperations: 5000},
		Handler:        t,
		Begin:          t.beginChangeSet,
		FirstContentID: true,
		NewBoundary:    t.newGUID,
		Fail: func(w http.ResponseWriter, _ *http.Request, err *batch.Error) {
			t.answerError(w, &failure{status: err.Status, message: err.Message, exception: typeReader})
		},
	})
}

// Refuse renders what the gate answers in the twin's place.
func (t *Twin) Refuse(w http.ResponseWriter, r *http.Request, refusal gate.Refusal) {
	var message string
	switch refusal.Reason {
	case gate.Unauthorized:
		authority := t.opts.Authority
		if authority == "" {
			authority = "https://login.microsoftonline.com/common/oauth2/authorize"
		}
		gate.Challenge(w.Header(), authority, t.base(r))
		w.WriteHeader(http.StatusUnauthorized)
		return
	case gate.Broken:
		writeJSON(w, http.StatusInternalServerError, map[string]string{"Message": "An error has occurred."})
		return
	case gate.TooManyRequests:
		message = "Number of requests exceeded the limit of 6000 over the time window of 300 seconds."
	case gate.TooMuchExecution:
		message = "Combined execution time of incoming requests exceeded the limit of 1200 seconds over the time window of 300 seconds. Decrease the number of concurrent requests or reduce the duration of requests and try again later."
	case gate.TooConcurrent:
		message = "Number of concurrent requests exceeded the limit of 52."
	case gate.Throttled:
		message = "This request could not be processed at this time due to system experiencing high resource utilization."
	default:
		gate.PlainRefusal(w, refusal)
		return
	}
	gate.SetRetryAfter(w.Header(), refusal.RetryAfter)
	writeJSON(w, http.StatusTooManyRequests, map[string]string{"Message": message})
}
