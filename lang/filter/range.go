package filter

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/filter/xpp"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// queryRange tells a query range of F&O in X++, which dual-write takes where dw
// takes OData, and translates it; nil where the text is none.
func queryRange(text string, table *schema.Table, enums []schema.Enum) *Error {
	if !strings.Contains(text, "==") && !strings.ContainsAny(text, "&|!:\"") {
		return nil // a wrong sign in OData, of which its own error says more
	}
	c, err := xpp.ParseRange(text, table.Set, table.Name, table.AOT)
	if err != nil {
		return nil
	}
	if _, err := xpp.ParseOData(text); err == nil {
		return nil
	}
	c = xpp.Each(c, func(c *xpp.Comparison) {
		f := table.Field(c.Field)
		if f == nil {
			return
		}
		c.Field = f.Name
		e := schema.FindEnum(enums, f.Enum)
		if e == nil || f.Type != schema.TypeEnum {
			return
		}
		for _, m := range e.Members {
			if c.With.Kind == xpp.Number && c.With.Text == fmt.Sprint(m.Value) || c.With.Kind == xpp.Text && strings.EqualFold(c.With.Text, m.Name) {
				c.With = xpp.Literal{Kind: xpp.Text, Text: m.Name}
				return
			}
		}
	})
	odata := xpp.OData(c)
	e := &Error{Cause: QueryRange, Certain: true, End: len(text), Suggestion: odata, Hint: "In OData: " + odata,
		Summary: "it is written in X++, as dual-write's filters for F&O are"}
	if table.Side == value.Dataverse {
		e.Summary = "it is written in X++, which Dataverse does not know"
	}
	// A translation that is wrong by the schema is shown, but not put in place.
	if _, errs := compileOData(odata, table, enums); len(errs) > 0 {
		e.Suggestion = ""
		e.Hint += " (where " + errs[0].Summary + ")"
	}
	return e
}
