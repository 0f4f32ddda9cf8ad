package source

// Shape is a set of forms that a value may have.
type Shape uint16

// The forms. Expression stands for a value expression, kept as a tree; Type
// for a type such as list(string); Any for every value that HCL can compute.
const (
	Text Shape = 1 << iota
	Number
	Bool
	Null
	List
	Object
	Reference
	Expression
	Type
	Any
)

// Scalar is what a record field can hold.
const Scalar = Text | Number | Bool

// names gives the words for messages and documentation, in order.
func (s Shape) names() []string {
	var out []string
	for _, n := range []struct {
		shape Shape
		word  string
	}{
		{Text, "a text"}, {Number, "a number"}, {Bool, "true or false"}, {Null, "null"}, {List, "a list"},
		{Object, "an object"}, {Reference, "a reference"}, {Expression, "a value expression"}, {Type, "a type"}, {Any, "any value"},
	} {
		if s&n.shape != 0 {
			out = append(out, n.word)
		}
	}
	return out
}

// BlockSpec says what may stand in a block. The specs of a language are one
// table: it drives decoding, messages and the reference documentation.
type BlockSpec struct {
	Type      string
	Doc       string
	Labels    []LabelSpec
	Attrs     []AttrSpec
	Blocks    []*BlockSpec
	Once      bool       // at most one such block in its parent (in the folder, at the top)
	Required  bool       // the parent needs one
	Referable bool       // other blocks may name it as TYPE.LABEL
	Free      *AttrSpec  // the body holds attributes of the author's naming, beside Attrs
	FreeDoc   string     // what the names of Free are
	NotYet    string     // not empty: part of the language, not of this version; says what to do instead
	NotHere   string     // not empty: a block of other places; says why it cannot stand here
	Repeat    bool       // takes for_each and enabled: the block stands for any number of instances
	Folder    *BlockSpec // what stands in the files of the folder that the block calls: it is a module
	Shared    []string   // of a Folder: types of blocks of the calling folder that may be named
	Kinds     []Kind     // what the first label chooses, where it chooses a kind
}

// LabelSpec is one label of a block.
type LabelSpec struct {
	Name       string
	Doc        string
	Allowed    []string // closed set; empty: a free text
	Identifier bool     // must be usable in references
}

// Kind is a member of a closed set of labels with what it needs or forbids.
type Kind struct {
	Label  string
	Doc    string
	NotYet string
}

// AttrSpec is one attribute, or one key of an object.
type AttrSpec struct {
	Name      string
	Accept    Shape
	Elem      Shape      // of the members of a list or an object
	Depth     int        // nested lists: 2 for a list of lists
	Keys      []AttrSpec // closed set of keys of an object
	RefTo     string     // block type that a reference must name
	Address   bool       // a bare address such as map.old stands for its own text, whatever is declared
	Doc       string
	Default   string // as documented
	Allowed   []string
	Required  bool
	Unless    string // the attribute is not required where this one stands
	Sensitive bool
	NotYet    string // see BlockSpec.NotYet
}

func (b *BlockSpec) attr(name string) *AttrSpec {
	for i := range b.Attrs {
		if b.Attrs[i].Name == name {
			return &b.Attrs[i]
		}
	}
	return nil
}

func (b *BlockSpec) block(name string) *BlockSpec {
	for _, c := range b.Blocks {
		if c.Type == name {
			return c
		}
	}
	return nil
}

// names gives what may be written in the block, attributes first.
func (b *BlockSpec) names() (attrs, blocks []string) {
	for _, a := range b.Attrs {
		if a.NotYet == "" {
			attrs = append(attrs, a.Name)
		}
	}
	for _, c := range b.Blocks {
		if c.NotYet == "" && c.NotHere == "" {
			blocks = append(blocks, c.Type)
		}
	}
	return attrs, blocks
}
