package dualwrite

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// Bounds of what is read. The solutions of Microsoft's maps have some hundred
// kilobytes.
const (
	MaxFileBytes  = 64 << 20  // of one file, and of one file inside a zip
	MaxTotalBytes = 256 << 20 // of all files of a folder or zip
	maxFiles      = 10_000    // of a folder or zip
)

// Found is what files hold.
type Found struct {
	Records []Record
	Keys    Keys
}

// Read takes the maps out of one file: a map or record in JSON, the
// customizations.xml of a solution, a solution zip, or integration keys. Name
// stands in the diagnostics. A file with none of these is an error.
func Read(name string, content []byte) (Found, diag.List) {
	r := newReader()
	if !r.file(name, content) && !r.list.HasErrors() {
		r.nothing(name, diag.Error)
	}
	return r.found, r.list
}

// ReadFolder takes the maps out of all .json, .xml and .zip files of a folder
// and of the folders below it. Other JSON and XML files are told and passed
// over. Name stands in the diagnostics before the paths.
func ReadFolder(name string, fsys fs.FS) (Found, diag.List) {
	r := newReader()
	count, total := 0, int64(0)
	err := fs.WalkDir(fsys, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			r.unreadable(path.Join(name, p), err)
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.IsDir() && p != "." && strings.HasPrefix(e.Name(), ".") {
			return fs.SkipDir
		}
		if !e.Type().IsRegular() || !readable(p) {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			r.unreadable(path.Join(name, p), err)
			return nil
		}
		if count++; count > maxFiles {
			return fmt.Errorf("there are more than %d files", maxFiles)
		}
		if total += info.Size(); total > r.totalBytes {
			return fmt.Errorf("the files have more than %d MB", r.totalBytes>>20)
		}
		r.inFolder(fsys, path.Join(name, p), p, info.Size())
		return nil
	})
	if err != nil {
		r.tooLarge(name, err.Error())
	}
	return r.found, r.list
}

func readable(name string) bool {
	return slices.Contains([]string{".json", ".xml", ".zip"}, strings.ToLower(path.Ext(name)))
}

// reader gathers what files hold.
type reader struct {
	found Found
	list  diag.List

	fileBytes, totalBytes int64 // of one file; of all files of a folder or zip
}

func newReader() *reader {
	return &reader{found: Found{Keys: Keys{}}, fileBytes: MaxFileBytes, totalBytes: MaxTotalBytes}
}

func (r *reader) inFolder(fsys fs.FS, shown, name string, size int64) {
	if size > r.fileBytes {
		r.tooLarge(shown, fmt.Sprintf("it has more than %d MB", r.fileBytes>>20))
		return
	}
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		r.unreadable(shown, err)
		return
	}
	before := len(r.list)
	if !r.file(shown, content) && len(r.list) == before {
		r.nothing(shown, diag.Notice)
	}
}

// file reads one file of any kind; false where it holds nothing of ours.
func (r *reader) file(name string, content []byte) bool {
	if int64(len(content)) > r.fileBytes {
		r.tooLarge(name, fmt.Sprintf("it has more than %d MB", r.fileBytes>>20))
		return false
	}
	text := plainText(content)
	switch first := bytes.TrimSpace(text[:min(len(text), 4096)]); {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return r.zip(name, content)
	case bytes.HasPrefix(first, []byte("<")):
		return r.xml(name, text)
	default:
		return r.json(name, text)
	}
}

func (r *reader) take(d *decoder) {
	r.found.Records = append(r.found.Records, d.records...)
	r.list = append(r.list, d.list...)
}

func (r *reader) json(name string, text []byte) bool {
	t, rest, err := parseTree(text)
	if err != nil {
		r.list = append(r.list, diag.Diagnostic{
			Code: diag.CodeNoDualWriteMap, Severity: diag.Error, Summary: fmt.Sprintf("%s is no JSON", name),
			Detail: upperFirst(err.Error()) + ".", Subject: inFile(name),
		})
		return false
	}
	d := &decoder{source: name, keys: r.found.Keys}
	found := d.document(t)
	if found {
		d.garbage(rest, "", "the map")
	}
	r.take(d)
	return found
}

// mapElement is the element of customizations.xml that holds a map, its
// columns as elements.
const mapElement = "msdyn_dualwriteentitymap"

func (r *reader) xml(name string, text []byte) bool {
	x := xml.NewDecoder(bytes.NewReader(text))
	// UTF-16 is decoded by its mark; what else is named is most likely UTF-8.
	x.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	found, depth := false, 0
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			r.list = append(r.list, diag.Diagnostic{
				Code: diag.CodeNoDualWriteMap, Severity: diag.Error, Summary: fmt.Sprintf("%s cannot be read to its end", name),
				Detail: upperFirst(err.Error()) + ".", Subject: inFile(name),
			})
			return found
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth > 10_000 {
				r.tooLarge(name, "its elements are nested too deep")
				return found
			}
			if strings.EqualFold(e.Name.Local, mapElement) {
				found = true
				row := xmlRow(x)
				depth--
				d := &decoder{source: name, keys: r.found.Keys}
				d.record(row)
				r.take(d)
			}
		case xml.EndElement:
			depth--
		}
	}
}

// xmlRow reads the columns of a map up to the end of its element. An error
// shows again at the next token.
func xmlRow(x *xml.Decoder) *tree {
	row := &tree{kind: kindObject}
	var text strings.Builder
	depth, column := 0, ""
	for {
		token, err := x.Token()
		if err != nil {
			return row
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				column = e.Name.Local
				text.Reset()
			}
		case xml.CharData:
			if depth == 1 {
				text.Write(e)
			}
		case xml.EndElement:
			if depth == 0 {
				return row
			}
			if depth--; depth == 0 {
				row.members = append(row.members, member{column, &tree{kind: kindText, text: text.String()}})
			}
		}
	}
}

func (r *reader) zip(name string, content []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		r.unreadable(name, err)
		return false
	}
	if len(z.File) > maxFiles {
		r.tooLarge(name, fmt.Sprintf("it holds more than %d files", maxFiles))
		return false
	}
	found, total := false, int64(0)
	for _, f := range wanted(z.File) {
		shown := name + "!" + f.Name
		// The size that a zip states may be wrong, so that it is not relied on.
		if f.UncompressedSize64 > uint64(r.fileBytes) {
			r.tooLarge(shown, fmt.Sprintf("unpacked it has more than %d MB", r.fileBytes>>20))
			return found
		}
		if f.Flags&1 != 0 { // what is encrypted reads as noise
			r.unreadable(shown, errors.New("it is protected by a password"))
			continue
		}
		inner, err := f.Open()
		if err != nil {
			r.unreadable(shown, err)
			continue
		}
		text, err := io.ReadAll(io.LimitReader(inner, min(r.fileBytes, r.totalBytes-total)+1))
		_ = inner.Close()
		total += int64(len(text))
		switch {
		case total > r.totalBytes || int64(len(text)) > r.fileBytes:
			r.tooLarge(shown, fmt.Sprintf("unpacked it or all files have more than %d MB", r.fileBytes>>20))
			return found
		case err != nil:
			r.unreadable(shown, err)
			continue
		}
		if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
			r.unreadable(shown, errors.New("it is a zip inside of a zip"))
			continue
		}
		found = r.file(shown, text) || found
	}
	return found
}

// wanted gives the files of a zip that can hold maps: of a solution its
// customizations.xml, else all that look like it.
func wanted(files []*zip.File) []*zip.File {
	var solution, all []*zip.File
	for _, f := range files {
		switch base := strings.ToLower(path.Base(f.Name)); {
		case f.FileInfo().IsDir():
		case base == "customizations.xml":
			solution = append(solution, f)
		case readable(base) && path.Ext(base) != ".zip" && base != "[content_types].xml" && base != "solution.xml":
			all = append(all, f)
		}
	}
	if len(solution) > 0 {
		return solution
	}
	return all
}

func (r *reader) nothing(name string, s diag.Severity) {
	r.list = append(r.list, diag.Diagnostic{
		Code: diag.CodeNoDualWriteMap, Severity: s, Summary: fmt.Sprintf("%s holds no dual-write map", name),
		Detail:  "Looked for: the JSON of a map or of a row of msdyn_dualwriteentitymaps, the customizations.xml of a solution, a solution zip.",
		Subject: inFile(name),
	})
}

func (r *reader) unreadable(name string, err error) {
	r.list = append(r.list, diag.Diagnostic{
		Code: diag.CodeUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("%s cannot be read", name),
		Detail: upperFirst(err.Error()) + ".", Subject: inFile(name),
	})
}

func (r *reader) tooLarge(name, why string) {
	r.list = append(r.list, diag.Diagnostic{
		Code: diag.CodeTooLarge, Severity: diag.Error, Summary: fmt.Sprintf("%s is too large", name), Detail: upperFirst(why) + ".",
		Hint: "Import a part of it.", Subject: inFile(name),
	})
}
