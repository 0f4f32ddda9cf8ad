// Package lang reads the configuration of a folder: files in, a resolved model
// and all independent mistakes out.
package lang

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

// Options are what comes from outside the folder.
type Options struct {
	Variables   map[string]string // from -var; a name that is not declared is a mistake
	Environment map[string]string // from DW_VAR_NAME, without the prefix; other names are passed over
	Version     string            // of this dw, for required_version; "" or "dev" meets every constraint
	// Each calls do for every number below n, in any order and several at a
	// time; nil calls one after the other. It makes use of more than one core.
	Each func(n int, do func(i int))
}

// Load reads all *.dw.hcl and *.dw.json files of the folder's root, with values
// of variables from *.dwvars.hcl files, and the folders of the modules that they
// use. It does no IO but through fsys. The
// configuration is never nil; where the list has errors it is not to be used
// but for its Sources, which show the lines of the mistakes.
func Load(fsys fs.FS, opts Options) (*model.Config, diag.List) {
	tree, list := source.Load(fsys, grammar(), source.Inputs{
		Flags: opts.Variables, Environment: opts.Environment, Known: map[string]source.Known{"library": libraryNames()}, Each: opts.Each,
	})
	l := newLoader(&model.Config{Sources: tree.Sources, State: model.State{Kind: "sqlite", Path: ".dw/state.db"}})
	l.list, l.incomplete, l.files = list, tree.Incomplete, fsys
	l.notes(tree, false)
	// What belongs to the configuration as a whole.
	for _, b := range tree.Blocks {
		switch b.Spec.Type {
		case "dw":
			l.settings(b, opts.Version)
		case "link":
			l.link(b)
		case "policy":
			l.policy(b)
		}
	}
	l.folder(&tree.Folder, nil)
	l.moves(tree.Blocks)
	slices.SortStableFunc(l.cfg.Links, func(a, b *model.Link) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(l.cfg.Enums, func(a, b *model.Enum) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(l.cfg.Maps, func(a, b *model.Map) int { return cmp.Compare(a.Name, b.Name) })
	return l.cfg, l.list.Sorted().Traced()
}

// ModuleFolders gives the folders of all modules that a configuration uses,
// modules of modules included, as paths from its own folder. Nothing in them is
// judged.
func ModuleFolders(fsys fs.FS) []string { return source.Folders(fsys, grammar()) }

// Format lays out the text of a file in native syntax. Files of other syntax
// come back as they are. With errors in the list there is no text.
func Format(src []byte, filename string) ([]byte, diag.List) {
	return source.Format(src, filename)
}

// IsConfigFile tells whether Load would read a file of that name.
func IsConfigFile(name string) bool { return source.IsConfigFile(name) }

// Reference renders the reference of all blocks and attributes in Markdown.
func Reference() string { return source.ReferenceDoc(grammar()) }

// loader builds the model from decoded blocks and checks what the blocks say
// of each other.
type loader struct {
	list       diag.List
	cfg        *model.Config
	links      map[string]*model.Link
	standard   map[string]*model.Map // of the library, that have been asked for
	in         place
	files      fs.FS // nil where nothing but blocks was given
	incomplete bool
	speller    diag.Speller
}

// place is where blocks stand: the configuration's own folder, or one use of a
// module.
type place struct {
	prefix string // of names: "", "module.x."
	link   *source.Attr
	enums  map[string]*model.Enum
}

func newLoader(cfg *model.Config) *loader {
	return &loader{cfg: cfg, links: map[string]*model.Link{}, standard: map[string]*model.Map{}, in: place{enums: map[string]*model.Enum{}}}
}

// folder builds the enums and maps of a folder and of its modules.
func (l *loader) folder(f *source.Folder, link *source.Attr) {
	outer := l.in
	l.in = place{enums: map[string]*model.Enum{}, link: link}
	if f.Address != "" {
		l.in.prefix = f.Address + "."
	}
	// Maps come last: they use enums.
	for _, b := range f.Blocks {
		if b.Spec.Type == "enum" {
			l.enum(b)
		}
	}
	for _, b := range f.Blocks {
		if b.Spec.Type == "map" {
			l.cfg.Maps = append(l.cfg.Maps, l.mapping(b))
		}
	}
	for _, m := range f.Modules {
		inner := link
		if a := m.Call.Attr("link"); a != nil {
			inner = a
		}
		l.folder(m, inner)
	}
	l.in = outer
}

// notes takes over the ignore notes of files.
func (l *loader) notes(tree *source.Tree, library bool) {
	for _, n := range tree.Notes {
		l.cfg.IgnoreNotes = append(l.cfg.IgnoreNotes, model.IgnoreNote{Code: n.Code, Reason: n.Reason, Range: n.Range, Target: n.Target, Library: library})
	}
}

func (l *loader) report(d diag.Diagnostic) { l.list = append(l.list, d) }

func (l *loader) settings(b *source.Block, running string) {
	if a := b.Attr("required_version"); a != nil {
		l.cfg.RequiredVersion = b.Text("required_version")
		l.checkVersion(a, running)
	}
	state := b.Block("state")
	if state == nil {
		return
	}
	l.cfg.State = model.State{Kind: state.Name(), Path: state.Text("path"), Range: state.Header}
	if !state.Written("path") {
		l.cfg.State.Path = ".dw/state.db"
	}
	if a := state.Attr("path"); a != nil && strings.TrimSpace(l.cfg.State.Path) == "" {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "the path of the state is empty", Detail: "The state needs a file.",
			Hint: "Leave path out for .dw/state.db.", Subject: a.Value.Range,
		})
	}
}

func (l *loader) checkVersion(a *source.Attr, running string) {
	text := a.Value.Scalar.String()
	constraints, err := parseConstraints(text)
	if err != nil {
		l.report(diag.Diagnostic{
			Code: diag.CodeBadVersion, Summary: "required_version cannot be read", Detail: err.Error() + ".",
			Hint:    `Write conditions such as ">= 0.1, < 2".`,
			Subject: a.Value.Range,
		})
		return
	}
	if running == "" || running == "dev" {
		return
	}
	v, err := parseVersion(running)
	if err != nil {
		return // a build without a release version
	}
	for _, c := range constraints {
		if !c.allows(v) {
			l.report(diag.Diagnostic{
				Code: diag.CodeVersionUnmet, Summary: fmt.Sprintf("this is dw %s, but the configuration requires %s", running, text),
				Detail:  "It was written for another version and may mean something else in this one.",
				Hint:    "Install a version that fits.",
				Subject: a.Value.Range,
			})
			return
		}
	}
}
