package model

import (
	"os/exec"
	"strings"
	"testing"
)

func TestMapNames(t *testing.T) {
	for name, address := range map[string]string{
		`customers`:                       `map.customers`,
		`customers["USMF"]`:               `map.customers["USMF"]`,
		`customers["a.b map.c"]`:          `map.customers["a.b map.c"]`,
		`module.x.customers`:              `module.x.map.customers`,
		`module.x["a.b"].module.y.c["d"]`: `module.x["a.b"].module.y.map.c["d"]`,
		`module`:                          `map.module`,
		`module["a"]`:                     `map.module["a"]`,
		`map`:                             `map.map`,
	} {
		if got := MapAddress(name); got != address {
			t.Errorf("the address of %s is %s, want %s", name, got, address)
		}
		if got := (&Map{Name: name}).Address(); got != address {
			t.Errorf("the address of %s is %s, want %s", name, got, address)
		}
		if got := MapName(address); got != name {
			t.Errorf("%s names %s, want %s", address, got, name)
		}
		if got := MapName(name); got != name {
			t.Errorf("%s names %s", name, got)
		}
	}
	for text, name := range map[string]string{
		`customers[USMF]`:              `customers["USMF"]`,
		`map.customers['USMF']`:        `customers["USMF"]`,
		`module.x[a].map.customers[b]`: `module.x["a"].customers["b"]`,
		`module.x`:                     `module.x`,
		`module.x[a`:                   `module.x[a`,
		`module.x[a]b`:                 `module.x[a]b`,
		`customers[`:                   `customers[`,
		``:                             ``,
		`module.x[a].customers["b`:     `module.x["a"].customers["b`,
	} {
		if got := MapName(text); got != name {
			t.Errorf("%s names %s, want %s", text, got, name)
		}
	}
}

// FuzzMapName: whatever people write on a command line names something or
// nothing, what an address is made of comes back from it, and a shell that reads
// what is written for it has the name.
func FuzzMapName(f *testing.F) {
	for _, s := range []string{`customers["USMF"]`, "map.customers@3", "module.x.y", `module.x["a.b"].map.c["d"]`, "module.", "module.[", "[]", `a["`, "map.", "'; rm -rf /", "$(x)`y`", "\x1b[2J", "a\xffb", "-x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := MapName(text)
		address := MapAddress(name)
		if got := MapName(address); got != name {
			t.Fatalf("%q names %q, whose address %q names %q", text, name, address, got)
		}
		if got := shellWord(MapArgument(name)); got != name {
			t.Fatalf("a shell reads %q as %q, not %q", MapArgument(name), got, name)
		}
	})
}

// shellWord reads one word as POSIX shells do, as far as quotes and plain
// characters go; others are an end.
func shellWord(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return "open quote"
			}
			b.WriteString(s[i+1 : i+1+end])
			i += end + 1
		case c == '\\':
			i++
			b.WriteByte(s[i])
		case strings.IndexByte(" \t\n|&;<>()$`\"*?[]#~=%!{}", c) >= 0:
			return "special character"
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func TestMapArgument(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	for _, name := range []string{"customers", `customers["USMF"]`, `customers["a b"]`, "it's", "$(x)`y`", "a;b", "*", `\`, "a\nb"} {
		out, err := exec.Command(sh, "-c", "printf %s "+MapArgument(name)).Output()
		if err != nil || string(out) != name {
			t.Errorf("a shell reads %s as %q, %v", MapArgument(name), out, err)
		}
	}
}
