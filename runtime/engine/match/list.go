package match

import (
	"fmt"

	"github.com/dualwrite/dw/lang/crosswalk"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// listed gives what all lists of the package have.
func (f *finder) listed(e *entry, code, reason, hint string) record.Listed {
	what := e.readable
	if e.side == value.Dataverse {
		what = "row " + e.id
	}
	return record.Listed{
		Kind: record.Failed, Record: what, Company: e.company, Side: e.side.Other(), Code: code, Reason: reason,
		Hint: fmt.Sprintf(hint, model.MapArgument(f.Map.Name)), At: f.Env.Host.Clock.Now().UTC().Format("2006-01-02T15:04:05Z"),
	}
}

func ambiguity(records, rows int, title string) string {
	return fmt.Sprintf("%s in F&O and %s in Dataverse have the same %s, so that nobody can tell which belong together; none of those without a counterpart was written.",
		plural(records, "record", "records"), plural(rows, "row", "rows"), title)
}

func (f *finder) ambiguous(e *entry, reason string) record.Listed {
	return f.listed(e, diag.CodeMatchAmbiguous, reason,
		"Give the row in Dataverse its key, or name the two in a crosswalk file; then `dw apply -again %s`. To retry the record alone creates a row for it.")
}

// taken lists a row whose values lead to a record that has another row.
func (f *finder) taken(row, rec *entry, title string) record.Listed {
	return f.listed(row, diag.CodeMatchTaken, fmt.Sprintf("The record %s has the same %s, but it belongs to another row already.", rec.readable, title),
		"It is probably a duplicate of that row: merge the two, or give this one the key of its own record; then `dw apply -again %s`.")
}

// contradiction says what stands against a line of the crosswalk.
func (f *finder) contradiction(rec, row *entry, line string, before, of *record.Pair) string {
	text := fmt.Sprintf("Line %s of %s says that %s belongs to the row %s, but ", line, f.Map.Compiled.Map.Initial.Crosswalk.File, rec.readable, row.id)
	switch {
	case row.company != rec.company && !f.Companyless:
		return text + fmt.Sprintf("that row is of the company %s.", row.company)
	case !rec.free:
		return text + "another row has the record's key."
	case !row.free:
		return text + fmt.Sprintf("that row has the key of another record (%s).", transform.ReadableCanonical(row.key))
	case before != nil && before.Life == lifeContradicted, of != nil && of.Life == lifeContradicted:
		return text + "other lines and the data contradict each other about one of the two."
	case before != nil && before.Life == lifeMatched:
		return text + fmt.Sprintf("by its %s it is the row %s.", before.SeenAt, before.Dataverse.ID)
	default:
		return text + fmt.Sprintf("by its %s that row belongs to %s.", of.SeenAt, of.FnO.Version)
	}
}

func (f *finder) contradicted(e *entry, why string) record.Listed {
	return f.listed(e, diag.CodeCrosswalkConflict, why, "Correct the line or the data, then `dw apply -again %s`.")
}

// idle lists a line of the crosswalk that finds nothing.
func (f *finder) idle(line int64, company, why, key string) {
	file := f.Map.Compiled.Map.Initial.Crosswalk.File
	f.unused = append(f.unused, record.Listed{
		Kind: record.Tolerated, Map: idleMap, Key: fmt.Sprintf("\x00crosswalk\x00%d", line), Record: fmt.Sprintf("%s, line %d", file, line),
		Company: company, Side: value.Dataverse, Code: diag.CodeCrosswalkIdle, Reason: fmt.Sprintf("Line %d of %s finds nothing: %s.", line, file, why),
		Hint: "Remove the line, or correct it.", At: f.Env.Host.Clock.Now().UTC().Format("2006-01-02T15:04:05Z"),
	})
}

// broken is the error of a file that cannot be used.
func (f *finder) broken(p *crosswalk.Problem) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeCrosswalkRows, Severity: diag.Error, Address: f.Map.Compiled.Map.Address(),
		Summary: fmt.Sprintf("%s: %s", f.Map.Compiled.Map.Initial.Crosswalk.File, p.Summary), Detail: p.Detail, Hint: p.Hint,
	})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
