package source

import (
	"io/fs"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/zclconf/go-cty/cty"
)

// Load reads all files of the folder's root and decodes them by the table. The
// root spec has no type; its blocks are those of the top. The tree holds what
// could be read even where there are mistakes.
func Load(fsys fs.FS, root *BlockSpec, in Inputs) (*Tree, diag.List) {
	found, list := readFolder(fsys)
	d := &decoder{}
	top := &Block{Spec: root}
	for _, f := range found.config {
		d.body(f, f.body, root, top)
	}
	d.complete(top, found.broken)
	list = append(list, d.list...)

	s := &scope{
		root: root, incomplete: found.broken,
		variables: map[string]cty.Value{}, locals: map[string]*local{}, declared: map[string]map[string]diag.Range{},
	}
	s.resolveVariables(top, found.variables, in)
	s.declare(top)
	s.resolveLocals()
	for _, b := range top.Blocks {
		if b.Spec.Type != variableBlock && b.Spec.Type != localsBlock {
			s.evaluateBlock(b)
		}
	}
	list = append(list, s.list...)

	tree := &Tree{Blocks: top.Blocks, Sources: found.sources, Incomplete: found.broken}
	for _, f := range found.config {
		notes, more := notesOf(f)
		tree.Notes = append(tree.Notes, notes...)
		list = append(list, more...)
	}
	hideSecrets(tree.Sources, top)
	return tree, list
}

// hideSecrets blanks the values of sensitive attributes that are more than a
// reference, and the defaults of sensitive variables in the texts that are kept for showing.
func hideSecrets(sources map[string][]byte, b *Block) {
	hide := func(a *Attr) {
		src := sources[a.Range.File]
		isReference := a.raw.json == nil && len(a.raw.traversal()) > 0
		if src == nil || isReference {
			return // the name of a variable shows nothing
		}
		src = slices.Clone(src)
		blank(src, a.raw.at.Start.Byte, a.raw.at.End.Byte)
		sources[a.Range.File] = src
	}
	sensitive := b.Spec.Type == variableBlock && slices.ContainsFunc(b.Attrs, func(a *Attr) bool {
		st := a.raw.look()
		return a.Name == "sensitive" && (st.kind != Bool || st.scalar.String() == "true")
	})
	for _, a := range b.Attrs {
		if a.Spec.Sensitive || sensitive && a.Name == "default" {
			hide(a)
		}
	}
	for _, c := range b.Blocks {
		hideSecrets(sources, c)
	}
}
