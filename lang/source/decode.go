package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// decoder turns parsed bodies into blocks by the table.
type decoder struct {
	list    diag.List
	schemas map[*BlockSpec]*hcl.BodySchema // of blocks that were seen
}

// schema says in HCL's words what may stand in a block.
func (d *decoder) schema(spec *BlockSpec) *hcl.BodySchema {
	if known := d.schemas[spec]; known != nil {
		return known
	}
	out := &hcl.BodySchema{}
	for _, a := range spec.Attrs {
		out.Attributes = append(out.Attributes, hcl.AttributeSchema{Name: a.Name})
	}
	for _, b := range spec.Blocks {
		labels := make([]string, len(b.Labels))
		for i, l := range b.Labels {
			labels[i] = l.Name
		}
		out.Blocks = append(out.Blocks, hcl.BlockHeaderSchema{Type: b.Type, LabelNames: labels})
	}
	if d.schemas == nil {
		d.schemas = map[*BlockSpec]*hcl.BodySchema{}
	}
	d.schemas[spec] = out
	return out
}

func (d *decoder) report(x diag.Diagnostic) { d.list = append(d.list, x) }

// body decodes the content of one block (or file) into out.
func (d *decoder) body(f *file, body hcl.Body, spec *BlockSpec, out *Block) {
	if spec.Free != nil {
		d.free(f, body, spec, out)
		return
	}
	content, diags := body.Content(d.schema(spec))
	d.structure(f, diags, spec, out)

	out.Attrs = make([]*Attr, 0, len(content.Attributes))
	for _, a := range content.Attributes {
		s := spec.attr(a.Name)
		if s.NotYet != "" {
			d.notYet("the attribute "+a.Name, s.NotYet, rangeOf(a.NameRange))
			continue
		}
		out.Attrs = append(out.Attrs, d.attr(f, a, s))
	}
	sortAttrs(out.Attrs)
	for _, b := range content.Blocks {
		s := spec.block(b.Type)
		child := &Block{Spec: s, Header: headerOf(b), Body: bodyOf(b)}
		for i, l := range b.Labels {
			child.Labels = append(child.Labels, Label{Text: l, Range: rangeOf(b.LabelRanges[i])})
		}
		if !d.labels(child) {
			out.dropped = append(out.dropped, s.Type)
			continue
		}
		d.body(f, b.Body, s, child)
		out.Blocks = append(out.Blocks, child)
	}
}

// free decodes a body whose attributes the author names.
func (d *decoder) free(f *file, body hcl.Body, spec *BlockSpec, out *Block) {
	attrs, diags := body.JustAttributes()
	d.structure(f, diags, spec, out)
	out.Attrs = make([]*Attr, 0, len(attrs))
	for _, a := range attrs {
		s := spec.attr(a.Name)
		if s == nil {
			s = spec.Free
		}
		out.Attrs = append(out.Attrs, d.attr(f, a, s))
	}
	sortAttrs(out.Attrs)
}

func (d *decoder) attr(f *file, a *hcl.Attribute, spec *AttrSpec) *Attr {
	return &Attr{
		Spec: spec, Name: a.Name, NameRange: rangeOf(a.NameRange), Range: rangeOf(a.Range),
		raw: rawOf(f, a.Expr),
	}
}

func sortAttrs(attrs []*Attr) {
	slices.SortFunc(attrs, func(a, b *Attr) int { return compareRanges(a.Range, b.Range) })
}

func compareRanges(a, b diag.Range) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Start.Byte, b.Start.Byte))
}

// headerOf gives the range of a block's type and labels.
func headerOf(b *hcl.Block) diag.Range {
	r := b.TypeRange
	if n := len(b.LabelRanges); n > 0 {
		r = hcl.RangeBetween(r, b.LabelRanges[n-1])
		if b.LabelRanges[0].Start.Byte > b.LabelRanges[n-1].Start.Byte {
			r = b.TypeRange
		}
	}
	return rangeOf(r)
}

func bodyOf(b *hcl.Block) diag.Range {
	if body, ok := b.Body.(*hclsyntax.Body); ok {
		return rangeOf(hcl.RangeBetween(b.TypeRange, body.SrcRange))
	}
	return rangeOf(hcl.RangeBetween(b.TypeRange, b.Body.MissingItemRange()))
}

// labels checks the labels of a block; false where its body has no meaning.
func (d *decoder) labels(b *Block) bool {
	if b.Spec.NotYet != "" {
		d.notYet("the block "+b.Spec.Type, b.Spec.NotYet, b.Header)
		return false
	}
	if b.Spec.NotHere != "" {
		d.report(diag.Diagnostic{
			Code: diag.CodeUnknownBlock, Summary: fmt.Sprintf("the block %s is not possible here", b.Spec.Type), Detail: b.Spec.NotHere,
			Hint: "Move it there.", Subject: b.Header,
		})
		return false
	}
	for i, s := range b.Spec.Labels {
		l := b.Labels[i]
		if s.Identifier && !hclsyntax.ValidIdentifier(l.Text) {
			d.report(diag.Diagnostic{
				Code: diag.CodeBadName, Summary: fmt.Sprintf("%q cannot be the %s of a %s", l.Text, s.Name, b.Spec.Type),
				Detail:  fmt.Sprintf("References such as %s.name need a name of letters, digits, underscores and hyphens that does not start with a digit.", b.Spec.Type),
				Hint:    "Choose such a name.",
				Subject: l.Range,
			})
		}
		if i == 0 && len(b.Spec.Kinds) > 0 {
			if !d.kind(b, l) {
				return false
			}
			continue
		}
		if len(s.Allowed) > 0 && !slices.Contains(s.Allowed, l.Text) {
			d.report(notAllowed(fmt.Sprintf("the %s of the %s block", s.Name, b.Spec.Type), l.Text, s.Allowed, l.Range))
			// What stands inside is read as if it were right: the mistake is told once.
			b.Labels[i].Text = cmp.Or(diag.Suggest(l.Text, s.Allowed), s.Allowed[0])
		}
	}
	return true
}

func (d *decoder) kind(b *Block, l Label) bool {
	var names []string
	for _, k := range b.Spec.Kinds {
		if k.Label == l.Text {
			if k.NotYet != "" {
				d.notYet(fmt.Sprintf("%s %q", b.Spec.Type, l.Text), k.NotYet, l.Range)
			}
			return k.NotYet == ""
		}
		if k.NotYet == "" {
			names = append(names, k.Label)
		}
	}
	d.report(notAllowed("the kind of "+b.Spec.Type, l.Text, names, l.Range))
	return false
}

func (d *decoder) notYet(what, instead string, at diag.Range) {
	d.report(notYet(what, instead, at))
}

// notYet says that a part of the language is not in this version.
func notYet(what, instead string, at diag.Range) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeNotYet, Summary: what + " is not in this version of dw",
		Detail:  "It is part of the language, but this version cannot carry it out; ignoring it would change what the configuration means.",
		Hint:    instead,
		Subject: at,
	}
}

// notAllowed says that a value is not one of a closed set.
func notAllowed(what, got string, allowed []string, at diag.Range) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%q is not possible for %s", got, what),
		Detail:  "Possible values: " + quoted(allowed) + ".",
		Subject: at,
	}
	if s := diag.Suggest(got, allowed); s != "" {
		out.Hint = fmt.Sprintf("Did you mean %q?", s)
		out.Fix = &diag.Fix{Summary: fmt.Sprintf("Replace by %q", s), Range: at, NewText: fmt.Sprintf("%q", s), Certain: diag.Certain(got, s, allowed)}
	}
	return out
}

// structure turns what HCL says of a body into our diagnostics.
func (d *decoder) structure(f *file, diags hcl.Diagnostics, spec *BlockSpec, in *Block) {
	if len(diags) == 0 {
		return
	}
	where := "in a " + spec.Type + " block"
	if strings.ContainsAny(spec.Type[:min(1, len(spec.Type))], "aeio") {
		where = "in an " + spec.Type + " block"
	}
	if spec.Type == "" {
		where = "at the top of a file"
	}
	attrs, blocks := spec.names()
	for _, x := range diags {
		if x.Severity != hcl.DiagError || x.Subject == nil {
			continue
		}
		at := rangeOf(*x.Subject)
		name := strings.Trim(string(cutBytes(f.src, x.Subject.Start.Byte, x.Subject.End.Byte)), `"`)
		out := diag.Diagnostic{Code: diag.CodeLabels, Summary: lowerFirst(x.Summary), Detail: x.Detail, Subject: at}
		switch {
		case strings.HasPrefix(x.Summary, "Unsupported argument"), strings.HasPrefix(x.Summary, "Extraneous JSON"):
			out.Code = diag.CodeUnknownAttr
			out.Summary = fmt.Sprintf("no attribute %q %s", name, where)
			out.Detail = possible(attrs, blocks)
			switch s := diag.Suggest(name, append(slices.Clone(attrs), blocks...)); {
			case spec.block(name) != nil:
				out.Hint = fmt.Sprintf("%s is a block: write %s { ... } without an equals sign.", name, name)
			case slices.Contains(attrs, s):
				in.meant = append(in.meant, s)
				out.Hint = fmt.Sprintf("Did you mean %q?", s)
				out.Fix = &diag.Fix{Summary: "Rename to " + s, Range: at, NewText: s, Certain: diag.Certain(name, s, slices.Concat(attrs, blocks))}
				if strings.HasSuffix(f.name, ".json") {
					out.Fix.NewText = `"` + s + `"`
				}
			case s != "":
				out.Hint = fmt.Sprintf("Did you mean the block %q?", s)
			}
		case strings.HasPrefix(x.Summary, "Unsupported block"), strings.HasPrefix(x.Summary, "Unexpected "):
			out.Code = diag.CodeUnknownBlock
			out.Summary = fmt.Sprintf("no block %q %s", name, where)
			out.Detail = possible(attrs, blocks)
			if spec.Free != nil {
				out.Detail = "Here stand only lines of the form NAME = value: " + spec.FreeDoc
			}
			switch s := diag.Suggest(name, append(slices.Clone(blocks), attrs...)); {
			case spec.attr(name) != nil:
				out.Hint = fmt.Sprintf("%s is an attribute: write %s = ...", name, name)
			case slices.Contains(blocks, s):
				in.meant = append(in.meant, s)
				out.Hint = fmt.Sprintf("Did you mean %q?", s)
				out.Fix = &diag.Fix{Summary: "Rename to " + s, Range: at, NewText: s, Certain: diag.Certain(name, s, slices.Concat(attrs, blocks))}
			case s != "":
				out.Hint = fmt.Sprintf("Did you mean the attribute %q?", s)
			}
		case strings.HasPrefix(x.Summary, "Duplicate"):
			out.Code = diag.CodeRepeatedObjKey
			out.Summary = fmt.Sprintf("%s is given twice", name)
		case strings.HasPrefix(x.Summary, "Incorrect JSON"):
			out.Code = diag.CodeWrongType
		}
		if x.Context != nil {
			out.Context = rangeOf(*x.Context)
		}
		d.report(out)
	}
}

// possible lists what may be written.
func possible(attrs, blocks []string) string {
	var parts []string
	if len(attrs) > 0 {
		parts = append(parts, "Attributes: "+strings.Join(attrs, ", ")+".")
	}
	if len(blocks) > 0 {
		parts = append(parts, "Blocks: "+strings.Join(blocks, ", ")+".")
	}
	return strings.Join(parts, " ")
}

// complete reports what is missing or repeated in a block and those below.
func (d *decoder) complete(b *Block, incomplete bool) {
	for _, s := range b.Spec.Attrs {
		if b.requires(&s) && !b.Written(s.Name) {
			d.report(diag.Diagnostic{
				Code: diag.CodeMissingAttr, Summary: fmt.Sprintf("%s needs the attribute %q", describe(b), s.Name),
				Detail:  s.Doc,
				Hint:    unless(&s),
				Subject: b.Header, Context: b.Body,
			})
		}
	}
	for _, s := range b.Spec.Blocks {
		var first *Block
		for _, c := range b.Blocks {
			if c.Spec != s {
				continue
			}
			if first != nil && s.Once {
				d.report(diag.Diagnostic{
					Code: diag.CodeRepeatedBlock, Summary: fmt.Sprintf("the block %s is given twice", s.Type),
					Detail:  fmt.Sprintf("The first one stands at %s. Only one of them could hold.", first.Header),
					Hint:    "Merge the two.",
					Subject: c.Header,
				})
			}
			if first == nil {
				first = c
			}
		}
		if s.Required && first == nil && !slices.Contains(b.meant, s.Type) && !(incomplete && b.Spec.Type == "") {
			d.report(diag.Diagnostic{
				Code: diag.CodeMissingBlock, Summary: fmt.Sprintf("%s needs the block %q", describe(b), s.Type),
				Detail:  s.Doc,
				Subject: b.Header, Context: b.Body,
			})
		}
	}
	for _, c := range b.Blocks {
		d.complete(c, incomplete)
	}
}

// requires tells whether the block must have an attribute.
func (b *Block) requires(s *AttrSpec) bool {
	return s.Required && (s.Unless == "" || !b.Written(s.Unless))
}

// unless says what else may stand for a required attribute.
func unless(s *AttrSpec) string {
	if s.Unless == "" {
		return ""
	}
	return fmt.Sprintf("Write it, or take it over by %s.", s.Unless)
}

// describe names a block in a sentence.
func describe(b *Block) string {
	switch {
	case b.Spec.Type == "":
		return "the configuration"
	case len(b.Labels) > 0:
		return fmt.Sprintf("%s %q", b.Spec.Type, b.Name())
	default:
		return "the block " + b.Spec.Type
	}
}

func cutBytes(src []byte, from, to int) []byte {
	from = min(max(from, 0), len(src))
	to = min(max(to, from), len(src))
	return src[from:to]
}
