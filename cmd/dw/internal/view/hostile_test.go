package view

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// evil moves the cursor, renames the window, rings, hides what follows and
// ends the line.
const evil = "a\x1b[2J\x1b]0;pwned\x07\x00\u202eb\u009bc\r\nd\xff"

// poison fills everything that a report can hold: texts with what a text may
// not do, lists with two members, numbers with n.
func poison(v reflect.Value, n int64, depth int) {
	if depth > 24 {
		return
	}
	switch v.Interface().(type) {
	case value.Value:
		v.Set(reflect.ValueOf(value.NewText(evil)))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(n, 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if !v.OverflowInt(n) {
			v.SetInt(n)
		}
	case reflect.Uint8: // of diag.Severity and the like
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(float64(n) / 3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if depth < 12 {
			poison(p.Elem(), n, depth+1)
			v.Set(p)
		}
	case reflect.Slice:
		list := reflect.MakeSlice(v.Type(), 2, 2)
		for i := range 2 {
			poison(list.Index(i), n, depth+1)
		}
		if depth < 16 {
			v.Set(list)
		}
	case reflect.Map:
		key, item := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		poison(key, n, depth+1)
		poison(item, n, depth+1)
		m := reflect.MakeMap(v.Type())
		m.SetMapIndex(key, item)
		v.Set(m)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), n, depth+1)
			}
		}
	}
}

func poisoned[T any](n int64) T {
	var out T
	poison(reflect.ValueOf(&out).Elem(), n, 0)
	return out
}

// TestHostileTexts: nothing that comes from a service, a state, a saved plan or
// a configuration reaches a terminal, a log or a comment as a control
// character, whatever field of whatever report it comes in.
func TestHostileTexts(t *testing.T) {
	for name, render := range map[string]func(w io.Writer, o Options, n int64) error{
		"plan": func(w io.Writer, o Options, n int64) error {
			p := poisoned[plan.Plan](n)
			o.Full = true
			return Plan(w, &p, o)
		},
		"JSON": func(w io.Writer, _ Options, n int64) error { return JSON(w, poisoned[report.Lint](n)) },
		"plan in short": func(w io.Writer, o Options, n int64) error {
			p := poisoned[plan.Plan](n)
			for i, kind := range plan.Kinds() {
				p.Actions = append(p.Actions, p.Actions[0])
				p.Actions[i].Kind = kind
			}
			return Plan(w, &p, o)
		},
		"comment": func(w io.Writer, _ Options, n int64) error {
			p := poisoned[plan.Plan](n)
			return PlanComment(w, &p, poisoned[diag.List](n), CommentOptions{})
		},
		"Mermaid": func(w io.Writer, _ Options, n int64) error { return Graph(w, poisoned[plan.Graph](n), Mermaid) },
		"DOT":     func(w io.Writer, _ Options, n int64) error { return Graph(w, poisoned[plan.Graph](n), DOT) },
		"diagnostics": func(w io.Writer, o Options, n int64) error {
			return Diagnostics(w, poisoned[diag.List](n), map[string][]byte{evil: []byte(evil)}, o)
		},
		"lint": func(w io.Writer, o Options, n int64) error {
			return Lint(w, poisoned[report.Lint](n), map[string][]byte{evil: []byte(evil)}, o)
		},
		"GitHub": func(w io.Writer, _ Options, n int64) error { return GitHub(w, poisoned[report.Lint](n), nil, evil) },
		"Azure":  func(w io.Writer, _ Options, n int64) error { return Azure(w, poisoned[report.Lint](n), nil, evil) },
		"SARIF": func(w io.Writer, _ Options, n int64) error {
			return SARIF(w, poisoned[report.Lint](n), nil, evil, evil)
		},
		"apply": func(w io.Writer, o Options, n int64) error { return Apply(w, poisoned[report.Apply](n), o) },
		"blame": func(w io.Writer, o Options, n int64) error { return Blame(w, poisoned[report.Blame](n), true, o) },
		"look":  func(w io.Writer, o Options, n int64) error { return Look(w, poisoned[report.Look](n), o) },
		"failure": func(w io.Writer, o Options, n int64) error {
			return Failure(w, report.ListedRecord{Listed: poisoned[record.Listed](n)}, o)
		},
		"listed": func(w io.Writer, o Options, n int64) error {
			return Listed(w, report.ListedRecords{Records: poisoned[[]record.Listed](n), More: true}, o)
		},
		"history":  func(w io.Writer, o Options, n int64) error { return History(w, poisoned[report.History](n), o) },
		"shown":    func(w io.Writer, o Options, n int64) error { return Shown(w, poisoned[report.Shown](n), o) },
		"diff":     func(w io.Writer, o Options, n int64) error { return Difference(w, poisoned[report.Diff](n), o) },
		"commands": func(w io.Writer, o Options, n int64) error { return Commands(w, poisoned[report.Commands](n), o) },
		"status":   func(w io.Writer, o Options, n int64) error { return Status(w, poisoned[report.Status](n), o) },
		"verify":   func(w io.Writer, o Options, n int64) error { return Verify(w, poisoned[report.Verify](n), o) },
		"live": func(w io.Writer, o Options, n int64) error {
			l := NewLive(w, o, func() time.Time { return time.Unix(n, 0).UTC() })
			l.Ready(poisoned[report.Running](n))
			l.Say(evil)
			l.Show(poisoned[report.Progress](n))
			l.Close()
			return nil
		},
		"progress": func(w io.Writer, o Options, n int64) error {
			p := NewProgress(w, o, func() time.Time { return time.Unix(n, 0).UTC() })
			p.Show(poisoned[report.Progress](n))
			p.Close()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int64{3, -1, 0, 1 << 62} {
				var b bytes.Buffer
				if err := render(&b, Options{}, n); err != nil {
					t.Fatal(err)
				}
				if strings.TrimSpace(b.String()) == "" {
					t.Error("nothing is shown")
				}
				for i, r := range b.String() {
					if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFFFD' && b.Bytes()[i] == 0xff) {
						t.Fatalf("%U at %d: %q", r, i, b.String()[max(0, i-60):min(b.Len(), i+20)])
					}
				}
			}
		})
	}
}
