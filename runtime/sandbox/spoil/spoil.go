// Package spoil damages the data of the twins as years of use would, by raw
// edits of their files, and puts them right again. It rehearses a go-live: what
// it does is listed, and nothing of it shares code with what looks for it.
package spoil

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of damage.
type Kind string

// The kinds that keep a record from getting over, or from getting over whole.
const (
	TooLong     Kind = "too-long"         // F&O has a text that Dataverse has no room for
	Characters  Kind = "characters"       // F&O has a text with a control character
	NumberRange Kind = "number-range"     // F&O has a number beyond what Dataverse takes
	Dangling    Kind = "dangling"         // F&O refers to nothing, and the record waits
	Owed        Kind = "dangling-account" // F&O refers to no such account, and the reference waits
	Blank       Kind = "blank"            // F&O has nothing where Dataverse has a value
	Outside     Kind = "outside"          // the Dataverse row has left the map's filter, and holds the key
	Required    Kind = "required"         // the Dataverse row lacks what F&O requires
	NoKey       Kind = "no-key"           // the Dataverse row has no number
	BlankKey    Kind = "blank-key"        // the Dataverse row has blanks for a number
	LongRow     Kind = "too-long-row"     // the Dataverse row has a name that F&O has no room for
	Duplicate   Kind = "duplicate"        // a second F&O record of a contact person has the number, in other letters
	DanglingRow Kind = "dangling-row"     // the Dataverse row refers to a row that is not there
	DateRange   Kind = "date"             // Dataverse has a day that F&O cannot keep
	NoMapping   Kind = "enum"             // F&O has a value that the value map does not name
)

// The kinds that stop no record: something is lost, or one record is taken for
// another, or a row stays behind.
const (
	Precision    Kind = "precision"     // F&O has an amount with more decimals than Dataverse keeps
	Clash        Kind = "number-clash"  // the Dataverse row is something else than F&O's record of the same number
	Differing    Kind = "differing"     // the Dataverse row has another value than F&O's record
	NoCompany    Kind = "no-company"    // the Dataverse row has no company
	WrongCompany Kind = "wrong-company" // the Dataverse row names a company that is not there
)

// Kinds gives all kinds in the order in which they take turns.
func Kinds() []Kind {
	return []Kind{TooLong, Characters, NumberRange, Dangling, Owed, Blank, Outside, Required, NoKey, LongRow, Duplicate, DanglingRow, DateRange, NoMapping,
		Precision, Clash, Differing, NoCompany, WrongCompany, BlankKey}
}

// Edit undoes a raw edit of a row.
type Edit struct {
	Twin   string         `json:"twin"` // "fno" or "dataverse"
	Table  string         `json:"table"`
	Column string         `json:"column"` // of the id
	ID     string         `json:"id"`
	Set    map[string]any `json:"set,omitempty"` // what was there; nil: nothing
	Put    map[string]any `json:"put,omitempty"` // what stands there since; where it does no more, somebody has mended it
	Delete bool           `json:"delete,omitempty"`
}

// Row is a record that was damaged, or that waits for one that was.
type Row struct {
	Map, Key, Side string
	Kind           Kind
	Expect         string // what a first apply lists it as: "failed", "parked", "held", "owed"; "equal": it gets over; "untouched": it stays behind
	Code           string
	ID             string
	Field          string
	Undo           *Edit // nil: it follows another row
}

// Options of Damage.
type Options struct {
	Rows      int      // how many records, all kinds together
	First     int      // place of the first of them among F&O's customers, in the order of reading, from 1
	Companies []string // the link's
}

// Twins are the files of both twins.
type Twins struct{ FnO, Dataverse *sql.DB }

func (t Twins) of(twin string) *sql.DB {
	if twin == "fno" {
		return t.FnO
	}
	return t.Dataverse
}

// broad are kinds for which there are records enough: they take the places of
// others that have too few.
var broad = []Kind{TooLong, Characters, NumberRange, Dangling, Owed}

// Damage damages records and tells which. Where there are too few rows for a
// kind there are fewer of it, and more of others.
func Damage(ctx context.Context, t Twins, o Options) ([]Row, error) {
	if o.Rows < len(Kinds()) {
		return nil, fmt.Errorf("there are %d kinds of damage, so that at least as many records are needed, not %d", len(Kinds()), o.Rows)
	}
	d := &damage{ctx: ctx, twins: t, o: o, companies: map[string]string{}, left: map[Kind]int{}}
	for i, k := range Kinds() {
		d.left[k] = o.Rows / len(Kinds())
		if i < o.Rows%len(Kinds()) {
			d.left[k]++
		}
	}
	for _, step := range []func() error{d.begin, d.survey, d.persons, d.orders, d.vendors, d.rows, d.customers} {
		if err := step(); err != nil {
			return nil, errors.Join(fmt.Errorf("damaging the data of the twins: %w", err), d.end(false))
		}
	}
	return d.done, d.end(true)
}

// Mend undoes edits.
func Mend(ctx context.Context, t Twins, edits []*Edit) error {
	d := &damage{ctx: ctx, twins: t}
	if err := d.begin(); err != nil {
		return err
	}
	for _, e := range edits {
		tx := d.tx[e.Twin]
		if e.Delete {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %q WHERE %q = ?", e.Table, e.Column), e.ID); err != nil {
				return errors.Join(err, d.end(false))
			}
			continue
		}
		for column, v := range e.Set {
			query, args := fmt.Sprintf("UPDATE %q SET %q = ? WHERE %q = ?", e.Table, column, e.Column), []any{whole(v), e.ID}
			if put, known := e.Put[column]; known {
				query, args = query+fmt.Sprintf(" AND %q IS ?", column), append(args, whole(put))
			}
			if _, err := tx.ExecContext(ctx, query, args...); err != nil {
				return errors.Join(err, d.end(false))
			}
		}
	}
	return d.end(true)
}

// whole gives a number that JSON has made a float of as what it was.
func whole(v any) any {
	if f, ok := v.(float64); ok && f == float64(int64(f)) {
		return int64(f)
	}
	return v
}

// damage is the state of one Damage.
type damage struct {
	ctx   context.Context
	twins Twins
	o     Options
	tx    map[string]*sql.Tx

	companies map[string]string   // id of a company's Dataverse row by code in upper case
	byID      map[string]string   // and the other way round
	accounts  map[string]account  // by the name that inFnO has
	texts     map[string][]string // columns of accounts that have a text, by id
	inFnO     map[string]bool     // accounts that F&O has, "usmf/us-000001"
	named     map[string]bool     // accounts that others refer to, by the same name and by Dataverse id
	left      map[Kind]int
	done      []Row
}

// account is a Dataverse row of the table of accounts.
type account struct {
	id       string
	customer bool

	rating, party, called string
}

func (d *damage) begin() error {
	d.tx = map[string]*sql.Tx{}
	for _, twin := range []string{"fno", "dataverse"} {
		tx, err := d.twins.of(twin).BeginTx(d.ctx, nil)
		if err != nil {
			return errors.Join(err, d.end(false))
		}
		d.tx[twin] = tx
	}
	return nil
}

func (d *damage) end(commit bool) error {
	var errs []error
	for _, tx := range d.tx {
		if commit {
			errs = append(errs, tx.Commit())
		} else {
			errs = append(errs, tx.Rollback())
		}
	}
	d.tx = nil
	return errors.Join(errs...)
}

// columns names the columns of a table, but for some.
func (d *damage) columns(twin, table string, without ...string) (names []string, err error) {
	err = d.read(twin, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", table), func(c []string) error {
		if !slices.Contains(without, c[0]) {
			names = append(names, fmt.Sprintf("%q", c[0]))
		}
		return nil
	})
	return names, err
}

// read calls f with the texts of every row of a query; null is "".
func (d *damage) read(twin, query string, f func(c []string) error, args ...any) error {
	rows, err := d.tx[twin].QueryContext(d.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	cells := make([]sql.NullString, len(names))
	into, out := make([]any, len(names)), make([]string, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, c := range cells {
			out[i] = c.String
		}
		if err := f(out); err != nil {
			return err
		}
	}
	return rows.Err()
}

// set changes columns of a row and gives how to undo it.
func (d *damage) set(twin, table, idColumn, id string, columns map[string]any) (*Edit, error) {
	e := &Edit{Twin: twin, Table: table, Column: idColumn, ID: id, Set: map[string]any{}, Put: columns}
	for column, v := range columns {
		var was any
		if err := d.tx[twin].QueryRowContext(d.ctx, fmt.Sprintf("SELECT %q FROM %q WHERE %q = ?", column, table, idColumn), id).Scan(&was); err != nil {
			return nil, err
		}
		e.Set[column] = was
		if _, err := d.tx[twin].ExecContext(d.ctx, fmt.Sprintf("UPDATE %q SET %q = ? WHERE %q = ?", table, column, idColumn), v, id); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// take uses one of what is left of a kind.
func (d *damage) take(kinds ...Kind) (Kind, bool) {
	best := Kind("")
	for _, k := range kinds {
		if d.left[k] > 0 && (best == "" || d.left[k] > d.left[best]) {
			best = k
		}
	}
	if best != "" {
		d.left[best]--
	}
	return best, best != ""
}

// pass hands what is left of some kinds, for want of records, on to the broad
// ones: as many records are to be damaged as were asked for.
func (d *damage) pass(from ...Kind) {
	n := d.wanted(from...)
	for _, k := range from {
		d.left[k] = 0
	}
	for i, k := range broad {
		d.left[k] += n / len(broad)
		if i < n%len(broad) {
			d.left[k]++
		}
	}
}

func name(company, number string) string { return strings.ToLower(company + "/" + number) }

// readable is a key as a person reads it.
func readable(company string, parts ...string) string {
	return strings.Join(append([]string{strings.ToUpper(company)}, parts...), " / ")
}
