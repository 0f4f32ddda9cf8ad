package refs

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// rowsOf asks the target table for the rows of keys: by the first column that
// holds a text of the key, and among the rows found by the others.
func (r *Resolver) rowsOf(ctx context.Context, l *transform.Lookup, needs []Need, o Options, a Answers) error {
	wanted, err := r.wanted(ctx, l, needs, o, a)
	if err != nil || len(wanted) == 0 {
		return err
	}
	by := 0
	for i, p := range l.Parts {
		if p.Via == nil {
			by = i
			break
		}
	}
	q := connect.FindQuery{Column: l.Parts[by].Column, Columns: columns(l)}
	for _, w := range wanted {
		v := w.parts[by]
		if v.Kind() == value.Reference {
			v = value.NewGuid(v.Guid())
		}
		q.Values = append(q.Values, v)
	}
	rows, err := r.find(ctx, l, q)
	if err != nil {
		return err
	}
	codes := map[value.Value]string{}
	if l.CompanyColumn != "" {
		var refs []value.Value
		for _, row := range rows {
			refs = append(refs, row.Values[len(l.Parts)])
		}
		if codes, err = r.Companies(ctx, refs); err != nil {
			return err
		}
	}
	ids := make(map[string]string, len(rows))
	ambiguous := map[string]bool{}
	for _, row := range rows {
		company := ""
		if l.CompanyColumn != "" {
			company = codes[row.Values[len(l.Parts)]]
		}
		name := match(l, company, row.Values[:len(l.Parts)])
		if other, ok := ids[name]; ok && other != row.ID {
			ambiguous[name] = true
		}
		ids[name] = row.ID
	}
	for _, w := range wanted {
		company := ""
		if l.CompanyColumn != "" {
			company = w.Company
		}
		name := match(l, company, w.parts)
		if id, ok := ids[name]; ok && !ambiguous[name] {
			r.learn(w.Need, o, answer{ref: value.NewReference(l.Table, id)})
		}
	}
	return nil
}

// wanted is a need with the values that its row has in the columns of its
// lookup's parts.
type wanted struct {
	Need
	parts []value.Value // texts, and references where a part has Via
}

// wanted finds the rows on the way to the targets of needs. A need whose way
// does not exist has no target and is left out.
func (r *Resolver) wanted(ctx context.Context, l *transform.Lookup, needs []Need, o Options, a Answers) ([]wanted, error) {
	texts := make([][]string, len(needs))
	var via []Need
	for i, n := range needs {
		parts, ok := l.Split(n.Key)
		if !ok {
			continue
		}
		texts[i] = parts
		for p, part := range l.Parts {
			if part.Via != nil && parts[p] != "" {
				via = append(via, Need{Lookup: part.Via, Company: n.Company, Key: parts[p]})
			}
		}
	}
	if len(via) > 0 {
		if err := r.resolve(ctx, via, Options{Pairs: o.Pairs, Any: true}, a); err != nil {
			return nil, err
		}
	}
	var out []wanted
	for i, n := range needs {
		w := wanted{Need: n}
		for p, text := range texts[i] {
			v := value.NewText(text)
			if via := l.Parts[p].Via; via != nil {
				ref, state := a.ID(via, n.Company, text)
				if state != transform.RefKnown {
					break
				}
				v = ref
			}
			if text == "" {
				break
			}
			w.parts = append(w.parts, v)
		}
		if len(w.parts) == len(l.Parts) {
			out = append(out, w)
		}
	}
	return out, nil
}

// match is what two rows have in common that a lookup takes for the same one.
func match(l *transform.Lookup, company string, parts []value.Value) string {
	var b strings.Builder
	b.WriteString(fold(company))
	for i, v := range parts {
		b.WriteByte('\x1f')
		if l.Parts[i].Via != nil {
			b.WriteString(v.String())
		} else {
			b.WriteString(fold(v.String()))
		}
	}
	return b.String()
}

// keysOf asks the target table for the keys of rows, and the tables behind it
// for the keys of the rows that those refer to.
func (r *Resolver) keysOf(ctx context.Context, l *transform.Lookup, needs []Need, o Options, a Answers) error {
	q := connect.FindQuery{Columns: columns(l)}
	for _, n := range needs {
		q.Values = append(q.Values, value.NewText(n.id()))
	}
	rows, err := r.find(ctx, l, q)
	if err != nil {
		return err
	}
	var via []Need
	for _, row := range rows {
		for i, p := range l.Parts {
			if p.Via != nil && refersTo(p.Via, row.Values[i]) {
				via = append(via, Need{Lookup: p.Via, Ref: row.Values[i]})
			}
		}
	}
	behind := Options{Pairs: o.Pairs, Any: true}
	if len(via) > 0 {
		if err := r.resolve(ctx, via, behind, a); err != nil {
			return err
		}
	}
	keys := make(map[string]string, len(rows))
	for _, row := range rows {
		parts := make([]string, 0, len(l.Parts))
		for i, p := range l.Parts {
			text := row.Values[i].String()
			if p.Via != nil {
				text = a.get(keyName(p.Via, row.Values[i], false)).key
			}
			if strings.TrimRight(text, " ") == "" {
				break
			}
			parts = append(parts, text)
		}
		if len(parts) == len(l.Parts) {
			keys[row.ID] = l.Join(parts)
		}
	}
	for _, n := range needs {
		if key := keys[n.id()]; key != "" {
			r.learn(n, o, answer{key: key})
		}
	}
	return nil
}

func refersTo(l *transform.Lookup, ref value.Value) bool {
	table, _ := ref.Ref()
	return table != "" && strings.EqualFold(table, l.Table)
}

// columns gives the columns of a lookup's parts, then that of the company.
func columns(l *transform.Lookup) []string {
	var out []string
	for _, p := range l.Parts {
		out = append(out, p.Column)
	}
	if l.CompanyColumn != "" {
		out = append(out, l.CompanyColumn)
	}
	return out
}

// find reads rows of a lookup's target.
func (r *Resolver) find(ctx context.Context, l *transform.Lookup, q connect.FindQuery) ([]connect.Row, error) {
	if q.Table = r.env.Target(l.Table, q.Columns...); q.Table == nil {
		return nil, fmt.Errorf("the schema of %s, which a lookup refers to, is not part of the deployment", l.Set)
	}
	rows, err := r.env.Dataverse.Find(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("look up references to %s: %w", l.Set, err)
	}
	return rows, nil
}
