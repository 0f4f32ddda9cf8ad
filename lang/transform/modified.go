package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// LastWriterWins is the conflict policy that compares the times of the last
// edits.
const LastWriterWins = "last_writer_wins"

// modified reads the times of the last edits too, where the map compares them.
func (b *builder) modified() {
	if b.in.Map.Conflict != LastWriterWins {
		return
	}
	for i, s := range []value.Side{value.FnO, value.Dataverse} {
		t := b.projection(s).Table
		if f := t.Modified(); f != nil {
			b.c.modified[i] = b.column(s, f)
			continue
		}
		hint := `Use conflict = "merge" or "hold".`
		if s == value.FnO {
			hint = fmt.Sprintf("Add the field ModifiedDateTime of the entity's table to %s in F&O and refresh the schema with `dw schema pull`, or use conflict = \"merge\" or \"hold\".", t.Set)
		}
		b.fail(diag.CodeNoModifiedTime, b.in.Map.Range, fmt.Sprintf("%s of %s does not say when a record was edited", t.Set, s.Title()),
			fmt.Sprintf("conflict = %q compares the times of the last edits. In %s dw knows such a time by the name %s.",
				LastWriterWins, s.Title(), strings.Join(schema.ModifiedNames(s), ", ")), hint)
	}
}
