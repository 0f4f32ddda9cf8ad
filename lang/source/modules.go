package source

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/zclconf/go-cty/cty"
)

// rootFolder is the configuration's own folder.
const rootFolder = "."

// sourceAttr names the folder of a module.
const sourceAttr = "source"

// module takes in a folder that a block calls, once an instance.
func (l *loading) module(s *scope, b *Block, in *Folder, trail []string) {
	dir, ok := l.moduleFolder(s, b, trail)
	if !ok {
		l.absent = append(l.absent, b.Body)
		return
	}
	known := l.folders[dir] != nil
	f := l.read(dir, b.Spec.Folder)
	if f.empty && !known {
		s.report(diag.Diagnostic{
			Code: diag.CodeModuleFolder, Summary: fmt.Sprintf("the folder %s holds no configuration", dir),
			Detail: "No file of it ends in " + NativeSuffix + " or " + JSONSuffix + "; files of its sub-folders are not read.",
			Hint:   "Name the folder of the maps.", Subject: b.named(sourceAttr).raw.at,
		})
	}
	maps := 1
	for _, inner := range f.top.Blocks {
		if inner.Spec.Repeat {
			maps++
		}
	}
	s.instances(b, func(x *Block) {
		if !l.count(maps, b.Header) {
			return
		}
		if x == b {
			x = b.clone()
		}
		given := map[string]input{}
		for _, a := range x.Attrs {
			switch {
			case a.Spec == b.Spec.Free:
				given[a.Name] = input{attr: a, value: s.compute(a.raw)}
			case a.Name != forEachAttr && a.Name != enabledAttr:
				a.Value = s.attribute(a)
			}
		}
		out := &Folder{Address: joinAddress(in.Address, "module."+b.Name()+x.Instance), Call: x}
		in.Modules = append(in.Modules, out)
		inner := l.scope(b.Spec.Folder, f.broken)
		for _, shared := range b.Spec.Folder.Shared {
			inner.declared[shared] = s.declared[shared]
		}
		inner.resolveInputs(f.top, x, given)
		l.folder(inner, f, out, append(trail[:len(trail):len(trail)], dir))
	})
}

func joinAddress(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}

// moduleFolder finds the folder of a module; false where it cannot be used,
// which is told.
func (l *loading) moduleFolder(s *scope, b *Block, trail []string) (string, bool) {
	a := b.named(sourceAttr)
	if a == nil || len(trail) == 0 {
		return "", false // a mistake that was told
	}
	st := a.raw.look()
	if st.kind != Text || st.err != nil {
		s.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "the source of a module must be written out",
			Detail: "It is a text such as \"./maps\" that depends on nothing, so that the files of a configuration are known without evaluating it.", Subject: a.raw.at,
		})
		return "", false
	}
	text := st.scalar.String()
	d := diag.Diagnostic{
		Code: diag.CodeModuleFolder, Subject: a.raw.at, Hint: `Write a path below the folder of the configuration that begins with "./", such as "./maps".`,
		Summary: fmt.Sprintf("%q cannot be the source of a module", text),
	}
	here := trail[len(trail)-1]
	dir := path.Join(here, text)
	switch {
	case strings.Contains(text, "://") || strings.Contains(text, "::"):
		d.Detail = "Modules come from folders of the configuration only: nothing is loaded from elsewhere."
	case path.IsAbs(text) || strings.Contains(text, `\`) || len(text) > 1 && text[1] == ':':
		d.Detail = "It must mean the same on every machine: a relative path with forward slashes."
	case text != "." && text != ".." && !strings.HasPrefix(text, "./") && !strings.HasPrefix(text, "../"):
		d.Detail = "A folder begins with \"./\" or \"../\", as seen from the file that names it."
		if st, err := fs.Stat(l.fsys, dir); fs.ValidPath(dir) && err == nil && st.IsDir() {
			d.Hint = fmt.Sprintf("Write %q.", "./"+text)
			d.Fix = &diag.Fix{Summary: "Write it as a path", Range: a.raw.at, NewText: fmt.Sprintf("%q", "./"+text)}
		}
	case !fs.ValidPath(dir):
		d.Detail = "It leads out of the folder of the configuration, which would then not be whole by itself."
	case slices.Contains(trail, dir):
		d.Code, d.Summary = diag.CodeModuleRing, "the module contains itself"
		ring := append(slices.Clone(trail[slices.Index(trail, dir):]), dir)
		for i, x := range ring {
			if x == rootFolder {
				ring[i] = "the configuration's own folder"
			}
		}
		d.Detail = strings.Join(ring, " uses ") + "."
		d.Hint = "Move what both need into a folder of its own."
	default:
		info, err := fs.Stat(l.fsys, dir)
		switch {
		case err != nil:
			d.Summary, d.Detail = fmt.Sprintf("there is no folder %s", dir), "It is looked for from the folder of the file that names it."
		case !info.IsDir():
			d.Summary, d.Detail = fmt.Sprintf("%s is no folder", dir), "A module is a folder with all of its files."
		default:
			return dir, true
		}
	}
	s.report(d)
	return "", false
}

// input is a value that a module block gives for a variable.
type input struct {
	attr  *Attr
	value cty.Value
}

// resolveInputs gives the variables of a module the values of its block.
func (s *scope) resolveInputs(top, call *Block, given map[string]input) {
	declared, names := s.declareVariables(top)
	for _, a := range call.Attrs {
		if _, isInput := given[a.Name]; isInput && declared[a.Name] == nil && !s.incomplete {
			d := s.loading.undeclared(a.Name, names, a.NameRange)
			d.Summary = fmt.Sprintf("module %q has no variable %q", call.Name(), a.Name)
			s.report(d)
		}
	}
	for _, name := range names {
		v := declared[name]
		if call.Spec.attr(name) != nil {
			s.report(diag.Diagnostic{
				Code: diag.CodeBadName, Summary: fmt.Sprintf("%q cannot be the name of a module's variable", name),
				Detail: "The block of a module has an attribute of this name, so no value can be given for the variable.", Hint: "Choose another name.",
				Subject: v.block.Labels[0].Range,
			})
			continue
		}
		value := s.inputValue(v, call, given[name])
		if v.sensitive {
			value = value.Mark(sensitiveMark{})
			if a := given[name].attr; a != nil {
				s.loading.secrets = append(s.loading.secrets, a)
			}
		}
		s.variables[name] = value
	}
}

// inputValue gives the value of a module's variable: what its block says, else
// the default.
func (s *scope) inputValue(v *variable, call *Block, given input) cty.Value {
	if given.attr != nil && !given.value.IsNull() {
		return s.convert(v, given.value, given.attr.raw.at)
	}
	if a := v.block.named("default"); a != nil {
		return s.convert(v, s.compute(a.raw), a.raw.at)
	}
	s.report(diag.Diagnostic{
		Code: diag.CodeVariableUnset, Summary: fmt.Sprintf("module %q gives no value for the variable %q", call.Name(), v.name),
		Detail: "It has no default.", Hint: fmt.Sprintf("Write %s = ... in the block.", v.name),
		Subject: call.Header, Context: call.Body, Address: "var." + v.name,
	})
	return cty.DynamicVal
}

// Folders gives the folders of all modules that a configuration uses, as far
// as they can be found, sorted. Nothing in them is judged.
func Folders(fsys fs.FS, root *BlockSpec) []string {
	l := newLoading(fsys, Inputs{})
	var visit func(dir string, spec *BlockSpec, trail []string)
	visit = func(dir string, spec *BlockSpec, trail []string) {
		for _, b := range l.read(dir, spec).top.Blocks {
			if b.Spec.Folder == nil {
				continue
			}
			if inner, ok := l.moduleFolder(l.scope(spec, true), b, trail); ok && l.folders[inner] == nil {
				visit(inner, b.Spec.Folder, append(trail[:len(trail):len(trail)], inner))
			}
		}
	}
	visit(rootFolder, root, []string{rootFolder})
	var out []string
	for dir := range l.folders {
		if dir != rootFolder {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}
