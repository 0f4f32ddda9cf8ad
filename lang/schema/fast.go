package schema

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/value"
)

// quick reads a snapshot file in one pass and without reflection, which is
// several times as fast as encoding/json: snapshots of large estates have tens
// of megabytes and are read by every check. It accepts only what Encode writes,
// in any layout; everything else (escapes, null, members that are unknown, given
// twice or spelled in another case) makes it give up, and encoding/json decides
// what is right and says what is wrong.
type quick struct {
	from  io.Reader // gives what follows after b; nil: nothing does
	b     []byte    // a window of the file
	at    int
	bad   bool
	texts map[string]string // each text is kept once, since names return in table after table
	ints  map[int]*int
	lines map[string]*Field // fields by their text: those of the system stand in each table
	// Lists grow here and are copied once their length is known.
	fields  []*Field
	options []Option
	targets []Target
	names   []string
}

const (
	window   = 256 << 10 // bytes of a file that are seen at once
	longLine = 4 << 10   // a field rarely has more
	maxLines = 4096      // texts of fields that are remembered

	longestInteger = len("-9223372036854775808") + 1 // and what shows that it ends
)

// decodeQuick gives false where the file is to be read the slow way.
func decodeQuick(b []byte) (file, bool) { return (&quick{b: b}).file() }

// readQuick is decodeQuick for a file that is not in memory: it is seen through
// a window of a size that grows where it must.
func readQuick(r io.Reader, window int) (file, bool) {
	return (&quick{from: r, b: make([]byte, 0, window)}).file()
}

func (q *quick) file() (file, bool) {
	q.texts, q.ints, q.lines = map[string]string{}, map[int]*int{}, map[string]*Field{}
	var f file
	var m members
	for q.member(&m) {
		switch m.name() {
		case "format_version":
			f.FormatVersion = q.text()
		case "fno":
			f.FnO = []Table{}
			for i := 0; q.item(i); i++ {
				f.FnO = append(f.FnO, q.table())
			}
		case "dataverse":
			f.Dataverse = []Table{}
			for i := 0; q.item(i); i++ {
				f.Dataverse = append(f.Dataverse, q.table())
			}
		case "enums":
			f.Enums = []Enum{}
			for i := 0; q.item(i); i++ {
				f.Enums = append(f.Enums, q.enum())
			}
		case "companies":
			f.Companies = q.textList()
		case "registered":
			f.Registered = []Registered{}
			for i := 0; q.item(i); i++ {
				f.Registered = append(f.Registered, q.registered())
			}
		default: // "unknown" among them, which few files have
			q.bad = true
		}
	}
	q.space()
	if q.bad || q.at != len(q.b) {
		return file{}, false
	}
	return f, true
}

func (q *quick) table() Table {
	var t Table
	var m members
	for q.member(&m) {
		switch m.name() {
		case "side":
			t.Side = value.Side(q.text())
		case "set":
			t.Set = q.text()
		case "name":
			t.Name = q.text()
		case "schema":
			t.SchemaName = q.text()
		case "aot":
			t.AOT = q.text()
		case "label":
			t.Label = q.text()
		case "kind":
			t.Kind = TableKind(q.text())
		case "primary_id":
			t.PrimaryID = q.text()
		case "primary_name":
			t.PrimaryName = q.text()
		case "ownership":
			t.Ownership = q.text()
		case "key":
			t.Key = q.textList()
		case "keys":
			t.Keys = []Key{}
			for i := 0; q.item(i); i++ {
				t.Keys = append(t.Keys, q.key())
			}
		case "company_specific":
			t.CompanySpecific = q.truth()
		case "read_only":
			t.ReadOnly = q.truth()
		case "no_packages":
			t.NoPackages = q.truth()
		case "change_tracking":
			t.ChangeTracking = q.truth()
		case "optimistic_concurrency":
			t.OptimisticConcurrency = q.truth()
		case "messages":
			t.Messages = q.textList()
		case "fields":
			q.fields = q.fields[:0]
			for i := 0; q.item(i); i++ {
				q.fields = append(q.fields, q.knownField())
			}
			t.Fields = exact(q.fields)
		default:
			q.bad = true
		}
	}
	return t
}

func (q *quick) key() Key {
	var k Key
	var m members
	for q.member(&m) {
		switch m.name() {
		case "name":
			k.Name = q.text()
		case "columns":
			k.Columns = q.textList()
		case "status":
			k.Status = q.text()
		default:
			q.bad = true
		}
	}
	return k
}

func (q *quick) field() *Field {
	f := &Field{}
	var m members
	for q.member(&m) {
		switch m.name() {
		case "name":
			f.Name = q.text()
		case "type":
			f.Type = Type(q.text())
		case "enum":
			f.Enum = q.text()
		case "max_length":
			f.MaxLength = int(q.integer())
		case "scale":
			f.Scale = q.shared(int(q.integer()))
		case "min":
			f.Min = q.text()
		case "max":
			f.Max = q.text()
		case "date_only":
			f.DateOnly = q.truth()
		case "zoneless":
			f.Zoneless = q.truth()
		case "money":
			f.Money = q.truth()
		case "source":
			f.Source = Source(q.text())
		case "options":
			q.options = q.options[:0]
			for i := 0; q.item(i); i++ {
				q.options = append(q.options, q.option())
			}
			f.Options = exact(q.options)
		case "targets":
			q.targets = q.targets[:0]
			for i := 0; q.item(i); i++ {
				q.targets = append(q.targets, q.target())
			}
			f.Targets = exact(q.targets)
		case "required":
			f.Required = q.truth()
		case "on_create":
			f.OnCreate = q.truth()
		case "on_update":
			f.OnUpdate = q.truth()
		case "readable":
			f.Readable = q.truth()
		case "is_key":
			f.IsKey = q.truth()
		default:
			q.bad = true
		}
	}
	return f
}

func (q *quick) option() Option {
	var o Option
	var m members
	for q.member(&m) {
		switch m.name() {
		case "value":
			o.Value = q.integer()
		case "label":
			o.Label = q.text()
		default:
			q.bad = true
		}
	}
	return o
}

func (q *quick) target() Target {
	var t Target
	var m members
	for q.member(&m) {
		switch m.name() {
		case "table":
			t.Table = q.text()
		case "set":
			t.Set = q.text()
		case "navigation":
			t.Navigation = q.text()
		case "cascade":
			t.Cascade = q.truth()
		default:
			q.bad = true
		}
	}
	return t
}

func (q *quick) registered() Registered {
	var r Registered
	var m members
	for q.member(&m) {
		switch m.name() {
		case "table":
			r.Table = q.text()
		case "duplicate_rules":
			r.DuplicateRules = q.textList()
		case "steps":
			r.Steps = []Step{}
			for i := 0; q.item(i); i++ {
				r.Steps = append(r.Steps, q.step())
			}
		default:
			q.bad = true
		}
	}
	return r
}

func (q *quick) step() Step {
	var s Step
	var m members
	for q.member(&m) {
		switch m.name() {
		case "name":
			s.Name = q.text()
		case "message":
			s.Message = q.text()
		case "columns":
			s.Columns = q.textList()
		case "tag":
			s.Tag = q.truth()
		default:
			q.bad = true
		}
	}
	return s
}

func (q *quick) enum() Enum {
	var e Enum
	var m members
	for q.member(&m) {
		switch m.name() {
		case "name":
			e.Name = q.text()
		case "members":
			e.Members = []Member{}
			for i := 0; q.item(i); i++ {
				e.Members = append(e.Members, q.symbol())
			}
		default:
			q.bad = true
		}
	}
	return e
}

func (q *quick) symbol() Member {
	var x Member
	var m members
	for q.member(&m) {
		switch m.name() {
		case "name":
			x.Name = q.text()
		case "value":
			x.Value = q.integer()
		default:
			q.bad = true
		}
	}
	return x
}

// exact copies a list that is reused for the next; an empty one is empty and
// not absent, as encoding/json has it.
func exact[T any](list []T) []T {
	out := make([]T, len(list))
	copy(out, list)
	return out
}

func (q *quick) textList() []string {
	q.names = q.names[:0]
	for i := 0; q.item(i); i++ {
		q.names = append(q.names, q.text())
	}
	return exact(q.names)
}

// members are the names of an object's members so far; the last is at hand.
type members struct {
	names [24]string
	n     int
}

func (m *members) name() string { return m.names[m.n-1] }

// member goes to the value of the next member of an object; false at its end.
func (q *quick) member(m *members) bool {
	if m.n == 0 {
		q.space()
		q.take('{')
	}
	if !q.more('}', m.n > 0) {
		return false
	}
	name := q.text()
	q.space()
	q.take(':')
	if q.bad || m.n == len(m.names) || slices.Contains(m.names[:m.n], name) {
		q.bad = true
		return false
	}
	m.names[m.n] = name
	m.n++
	return true
}

// item goes to the item i of a list; false at its end.
func (q *quick) item(i int) bool {
	if i == 0 {
		q.space()
		q.take('[')
	}
	return q.more(']', i > 0)
}

// knownField is field that knows a line again: Encode puts each field on one,
// and the same bytes say the same.
func (q *quick) knownField() *Field {
	q.space()
	if q.from != nil && len(q.b)-q.at < longLine {
		q.fill(q.at)
	}
	rest := q.b[q.at:]
	end := max(bytes.IndexByte(rest, '\n'), 0)
	line := bytes.TrimSuffix(rest[:end], []byte(","))
	if f, known := q.lines[string(line)]; known {
		q.at += len(line)
		return f
	}
	if len(line) == 0 || len(q.lines) >= maxLines {
		return q.field()
	}
	text, start := string(line), q.at
	f := q.field()
	if !q.bad && q.at == start+len(text) && string(q.b[start:q.at]) == text {
		q.lines[text] = f
	}
	return f
}

// more tells whether another item follows, and goes to it.
func (q *quick) more(end byte, comma bool) bool {
	q.space()
	switch {
	case q.bad || q.at >= len(q.b):
		q.bad = true
		return false
	case q.b[q.at] == end:
		q.at++
		return false
	case comma:
		q.take(',')
		q.space()
	}
	return !q.bad
}

// fill reads on and keeps what follows after keep; false at the end of the file.
// What stood at keep stands at 0 then.
func (q *quick) fill(keep int) bool {
	if q.from == nil {
		return false
	}
	n := copy(q.b[:cap(q.b)], q.b[keep:])
	q.at -= keep
	if n == cap(q.b) { // a text that is longer than the window
		q.b = append(q.b[:n], make([]byte, n)...)
	}
	read, err := io.ReadFull(q.from, q.b[n:cap(q.b)])
	q.b = q.b[:n+read]
	if err != nil {
		q.from = nil
		q.bad = q.bad || err != io.EOF && err != io.ErrUnexpectedEOF
	}
	return read > 0
}

// ends tells whether the file ends here.
func (q *quick) ends() bool { return q.at >= len(q.b) && !q.fill(q.at) }

func (q *quick) take(c byte) {
	if q.ends() || q.b[q.at] != c {
		q.bad = true
		return
	}
	q.at++
}

func (q *quick) space() {
	for !q.ends() {
		switch q.b[q.at] {
		case ' ', '\n', '\r', '\t':
			q.at++
		default:
			return
		}
	}
}

func (q *quick) text() string {
	q.space()
	q.take('"')
	start := q.at
	ascii := true
	for {
		if q.at >= len(q.b) {
			if !q.fill(start) {
				q.bad = true
				return ""
			}
			start = 0
		}
		switch c := q.b[q.at]; {
		case c == '"':
			b := q.b[start:q.at]
			q.at++
			if s, known := q.texts[string(b)]; known {
				return s
			}
			if !ascii && !utf8.Valid(b) {
				q.bad = true
			}
			s := string(b)
			q.texts[s] = s
			return s
		case c == '\\' || c < ' ':
			q.bad = true
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
		q.at++
	}
}

func (q *quick) truth() bool {
	q.space()
	if len(q.b)-q.at < len("false") {
		q.fill(q.at)
	}
	for _, word := range [...]string{"true", "false"} {
		if end := q.at + len(word); end <= len(q.b) && string(q.b[q.at:end]) == word {
			q.at = end
			return word == "true"
		}
	}
	q.bad = true
	return false
}

func (q *quick) integer() int64 {
	q.space()
	if len(q.b)-q.at < longestInteger {
		q.fill(q.at)
	}
	start := q.at
	for q.at < len(q.b) && (q.b[q.at] == '-' || q.b[q.at] >= '0' && q.b[q.at] <= '9') {
		q.at++
	}
	digits := q.b[start:q.at]
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != string(digits) || int64(int(n)) != n {
		q.bad = true
	}
	return n
}

// shared gives one place for equal numbers: nobody writes to what a catalog
// points at.
func (q *quick) shared(n int) *int {
	p := q.ints[n]
	if p == nil {
		p = &n
		q.ints[n] = p
	}
	return p
}
