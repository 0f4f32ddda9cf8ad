package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/host"
)

// inProcess gives a program that reads nothing and writes to buffers.
func inProcess(terminal bool, env map[string]string) (h *host.Host, out, talk *bytes.Buffer) {
	h = host.Simulated(1)
	out, talk = &bytes.Buffer{}, &bytes.Buffer{}
	h.Out, h.Err, h.In = out, talk, strings.NewReader("")
	h.Getenv = func(name string) string { return env[name] }
	h.Terminal = func(io.Writer) (int, bool) { return 80, terminal }
	return h, out, talk
}

func TestFlagsFirst(t *testing.T) {
	h, _, _ := inProcess(false, nil)
	app := (&program{host: h}).app()
	for args, want := range map[string]string{
		"dw":                                  "dw",
		"dw plan":                             "dw plan",
		"dw apply p.plan -auto-approve":       "dw apply -auto-approve p.plan",
		"dw apply p.plan --auto-approve":      "dw apply --auto-approve p.plan",
		"dw apply p.plan -var a=b -json":      "dw apply -var a=b -json p.plan",
		"dw apply p.plan -var=a=b":            "dw apply -var=a=b p.plan",
		"dw plan -chdir x":                    "dw -chdir x plan",
		"dw plan -json -chdir=x -no-color":    "dw -chdir=x -no-color plan -json",
		"dw -chdir x fmt a.dw.hcl -check":     "dw -chdir x fmt -check a.dw.hcl",
		"dw fmt - -check":                     "dw fmt -check -",
		"dw fmt -check -":                     "dw fmt -check -",
		"dw apply -- -auto-approve":           "dw apply -- -auto-approve",
		"dw apply p -- -auto-approve":         "dw apply p -- -auto-approve",
		"dw errors list -map m":               "dw errors list -map m",
		"dw errors list x -map m":             "dw errors list -map m x",
		"dw sandbox serve -chdir x":           "dw -chdir x sandbox serve",
		"dw aply -json":                       "dw aply -json",
		"dw apply p -var":                     "dw apply -var p",
		"dw -chdir":                           "dw -chdir",
		"dw verify -limit -1 -map currencies": "dw verify -limit -1 -map currencies",
	} {
		if got := strings.Join(flagsFirst(app, strings.Fields(args)), " "); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

// Whatever is typed, no argument is lost or made up, and what follows "--"
// stays where it is.
func FuzzFlagsFirst(f *testing.F) {
	for _, seed := range []string{"", "plan", "apply p -json", "-chdir x plan -out", "errors list -map -- -x", "fmt - - -check", "-- plan", "- -", "=- --="} {
		f.Add(seed)
	}
	h, _, _ := inProcess(false, nil)
	app := (&program{host: h}).app()
	f.Fuzz(func(t *testing.T, line string) {
		args := append([]string{"dw"}, strings.Split(line, " ")...)
		kept := slices.Clone(args)
		got := flagsFirst(app, args)
		if !slices.Equal(args, kept) {
			t.Fatalf("the arguments were changed: %q", args)
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(kept))) {
			t.Fatalf("%q became %q", kept, got)
		}
		if got[0] != "dw" {
			t.Fatalf("the program is no longer first: %q", got)
		}
	})
}

// Colours are for terminals, and NO_COLOR and -no-color are honoured.
func TestColor(t *testing.T) {
	for _, test := range []struct {
		name     string
		terminal bool
		env      map[string]string
		args     []string
		want     bool
	}{
		{"terminal", true, nil, nil, true},
		{"pipeline", false, nil, nil, false},
		{"NO_COLOR", true, map[string]string{"NO_COLOR": "1"}, nil, false},
		{"NO_COLOR empty", true, map[string]string{"NO_COLOR": ""}, nil, true},
		{"-no-color", true, nil, []string{"-no-color"}, false},
		{"--no-color", true, nil, []string{"--no-color"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, out, talk := inProcess(test.terminal, test.env)
			if code := run(h, slices.Concat([]string{"dw"}, test.args, []string{"aply"})); code != exitError {
				t.Fatalf("exit code %d", code)
			}
			if got := strings.Contains(talk.String(), "\x1b["); got != test.want {
				t.Errorf("coloured %t, want %t: %q", got, test.want, talk)
			}
			if out.Len() > 0 {
				t.Errorf("on standard output: %q", out)
			}
		})
	}
}

// One output may be a terminal while the other one is a file.
func TestColoursGoToTerminalsOnly(t *testing.T) {
	for _, c := range []struct {
		env      map[string]string
		out, err bool // coloured
	}{
		{nil, false, true},
		{map[string]string{"NO_COLOR": "1"}, false, false},
		{map[string]string{"TERM": "dumb"}, false, false},
	} {
		h, out, talk := inProcess(false, c.env)
		h.Terminal = func(w io.Writer) (int, bool) { return 80, w == h.Err }
		p := &program{host: h}
		if got := p.viewOptions(out).Color; got != c.out {
			t.Errorf("%v: coloured results: %v", c.env, got)
		}
		if got := p.viewOptions(talk).Color; got != c.err {
			t.Errorf("%v: coloured talk: %v", c.env, got)
		}
	}
}

// TestUnknownFlags: of every command, a flag with a slip is found, and where
// nothing is like it all flags are named.
func TestUnknownFlags(t *testing.T) {
	h, _, _ := inProcess(false, nil)
	p := &program{host: h}
	app := p.app()
	var look func(under string, commands []*cli.Command)
	look = func(under string, commands []*cli.Command) {
		for _, c := range commands {
			name := under + " " + c.Name
			hint := func(written string) string {
				var f *diag.Failure
				if err := c.OnUsageError(nil, errors.New(undefinedFlag+written), false); !errors.As(err, &f) || len(f.List) != 1 || f.List[0].Code != diag.CodeUsage {
					t.Fatalf("%s: %v", name, err)
				}
				return f.List[0].Hint
			}
			for _, f := range c.Flags {
				flag := f.Names()[0]
				if got := hint(flag[:len(flag)-1] + "0" + flag[len(flag)-1:]); got != fmt.Sprintf("Did you mean -%s?", flag) {
					t.Errorf("%s: -%s with a letter too many: %s", name, flag, got)
				}
				if got := hint("qqqqqq"); !strings.Contains(got, "-"+flag) || !strings.Contains(got, name+" -help") {
					t.Errorf("%s: %s does not name -%s", name, got, flag)
				}
			}
			look(name, c.Subcommands)
		}
	}
	look("dw", app.Commands)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"repair", "-kind", "mising"}, "It has -json, "},
		{[]string{"apply", "-auto"}, "Did you mean -auto-approve?"},
		{[]string{"errors", "list", "-kinds", "held"}, "Did you mean -kind?"},
	} {
		h, _, talk := inProcess(false, nil)
		if code := run(h, slices.Concat([]string{"dw"}, c.args)); code != exitError || !strings.Contains(talk.String(), c.want) {
			t.Errorf("%q: exit code %d: %s", c.args, code, talk)
		}
	}
}
