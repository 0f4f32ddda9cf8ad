// Package crosswalk reads the files that say which records of both sides belong
// together: CSV with a header, the F&O fields of the key in some columns, the id
// of the Dataverse row or the Dataverse columns of the key in others.
package crosswalk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
)

// companyField is the F&O field of the company.
const companyField = "dataAreaId"

// Spec is what a file has to have for a map.
type Spec struct {
	Company   bool     // the records belong to companies
	Companies []string // in scope; where there is one the file may leave it out
	FnO       []string // fields of the key, the company's left out
	ID        string   // column of the Dataverse row's id
	Dataverse []string // columns of the key in Dataverse, by FnO; "" where a row cannot be told by it
}

// Row is one line: a record of F&O and a row of Dataverse.
type Row struct {
	Line      int
	Company   string   // in the spelling of the spec; "" where the map has none
	FnO       []string // by Spec.FnO
	ID        string   // guid in lower case; "" where the row is told by its key
	Dataverse []string // by Spec.Dataverse; nil where ID is given
}

// Problem is a mistake in a file. Header says that the columns are wrong, else
// a row is.
type Problem struct {
	Header  bool
	Broken  bool // nothing that follows can be read
	Line    int  // from 1; 0: of the file as a whole
	Summary string
	Detail  string
	Hint    string
}

// Error gives one line.
func (p *Problem) Error() string { return p.Summary }

// Reader reads the rows of a file.
type Reader struct {
	spec      Spec
	csv       *csv.Reader
	company   int // -1: not there
	fno       []int
	id        int // -1: not there
	dataverse []int
}

// Open reads the header of a file and says everything that is wrong with it.
func Open(content []byte, spec Spec) (*Reader, []Problem) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // as Excel writes it
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return nil, []Problem{{Header: true, Summary: "it is in UTF-16", Detail: "So Excel writes what it calls Unicode text.", Hint: "Save it as CSV UTF-8."}}
	}
	r := &Reader{spec: spec, csv: csv.NewReader(bytes.NewReader(content)), company: -1, id: -1}
	r.csv.ReuseRecord = true
	// Where Excel writes decimal commas it separates by semicolons.
	first, _, _ := bytes.Cut(content, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.csv.Comma = ';'
	}
	names, err := r.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, []Problem{{Header: true, Summary: "it is empty", Detail: "The first line names the columns.", Hint: "Begin it with " + r.example() + "."}}
	case err != nil:
		return nil, []Problem{r.broken(err)}
	}
	problems := r.header(slices.Clone(names))
	if len(problems) > 0 {
		return nil, problems
	}
	return r, nil
}

// example shows a header that fits.
func (r *Reader) example() string {
	var names []string
	if r.spec.Company {
		names = append(names, companyField)
	}
	return strings.Join(append(append(names, r.spec.FnO...), r.spec.ID), ",")
}

// ByID tells whether the lines tell rows by their id, else by their key.
func (r *Reader) ByID() bool { return r.id >= 0 }

// header finds the columns by their names, in any case.
func (r *Reader) header(names []string) []Problem {
	var problems []Problem
	bad := func(summary, detail, hint string) {
		problems = append(problems, Problem{Header: true, Line: 1, Summary: summary, Detail: detail, Hint: hint})
	}
	known := append(append([]string{r.spec.ID}, r.spec.FnO...), r.keyColumns()...)
	if r.spec.Company {
		known = append(known, companyField)
	}
	at := map[string]int{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		folded := strings.ToLower(name)
		_, twice := at[folded]
		switch {
		case twice:
			bad(fmt.Sprintf("the column %q is there twice", shorten(name)), "Which of the two is meant cannot be known.", "Remove one of them.")
			continue
		case !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }):
			hint := "Remove it, or name it as one of: " + strings.Join(known, ", ") + "."
			if near := diag.Suggest(name, known); near != "" {
				hint = fmt.Sprintf("Did you mean %q?", near)
			}
			bad(fmt.Sprintf("the column %q means nothing", shorten(name)), "What is not read is better not there: a misspelt name would go unnoticed.", hint)
			continue
		}
		at[folded] = i
	}
	place := func(name string) int {
		if i, ok := at[strings.ToLower(name)]; ok && name != "" {
			return i
		}
		return -1
	}
	var lacks []string
	for _, name := range r.spec.FnO {
		i := place(name)
		if r.fno = append(r.fno, i); i < 0 {
			lacks = append(lacks, name)
		}
	}
	if r.spec.Company {
		if r.company = place(companyField); r.company < 0 && len(r.spec.Companies) != 1 {
			lacks = append(lacks, companyField)
		}
	}
	if len(lacks) > 0 {
		columns := "column "
		if len(lacks) > 1 {
			columns = "columns "
		}
		bad("it has no "+columns+strings.Join(lacks, ", "), "A record of F&O is told by all fields of the map's key.", "Begin the file with "+r.example()+".")
	}
	r.id = place(r.spec.ID)
	for _, name := range r.keyColumns() {
		r.dataverse = append(r.dataverse, place(name))
	}
	byKey := len(r.dataverse) > 0 && !slices.Contains(r.dataverse, -1)
	switch {
	case r.id < 0 && !byKey:
		hint := fmt.Sprintf("Add a column %s with the ids of the rows", r.spec.ID)
		if names := r.keyColumns(); len(names) > 0 {
			hint += ", or the columns of the key in Dataverse: " + strings.Join(names, ", ")
		}
		bad("it has no column that tells the row of Dataverse", "A line says which row belongs to which record.", hint+".")
	case r.id >= 0 && slices.ContainsFunc(r.dataverse, func(i int) bool { return i >= 0 }):
		bad("it tells the row of Dataverse twice, by id and by key", "The two might say different things.", "Remove one of them.")
	}
	return problems
}

// keyColumns gives the columns of the key in Dataverse; none where a row cannot
// be told by them.
func (r *Reader) keyColumns() []string {
	if slices.Contains(r.spec.Dataverse, "") {
		return nil
	}
	return r.spec.Dataverse
}

// Next gives the next row, or io.EOF. Another error is a *Problem; after one of
// a row it goes on behind it, unless the file as CSV is broken.
func (r *Reader) Next() (Row, error) {
	cells, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return Row{}, io.EOF
	}
	if err != nil {
		p := r.broken(err)
		return Row{}, &p
	}
	line, _ := r.csv.FieldPos(0)
	row := Row{Line: line}
	fail := func(summary, hint string) (Row, error) {
		return row, &Problem{Line: line, Summary: summary, Detail: "A line says which row belongs to which record.", Hint: hint}
	}
	for n, i := range r.fno {
		cell := strings.TrimSpace(cells[i])
		if cell == "" {
			return fail(fmt.Sprintf("line %d has no %s", line, r.spec.FnO[n]), "Fill it in, or remove the line.")
		}
		row.FnO = append(row.FnO, cell)
	}
	if r.spec.Company {
		code := ""
		if r.company >= 0 {
			code = strings.TrimSpace(cells[r.company])
		} else {
			code = r.spec.Companies[0]
		}
		at := slices.IndexFunc(r.spec.Companies, func(c string) bool { return value.EqualFold(c, code) })
		if at < 0 {
			return fail(fmt.Sprintf("line %d: the company %q is not one of the map's", line, shorten(code)), "The map's companies: "+strings.Join(r.spec.Companies, ", ")+".")
		}
		row.Company = r.spec.Companies[at]
	}
	if r.id >= 0 {
		id, err := value.ParseGuid(strings.TrimSpace(cells[r.id]))
		if err != nil {
			return fail(fmt.Sprintf("line %d: %s", line, err), "The id of a row is a guid, as in its address or an export.")
		}
		row.ID = id.String()
		return row, nil
	}
	for n, i := range r.dataverse {
		cell := strings.TrimSpace(cells[i])
		if cell == "" {
			return fail(fmt.Sprintf("line %d has no %s", line, r.spec.Dataverse[n]), "Fill it in, or remove the line.")
		}
		row.Dataverse = append(row.Dataverse, cell)
	}
	return row, nil
}

// broken says why the file is no CSV.
func (r *Reader) broken(err error) Problem {
	p := Problem{Broken: true, Summary: "it is no CSV: " + err.Error(), Detail: "A file that cannot be read to its end is not used at all.", Hint: "Write it with commas or semicolons between the columns, and quotes around values that have them."}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		p.Line, p.Summary = parse.Line, fmt.Sprintf("line %d is no CSV: %s", parse.Line, parse.Err)
	}
	return p
}

// Check reads a whole file and gives what is wrong with it, the first `most`
// mistakes of rows at most, and how many rows it has. Nothing may stand in it
// twice, neither a record nor a row.
func Check(content []byte, spec Spec, most int) (rows int, problems []Problem) {
	r, problems := Open(content, spec)
	if r == nil {
		return 0, problems
	}
	fno, dataverse := map[string]int{}, map[string]int{}
	for len(problems) < most {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			if rows == 0 && len(problems) == 0 {
				problems = append(problems, Problem{Line: 1, Summary: "it has no rows", Detail: "A file without rows finds nothing.", Hint: "Fill it, or remove crosswalk."})
			}
			break
		}
		var p *Problem
		if errors.As(err, &p) {
			if problems = append(problems, *p); p.Broken {
				break
			}
			continue
		}
		rows++
		for _, end := range []struct {
			seen map[string]int
			key  string
			what string
		}{
			{fno, fold(append([]string{row.Company}, row.FnO...)), strings.Join(row.FnO, " / ")},
			{dataverse, fold(append([]string{row.Company, row.ID}, row.Dataverse...)), row.ID + strings.Join(row.Dataverse, " / ")},
		} {
			if before, twice := end.seen[end.key]; twice {
				problems = append(problems, Problem{
					Line: row.Line, Summary: fmt.Sprintf("line %d: %s stands in line %d already", row.Line, shorten(end.what), before),
					Detail: "A record belongs to one row, and a row to one record; letter case and blanks at the end do not count.", Hint: "Remove one of the lines.",
				})
				break
			}
			end.seen[end.key] = row.Line
		}
	}
	return rows, problems
}

func fold(parts []string) string {
	for i, p := range parts {
		parts[i] = value.Fold(p)
	}
	return strings.Join(parts, "\x1f")
}

func shorten(s string) string {
	const most = 60
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
