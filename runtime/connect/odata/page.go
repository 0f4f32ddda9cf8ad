package odata

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/go-json-experiment/json/jsontext"
)

// Scalar is one JSON value as it stood in the answer: the content of a string,
// the digits of a number, or the raw text of anything else. Text is valid only
// during the call that hands it over.
type Scalar struct {
	Kind jsontext.Kind // '"', '0', 't', 'f', 'n', '{', '['
	Text []byte
}

// Parse turns what the service sent into a value. It is not asked about null.
type Parse func(s Scalar) (value.Value, error)

// Column is one column of an answer.
type Column struct {
	Wire  string // member of the row object
	Parse Parse
	// Annotation is a member that names the table that a polymorphic lookup
	// points at; "" where the column has none.
	Annotation string
}

// Layout says where the members of a row object go.
type Layout struct {
	columns  []Column
	id       string
	byMember map[string]member
}

// member is what one member of a row object is good for; one may serve twice,
// as the row's id and as a column.
type member struct {
	column     int // -1: none
	annotation int // -1: none
	id         bool
}

// NewLayout prepares to decode rows. Id is the member with the row's id, ""
// where rows carry it only in their ETag.
func NewLayout(columns []Column, id string) *Layout {
	l := &Layout{columns: columns, id: id, byMember: make(map[string]member, len(columns)+1)}
	get := func(name string) member {
		if m, ok := l.byMember[name]; ok {
			return m
		}
		return member{column: -1, annotation: -1}
	}
	for i, c := range columns {
		m := get(c.Wire)
		m.column = i
		l.byMember[c.Wire] = m
		if c.Annotation != "" {
			m = get(c.Annotation)
			m.annotation = i
			l.byMember[c.Annotation] = m
		}
	}
	if id != "" {
		m := get(id)
		m.id = true
		l.byMember[id] = m
	}
	return l
}

// Page is a decoded collection.
type Page struct {
	Rows  []connect.Row
	Next  string // @odata.nextLink
	Delta string // @odata.deltaLink
	Count int64  // @odata.count, -1 where it is not given
}

// DecodePage reads a collection answer from r as it arrives. Errors about its
// form are *Malformed.
func DecodePage(r io.Reader, l *Layout) (Page, error) {
	d := newDecoder(r, l)
	page := Page{Count: -1}
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "value":
			return d.array(func() error {
				row, err := d.row()
				if err == nil {
					page.Rows = append(page.Rows, row)
				}
				return err
			})
		case "@odata.nextLink":
			return d.text(&page.Next)
		case "@odata.deltaLink":
			return d.text(&page.Delta)
		case "@odata.count":
			raw, err := d.dec.ReadValue()
			if err != nil {
				return err
			}
			page.Count, err = strconv.ParseInt(string(raw), 10, 64)
			if err != nil {
				return errors.New("@odata.count is no number")
			}
			return nil
		default:
			return d.dec.SkipValue()
		}
	})
	if err != nil {
		return Page{}, malformed(err)
	}
	return page, nil
}

// DecodeRow reads an answer that is a single row.
func DecodeRow(r io.Reader, l *Layout) (connect.Row, error) {
	row, err := newDecoder(r, l).row()
	if err != nil {
		return connect.Row{}, malformed(err)
	}
	return row, nil
}

func malformed(err error) error {
	text := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		text = "the answer ends too early"
	}
	return &Malformed{Detail: text}
}

type decoder struct {
	dec         *jsontext.Decoder
	l           *Layout
	annotations []string // by column, of the row that is being read
	filled      []bool
	scratch     []byte
}

func newDecoder(r io.Reader, l *Layout) *decoder {
	return &decoder{
		dec: jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		l:   l, annotations: make([]string, len(l.columns)), filled: make([]bool, len(l.columns)),
	}
}

// object calls member for each member of the object that comes next; it must
// consume the member's value.
func (d *decoder) object(member func(name []byte) error) error {
	t, err := d.dec.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '{' {
		return fmt.Errorf("an object is expected at byte %d, not %s", d.dec.InputOffset(), t.Kind())
	}
	for d.dec.PeekKind() != '}' {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		name, err := d.unquote(raw)
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err = d.dec.ReadToken()
	return err
}

func (d *decoder) array(element func() error) error {
	t, err := d.dec.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '[' {
		return fmt.Errorf("an array is expected at byte %d, not %s", d.dec.InputOffset(), t.Kind())
	}
	for d.dec.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = d.dec.ReadToken()
	return err
}

// unquote gives the content of a raw string; valid until the next call.
func (d *decoder) unquote(raw []byte) ([]byte, error) {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	var err error
	d.scratch, err = jsontext.AppendUnquote(d.scratch[:0], raw)
	return d.scratch, err
}

func (d *decoder) text(into *string) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() != '"' {
		return fmt.Errorf("a text is expected before byte %d", d.dec.InputOffset())
	}
	b, err := d.unquote(raw)
	*into = string(b)
	return err
}

// row reads one row, or the note that a row is gone.
func (d *decoder) row() (connect.Row, error) {
	row := connect.Row{Values: make([]value.Value, len(d.l.columns))}
	clear(d.annotations)
	clear(d.filled)
	reason, gone := "", ""
	err := d.object(func(name []byte) error {
		if m, ok := d.l.byMember[string(name)]; ok {
			return d.member(&row, m, string(name))
		}
		switch string(name) {
		case "@odata.etag":
			return d.text(&row.Version)
		case "reason":
			return d.text(&reason)
		case "id":
			return d.text(&gone)
		default:
			return d.dec.SkipValue()
		}
	})
	if err != nil {
		return row, err
	}
	if reason == "deleted" {
		return connect.Row{ID: strings.ToLower(gone), Deleted: true}, nil
	}
	for i, ok := range d.filled {
		if !ok {
			return row, fmt.Errorf("a row lacks %s, which was asked for", d.l.columns[i].Wire)
		}
	}
	if d.l.id != "" && row.ID == "" {
		return row, fmt.Errorf("a row lacks its id %s", d.l.id)
	}
	for i, table := range d.annotations {
		if v := row.Values[i]; d.l.columns[i].Annotation != "" && !v.IsNull() {
			if table == "" {
				return row, fmt.Errorf("a row lacks %s, which was asked for", d.l.columns[i].Annotation)
			}
			row.Values[i] = value.NewReference(table, v.Guid())
		}
	}
	return row, nil
}

// member reads one member that the layout knows.
func (d *decoder) member(row *connect.Row, m member, name string) error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return err
	}
	s := Scalar{Kind: raw.Kind(), Text: raw}
	if s.Kind == '"' {
		if s.Text, err = d.unquote(raw); err != nil {
			return err
		}
	}
	if m.id {
		row.ID = strings.ToLower(string(s.Text))
	}
	if m.annotation >= 0 {
		d.annotations[m.annotation] = string(s.Text)
	}
	if m.column < 0 {
		return nil
	}
	d.filled[m.column] = true
	if s.Kind == 'n' {
		return nil
	}
	if row.Values[m.column], err = d.l.columns[m.column].Parse(s); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// The parsers of values that both services write alike.

// ParseText takes a string.
func ParseText(s Scalar) (value.Value, error) {
	if s.Kind != '"' {
		return value.Value{}, s.unexpected("a text")
	}
	return value.NewText(string(s.Text)), nil
}

// ParseInteger takes a number without decimals.
func ParseInteger(s Scalar) (value.Value, error) {
	n, err := s.integer()
	return value.NewInteger(n), err
}

// ParseOption takes the number of a choice.
func ParseOption(s Scalar) (value.Value, error) {
	n, err := s.integer()
	return value.NewOption(n), err
}

func (s Scalar) integer() (int64, error) {
	if s.Kind != '0' {
		return 0, s.unexpected("a whole number")
	}
	n, err := strconv.ParseInt(string(s.Text), 10, 64)
	if err != nil {
		return 0, s.unexpected("a whole number")
	}
	return n, nil
}

// ParseDecimal takes a number from its text, never through a float.
func ParseDecimal(s Scalar) (value.Value, error) {
	if s.Kind != '0' {
		return value.Value{}, s.unexpected("a number")
	}
	return value.NewDecimal(string(s.Text))
}

// ParseBool takes true or false.
func ParseBool(s Scalar) (value.Value, error) {
	if s.Kind != 't' && s.Kind != 'f' {
		return value.Value{}, s.unexpected("true or false")
	}
	return value.NewBool(s.Kind == 't'), nil
}

// ParseDate takes a day, or the day of a moment.
func ParseDate(s Scalar) (value.Value, error) {
	if s.Kind != '"' {
		return value.Value{}, s.unexpected("a date")
	}
	return value.ParseDate(string(s.Text))
}

// ParseDateTime takes a moment.
func ParseDateTime(s Scalar) (value.Value, error) {
	if s.Kind != '"' {
		return value.Value{}, s.unexpected("a time")
	}
	return value.ParseDateTime(string(s.Text))
}

// ParseSymbol takes the name of an enum member.
func ParseSymbol(s Scalar) (value.Value, error) {
	if s.Kind != '"' {
		return value.Value{}, s.unexpected("an enum member")
	}
	return value.NewSymbol(string(s.Text)), nil
}

// ParseOptions takes a multi-select choice.
func ParseOptions(s Scalar) (value.Value, error) {
	if s.Kind != '"' {
		return value.Value{}, s.unexpected("a list of choices")
	}
	return value.ParseOptions(string(s.Text))
}

// ParseGuid takes a guid.
func ParseGuid(s Scalar) (value.Value, error) {
	if s.Kind != '"' {
		return value.Value{}, s.unexpected("a guid")
	}
	return value.ParseGuid(string(s.Text))
}

// ParseReferenceTo takes the guid of a row of a known table.
func ParseReferenceTo(table string) Parse {
	return func(s Scalar) (value.Value, error) {
		v, err := ParseGuid(s)
		if err != nil {
			return v, err
		}
		return value.NewReference(table, v.Guid()), nil
	}
}

func (s Scalar) unexpected(wanted string) error {
	text := string(s.Text)
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return fmt.Errorf("%s is expected, not %s", wanted, strconv.Quote(text))
}
