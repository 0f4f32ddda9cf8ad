package dualwrite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// Bounds of what is read.
const (
	maxDepth = 64
	maxNodes = 2_000_000
)

// tree is a JSON value whose objects keep their order and find their members
// in any letter case.
type tree struct {
	kind    kind
	text    string // of texts and numbers; "true" and "false"
	members []member
	items   []*tree
}

type kind uint8

const (
	kindNull kind = iota
	kindText
	kindNumber
	kindBool
	kindObject
	kindArray
)

type member struct {
	name  string
	value *tree
}

var (
	errTooDeep = errors.New("brackets are nested too deep")
	errTooMany = errors.New("there are too many values")
)

// parseTree reads the JSON value at the start of a text. Rest is what follows
// it. With an error the tree holds what was read before, and is nil where that
// is nothing.
func parseTree(text []byte) (t *tree, rest []byte, err error) {
	text = plainText(text)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	p := &treeParser{decoder: d}
	t, err = p.value(0)
	if err != nil {
		return t, nil, err
	}
	return t, bytes.TrimSpace(text[min(int(d.InputOffset()), len(text)):]), nil
}

// plainText takes off a byte order mark, and decodes UTF-16 that has one.
func plainText(b []byte) []byte {
	if out, ok := bytes.CutPrefix(b, []byte("\xEF\xBB\xBF")); ok {
		return out
	}
	if len(b) < 2 || !(b[0] == 0xFF && b[1] == 0xFE) && !(b[0] == 0xFE && b[1] == 0xFF) {
		return b
	}
	high, low := 1, 0
	if b[0] == 0xFE {
		high, low = 0, 1
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i+high])<<8|uint16(b[i+low]))
	}
	return []byte(string(utf16.Decode(units)))
}

type treeParser struct {
	decoder *json.Decoder
	nodes   int
}

func (p *treeParser) value(depth int) (*tree, error) {
	token, err := p.decoder.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return p.after(token, depth)
}

func (p *treeParser) after(token json.Token, depth int) (*tree, error) {
	p.nodes++
	switch {
	case depth > maxDepth:
		return nil, errTooDeep
	case p.nodes > maxNodes:
		return nil, errTooMany
	}
	switch v := token.(type) {
	case nil:
		return &tree{}, nil
	case string:
		return &tree{kind: kindText, text: v}, nil
	case json.Number:
		return &tree{kind: kindNumber, text: v.String()}, nil
	case bool:
		return &tree{kind: kindBool, text: fmt.Sprint(v)}, nil
	case json.Delim:
		if v == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	}
	return nil, fmt.Errorf("unexpected %v", token)
}

func (p *treeParser) object(depth int) (*tree, error) {
	out := &tree{kind: kindObject}
	for p.decoder.More() {
		name, err := p.decoder.Token()
		if err != nil {
			return out, err
		}
		text, ok := name.(string)
		if !ok {
			return out, fmt.Errorf("unexpected %v", name)
		}
		v, err := p.value(depth + 1)
		if v != nil {
			out.members = append(out.members, member{text, v})
		}
		if err != nil {
			return out, err
		}
	}
	return out, p.end()
}

func (p *treeParser) array(depth int) (*tree, error) {
	out := &tree{kind: kindArray}
	for p.decoder.More() {
		v, err := p.value(depth + 1)
		if v != nil {
			out.items = append(out.items, v)
		}
		if err != nil {
			return out, err
		}
	}
	return out, p.end()
}

// end reads the closing bracket.
func (p *treeParser) end() error {
	_, err := p.decoder.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// get finds a member by one of its names, in any letter case; the last one
// counts where it is repeated. Nil where there is none, and on nil.
func (t *tree) get(names ...string) *tree {
	if t == nil {
		return nil
	}
	for _, name := range names {
		for i := len(t.members) - 1; i >= 0; i-- {
			if strings.EqualFold(t.members[i].name, name) {
				return t.members[i].value
			}
		}
	}
	return nil
}

// str gives the text of a scalar; "" of anything else.
func (t *tree) str() string {
	if t == nil {
		return ""
	}
	return t.text
}

// list gives the items of an array; none of anything else.
func (t *tree) list() []*tree {
	if t == nil || t.kind != kindArray {
		return nil
	}
	return t.items
}

func (t *tree) is(k kind) bool { return t != nil && t.kind == k }

// json writes the tree again, in one line.
func (t *tree) json() string {
	var b strings.Builder
	t.write(&b)
	return b.String()
}

func (t *tree) write(b *strings.Builder) {
	switch t.kind {
	case kindNull:
		b.WriteString("null")
	case kindText:
		b.WriteString(quoteJSON(t.text))
	case kindNumber, kindBool:
		b.WriteString(t.text)
	case kindObject:
		b.WriteByte('{')
		for i, m := range t.members {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoteJSON(m.name) + ": ")
			m.value.write(b)
		}
		b.WriteByte('}')
	case kindArray:
		b.WriteByte('[')
		for i, x := range t.items {
			if i > 0 {
				b.WriteString(", ")
			}
			x.write(b)
		}
		b.WriteByte(']')
	}
}

// quoteJSON quotes a text for JSON without escaping what only HTML needs.
func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a text has no value that cannot be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
