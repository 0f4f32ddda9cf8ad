package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
)

// The endings of the files of a configuration.
const (
	NativeSuffix    = ".dw.hcl"
	JSONSuffix      = ".dw.json"
	VariablesSuffix = ".dwvars.hcl"
)

// file is a parsed file.
type file struct {
	name   string
	src    []byte
	body   hcl.Body
	tokens hclsyntax.Tokens // of files in native syntax that hold ignore notes
}

// native gives the body in native syntax, or nil.
func (f *file) native() *hclsyntax.Body {
	b, _ := f.body.(*hclsyntax.Body)
	return b
}

// folder is what readFolder found, and what it was decoded to.
type folder struct {
	config    []*file
	variables []*file // of the configuration's own folder
	sources   map[string][]byte
	broken    bool
	empty     bool // a module's folder without files

	top   *Block
	notes []Note
	used  bool // by the configuration, or a module that is
}

// readFolder reads and parses the files of a folder, in the order of their
// names, which are those seen from the root. Files that cannot be parsed are
// left out. The values of a module's variables come from its block, so that
// files of variables are passed over there.
func readFolder(fsys fs.FS, dir string, each Each) (*folder, diag.List) {
	out := &folder{sources: map[string][]byte{}}
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		out.broken = true
		what := "the folder"
		if dir != rootFolder {
			what += " " + dir
		}
		return out, diag.List{unreadable(what, diag.Range{}, err)}
	}
	var names []string
	found := false
	for _, e := range entries {
		name := e.Name()
		isVariables := strings.HasSuffix(name, VariablesSuffix)
		isConfig := strings.HasSuffix(name, NativeSuffix) || strings.HasSuffix(name, JSONSuffix)
		if e.IsDir() || !isConfig && (!isVariables || dir != rootFolder) {
			continue
		}
		found = found || isConfig
		names = append(names, path.Join(dir, name))
	}
	files, lists := make([]*file, len(names)), make([]diag.List, len(names))
	each.run(len(names), func(i int) { files[i], lists[i] = readFile(fsys, names[i]) })
	var list diag.List
	for i, f := range files {
		name := names[i]
		list = append(list, lists[i]...)
		if f == nil {
			out.broken = true
			continue
		}
		if f.body == nil {
			out.broken = true
			if text := blankUnparsed(f); text != nil {
				out.sources[name] = text
			}
			continue
		}
		if strings.HasSuffix(name, VariablesSuffix) {
			out.variables = append(out.variables, f)
			continue
		}
		out.config = append(out.config, f)
		out.sources[name] = f.src
	}
	if !found && dir != rootFolder {
		out.empty, out.broken = true, true
		return out, list
	}
	if !found {
		out.broken = true
		list = append(list, diag.Diagnostic{
			Code: diag.CodeNoFiles, Summary: "the folder holds no configuration",
			Detail: "No file of the folder ends in " + NativeSuffix + " or " + JSONSuffix + "; files of sub-folders are read only for modules.",
			Hint:   "Run dw in the folder of the maps, name it with -chdir, or let dw init write a first one.",
		})
	}
	return out, list
}

// readFile gives nil where there is no text, and no body where it cannot be
// parsed.
func readFile(fsys fs.FS, name string) (*file, diag.List) {
	// What is no plain file is not opened: opening a pipe waits for who writes.
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no plain file, but a " + kindOfFile(info.Mode()))
	}
	if err != nil {
		return nil, diag.List{unreadable(name, fileStart(name), err)}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, diag.List{unreadable(name, fileStart(name), err)}
	}
	defer f.Close()
	// One byte more than is allowed tells a file that is too large.
	src, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, diag.List{unreadable(name, fileStart(name), err)}
	}
	return parseFile(name, src)
}

func kindOfFile(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "folder"
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

func parseFile(name string, src []byte) (*file, diag.List) {
	if list := guardText(name, src); len(list) > 0 {
		return nil, list
	}
	if !strings.HasSuffix(name, ".json") {
		return parseNative(name, src)
	}
	out := &file{name: name, src: src}
	if list := guardJSON(name, src); len(list) > 0 {
		return out, list
	}
	parsed, diags := hcljson.Parse(src, name)
	return out.parsed(parsed, diags)
}

// parseNative parses a text in native syntax, whatever its name.
func parseNative(name string, src []byte) (*file, diag.List) {
	out := &file{name: name, src: src}
	noted := bytes.Contains(src, []byte(ignoreWord))
	if noted || !plainlyShallow(src) {
		tokens, _ := hclsyntax.LexConfig(src, name, hcl.InitialPos)
		if list := guardTokens(tokens); len(list) > 0 {
			return out, list
		}
		if noted {
			out.tokens = tokens
		}
	}
	parsed, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	return out.parsed(parsed, diags)
}

func (f *file) parsed(p *hcl.File, diags hcl.Diagnostics) (*file, diag.List) {
	if diags.HasErrors() || p == nil {
		return f, syntaxErrors(diags)
	}
	f.body = p.Body
	return f, nil
}

func unreadable(what string, at diag.Range, err error) diag.Diagnostic {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return diag.Diagnostic{
		Code: diag.CodeUnreadable, Summary: what + " cannot be read", Detail: err.Error() + ".", Subject: at,
		Hint: "Check that it exists and that you may read it.",
	}
}

// openText is how the parser calls a text whose closing quote is missing. It
// takes every quote that follows for the wrong end of a text, so what it says
// of the rest of the file is noise.
const openText = "Invalid multi-line string"

// syntaxErrors takes over what the parser says. It already says what was
// found, what was expected and often how to mend it.
func syntaxErrors(diags hcl.Diagnostics) diag.List {
	var list diag.List
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		out := diag.Diagnostic{Code: diag.CodeSyntax, Summary: lowerFirst(d.Summary), Detail: d.Detail}
		if strings.Contains(d.Summary, "argument name") && strings.Contains(d.Detail, "quoted") {
			out.Hint = "Write the name without quotes."
		}
		if d.Subject != nil {
			out.Subject = rangeOf(*d.Subject)
		}
		if d.Context != nil {
			out.Context = rangeOf(*d.Context)
		}
		if d.Summary == openText {
			out.Summary, out.Hint = "text without a closing quote", "Put the quote where the text ends. The rest of the file is checked after that."
			return append(list, out)
		}
		list = append(list, out)
	}
	return list
}

// lowerFirst fits a sentence of the parser into our messages, which start in
// lower case.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && (s[1] < 'A' || s[1] > 'Z') {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// keyText finds the line of a key that senders show; the key of a map is no
// quoted text.
var keyText = regexp.MustCompile(`^\s*key\s*=\s*[^\s\[{]`)

// blankUnparsed gives the text of a file that could not be parsed, for showing
// the line of the mistake, without any quoted text on lines that look as if
// they held a secret. Files of variables and JSON are not shown at all: where
// their secrets stand is known only after parsing.
func blankUnparsed(f *file) []byte {
	if !strings.HasSuffix(f.name, NativeSuffix) {
		return nil
	}
	out := slices.Clone(f.src)
	for start := 0; start < len(out); {
		end := start
		for end < len(out) && out[end] != '\n' {
			end++
		}
		line := strings.ToLower(string(out[start:end]))
		if keyText.MatchString(line) {
			blank(out, start+strings.IndexByte(line, '='), end)
		}
		for _, word := range []string{"secret", "password", "default", "token"} {
			if i := strings.Index(line, word); i >= 0 {
				blank(out, start+i+len(word), end)
				break
			}
		}
		start = end + 1
	}
	return out
}

// blank hides what stands between two offsets, keeping lines and columns.
func blank(src []byte, from, to int) {
	for i := max(from, 0); i < to && i < len(src); i++ {
		switch c := src[i]; {
		case c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '=' || c == '"':
		default:
			src[i] = '*'
		}
	}
}

// IsConfigFile tells whether a file of that name belongs to a configuration.
func IsConfigFile(name string) bool {
	name = path.Base(name)
	return strings.HasSuffix(name, NativeSuffix) || strings.HasSuffix(name, JSONSuffix) || strings.HasSuffix(name, VariablesSuffix)
}

func quoted(names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(parts, ", ")
}
