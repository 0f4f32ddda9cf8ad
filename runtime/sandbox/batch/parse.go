// Package batch is the server side of OData's $batch for both twins: it parses
// the multipart request, carries out its operations through a handler, and
// writes the multipart answer.
package batch

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/textproto"
	"strings"
)

// Error is a batch, or an operation of one, that cannot be carried out.
type Error struct {
	Status  int // HTTP status
	Message string
}

func (e *Error) Error() string { return e.Message }

func malformed(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// unreadable is Dataverse's answer to line ends that are not CRLF.
func unreadable() *Error { return malformed("Stream was not readable.") }

// Item is one part of a batch: a single operation, or a change set of several.
type Item struct {
	ChangeSet  bool
	Operations []Operation
}

// Operation is one request inside a batch.
type Operation struct {
	ContentID string // "" where the part has none
	Method    string
	URL       string // as written: absolute, a path, relative, or beginning with a $reference
	Header    http.Header
	Body      []byte
}

// Syntax says how exact a batch has to be.
type Syntax struct {
	// Strict wants CRLF at the end of every line of the envelope, the last
	// included, and a Content-ID on each operation of a change set, as Dataverse
	// does. Otherwise LF, blanks after boundaries and a missing last boundary of
	// a change set are taken as well, as F&O does.
	Strict bool
	// MaxOperations limits the operations of a batch; 0 is no limit.
	MaxOperations int
}

func (s Syntax) tooMany() *Error {
	return malformed("A maximum number of '%d' operations are allowed in a batch.", s.MaxOperations)
}

// Parse reads the body of a batch. The error is an *Error.
func Parse(contentType string, body []byte, syntax Syntax) ([]Item, error) {
	boundary, err := boundaryOf(contentType)
	if err != nil {
		return nil, err
	}
	parts, err := split(body, boundary, syntax)
	if err != nil {
		return nil, err
	}
	p := parser{syntax: syntax}
	var items []Item
	for _, part := range parts {
		item, err := p.item(part)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func boundaryOf(contentType string) (string, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/mixed" {
		return "", malformed("The content type of a batch must be multipart/mixed with a boundary.")
	}
	b := params["boundary"]
	if b == "" || len(b) > 70 {
		return "", malformed("The content type multipart/mixed needs a boundary of 1 to 70 characters.")
	}
	return b, nil
}

// split cuts a multipart body into the contents of its parts.
func split(body []byte, boundary string, syntax Syntax) ([][]byte, error) {
	strict := syntax.Strict
	open, end := "--"+boundary, "--"+boundary+"--"
	var parts [][]byte
	begin := -1 // of the part being read
	closed := false
	for pos := 0; pos < len(body) && !closed; {
		next := len(body)
		if i := bytes.IndexByte(body[pos:], '\n'); i >= 0 {
			next = pos + i + 1
		}
		line, crlf := trimLine(body[pos:next])
		if !strict {
			line = strings.TrimRight(line, " \t")
		}
		if line == open || line == end {
			if strict && !crlf {
				return nil, unreadable()
			}
			if begin >= 0 {
				content, clean := cutLastBreak(body[begin:pos])
				if strict && !clean {
					return nil, unreadable()
				}
				if syntax.MaxOperations > 0 && len(parts) == syntax.MaxOperations {
					return nil, syntax.tooMany()
				}
				parts = append(parts, content)
			}
			begin = next
			closed = line == end
		}
		pos = next
	}
	switch {
	case begin < 0:
		return nil, malformed("The batch has no part: the boundary '%s' does not occur in it.", boundary)
	case !closed && strict:
		return nil, unreadable()
	case !closed:
		parts = append(parts, body[begin:])
	}
	return parts, nil
}

// trimLine takes the line break away and tells whether it was CRLF.
func trimLine(line []byte) (string, bool) {
	s := string(line)
	if t, ok := strings.CutSuffix(s, "\r\n"); ok {
		return t, true
	}
	return strings.TrimSuffix(s, "\n"), false
}

// cutLastBreak takes away the line break that belongs to the boundary after
// it, and tells whether it was CRLF. An empty part has none.
func cutLastBreak(b []byte) ([]byte, bool) {
	if t, ok := bytes.CutSuffix(b, []byte("\r\n")); ok {
		return t, true
	}
	return bytes.TrimSuffix(b, []byte("\n")), len(b) == 0
}

type parser struct {
	syntax Syntax
	count  int
}

func (p *parser) item(part []byte) (Item, error) {
	header, rest, err := p.header(part)
	if err != nil {
		return Item{}, err
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return Item{}, malformed("A part of the batch has no readable content type.")
	}
	if media != "multipart/mixed" {
		op, err := p.operation(header, media, rest)
		if err != nil {
			return Item{}, err
		}
		return Item{Operations: []Operation{op}}, nil
	}
	return p.changeSet(header, rest)
}

func (p *parser) changeSet(header http.Header, content []byte) (Item, error) {
	boundary, err := boundaryOf(header.Get("Content-Type"))
	if err != nil {
		return Item{}, err
	}
	if p.syntax.Strict {
		// The line break after the last boundary belongs to the boundary of the
		// batch; it was checked and cut there.
		content = append(bytes.Clone(content), "\r\n"...)
	}
	parts, err := split(content, boundary, p.syntax)
	if err != nil {
		return Item{}, err
	}
	item := Item{ChangeSet: true}
	seen := map[string]bool{}
	for _, part := range parts {
		header, rest, err := p.header(part)
		if err != nil {
			return Item{}, err
		}
		media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
		op, err := p.operation(header, media, rest)
		if err != nil {
			return Item{}, err
		}
		if op.Method == http.MethodGet {
			return Item{}, malformed("A GET request is not allowed in a change set.")
		}
		if p.syntax.Strict && op.ContentID == "" {
			return Item{}, malformed("Content-ID MIME header must be specified for each operation of a change set.")
		}
		if op.ContentID != "" && seen[op.ContentID] {
			return Item{}, malformed("The Content-ID '%s' occurs twice in a change set.", op.ContentID)
		}
		seen[op.ContentID] = true
		item.Operations = append(item.Operations, op)
	}
	return item, nil
}

func (p *parser) operation(header http.Header, media string, content []byte) (Operation, error) {
	if media != "application/http" {
		return Operation{}, malformed("The content type of an operation must be application/http, it is '%s'.", media)
	}
	p.count++
	if limit := p.syntax.MaxOperations; limit > 0 && p.count > limit {
		return Operation{}, p.syntax.tooMany()
	}
	line, rest, err := p.line(content)
	if err != nil {
		return Operation{}, err
	}
	method, target, ok := requestLine(line)
	if !ok {
		return Operation{}, malformed("The request line '%s' of an operation is not readable.", clip(line))
	}
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete:
	default:
		return Operation{}, malformed("The method '%s' of an operation is not known.", clip(method))
	}
	own, body, err := p.header(rest)
	if err != nil {
		return Operation{}, err
	}
	return Operation{ContentID: header.Get("Content-Id"), Method: method, URL: target, Header: own, Body: body}, nil
}

// requestLine reads "GET accounts HTTP/1.1". As in Microsoft's OData libraries
// the address is all that stands between the first and the last blank, since
// clients write filters into it as they are.
func requestLine(line string) (method, target string, ok bool) {
	line = strings.TrimSpace(line)
	first, last := strings.IndexByte(line, ' '), strings.LastIndexByte(line, ' ')
	if first < 0 || first == last || !strings.HasPrefix(line[last+1:], "HTTP/1.") {
		return "", "", false
	}
	target = strings.TrimSpace(line[first:last])
	return line[:first], strings.ReplaceAll(target, " ", "%20"), target != ""
}

// header reads header lines up to the blank line, or to the end.
func (p *parser) header(b []byte) (http.Header, []byte, error) {
	h := http.Header{}
	for len(b) > 0 {
		line, rest, err := p.line(b)
		if err != nil {
			return nil, nil, err
		}
		b = rest
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, nil, malformed("The header line '%s' is not readable.", clip(line))
		}
		h.Add(textproto.CanonicalMIMEHeaderKey(name), strings.TrimSpace(value))
	}
	return h, b, nil
}

// line reads one line of the envelope. The last may lack its break, since that
// belongs to the boundary after it.
func (p *parser) line(b []byte) (string, []byte, error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return strings.TrimSuffix(string(b), "\r"), nil, nil
	}
	line, crlf := trimLine(b[:i+1])
	if p.syntax.Strict && !crlf {
		return "", nil, unreadable()
	}
	return line, b[i+1:], nil
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
