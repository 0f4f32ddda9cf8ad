package source

import (
	"io/fs"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Inputs is what comes from outside of the files.
type Inputs struct {
	Flags       map[string]string // values of variables; they win over files, and an undeclared name is a mistake
	Environment map[string]string // values of variables; they lose against files, undeclared names belong to other folders
	Known       map[string]Known  // what references may name beside blocks, by their root
	Each        Each
}

// Each calls do for every number below n, in any order and several at a time.
// Nil calls one after the other: who has more than one thread to give hands it
// in, since this package starts none.
type Each func(n int, do func(i int))

func (e Each) run(n int, do func(i int)) {
	if e != nil {
		e(n, do)
		return
	}
	for i := range n {
		do(i)
	}
}

// Known are names that are not declared in files.
type Known struct {
	Names func() []string // asked for once, and only where something refers to them
	Where string          // a sentence that says where they are listed
}

// Load reads all files of the folder's root, and of the folders of its modules,
// and decodes them by the table. The root spec has no type; its blocks are
// those of the top. The tree holds what could be read even where there are
// mistakes.
func Load(fsys fs.FS, root *BlockSpec, in Inputs) (*Tree, diag.List) {
	l := newLoading(fsys, in)
	found := l.read(rootFolder, root)
	s := l.scope(root, found.broken)
	s.resolveVariables(found.top, found.variables, in)
	tree := &Tree{}
	l.folder(s, found, &tree.Folder, []string{rootFolder})
	tree.Sources, tree.Notes, tree.Incomplete = l.sources, l.usedNotes(), l.broken
	l.hideSecrets()
	return tree, l.list
}

// Parse decodes one text that stands for itself: it has no variables and knows
// no other files.
func Parse(name string, src []byte, root *BlockSpec) (*Tree, diag.List) {
	l := newLoading(nil, Inputs{})
	f, list := parseNative(name, src)
	l.list = list
	found := &folder{}
	if f.body == nil {
		found.broken = true
	} else {
		found.config = []*file{f}
	}
	l.folders[rootFolder] = found
	l.decode(found, root)
	tree := &Tree{}
	l.folder(l.scope(root, found.broken), found, &tree.Folder, nil)
	tree.Sources, tree.Notes, tree.Incomplete = map[string][]byte{name: src}, l.usedNotes(), found.broken
	return tree, l.list
}

// loading is one look at all files of a configuration.
type loading struct {
	fsys    fs.FS
	each    Each
	known   map[string]*knownNames
	list    diag.List
	broken  bool
	sources map[string][]byte
	folders map[string]*folder // that have been read, by path
	secrets []*Attr            // values for sensitive variables of modules
	// instances counts those of for_each and of modules, all told.
	instances int
	tooMany   bool // that was told
	work      work // that expressions have left
	exhausted bool // that was told
	speller   diag.Speller
	functions map[string]function.Function
	// functionNames are theirs, sorted.
	functionNames []string
	present       map[diag.Range]bool
	absent        []diag.Range // blocks without an instance
}

func newLoading(fsys fs.FS, in Inputs) *loading {
	l := &loading{
		fsys: fsys, each: in.Each, known: map[string]*knownNames{}, sources: map[string][]byte{}, folders: map[string]*folder{}, present: map[diag.Range]bool{},
		work: work{left: maxWork}, functions: configFunctions(),
	}
	l.functionNames = slices.Sorted(maps.Keys(l.functions))
	for root, k := range in.Known {
		l.known[root] = &knownNames{Known: k}
	}
	return l
}

// read reads and decodes a folder, once.
func (l *loading) read(dir string, spec *BlockSpec) *folder {
	if f := l.folders[dir]; f != nil {
		return f
	}
	f, list := readFolder(l.fsys, dir, l.each)
	l.list = append(l.list, list...)
	l.folders[dir] = f
	for name, text := range f.sources {
		l.sources[name] = text
	}
	l.decode(f, spec)
	return f
}

func (l *loading) decode(f *folder, spec *BlockSpec) {
	parts := make([]decoded, len(f.config))
	l.each.run(len(parts), func(i int) { parts[i] = decodeFile(f.config[i], spec) })
	d := &decoder{}
	f.top = &Block{Spec: spec}
	for _, p := range parts {
		f.top.Attrs = append(f.top.Attrs, p.top.Attrs...)
		f.top.Blocks = append(f.top.Blocks, p.top.Blocks...)
		f.top.meant = append(f.top.meant, p.top.meant...)
		f.top.dropped = append(f.top.dropped, p.top.dropped...)
		f.notes = append(f.notes, p.notes...)
		l.list = append(l.list, p.wrongNotes...)
		d.list = append(d.list, p.list...)
	}
	d.complete(f.top, f.broken)
	l.list = append(l.list, d.list...)
	l.broken = l.broken || f.broken
}

// decoded is what a file holds.
type decoded struct {
	top              Block
	notes            []Note
	list, wrongNotes diag.List
}

// decodeFile decodes a parsed file, of which the expressions are kept and the
// rest is let go.
func decodeFile(f *file, spec *BlockSpec) decoded {
	d := &decoder{}
	out := decoded{top: Block{Spec: spec}}
	d.body(f, f.body, spec, &out.top)
	out.list = d.list
	out.notes, out.wrongNotes = notesOf(f)
	f.body, f.tokens = nil, nil
	return out
}

func (l *loading) scope(spec *BlockSpec, incomplete bool) *scope {
	return &scope{
		root: spec, incomplete: incomplete, known: l.known, loading: l,
		variables: map[string]cty.Value{}, locals: map[string]*local{}, declared: map[string]map[string]*declaration{}, repeats: map[*Block][]each{},
	}
}

// folder evaluates the blocks of a folder, or of one use of it, whose variables
// have their values. The trail has the folders that lead to it, itself last;
// what stands for itself has none.
func (l *loading) folder(s *scope, f *folder, out *Folder, trail []string) {
	f.used = true
	s.declare(f.top)
	s.resolveLocals()
	s.expand(f.top)
	for _, b := range f.top.Blocks {
		switch {
		case b.Spec.Type == variableBlock || b.Spec.Type == localsBlock:
			out.Blocks = append(out.Blocks, b)
		case b.Spec.Folder != nil:
			l.module(s, b, out, trail)
		default:
			s.instances(b, func(x *Block) {
				if out.Call != nil { // other uses of the folder have values of their own
					x = x.clone()
				}
				s.evaluateBlock(x)
				out.Blocks = append(out.Blocks, x)
			})
		}
	}
	l.list = append(l.list, s.list...)
	s.list = nil
}

// usedNotes gives the notes of the folders that are used, without those in
// blocks that have no instance: nothing is looked for there.
func (l *loading) usedNotes() []Note {
	var out []Note
	for _, f := range l.folders {
		if f.used {
			out = append(out, f.notes...)
		}
	}
	slices.SortFunc(out, func(a, b Note) int { return compareRanges(a.Range, b.Range) })
	absent := map[string][]diag.Range{} // by file
	for _, r := range l.absent {
		if !l.present[r] { // another use of the module has none of it either
			absent[r.File] = append(absent[r.File], r)
		}
	}
	return slices.DeleteFunc(out, func(n Note) bool {
		return slices.ContainsFunc(absent[n.Target.File], func(r diag.Range) bool {
			return r.Start.Byte <= n.Target.Start.Byte && n.Target.End.Byte <= r.End.Byte
		})
	})
}

// hideSecrets blanks the values of sensitive attributes that are more than a
// reference, and the defaults of sensitive variables, in the texts that are
// kept for showing.
func (l *loading) hideSecrets() {
	for _, f := range l.folders {
		l.hideSecretsOf(f.top)
	}
	for _, a := range l.secrets {
		l.hide(a)
	}
}

func (l *loading) hideSecretsOf(b *Block) {
	sensitive := b.Spec.Type == variableBlock && slices.ContainsFunc(b.Attrs, func(a *Attr) bool {
		st := a.raw.look()
		return a.Name == "sensitive" && (st.kind != Bool || st.scalar.String() == "true")
	})
	for _, a := range b.Attrs {
		if a.Spec.Sensitive || sensitive && a.Name == "default" {
			l.hide(a)
		}
	}
	for _, c := range b.Blocks {
		l.hideSecretsOf(c)
	}
}

func (l *loading) hide(a *Attr) {
	src := l.sources[a.Range.File]
	isReference := a.raw.json == nil && len(a.raw.traversal()) > 0
	if src == nil || isReference {
		return // the name of a variable shows nothing
	}
	src = slices.Clone(src)
	blank(src, a.raw.at.Start.Byte, a.raw.at.End.Byte)
	l.sources[a.Range.File] = src
}
