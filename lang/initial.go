package lang

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"path"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

// maxCrosswalk is how many bytes a crosswalk file may have: about a million rows.
const maxCrosswalk = 64 << 20

// share reads a number from 0 to 1 and gives it as written.
func (l *loader) share(a *source.Attr) string {
	text := a.Value.Scalar.String()
	// What has digits without end is no share that anybody writes.
	if r, ok := new(big.Rat).SetString(text); len(text) > 20 || strings.ContainsAny(text, "eE") || !ok || r.Sign() < 0 || r.Cmp(big.NewRat(1, 1)) > 0 {
		l.report(outOfRange(a.Name, "a number from 0 to 1, such as 0.01 for one record in a hundred", a))
		return ""
	}
	return text
}

// matchWays reads the ways of a first match, each as F&O fields that are mapped.
func (l *loader) matchWays(a *source.Attr, m *model.Map) [][]model.Named {
	var ways [][]model.Named
	for _, group := range a.Value.List {
		var way []model.Named
		if len(group.List) == 0 {
			l.report(diag.Diagnostic{
				Code: diag.CodeNotAllowed, Summary: "a way of match is empty",
				Detail:  "No fields would make all records equal.",
				Hint:    "Name the fields that have to be equal, or leave the way out.",
				Subject: group.Range, Context: a.Range, Address: m.Address(),
			})
		}
		for _, t := range group.Texts() {
			f := l.matchField(m, t)
			switch {
			case f == "":
			case slices.ContainsFunc(way, func(n model.Named) bool { return n.Name == f }):
				l.report(diag.Diagnostic{
					Code: diag.CodeListedTwice, Summary: fmt.Sprintf("%q is listed twice in one way of match", t.Text),
					Detail:  "All fields of a way must be equal; a second time says nothing.",
					Subject: t.Range, Context: a.Range, Address: m.Address(),
				})
			default:
				way = append(way, model.Named{Name: f, Range: t.Range})
			}
		}
		if len(way) > 0 {
			ways = append(ways, way)
		}
	}
	return ways
}

// matchField finds an F&O field that is mapped, in any case, and gives it as the
// map writes it; "" for one that is not, which is reported.
func (l *loader) matchField(m *model.Map, t source.Label) string {
	var known []string
	for _, f := range m.Fields {
		if f.IsConstant || f.Column.Name == "" || f.FnO.Name == "" {
			continue
		}
		if strings.EqualFold(f.FnO.Name, t.Text) {
			return f.FnO.Name
		}
		known = append(known, f.FnO.Name)
	}
	d := diag.Diagnostic{
		Code: diag.CodeFieldNotMapped, Summary: fmt.Sprintf("match names %q, which the map does not carry", t.Text),
		Detail:  "Records are compared by fields that both sides have. A field is named by its F&O name here, as in the key.",
		Hint:    fmt.Sprintf("Map it: %s = \"column\".", t.Text),
		Subject: t.Range, Address: m.Address(),
	}
	byColumn := slices.IndexFunc(m.Fields, func(f *model.Field) bool {
		return f.FnO.Name != "" && !f.IsConstant && (strings.EqualFold(f.Column.Name, t.Text) || strings.EqualFold(f.Name(), t.Text))
	})
	if byColumn >= 0 {
		d.Hint = fmt.Sprintf("Write %q, the F&O field of the column %s.", m.Fields[byColumn].FnO.Name, m.Fields[byColumn].Name())
	} else if s := diag.Suggest(t.Text, known); s != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", s)
		d.Fix = replaceBy(t, s, known)
	}
	l.report(d)
	return ""
}

// crosswalk reads the file that an attribute names. What its columns mean only
// the schema tells.
func (l *loader) crosswalk(a *source.Attr, m *model.Map) *model.Crosswalk {
	name := a.Value.Scalar.String()
	file := path.Join(path.Dir(a.Value.Range.File), name)
	d := diag.Diagnostic{Code: diag.CodeCrosswalkFile, Subject: a.Value.Range, Address: m.Address(), Summary: fmt.Sprintf("the crosswalk file %q cannot be read", name)}
	switch {
	case l.files == nil:
		return nil
	case name == "" || path.IsAbs(name) || strings.Contains(name, "\\") || !fs.ValidPath(file):
		d.Detail = "The file lies in the folder of the configuration; its path is seen from the file of the map, with / between folders."
		d.Hint = `Copy it beside the map and write crosswalk = "customers.csv".`
		l.report(d)
		return nil
	}
	content, err := readAtMost(l.files, file, maxCrosswalk)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Summary = fmt.Sprintf("there is no crosswalk file %q", name)
		d.Detail = "The path is seen from the file of the map."
		if near := l.nearFile(file); near != "" {
			d.Hint = fmt.Sprintf("Did you mean %q?", path.Join(path.Dir(name), near))
		}
	case err != nil:
		d.Detail = "Reading it: " + err.Error() + "."
		d.Hint = "Name a file that dw may read."
	default:
		sum := sha256.Sum256(content)
		return &model.Crosswalk{File: file, SHA256: hex.EncodeToString(sum[:]), Content: content, Range: a.Value.Range}
	}
	l.report(d)
	return nil
}

// nearFile suggests a CSV file of the same folder; "" where none is near.
func (l *loader) nearFile(file string) string {
	entries, err := fs.ReadDir(l.files, path.Dir(file))
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.EqualFold(path.Ext(e.Name()), ".csv") {
			names = append(names, e.Name())
		}
	}
	return diag.Suggest(path.Base(file), names)
}

// readAtMost reads a regular file of bounded size.
func readAtMost(files fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(files, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it has more than %d MB", most>>20)
	}
	return b, err
}
