package schema

import (
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
	b     []byte
	at    int
	bad   bool
	texts map[string]string // each text is kept once, since names return in table after table
	ints  map[int]*int
	// Lists grow here and are copied once their length is known.
	fields  []Field
	options []Option
	targets []Target
	names   []string
}

// decodeQuick gives false where the file is to be read the slow way.
func decodeQuick(b []byte) (file, bool) {
	q := &quick{b: b, texts: map[string]string{}, ints: map[int]*int{}}
	var f file
	q.object(func(member string) {
		switch member {
		case "format_version":
			f.FormatVersion = q.text()
		case "fno":
			f.FnO = []Table{}
			q.list(func() { f.FnO = append(f.FnO, q.table()) })
		case "dataverse":
			f.Dataverse = []Table{}
			q.list(func() { f.Dataverse = append(f.Dataverse, q.table()) })
		case "enums":
			f.Enums = []Enum{}
			q.list(func() { f.Enums = append(f.Enums, q.enum()) })
		case "companies":
			f.Companies = q.textList()
		case "registered":
			f.Registered = []Registered{}
			q.list(func() { f.Registered = append(f.Registered, q.registered()) })
		default: // "unknown" among them, which few files have
			q.bad = true
		}
	})
	q.space()
	if q.bad || q.at != len(b) {
		return file{}, false
	}
	return f, true
}

func (q *quick) table() Table {
	var t Table
	q.object(func(member string) {
		switch member {
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
			q.list(func() { t.Keys = append(t.Keys, q.key()) })
		case "company_specific":
			t.CompanySpecific = q.truth()
		case "read_only":
			t.ReadOnly = q.truth()
		case "change_tracking":
			t.ChangeTracking = q.truth()
		case "optimistic_concurrency":
			t.OptimisticConcurrency = q.truth()
		case "messages":
			t.Messages = q.textList()
		case "fields":
			q.fields = q.fields[:0]
			q.list(func() { q.fields = append(q.fields, q.field()) })
			t.Fields = exact(q.fields)
		default:
			q.bad = true
		}
	})
	return t
}

func (q *quick) key() Key {
	var k Key
	q.object(func(member string) {
		switch member {
		case "name":
			k.Name = q.text()
		case "columns":
			k.Columns = q.textList()
		case "status":
			k.Status = q.text()
		default:
			q.bad = true
		}
	})
	return k
}

func (q *quick) field() Field {
	var f Field
	q.object(func(member string) {
		switch member {
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
			q.list(func() { q.options = append(q.options, q.option()) })
			f.Options = exact(q.options)
		case "targets":
			q.targets = q.targets[:0]
			q.list(func() { q.targets = append(q.targets, q.target()) })
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
	})
	return f
}

func (q *quick) option() Option {
	var o Option
	q.object(func(member string) {
		switch member {
		case "value":
			o.Value = q.integer()
		case "label":
			o.Label = q.text()
		default:
			q.bad = true
		}
	})
	return o
}

func (q *quick) target() Target {
	var t Target
	q.object(func(member string) {
		switch member {
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
	})
	return t
}

func (q *quick) registered() Registered {
	var r Registered
	q.object(func(member string) {
		switch member {
		case "table":
			r.Table = q.text()
		case "duplicate_rules":
			r.DuplicateRules = q.textList()
		case "steps":
			r.Steps = []Step{}
			q.list(func() { r.Steps = append(r.Steps, q.step()) })
		default:
			q.bad = true
		}
	})
	return r
}

func (q *quick) step() Step {
	var s Step
	q.object(func(member string) {
		switch member {
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
	})
	return s
}

func (q *quick) enum() Enum {
	var e Enum
	q.object(func(member string) {
		switch member {
		case "name":
			e.Name = q.text()
		case "members":
			e.Members = []Member{}
			q.list(func() { e.Members = append(e.Members, q.member()) })
		default:
			q.bad = true
		}
	})
	return e
}

func (q *quick) member() Member {
	var m Member
	q.object(func(member string) {
		switch member {
		case "name":
			m.Name = q.text()
		case "value":
			m.Value = q.integer()
		default:
			q.bad = true
		}
	})
	return m
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
	q.list(func() { q.names = append(q.names, q.text()) })
	return exact(q.names)
}

// object calls f at the value of each member.
func (q *quick) object(f func(member string)) {
	var seen [24]string
	n := 0
	q.open('{')
	for q.more('}', n > 0) {
		name := q.text()
		q.space()
		q.take(':')
		if q.bad || n == len(seen) || slices.Contains(seen[:n], name) {
			q.bad = true
			return
		}
		seen[n] = name
		n++
		f(name)
	}
}

// list calls f at each item.
func (q *quick) list(f func()) {
	q.open('[')
	for first := true; q.more(']', !first); first = false {
		f()
	}
}

func (q *quick) open(c byte) {
	q.space()
	q.take(c)
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

func (q *quick) take(c byte) {
	if q.at >= len(q.b) || q.b[q.at] != c {
		q.bad = true
		return
	}
	q.at++
}

func (q *quick) space() {
	for q.at < len(q.b) {
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
	for q.at < len(q.b) {
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
	q.bad = true
	return ""
}

func (q *quick) truth() bool {
	q.space()
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
