package source

import (
	"fmt"
	"strings"
)

// ReferenceDoc renders the table of a language in Markdown.
func ReferenceDoc(root *BlockSpec) string {
	var b strings.Builder
	for _, c := range root.Blocks {
		referenceOf(&b, c, nil)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func referenceOf(b *strings.Builder, spec *BlockSpec, parents []string) {
	if spec.NotYet != "" {
		return
	}
	path := append(parents[:len(parents):len(parents)], spec.Type)
	fmt.Fprintf(b, "%s %s\n\n", strings.Repeat("#", 2+len(path)), strings.Join(path, " › "))
	fmt.Fprintf(b, "`%s", spec.Type)
	for _, l := range spec.Labels {
		fmt.Fprintf(b, " %q", strings.ToUpper(l.Name))
	}
	fmt.Fprintf(b, " { ... }`%s%s\n\n", map[bool]string{true: ", required"}[spec.Required], map[bool]string{true: ", at most once"}[spec.Once])
	fmt.Fprintf(b, "%s\n\n", spec.Doc)
	for _, l := range spec.Labels {
		if len(spec.Kinds) > 0 {
			for _, k := range spec.Kinds {
				if k.NotYet == "" {
					fmt.Fprintf(b, "- `%q`: %s\n", k.Label, k.Doc)
				}
			}
			b.WriteString("\n")
		} else if len(l.Allowed) > 0 {
			fmt.Fprintf(b, "%s: %s\n\n", strings.ToUpper(l.Name), codes(l.Allowed))
		} else if l.Doc != "" {
			fmt.Fprintf(b, "%s: %s\n\n", strings.ToUpper(l.Name), l.Doc)
		}
	}
	if spec.Free != nil {
		fmt.Fprintf(b, "Lines `%s = %s`: %s\n\n", spec.Free.Name, strings.Join(spec.Free.Accept.names(), " or "), spec.FreeDoc)
	}
	if len(spec.Attrs) > 0 {
		b.WriteString("| attribute | takes | default | meaning |\n| --- | --- | --- | --- |\n")
		later := attrRows(b, "", spec.Attrs)
		b.WriteString("\n")
		if len(later) > 0 {
			fmt.Fprintf(b, "Part of the language, not of this version: %s.\n\n", codes(later))
		}
	}
	for _, c := range spec.Blocks {
		referenceOf(b, c, path)
	}
}

// attrRows writes a row an attribute and gives the names of those that this
// version lacks.
func attrRows(b *strings.Builder, prefix string, attrs []AttrSpec) []string {
	var later []string
	for _, a := range attrs {
		if a.NotYet != "" {
			later = append(later, a.Name)
			continue
		}
		takes := strings.Join(a.Accept.names(), " or ")
		switch {
		case len(a.Allowed) > 0:
			takes = codes(a.Allowed)
		case a.RefTo != "":
			takes = strings.Replace(takes, "a reference", "a reference `"+a.RefTo+".NAME`", 1)
		}
		if a.Accept&List != 0 && a.Elem != 0 {
			of := "a list of " + plural(a.Elem)
			if a.Depth > 1 {
				of = "a list of lists of " + plural(a.Elem)
			}
			takes = strings.Replace(takes, "a list", of, 1)
		}
		byDefault := a.Default
		switch {
		case a.Required && a.Unless != "":
			byDefault = "required without " + a.Unless
		case a.Required:
			byDefault = "required"
		case byDefault == "":
			byDefault = "—"
		}
		doc := a.Doc
		if a.Sensitive {
			doc += " Sensitive."
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, a.Name, cell(takes), cell(byDefault), cell(doc))
		attrRows(b, a.Name+".", a.Keys)
	}
	return later
}

func plural(s Shape) string {
	if s == Text {
		return "texts"
	}
	return "members: " + strings.Join(s.names(), " or ")
}

func codes(names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = "`" + n + "`"
	}
	return strings.Join(parts, ", ")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
