package capture

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// What people have set up for files in F&O, such as the time zone, shows in no
// file. So some records of each one are compared with what the data service gives
// for them, before any of it is stored.
const (
	judgedFrom = 200 // records of an export from which on it is judged
	judgedMost = 20  // records that are compared
	tolerated  = 2   // of them a field may differ in: it may be computed anew each time
)

// judge compares records of a file with those that nobody has edited since their
// keys were read.
func (s *exportScan) judge(ctx context.Context, rows []connect.Row, keys [][]value.Value) error {
	ids := make([]connect.RowID, 0, judgedMost)
	file := map[string]connect.Row{}
	for _, i := range telling(rows) {
		ids = append(ids, connect.RowID{Key: keys[i]})
		file[rows[i].ID] = rows[i]
	}
	if len(ids) == 0 {
		return nil
	}
	p := s.Query(value.FnO).Projection
	read, err := s.Env.FnO.Read(ctx, p, ids)
	if err != nil {
		return err
	}
	compared, differ, examples := 0, make([]int, len(p.Columns)), make([]string, len(p.Columns))
	for _, row := range read {
		other, ok := file[row.ID]
		if !ok || row.Version != other.Version {
			continue
		}
		compared++
		for i := range p.Columns {
			if other.Values[i] == row.Values[i] {
				continue
			}
			if differ[i]++; differ[i] == 1 {
				examples[i] = fmt.Sprintf("%.60q in the file, %.60q over OData", other.Values[i].String(), row.Values[i].String())
			}
		}
	}
	var wrong []string
	for i, f := range p.Columns {
		if differ[i] > tolerated {
			wrong = append(wrong, fmt.Sprintf("%s differs in %d of %d records, such as %s.", f.Name, differ[i], compared, examples[i]))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeExportUnreadable, Severity: diag.Error, Address: s.Map.Def.Map.Address(),
		Summary: fmt.Sprintf("F&O's exported file of %s has other values than its data service", p.Table.Set),
		Detail:  strings.Join(wrong, " "),
		Hint:    "Let the source data format CSV of F&O be in UTC and en-us, and the field mapping of the export project plain; or write read_via = \"odata\" in initial_sync.",
	})
}

// telling chooses rows to compare: half of them with line ends in a text, which
// may have been others, the rest evenly spread.
func telling(rows []connect.Row) (chosen []int) {
	taken := map[int]bool{}
	for i, row := range rows {
		for _, v := range row.Values {
			if len(chosen) < judgedMost/2 && !taken[i] && strings.Contains(v.Text(), "\n") {
				chosen, taken[i] = append(chosen, i), true
			}
		}
	}
	step := max(1, len(rows)/judgedMost)
	for i := 0; i < len(rows) && len(chosen) < judgedMost; i += step {
		if !taken[i] {
			chosen = append(chosen, i)
		}
	}
	return chosen
}
