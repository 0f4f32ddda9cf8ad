package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// Transaction is what a change set runs in. Its operations get Context.
type Transaction interface {
	Context() context.Context
	Commit() error
	Rollback()
}

// Config says how a twin serves batches.
type Config struct {
	Syntax

	// Handler carries out the operations.
	Handler http.Handler
	// Begin starts the transaction of a change set.
	Begin func(ctx context.Context) (Transaction, error)
	// Fail renders an error in the envelope of the service.
	Fail func(w http.ResponseWriter, r *http.Request, err *Error)
	// NewBoundary returns the unique part of a boundary, such as a guid.
	NewBoundary func() string

	// StopAtError ends the batch at the first operation that fails, with its
	// status as that of the answer, unless the request has the preference
	// odata.continue-on-error. Otherwise all are carried out and the status is
	// 200.
	StopAtError bool
	// FirstContentID answers a failed change set with the Content-ID of its
	// first operation, whichever failed, as F&O does.
	FirstContentID bool
	// MaxBody limits the bytes of a batch; 0 is 128 MB.
	MaxBody int64
}

// Serve answers one $batch request.
func Serve(w http.ResponseWriter, r *http.Request, c Config) {
	if r.Method != http.MethodPost {
		c.Fail(w, r, &Error{Status: http.StatusMethodNotAllowed, Message: "A batch has to be sent with POST."})
		return
	}
	limit := c.MaxBody
	if limit == 0 {
		limit = 128 << 20
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		c.Fail(w, r, malformed("The batch could not be read: %v", err))
		return
	}
	if int64(len(body)) > limit {
		c.Fail(w, r, &Error{Status: http.StatusRequestEntityTooLarge, Message: "The batch is too large."})
		return
	}
	items, err := Parse(r.Header.Get("Content-Type"), body, c.Syntax)
	if err != nil {
		c.Fail(w, r, asError(err))
		return
	}
	s := &session{config: c, outer: r, boundary: "batchresponse_" + c.NewBoundary(), locations: map[string]string{}}
	stop := c.StopAtError && !prefers(r.Header, "odata.continue-on-error")
	status := http.StatusOK
	for _, item := range items {
		failed := s.item(item)
		if failed != 0 && stop {
			status = failed
			break
		}
	}
	fmt.Fprintf(&s.out, "--%s--\r\n", s.boundary)
	w.Header().Set("Content-Type", "multipart/mixed; boundary="+s.boundary)
	w.WriteHeader(status)
	_, _ = w.Write(s.out.Bytes())
}

func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Status: http.StatusInternalServerError, Message: err.Error()}
}

// prefers tells whether a preference is asked for.
func prefers(h http.Header, name string) bool {
	for _, v := range h.Values("Prefer") {
		for p := range strings.SplitSeq(v, ",") {
			p, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(strings.TrimSpace(p), name) && !strings.EqualFold(strings.TrimSpace(value), "false") {
				return true
			}
		}
	}
	return false
}

// session is one batch being carried out.
type session struct {
	config    Config
	outer     *http.Request
	boundary  string
	out       bytes.Buffer
	locations map[string]string // Content-ID -> URL of the row, of the current change set
}

// item carries out one part and writes its answer; it returns the status of a
// failure, or 0.
func (s *session) item(item Item) int {
	fmt.Fprintf(&s.out, "--%s\r\n", s.boundary)
	if !item.ChangeSet {
		op := item.Operations[0]
		clear(s.locations)
		a := s.run(s.outer.Context(), op)
		gate.Note(s.outer.Context()).AddPart(gate.Part{Method: op.Method, URL: op.URL, Status: a.status})
		a.write(&s.out, op.ContentID)
		return a.failure()
	}
	answers, failed := s.changeSet(item)
	boundary := "changesetresponse_" + s.config.NewBoundary()
	fmt.Fprintf(&s.out, "Content-Type: multipart/mixed; boundary=%s\r\n\r\n", boundary)
	for i, a := range answers {
		fmt.Fprintf(&s.out, "--%s\r\n", boundary)
		id := item.Operations[i].ContentID
		if failed >= 0 {
			id = item.Operations[failed].ContentID
			if s.config.FirstContentID {
				id = item.Operations[0].ContentID
			}
		}
		a.write(&s.out, id)
	}
	fmt.Fprintf(&s.out, "--%s--\r\n", boundary)
	if failed >= 0 {
		return answers[0].failure()
	}
	return 0
}

// changeSet carries out a change set. Where an operation fails, its answer is
// the only one, and failed is its index; else failed is -1.
func (s *session) changeSet(item Item) (answers []*answer, failed int) {
	clear(s.locations)
	if len(item.Operations) == 0 {
		return nil, -1
	}
	notes := gate.Note(s.outer.Context())
	tx, err := s.config.Begin(s.outer.Context())
	if err != nil {
		return []*answer{s.failed(asError(err))}, 0
	}
	open := true
	defer func() {
		if open { // an operation failed, or panicked
			tx.Rollback()
		}
	}()
	var parts []gate.Part
	for i, op := range item.Operations {
		a := s.run(tx.Context(), op)
		part := gate.Part{Method: op.Method, URL: op.URL, Status: a.status}
		if a.failure() != 0 {
			// The others were undone and are answered by nobody.
			notes.AddPart(part)
			return []*answer{a}, i
		}
		parts = append(parts, part)
		answers = append(answers, a)
		if loc := a.location(); loc != "" && op.ContentID != "" {
			s.locations[op.ContentID] = loc
		}
	}
	open = false
	if err := tx.Commit(); err != nil {
		return []*answer{s.failed(asError(err))}, 0
	}
	for _, p := range parts {
		notes.AddPart(p)
	}
	return answers, -1
}

// run carries out one operation.
func (s *session) run(ctx context.Context, op Operation) *answer {
	target, err := s.resolve(op.URL)
	if err != nil {
		return s.failed(err)
	}
	body, err := s.bind(op.Body)
	if err != nil {
		return s.failed(err)
	}
	r, rerr := http.NewRequestWithContext(ctx, op.Method, target, bytes.NewReader(body))
	if rerr != nil {
		return s.failed(malformed("The URL '%s' of an operation is not readable.", clip(op.URL)))
	}
	if strings.HasSuffix(r.URL.Path, "/$batch") {
		return s.failed(malformed("Batches cannot be nested."))
	}
	r.Header = op.Header.Clone()
	r.Host = s.outer.Host
	r.RemoteAddr = s.outer.RemoteAddr
	a := &answer{header: http.Header{}}
	s.config.Handler.ServeHTTP(a, r)
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a
}

// resolve makes the URL of an operation absolute.
func (s *session) resolve(target string) (string, *Error) {
	if ref, ok := strings.CutPrefix(target, "$"); ok && !strings.HasPrefix(target, "$metadata") {
		id, rest := ref, ""
		if i := strings.IndexAny(ref, "/?"); i >= 0 {
			id, rest = ref[:i], ref[i:]
		}
		loc, ok := s.locations[id]
		if !ok {
			return "", unknownReference(id)
		}
		target = loc + rest
	}
	if !strings.HasPrefix(target, "/") && !strings.Contains(target, "://") {
		target = "./" + target // a colon within a key is not the end of a scheme
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", malformed("The URL '%s' of an operation is not readable.", clip(target))
	}
	base := *s.outer.URL
	if base.Host == "" {
		base.Scheme, base.Host = "http", s.outer.Host
	}
	base.RawQuery = ""
	return base.ResolveReference(u).String(), nil
}

// reference finds Content-IDs in the values of binds and of @odata.id.
var reference = regexp.MustCompile(`(@odata\.(?:bind|id)"\s*:\s*")\$([A-Za-z0-9_.-]+)`)

// bind replaces the references of a body by the rows that they stand for.
func (s *session) bind(body []byte) ([]byte, *Error) {
	if !bytes.Contains(body, []byte(`"$`)) {
		return body, nil
	}
	var missing *Error
	out := reference.ReplaceAllFunc(body, func(m []byte) []byte {
		sub := reference.FindSubmatch(m)
		loc, ok := s.locations[string(sub[2])]
		if !ok {
			missing = unknownReference(string(sub[2]))
			return m
		}
		return append(slices.Clone(sub[1]), loc...)
	})
	return out, missing
}

func unknownReference(id string) *Error {
	return malformed("Content-ID Reference: '$%s' does not exist in the batch context.", clip(id))
}

func (s *session) failed(err *Error) *answer {
	a := &answer{header: http.Header{}}
	s.config.Fail(a, s.outer, err)
	return a
}

// answer is the answer of one operation.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) {
	if a.status == 0 {
		a.status = code
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// failure returns the status of a failed operation, 0 for one that is done.
func (a *answer) failure() int {
	if a.status >= 400 {
		return a.status
	}
	return 0
}

// location is the URL of the row that the operation wrote.
func (a *answer) location() string {
	if id := a.header.Get("OData-EntityId"); id != "" {
		return id
	}
	return a.header.Get("Location")
}

// write renders the answer as a part, after its boundary line.
func (a *answer) write(out *bytes.Buffer, contentID string) {
	out.WriteString("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n")
	if contentID != "" {
		fmt.Fprintf(out, "Content-ID: %s\r\n", contentID)
	}
	fmt.Fprintf(out, "\r\nHTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	_ = a.header.Write(out) // a bytes.Buffer takes everything
	out.WriteString("\r\n")
	out.Write(a.body.Bytes())
	out.WriteString("\r\n")
}
