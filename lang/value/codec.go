package value

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The storage form of a value is JSON: null, a text, true or false and a whole
// number as themselves, every other kind as an array of a tag and its content.
// It keeps every value exactly; texts may hold any bytes, while names of enum
// members are valid UTF-8, as both services send them.
const (
	tagDecimal   = 'd'
	tagDate      = 'D'
	tagDateTime  = 't'
	tagSymbol    = 's'
	tagOption    = 'o'
	tagOptions   = 'O'
	tagGuid      = 'g'
	tagReference = 'r'
	tagBytes     = 'x' // a text that is no valid UTF-8, in base64
)

// Append appends the storage form of v.
func (v Value) Append(dst []byte) []byte {
	switch v.kind {
	case Text:
		if !utf8.ValidString(v.s) {
			dst = append(dst, `["x","`...)
			dst = base64.StdEncoding.AppendEncode(dst, []byte(v.s))
			return append(dst, `"]`...)
		}
		return appendString(dst, v.s)
	case Integer:
		return strconv.AppendInt(dst, v.n, 10)
	case Bool:
		if v.n != 0 {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case Decimal:
		return appendTagged(dst, tagDecimal, v.s)
	case Date:
		return appendTaggedInt(dst, tagDate, v.n)
	case DateTime:
		return appendTaggedInt(dst, tagDateTime, v.n)
	case Symbol:
		return appendTagged(dst, tagSymbol, v.s)
	case Option:
		return appendTaggedInt(dst, tagOption, v.n)
	case Options:
		return appendTagged(dst, tagOptions, v.s)
	case Guid:
		return appendTagged(dst, tagGuid, v.s)
	case Reference:
		return appendTagged(dst, tagReference, v.s)
	default:
		return append(dst, "null"...)
	}
}

// AppendValues appends the storage form of a row of values, one JSON array.
func AppendValues(dst []byte, vs []Value) []byte {
	dst = append(dst, '[')
	for i, v := range vs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = v.Append(dst)
	}
	return append(dst, ']')
}

// MarshalJSON writes the storage form.
func (v Value) MarshalJSON() ([]byte, error) { return v.Append(nil), nil }

// UnmarshalJSON reads the storage form.
func (v *Value) UnmarshalJSON(b []byte) error {
	d := decoder{text: string(b)}
	d.space()
	got, err := d.value()
	if err != nil {
		return err
	}
	if err := d.end(); err != nil {
		return err
	}
	*v = got
	return nil
}

// DecodeValues reads what AppendValues wrote. Texts share one copy of b.
func DecodeValues(b []byte) ([]Value, error) { return AppendDecoded([]Value{}, b) }

// AppendDecoded appends the values of a row as DecodeValues reads them. After an
// error dst is lost.
func AppendDecoded(dst []Value, b []byte) ([]Value, error) {
	d := decoder{text: string(b)}
	d.space()
	if !d.take('[') {
		return nil, d.fail("expected a list of values")
	}
	d.space()
	if d.take(']') {
		return dst, d.end()
	}
	// An estimate that is right for flat rows and never far above for others.
	dst = slices.Grow(dst, strings.Count(d.text, ",")+1)
	for {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		dst = append(dst, v)
		d.space()
		if d.take(']') {
			return dst, d.end()
		}
		if !d.take(',') {
			return nil, d.fail("expected , or ]")
		}
		d.space()
	}
}

func appendTagged(dst []byte, tag byte, s string) []byte {
	dst = append(dst, '[', '"', tag, '"', ',')
	return append(appendString(dst, s), ']')
}

func appendTaggedInt(dst []byte, tag byte, n int64) []byte {
	dst = append(dst, '[', '"', tag, '"', ',')
	return append(strconv.AppendInt(dst, n, 10), ']')
}

// appendString writes a JSON string; bytes that are no UTF-8 become the
// replacement character, so texts that have some take another form.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			if c == '"' || c == '\\' {
				dst = append(dst, '\\', c)
			} else {
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			start = i + 1
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

// decoder reads the storage form. Texts without escapes are cut out of text.
type decoder struct {
	text string
	at   int
}

func (d *decoder) fail(what string) error {
	return fmt.Errorf("stored value at byte %d: %s", d.at, what)
}

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) take(c byte) bool {
	if d.at < len(d.text) && d.text[d.at] == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) word(w string) bool {
	if strings.HasPrefix(d.text[d.at:], w) {
		d.at += len(w)
		return true
	}
	return false
}

func (d *decoder) end() error {
	d.space()
	if d.at != len(d.text) {
		return d.fail("unexpected text after the value")
	}
	return nil
}

func (d *decoder) value() (Value, error) {
	if d.at >= len(d.text) {
		return Value{}, d.fail("the text ends early")
	}
	switch c := d.text[d.at]; {
	case c == '"':
		s, err := d.string()
		return NewText(s), err
	case c == '[':
		return d.tagged()
	case c == '-' || c >= '0' && c <= '9':
		n, err := d.integer()
		return NewInteger(n), err
	case d.word("null"):
		return Value{}, nil
	case d.word("true"):
		return NewBool(true), nil
	case d.word("false"):
		return NewBool(false), nil
	default:
		return Value{}, d.fail("expected a value")
	}
}

func (d *decoder) tagged() (Value, error) {
	d.at++
	d.space()
	tag, err := d.string()
	if err != nil {
		return Value{}, err
	}
	d.space()
	if len(tag) != 1 || !d.take(',') {
		return Value{}, d.fail("expected a tag and its content")
	}
	d.space()
	v, err := d.content(tag[0])
	if err != nil {
		return Value{}, err
	}
	d.space()
	if !d.take(']') {
		return Value{}, d.fail("expected ]")
	}
	return v, nil
}

func (d *decoder) content(tag byte) (Value, error) {
	switch tag {
	case tagDate, tagDateTime, tagOption:
		n, err := d.integer()
		if err != nil {
			return Value{}, err
		}
		switch tag {
		case tagDate:
			return NewDate(n), nil
		case tagDateTime:
			return NewDateTime(n), nil
		default:
			return NewOption(n), nil
		}
	}
	s, err := d.string()
	if err != nil {
		return Value{}, err
	}
	var v Value
	switch tag {
	case tagSymbol:
		return NewSymbol(s), nil
	case tagDecimal:
		v, err = NewDecimal(s)
	case tagOptions:
		v, err = ParseOptions(s)
	case tagGuid:
		v = NewGuid(s)
	case tagReference:
		if !strings.Contains(s, "/") {
			err = errors.New("a reference needs a table and a guid")
		}
		v = Value{kind: Reference, s: strings.ToLower(s)}
	case tagBytes:
		var raw []byte
		raw, err = base64.StdEncoding.DecodeString(s)
		v = NewText(string(raw))
	default:
		err = fmt.Errorf("unknown tag %q", string(tag))
	}
	if err != nil {
		return Value{}, d.fail(err.Error())
	}
	return v, nil
}

func (d *decoder) integer() (int64, error) {
	start := d.at
	d.take('-')
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	n, err := strconv.ParseInt(d.text[start:d.at], 10, 64)
	if err != nil {
		d.at = start
		return 0, d.fail("expected a whole number of 64 bits")
	}
	return n, nil
}

func (d *decoder) string() (string, error) {
	if !d.take('"') {
		return "", d.fail("expected a text")
	}
	start := d.at
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			d.at++
			return d.text[start : d.at-1], nil
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", d.fail("control character in a text")
		default:
			d.at++
		}
	}
	return "", d.fail("the text ends early")
}

// escaped reads on from the first backslash of a text that began at start.
func (d *decoder) escaped(start int) (string, error) {
	buf := []byte(d.text[start:d.at])
	for d.at < len(d.text) {
		c := d.text[d.at]
		switch {
		case c == '"':
			d.at++
			return string(buf), nil
		case c < ' ':
			return "", d.fail("control character in a text")
		case c != '\\':
			buf = append(buf, c)
			d.at++
			continue
		}
		d.at++
		if d.at >= len(d.text) {
			break
		}
		c = d.text[d.at]
		d.at++
		switch c {
		case '"', '\\', '/':
			buf = append(buf, c)
		case 'b':
			buf = append(buf, '\b')
		case 'f':
			buf = append(buf, '\f')
		case 'n':
			buf = append(buf, '\n')
		case 'r':
			buf = append(buf, '\r')
		case 't':
			buf = append(buf, '\t')
		case 'u':
			r, err := d.unicode()
			if err != nil {
				return "", err
			}
			buf = utf8.AppendRune(buf, r)
		default:
			return "", d.fail("unknown escape in a text")
		}
	}
	return "", d.fail("the text ends early")
}

// unicode reads the digits of \uXXXX and, for a surrogate, of its pair. A lone
// surrogate becomes the replacement character, as in encoding/json.
func (d *decoder) unicode() (rune, error) {
	r, ok := d.hex4()
	if !ok {
		return 0, d.fail("expected four hexadecimal digits")
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if at := d.at; d.word(`\u`) {
		if low, ok := d.hex4(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
		d.at = at
	}
	return utf8.RuneError, nil
}

func (d *decoder) hex4() (rune, bool) {
	if d.at+4 > len(d.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(d.text[d.at:d.at+4], 16, 32)
	if err != nil {
		return 0, false
	}
	d.at += 4
	return rune(n), true
}
