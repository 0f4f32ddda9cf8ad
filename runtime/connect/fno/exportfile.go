package fno

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Bounds of a package that comes from outside.
const (
	maxPackageFiles = 1000
	maxManifest     = 16 << 20
)

// exportManifest is what matters of the manifest of a package that F&O made.
type exportManifest struct {
	XMLName  xml.Name       `xml:"DataManagementPackageManifest"`
	Entities []exportEntity `xml:"PackageEntityList>DataManagementPackageEntityData"`
}

type exportEntity struct {
	EntityName    string
	InputFilePath string
	TargetEntity  string
	Fields        []struct {
		EntityField string // as in the staging table
		XMLField    string // column of the file
	} `xml:"EntityMapList>EntityMap"`
}

// exported is a package with the records of one entity in one company.
type exported struct {
	table   *schema.Table
	columns []exportColumn
	width   int   // columns that the caller wants; fields of the key may follow
	key     []int // where the fields of the key lie
	company value.Value
	name    string // of the file in the package
	file    io.Closer
	inner   io.Closer  // the file in it; nil where the package has none
	rows    *csvReader // nil where the package has none
	headed  int        // columns of the header row
	broken  error
}

// unreadable explains a file that is not as dw reads it.
func (e *exported) unreadable(format string, args ...any) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeExportUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("F&O's exported file of %s cannot be read", e.table.Set),
		Detail: fmt.Sprintf(format, args...),
		Hint: fmt.Sprintf("The source data format %s of F&O has to be comma separated with a header row and quotes as text qualifier, in UTF-8 or UTF-16, "+
			"UTC and en-us; or %s.", sourceFormat, readOtherwise),
	})
}

// closingReaderAt is a file on disk.
type closingReaderAt interface {
	io.ReaderAt
	io.Seeker
	io.Closer
}

// openExport opens a package. Where it fails the file stays open.
func openExport(file closingReaderAt, t *schema.Table, columns []exportColumn, width int, company string) (*exported, error) {
	e := &exported{table: t, columns: columns, width: width, file: file, company: value.NewText(strings.ToLower(company))}
	if t.CompanySpecific && company == "" {
		return nil, fmt.Errorf("the export of %s is of no company", t.Set)
	}
	for _, name := range t.Key {
		for i, c := range columns {
			if c.field.Name == name {
				e.key = append(e.key, i)
				break
			}
		}
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("keep the file of an export: %w", err)
	}
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, e.unreadable("It is no package: %v.", err)
	}
	if len(z.File) > maxPackageFiles {
		return nil, e.unreadable("The package holds %d files.", len(z.File))
	}
	entity, err := e.entity(z)
	if err != nil {
		return nil, err
	}
	rows := e.choose(z, entity)
	if rows == nil {
		if len(members(z)) == 0 {
			return e, nil // a company without records
		}
		return nil, e.unreadable("The package has no file %q, but %s.", e.name, strings.Join(members(z), ", "))
	}
	r, err := rows.Open()
	if err != nil {
		return nil, e.unreadable("The file %q of the package cannot be read: %v.", e.name, err)
	}
	e.inner = r
	if err := e.header(r, entity); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return e, nil
}

// entity finds the table in the package's manifest.
func (e *exported) entity(z *zip.Reader) (*exportEntity, error) {
	f := zipMember(z, manifestFile)
	if f == nil {
		return nil, e.unreadable("The package has no %s.", manifestFile)
	}
	r, err := f.Open()
	if err != nil {
		return nil, e.unreadable("The %s of the package cannot be read: %v.", manifestFile, err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err == nil && len(content) > maxManifest {
		err = fmt.Errorf("it has more than %d MB", maxManifest>>20)
	}
	var text string
	if err == nil {
		text, err = decodeText(content)
	}
	var manifest exportManifest
	if err == nil {
		d := xml.NewDecoder(strings.NewReader(text))
		// It is UTF-8 by now, whatever it calls itself.
		d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
		err = d.Decode(&manifest)
	}
	if err != nil {
		return nil, e.unreadable("The %s of the package cannot be read: %v.", manifestFile, err)
	}
	var names []string
	for i := range manifest.Entities {
		m := &manifest.Entities[i]
		if strings.EqualFold(m.TargetEntity, e.table.AOT) || m.TargetEntity == "" && strings.EqualFold(m.EntityName, e.table.Label) {
			return m, nil
		}
		names = append(names, fmt.Sprintf("%.60q", m.EntityName))
	}
	return nil, e.unreadable("The package does not hold %s (%s), but %s.", e.table.Label, e.table.AOT, strings.Join(append(names, "nothing else")[:max(1, len(names))], ", "))
}

// choose finds the file of an entity.
func (e *exported) choose(z *zip.Reader, entity *exportEntity) *zip.File {
	for _, name := range []string{entity.InputFilePath, entityFile(e.table.Label)} {
		if e.name = name; name != "" {
			if f := zipMember(z, name); f != nil {
				e.name = f.Name
				return f
			}
		}
	}
	return nil
}

// zipMember finds a file in the root of a package.
func zipMember(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}

// members are the files of a package that may hold records.
func members(z *zip.Reader) (names []string) {
	for _, f := range z.File {
		if !strings.EqualFold(f.Name, manifestFile) && !strings.EqualFold(f.Name, headerFile) {
			names = append(names, fmt.Sprintf("%.60q", f.Name))
		}
	}
	return names
}

// header reads the first row and finds each field's column: the manifest says
// which column is which field.
func (e *exported) header(r io.Reader, entity *exportEntity) error {
	if extension := strings.ToLower(path.Ext(e.name)); extension != ".csv" && extension != ".txt" {
		return e.unreadable("The records are in the file %q, which is not comma separated text.", e.name)
	}
	text, err := asUTF8(r)
	if err != nil {
		return e.unreadable("The file %q cannot be read: %v.", e.name, err)
	}
	e.rows = newCSV(text)
	switch err := e.rows.next(); {
	case errors.Is(err, io.EOF):
		return e.unreadable("The file %q has no header row.", e.name)
	case err != nil:
		return e.unreadable("The file %q cannot be read: %v.", e.name, err)
	}
	e.headed = e.rows.columns()
	at, twice := map[string]int{}, map[string]bool{}
	for i := range e.headed {
		name := strings.ToUpper(strings.TrimSpace(string(e.rows.column(i))))
		_, there := at[name]
		at[name], twice[name] = i, there
	}
	mapped := map[string]string{}
	for _, m := range entity.Fields {
		mapped[strings.ToUpper(m.EntityField)] = strings.ToUpper(strings.TrimSpace(m.XMLField))
	}
	for i := range e.columns {
		c := &e.columns[i]
		if e.table.CompanySpecific && c.field.Name == companyField {
			continue
		}
		column, ok := mapped[stagingName(c.field)]
		if !ok {
			return e.unreadable("The field %s is not in the field mapping of the export project, so that the file %q lacks it.", c.field.Name, e.name)
		}
		if c.at, ok = at[column]; !ok || twice[column] {
			how := "no column"
			if ok {
				how = "two columns"
			}
			return e.unreadable("The header row of the file %q has %s %.60q for the field %s. It begins with %.60q.", e.name, how, column, c.field.Name, e.rows.column(0))
		}
	}
	return nil
}

// asUTF8 reads a text in UTF-8 or, by its mark, in UTF-16.
func asUTF8(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	mark, err := b.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var order unicode.Endianness
	switch {
	case string(mark) == "\ufeff":
		_, err := b.Discard(3)
		return b, err
	case strings.HasPrefix(string(mark), "\xff\xfe"):
		order = unicode.LittleEndian
	case strings.HasPrefix(string(mark), "\xfe\xff"):
		order = unicode.BigEndian
	default:
		return b, nil
	}
	if _, err := b.Discard(2); err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(transform.NewReader(b, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()), 64<<10), nil
}

// advance reads the next row; false at the end.
func (e *exported) advance() (bool, error) {
	if e.broken != nil || e.rows == nil {
		return false, e.broken
	}
	switch err := e.rows.next(); {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		e.broken = e.unreadable("The file %q cannot be read: %v.", e.name, err)
	case e.rows.columns() != e.headed:
		e.broken = e.unreadable("Row %d of the file %q has %d columns and the header row has %d.", e.rows.row, e.name, e.rows.columns(), e.headed)
	}
	return e.broken == nil, e.broken
}

// Next implements connect.ExportFile.
func (e *exported) Next(n int) ([]connect.Exported, error) {
	var out []connect.Exported
	for len(out) < n {
		more, err := e.advance()
		if err != nil {
			return nil, err
		}
		if !more {
			return out, nil
		}
		record, err := e.record()
		if err != nil {
			e.broken = err
			return nil, err
		}
		out = append(out, record)
	}
	return out, nil
}

// record turns the row at hand into a record.
func (e *exported) record() (connect.Exported, error) {
	values := make([]value.Value, len(e.columns), len(e.columns)+len(e.key))
	out := connect.Exported{Values: values[:e.width:e.width]}
	for i := range e.columns {
		c := &e.columns[i]
		if c.at < 0 {
			values[i] = e.company
			continue
		}
		v, doubtful, err := c.read(e.rows.column(c.at))
		if err != nil {
			return out, e.unreadable("Field %s in row %d of the file %q: %v.", c.field.Name, e.rows.row, e.name, err)
		}
		values[i] = v
		out.Doubtful = out.Doubtful || doubtful
	}
	key := values[len(values):]
	for _, at := range e.key {
		key = append(key, values[at])
	}
	out.Key = key
	return out, nil
}

// Skip implements connect.ExportFile.
func (e *exported) Skip(n int64) error {
	for i := range n {
		more, err := e.advance()
		if err != nil {
			return err
		}
		if !more {
			e.broken = e.unreadable("It has %d records, and %d of it were read before: it is another file.", i, n)
			return e.broken
		}
	}
	return nil
}

// Close implements connect.ExportFile.
func (e *exported) Close() error {
	var err error
	if e.inner != nil {
		err = e.inner.Close()
	}
	return errors.Join(err, e.file.Close())
}
