// Package source reads configuration files: it guards, parses, decodes by a
// table, evaluates and formats them. It is the only importer of HCL, and gives
// out plain values with their places in the files.
package source

import (
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/value"
)

// Tree is the decoded content of a configuration.
type Tree struct {
	Folder
	Sources map[string][]byte // texts for showing lines; secrets are blanked out
	Notes   []Note
	// Incomplete says that a file could not be read or parsed, so that what
	// seems to be missing may stand there.
	Incomplete bool
}

// Folder is the decoded content of the configuration's own folder, or of one
// use of a module.
type Folder struct {
	Address string    // of the use: `module.x`, `module.x["a"].module.y`; "" for the configuration's own
	Call    *Block    // the module block; nil for the configuration's own
	Blocks  []*Block  // of all files, by file name and place; repeated ones once an instance
	Modules []*Folder // that the folder uses
}

// Note is a "# dw:ignore CODE reason" comment.
type Note struct {
	Code, Reason string
	Range        diag.Range // of the comment
	Target       diag.Range // of the node that it stands for
}

// Block is a decoded block.
type Block struct {
	Spec   *BlockSpec
	Labels []Label
	Attrs  []*Attr // in the author's order
	Blocks []*Block
	Header diag.Range // type and labels
	Body   diag.Range // all of the block
	// Instance is the key of an instance of a block with for_each, as references
	// write it: `["USMF"]`; "" for others.
	Instance string

	meant   []string // what unknown names were most likely meant to be
	dropped []string // types of blocks that were left out because of a mistake
}

// Label is a label of a block with its place, quotes included.
type Label struct {
	Text  string
	Range diag.Range
}

// Name gives the first label, or "".
func (b *Block) Name() string {
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[0].Text
}

// Attr finds an attribute that has a value; nil where it is absent, null (and
// null says nothing of its own there) or was found to be wrong. The methods of
// a nil block find nothing.
func (b *Block) Attr(name string) *Attr {
	if b == nil {
		return nil
	}
	for _, a := range b.Attrs {
		if a.Name == name && a.Value.Kind != 0 && (a.Value.Kind != Null || a.Spec.Accept&Null != 0) {
			return a
		}
	}
	return nil
}

// Written tells whether the attribute stands in the block, right or wrong, or
// a misspelling of it does.
func (b *Block) Written(name string) bool {
	if b == nil {
		return false
	}
	if slices.Contains(b.meant, name) {
		return true
	}
	for _, a := range b.Attrs {
		if a.Name == name {
			return true
		}
	}
	return false
}

// Dropped tells whether a block of the type stands in the block but was left
// out because of a mistake that was reported.
func (b *Block) Dropped(blockType string) bool {
	return b != nil && slices.Contains(b.dropped, blockType)
}

// Block finds the first block of a type, or nil.
func (b *Block) Block(blockType string) *Block {
	if b == nil {
		return nil
	}
	for _, c := range b.Blocks {
		if c.Spec.Type == blockType {
			return c
		}
	}
	return nil
}

// BlocksOf gives the blocks of a type, in the author's order.
func (b *Block) BlocksOf(blockType string) []*Block {
	var out []*Block
	for _, c := range b.Blocks {
		if c.Spec.Type == blockType {
			out = append(out, c)
		}
	}
	return out
}

// Text gives the text of an attribute, or "".
func (b *Block) Text(name string) string {
	if a := b.Attr(name); a != nil && a.Value.Kind == Text {
		return a.Value.Scalar.String()
	}
	return ""
}

// Attr is an attribute with its evaluated value.
type Attr struct {
	Spec      *AttrSpec
	Name      string
	NameRange diag.Range
	Range     diag.Range // name and value
	Value     Value

	raw raw
}

// Value is an evaluated value. Kind is one Shape; 0 means that the value is
// not known because of a mistake that was reported.
type Value struct {
	Kind      Shape
	Scalar    value.Value // Text, Number (integer or decimal), Bool
	List      []Value
	Items     []Item
	Ref       Ref
	Expr      *expr.Expr
	Range     diag.Range
	Sensitive bool // comes from a sensitive variable
	Literal   bool // stands in the file as it is
}

// Texts gives the texts of a list; members that are no texts are left out.
func (v Value) Texts() []Label {
	var out []Label
	for _, e := range v.List {
		if e.Kind == Text {
			out = append(out, Label{Text: e.Scalar.String(), Range: e.Range})
		}
	}
	return out
}

// Item is an entry of an object.
type Item struct {
	Key      string
	KeyRange diag.Range
	Value    Value
}

// Item finds an entry that has a value.
func (v Value) Item(key string) (Value, bool) {
	for _, i := range v.Items {
		if i.Key == key && i.Value.Kind != 0 {
			return i.Value, true
		}
	}
	return Value{}, false
}

// Ref names another block. The name of an instance has its key: `a["USMF"]`.
type Ref struct {
	Type, Name string
}
