package fno

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// Exception types in the error envelope.
const (
	typeWrite  = "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException"
	typeReader = "Microsoft.OData.ODataException"
)

// failure is an answer in the OData error envelope.
type failure struct {
	status    int // 0: Options.ErrorStatus
	message   string
	exception string
}

func (e *failure) Error() string { return e.message }

// routeError is an address that no route serves; its body is not an OData
// envelope.
type routeError struct{ message string }

func (e *routeError) Error() string { return e.message }

// errRowNotFound is a row that a GET by key does not find.
var errRowNotFound = errors.New("there is no such row")

func noRoute() error { return &routeError{message: "No route data was found for this request."} }

func noResource(r *http.Request, base string) error {
	return &routeError{message: fmt.Sprintf("No HTTP resource was found that matches the request URI '%s'.", base+r.URL.RequestURI())}
}

func badRequest(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...), exception: typeReader}
}

// noResources is the answer to a write of a row that does not exist: the way
// in which clients find out that they have to create it.
func noResources() *failure {
	return &failure{message: "No resources were found when selecting for update.", exception: typeWrite}
}

func severalResources() *failure {
	return &failure{message: "More than one resource was found when selecting for update.", exception: typeWrite}
}

// infolog collects what validation and the kernel say about one row.
type infolog struct{ segments []string }

func (l *infolog) add(level, format string, args ...any) {
	l.segments = append(l.segments, level+": "+fmt.Sprintf(format, args...))
}

// failure gives the error of a write with the collected segments; nil where
// there are none.
func (l *infolog) failure(s *set) error {
	if len(l.segments) == 0 {
		return nil
	}
	return &failure{
		message:   fmt.Sprintf("Write failed for table row of type '%s'. Infolog: %s.", s.AOT, strings.Join(l.segments, "; ")),
		exception: typeWrite,
	}
}

// answerError renders any error of the twin.
func (t *Twin) answerError(w http.ResponseWriter, err error) {
	var (
		fail     *failure
		route    *routeError
		reader   *readerError
		property *propertyError
		syntax   *odata.SyntaxError
		mismatch *odata.TypeError
		missing  *odata.UnsupportedError
	)
	switch {
	case errors.As(err, &fail):
	case errors.As(err, &route):
		writeJSON(w, http.StatusNotFound, map[string]string{"Message": route.message})
		return
	case errors.Is(err, errRowNotFound):
		w.WriteHeader(http.StatusNotFound)
		return
	case errors.As(err, &reader), errors.As(err, &property), errors.As(err, &syntax), errors.As(err, &mismatch), errors.As(err, &missing):
		fail = badRequest("%s", err.Error())
	default:
		fail = &failure{status: http.StatusInternalServerError, message: err.Error(), exception: "System.Exception"}
	}
	status := fail.status
	if status == 0 {
		status = t.opts.ErrorStatus
	}
	type inner struct {
		Message    string `json:"message"`
		Type       string `json:"type"`
		Stacktrace string `json:"stacktrace"`
	}
	type envelope struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   inner  `json:"innererror"`
	}
	writeJSON(w, status, map[string]envelope{"error": {
		Message: "An error has occurred.",
		Inner: inner{
			Message: fail.message, Type: fail.exception,
			Stacktrace: "   at Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataController",
		},
	}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	writeHead(w, status)
	// A client that is gone cannot be told.
	_ = odata.WriteJSON(w, v)
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	writeHead(w, status)
	_, _ = w.Write(body)
}

func writeHead(w http.ResponseWriter, status int) {
	h := w.Header()
	h.Set("Content-Type", "application/json; odata.metadata=minimal")
	h.Set("OData-Version", "4.0")
	w.WriteHeader(status)
}
