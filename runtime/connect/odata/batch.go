package odata

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// Part is one request inside a batch, outside any change set: it stands or
// falls by itself.
type Part struct {
	Method string
	URL    string // absolute path on the host
	Header http.Header
	Body   []byte
}

// PartResponse is the answer to one part.
type PartResponse struct {
	Status int
	Header http.Header
	Body   []byte
}

// EncodeBatch writes the body of a batch request. All line ends are CRLF, the
// last one too: Dataverse refuses anything else.
func EncodeBatch(boundary string, parts []Part) []byte {
	var b bytes.Buffer
	line := func(texts ...string) {
		for _, t := range texts {
			b.WriteString(t)
		}
		b.WriteString("\r\n")
	}
	for _, p := range parts {
		line("--", boundary)
		line("Content-Type: application/http")
		line("Content-Transfer-Encoding: binary")
		line()
		line(p.Method, " ", p.URL, " HTTP/1.1")
		if p.Body != nil {
			line("Content-Type: application/json; type=entry")
		}
		// Header.Write sorts the names and replaces line breaks in values.
		_ = p.Header.Write(&b) // a bytes.Buffer does not fail
		line()
		b.Write(p.Body)
		line()
	}
	line("--", boundary, "--")
	return b.Bytes()
}

// BatchHeader gives the headers of a batch request whose parts are all carried
// out, also after one that fails.
func BatchHeader(boundary string) http.Header {
	return http.Header{
		"Content-Type": {`multipart/mixed; boundary="` + boundary + `"`},
		"Prefer":       {"odata.continue-on-error"},
	}
}

const maxPart = 16 << 20

// DecodeBatch reads the answer to a batch without change sets. Parts that were
// answered before the text broke off come with the error, a *Malformed.
func DecodeBatch(contentType string, r io.Reader) ([]PartResponse, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") || params["boundary"] == "" {
		return nil, &Malformed{Detail: fmt.Sprintf("a batch is answered with content of type %.80q", contentType)}
	}
	var out []PartResponse
	parts := multipart.NewReader(r, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF { // an end in the middle comes wrapped
			return out, nil
		}
		if err != nil {
			return out, &Malformed{Detail: "the answer to a batch breaks off: " + err.Error()}
		}
		response, err := decodePart(part)
		if err != nil {
			return out, &Malformed{Detail: fmt.Sprintf("part %d of the answer to a batch: %v", len(out)+1, err)}
		}
		out = append(out, response)
	}
}

func decodePart(part *multipart.Part) (PartResponse, error) {
	media, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || media != "application/http" {
		return PartResponse{}, fmt.Errorf("content of type %.80q", part.Header.Get("Content-Type"))
	}
	response, err := http.ReadResponse(bufio.NewReader(part), nil)
	if err != nil {
		return PartResponse{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPart))
	if err != nil {
		return PartResponse{}, err
	}
	return PartResponse{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}
