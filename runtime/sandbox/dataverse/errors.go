package dataverse

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/runtime/sandbox/batch"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// Codes of the service (Dataverse developer documentation, "Web service error
// codes").
const (
	codeUnexpected        = "0x80040216"
	codeNotFound          = "0x80040217"
	codeInvalidArgument   = "0x80040203"
	codeDuplicateID       = "0x80040237"
	codeNoSuchMessage     = "0x80040800"
	codeBadStatus         = "0x80048408"
	codeOutOfRange        = "0x80044330"
	codeTooLong           = "0x80044331"
	codeChoiceRange       = "0x8004431a"
	codeExpired           = "0x80044352"
	codePayload           = "0x80048d19"
	codeVersionMismatch   = "0x80060882"
	codeOData             = "0x80060888"
	codeNoConcurrency     = "0x8006088d"
	codeKeyNotDefined     = "0x80060890"
	codeNotFoundByKey     = "0x80060891"
	codeDuplicateKey      = "0x80060892"
	codeTooManyRequests   = "0x80072322"
	codeTooMuchExecution  = "0x80072321"
	codeTooMuchConcurrent = "0x80072326"
)

// apiError is an answer in the service's error envelope.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func fail(status int, code, format string, args ...any) *apiError {
	return &apiError{status, code, fmt.Sprintf(format, args...)}
}

// badRequest is an error of the OData layer.
func badRequest(format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, codeOData, format, args...)
}

// badPayload is an error in the JSON of a write.
func badPayload(t *table, format string, args ...any) *apiError {
	return fail(http.StatusBadRequest, codePayload,
		"Error identified in Payload provided by the user for Entity :'%s', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: %s",
		t.EntitySet, fmt.Sprintf(format, args...))
}

func noSuchProperty(t *table, name string) *apiError {
	return badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.%s'.", name, t.LogicalName)
}

func missingRow(t *table, id string) *apiError {
	return fail(http.StatusNotFound, codeNotFound, "%s With Id = %s Does Not Exist", t.LogicalName, id)
}

func missingKey(t *table) *apiError {
	return fail(http.StatusNotFound, codeNotFoundByKey, "A record with the specified key values does not exist in %s entity", t.LogicalName)
}

func duplicateID() *apiError {
	return fail(http.StatusPreconditionFailed, codeDuplicateID, "A record with matching key values already exists.")
}

// duplicate turns a violated unique index of t into the service's error; other
// errors, and none, come back as they are.
func (t *table) duplicate(err error) error {
	if err == nil {
		return nil
	}
	_, list, ok := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	if !ok {
		return err
	}
	list, _, _ = strings.Cut(list, " (")
	var columns []string
	for name := range strings.SplitSeq(list, ", ") {
		columns = append(columns, strings.TrimPrefix(name, t.EntitySet+"."))
	}
	for _, k := range t.Keys {
		if strings.Join(k.Columns, ",") == strings.Join(columns, ",") {
			return fail(http.StatusPreconditionFailed, codeDuplicateKey,
				"Entity Key %s violated. A record with the same value for %s already exists. A duplicate record cannot be created. Select one or more unique values and try again.",
				k.LogicalName, strings.Join(k.Columns, ", "))
		}
	}
	return duplicateID()
}

// asAPIError finds the answer for any error.
func asAPIError(err error) *apiError {
	var api *apiError
	var syntax *odata.SyntaxError
	var kind *odata.TypeError
	var unsupported *odata.UnsupportedError
	switch {
	case errors.As(err, &api):
		return api
	case errors.As(err, &syntax), errors.As(err, &kind), errors.As(err, &unsupported):
		return badRequest("%s", err.Error())
	}
	// A fault of the twin or of its file: said in full, since only the person
	// who runs the twin reads it.
	return fail(http.StatusInternalServerError, codeUnexpected, "An unexpected error occurred. (twin: %v)", err)
}

// writeError answers with the envelope.
func (t *Twin) writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := asAPIError(err)
	body := map[string]any{"code": e.code, "message": e.message}
	if p := readPreferences(r.Header); p.annotates("Microsoft.PowerApps.CDS.HelpLink") {
		body["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] = "1"
		body["@Microsoft.PowerApps.CDS.HelpLink"] = "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a" + strings.TrimPrefix(e.code, "0x") + "&client=platform"
	}
	w.Header().Set("REQ_ID", t.requestID())
	writeJSON(w, e.status, map[string]any{"error": body})
}

// requestID is a guid for the diagnosis of one answer.
func (t *Twin) requestID() string {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(t.request.Add(1)))
	return uuid.NewSHA1(uuid.NameSpaceOID, append([]byte(t.org), n[:]...)).String()
}

func setJSON(h http.Header) {
	h.Set("Content-Type", "application/json; odata.metadata=minimal")
	h.Set("OData-Version", "4.0")
}

// writeJSON answers with a value that always encodes.
func writeJSON(w http.ResponseWriter, status int, v any) {
	setJSON(w.Header())
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_ = odata.WriteJSON(w, v)
}

// Refuse answers for the gate.
func (t *Twin) Refuse(w http.ResponseWriter, r *http.Request, refusal gate.Refusal) {
	gate.SetRetryAfter(w.Header(), refusal.RetryAfter)
	switch refusal.Reason {
	case gate.Unauthorized:
		gate.Challenge(w.Header(), t.opts.Authority, t.root(r)+"/")
		w.WriteHeader(http.StatusUnauthorized)
	case gate.Broken:
		t.writeError(w, r, fail(http.StatusInternalServerError, codeUnexpected, "An unexpected error occurred."))
	case gate.TooMuchExecution:
		t.writeError(w, r, fail(http.StatusTooManyRequests, codeTooMuchExecution,
			"Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later."))
	case gate.TooConcurrent:
		t.writeError(w, r, fail(http.StatusTooManyRequests, codeTooMuchConcurrent, "Number of concurrent requests exceeded the limit of 52."))
	default:
		t.writeError(w, r, fail(http.StatusTooManyRequests, codeTooManyRequests,
			"Number of requests exceeded the limit of 6000 over time window of 300 seconds."))
	}
}

// failBatch answers for the batch package.
func (t *Twin) failBatch(w http.ResponseWriter, r *http.Request, err *batch.Error) {
	code := codePayload
	if err.Status == http.StatusInternalServerError {
		code = codeUnexpected
	}
	t.writeError(w, r, fail(err.Status, code, "%s", err.Message))
}
