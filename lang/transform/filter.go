package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

// filter compiles the filter of one side and reads its columns too.
func (b *builder) filter(s value.Side, text model.Named) {
	if strings.TrimSpace(text.Name) == "" {
		return
	}
	p := b.projection(s)
	f, errs := filter.Compile(text.Name, p.Table, b.in.Enums)
	for _, e := range errs {
		b.list = append(b.list, b.filterMistake(s, text, e))
	}
	if f == nil {
		return
	}
	for _, name := range f.Columns() {
		b.column(s, p.Table.Field(name))
	}
	admits := f.Bind(p.index)
	if s == value.FnO {
		b.c.filters.fno, b.c.filters.service, b.c.filters.ofFnO = admits, f.Rewrite(), f
	} else {
		b.c.filters.dataverse, b.c.filters.ofDataverse = admits, f
	}
}

// Filter gives the filter of a side; nil where it admits everything.
func (c *Compiled) Filter(side value.Side) *filter.Filter {
	if side == value.FnO {
		return c.filters.ofFnO
	}
	return c.filters.ofDataverse
}

// filterMistake tells a mistake in a filter, with what to put in its place
// where that is known.
func (b *builder) filterMistake(s value.Side, text model.Named, e *filter.Error) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.CodeFilter, Severity: diag.Error, Summary: "filter: " + e.Summary, Detail: "The filter of " + s.Title() + " is: " + text.Name,
		Hint: e.Hint, Subject: text.Part(e.Start, e.End), Address: b.in.Map.Address(),
	}
	switch e.Cause {
	case filter.UnknownColumn:
		d.Code = diag.CodeFilterColumn
	case filter.UnknownValue:
		d.Code = diag.CodeFilterValue
	case filter.QueryRange:
		d.Code = diag.CodeFilterRange
	}
	if d.Hint == "" && e.Suggestion != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", e.Suggestion)
	}
	if d.Subject.IsZero() {
		d.Subject = b.in.Map.Range
	}
	if d.Fix = text.Fix(e.Start, e.End, e.Suggestion); d.Fix != nil {
		d.Fix.Certain = e.Certain
	}
	return d
}
