package fno

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxErrorFile bounds a file of keys: rows of a package with room to spare.
const maxErrorFile = 64 << 20

// errorKeys reads the keys in a file of rows that failed: comma separated, with
// a header row that names the key fields, maybe among others. Columns are
// recognised without regard to case. The documentation does not show such a
// file, so that one that cannot be read is an error and never "no rows".
func errorKeys(content []byte, keys []string) ([]string, error) {
	text, err := decodeText(content)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the file of failed rows has no header: %w", err)
	}
	at := make([]int, len(keys))
	for i, key := range keys {
		at[i] = -1
		for n, name := range head {
			if strings.EqualFold(strings.TrimSpace(name), key) {
				at[i] = n
			}
		}
		if at[i] < 0 {
			return nil, fmt.Errorf("the file of failed rows has no column %s", key)
		}
	}
	var out []string
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the file of failed rows cannot be read: %w", err)
		}
		parts := make([]string, len(keys))
		for i, n := range at {
			if n >= len(line) {
				return nil, errors.New("the file of failed rows has a line that is too short")
			}
			parts[i] = line[n]
		}
		out = append(out, packageKey(parts))
	}
}

// decodeText reads UTF-8 or, by its mark, UTF-16 in little endian.
func decodeText(b []byte) (string, error) {
	switch {
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		if len(b)%2 != 0 {
			return "", errors.New("the file ends in the middle of a character")
		}
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i < len(b); i += 2 {
			units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
		}
		return string(utf16.Decode(units)), nil
	case len(b) >= 3 && string(b[:3]) == "\ufeff":
		b = b[3:]
	}
	return string(b), nil
}

// writeURL reads what GetAzureWriteUrl gives: JSON inside a string. The address
// is a secret: errors never show it.
func writeURL(text string) (string, error) {
	var inner struct {
		URL string `json:"BlobUrl"`
	}
	if err := json.Unmarshal([]byte(text), &inner); err != nil || inner.URL == "" {
		return "", &odata.Malformed{Detail: "GetAzureWriteUrl gave no address of a blob"}
	}
	return inner.URL, nil
}

// jobMessage is one element of what GetExecutionErrors gives, whose form is not
// documented.
type jobMessage struct{ record, text string }

// jobMessages reads a list as JSON inside a string: of texts, or of objects
// that have a text under one of the names that are in use. Anything else is one
// message as it stands.
func jobMessages(text string) []jobMessage {
	var out []jobMessage
	add := func(record, text string) {
		if text = odata.Clean(text); text != "" {
			out = append(out, jobMessage{record: record, text: text})
		}
	}
	var list []jsontext.Value
	if json.Unmarshal([]byte(text), &list) != nil {
		add("", text)
		return out
	}
	for _, element := range list {
		var one string
		var object map[string]jsontext.Value
		switch element.Kind() {
		case '"':
			if json.Unmarshal(element, &one) == nil {
				add("", infolog(one))
			}
		case '{':
			if json.Unmarshal(element, &object) == nil {
				add(member(object, "RecordId"), infolog(member(object, "ErrorMessage", "Message", "message")))
			}
		}
	}
	return out
}

// member gives the text under the first of the names that there is.
func member(object map[string]jsontext.Value, names ...string) string {
	for _, name := range names {
		var text string
		if v, ok := object[name]; ok && json.Unmarshal(v, &text) == nil && text != "" {
			return text
		}
	}
	return ""
}

// explain gives the rows that failed the messages that name them. The service
// calls a record by the parts of its key with a dash between them.
func explain(rows []string, messages []jobMessage) []connect.FailedRow {
	texts := map[string]string{}
	for _, m := range messages {
		if m.record != "" {
			texts[strings.ToLower(m.record)] = m.text
		}
	}
	out := make([]connect.FailedRow, len(rows))
	for i, key := range rows {
		out[i] = connect.FailedRow{Key: key, Message: texts[strings.ReplaceAll(key, "\x1f", "-")]}
	}
	return out
}

// keyColumns are the key fields of an entity as files name them.
func keyColumns(t *schema.Table) []string {
	var out []string
	for _, name := range t.Key {
		if !t.CompanySpecific || name != companyField {
			out = append(out, strings.ToUpper(name))
		}
	}
	return out
}
