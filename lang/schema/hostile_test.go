package schema

import (
	"fmt"
	"strings"
	"testing"
)

// hostileFiles are snapshot files that nobody's schema looks like, with what
// each is told, "" where it may be read.
func hostileFiles() map[string][2]string {
	const field = `{"name":"f","type":"text","required":false,"on_create":true,"on_update":true,"readable":true}`
	file := func(table string) string {
		return `{"format_version":"` + FormatVersion + `","fno":[` + table + `],"dataverse":[],"enums":[]}`
	}
	table := func(fields string) string {
		return file(`{"side":"fno","set":"A","name":"A","fields":[` + fields + `]}`)
	}
	with := func(old, new string) string { return table(strings.Replace(field, old, new, 1)) }
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	const deep = 100_000
	return map[string][2]string{
		"plain":             {table(field), ""},
		"empty":             {"", "no JSON"},
		"null":              {"null", "format_version"},
		"a number":          {"5", "no JSON"},
		"a byte order mark": {"\ufeff" + table(field), "no JSON"},
		"cut off":           {table(field)[:80], "no JSON"},
		"followed":          {table(field) + "{}", "no JSON"},
		"deep lists":        {`{"format_version":"1.2","fno":` + strings.Repeat("[", deep), "depth"},
		"deep objects":      {`{"format_version":"1.2","fno":` + strings.Repeat(`{"a":`, deep), "depth"},
		"deep, of another":  {`{"format_version":"1.9","x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}", ""},
		"huge length":       {with(`"text"`, `"text","max_length":1e999999999`), "max_length"},
		"huge whole":        {with(`"text"`, `"text","max_length":99999999999999999999`), "max_length"},
		"long whole":        {with(`"text"`, `"text","max_length":9999999999`), "a length of"},
		"negative length":   {with(`"text"`, `"text","max_length":-1`), "a length of -1"},
		"scale":             {with(`"text"`, `"decimal","scale":2000000000`), "2000000000 decimals"},
		"negative scale":    {with(`"text"`, `"decimal","scale":-1`), "-1 decimals"},
		"exponent":          {with(`"text"`, `"decimal","min":"1e999999999"`), "field f of table A"},
		"digits":            {with(`"text"`, `"decimal","max":"`+strings.Repeat("9", deep)+`"`), "field f of table A"},
		"type":              {with("text", strings.Repeat("x", deep)), "unknown type"},
		"not UTF-8":         {with(`"f"`, "\"f\xff\""), "UTF-8"},
		"half a pair":       {with(`"f"`, `"f\ud800"`), ""},
		"escapes":           {with(`"f"`, `"f\u001b[2J"`), "control characters"},
		"turned round":      {with(`"f"`, `"f\u202e"`), "control characters"},
		"escapes in a set":  {strings.Replace(table(field), `"set":"A"`, `"set":"A\u0007"`, 1), "control characters"},
		"long name":         {with(`"f"`, `"`+strings.Repeat("f", deep)+`"`), "100000 bytes"},
		"no name":           {with(`"f"`, `""`), "without a name"},
		"member twice":      {with(`"name":"f"`, `"name":"g","name":"f"`), `member "name" twice`},
		"twice, folded":     {with(`"name":"f"`, `"name":"g","Name":"f"`), `twice`},
		"version twice":     {`{"format_version":"1.2","format_version":"2.0","fno":[],"dataverse":[],"enums":[]}`, "format"},
		"field twice":       {table(field + "," + field), "occurs twice"},
		"columns":           {table(lines(maxColumns+1, strings.Replace(field, `"f"`, `"f%d"`, 1))), "20001 fields"},
		"tables":            {file(lines(maxTables+1, `{"side":"fno","set":"A%d","name":"A","fields":[]}`)), "100001 tables"},
		"members":           {strings.Replace(table(field), `"enums":[`, `"enums":[{"name":"e","members":[`+lines(maxMembers+1, `{"name":"m%d","value":1}`)+`]}`, 1), "100001 members"},
		"format":            {`{"format_version":"` + strings.Repeat("9", deep) + `"}`, "this dw reads"},
	}
}

// TestHostile: every such file is told in a sentence that can be shown.
func TestHostile(t *testing.T) {
	for name, c := range hostileFiles() {
		t.Run(name, func(t *testing.T) {
			_, err := Decode([]byte(c[0]))
			switch {
			case c[1] == "":
				if err != nil {
					t.Error(err)
				}
			case err == nil:
				t.Error("it is read")
			case !strings.Contains(err.Error(), c[1]) || len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\x1b\x07"):
				t.Errorf("%.800q", err)
			}
		})
	}
}
