package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// mapping builds one map: what it extends, and over that what it says itself.
func (l *loader) mapping(b *source.Block) *model.Map {
	m := l.extended(b)
	m.Name, m.Range, m.BodyRange = l.in.prefix+b.Name()+b.Instance, b.Header, b.Body
	link := l.mapLink(b, m)
	l.version(b, m)
	for attr, to := range map[string]*model.Named{"fno": &m.FnO, "dataverse": &m.Dataverse} {
		if b.Attr(attr) != nil {
			*to = l.entity(b, attr)
		}
	}
	if a := b.Attr("conflict"); a != nil {
		m.ConflictRange = a.Value.Range
	}
	m.Conflict, m.Status = cmp.Or(b.Text("conflict"), m.Conflict), cmp.Or(b.Text("status"), m.Status)
	if a := b.Attr("company"); a != nil {
		m.Company = l.company(a)
	}
	if a := b.Attr("companies"); a != nil {
		m.Companies = l.companies(a, m.Address())
		l.companiesInLink(m, link)
	}
	l.owner(b, m)
	l.filter(b.Block("filter"), m)
	l.carried(b, m)
	l.written(m)
	l.together(b, m)
	l.creates(b.Attr("creates"), m)
	l.deletes(b.Attr("deletes"), m)
	l.mastering(b.Block("mastering"), m)
	l.initialSync(b.Block("initial_sync"), m)
	return m
}

// carried finds all fields of a map and its key.
func (l *loader) carried(b *source.Block, m *model.Map) {
	inherited := m.Fields
	m.Fields = nil
	l.fields(b, m)
	key := b.Attr("key")
	if key != nil {
		m.Key = nil
		l.shortKey(key, m, inherited)
	}
	l.inherit(b, m, inherited)
	if key != nil {
		l.key(key, m)
	} else {
		l.inheritedKey(b, m)
	}
}

func (l *loader) version(b *source.Block, m *model.Map) {
	a := b.Attr("version")
	if a == nil {
		return
	}
	m.Version = b.Text("version")
	if _, err := parseVersion(m.Version); err != nil {
		l.report(diag.Diagnostic{
			Code: diag.CodeBadVersion, Summary: "the version of the map cannot be read", Detail: err.Error() + ".",
			Hint: `Write numbers and dots, such as "1.2.0".`, Subject: a.Value.Range, Address: m.Address(),
		})
	}
}

func (l *loader) filter(b *source.Block, m *model.Map) {
	if b == nil {
		return
	}
	f := &m.Filter
	for attr, to := range map[string]*model.Named{"fno": &f.FnO, "dataverse": &f.Dataverse} {
		if a := b.Attr(attr); a != nil {
			*to = named(a)
		}
	}
	f.OnLeave = cmp.Or(b.Text("on_leave"), f.OnLeave, "unlink")
	if a := b.Attr("on_leave"); a != nil {
		f.LeaveRange = a.Value.Range
		l.leavesNothing(b, a, m)
	}
}

func (l *loader) creates(a *source.Attr, m *model.Map) {
	if a == nil {
		return
	}
	m.Creates = model.Creates{
		ToDataverse: cmp.Or(flag(a, "to_dataverse"), m.Creates.ToDataverse), ToFnO: cmp.Or(flag(a, "to_fno"), m.Creates.ToFnO),
	}
}

func (l *loader) deletes(a *source.Attr, m *model.Map) {
	if a == nil {
		return
	}
	m.Deletes = model.Deletes{
		ToDataverse: cmp.Or(itemText(a, "to_dataverse"), m.Deletes.ToDataverse), ToFnO: cmp.Or(itemText(a, "to_fno"), m.Deletes.ToFnO), Range: a.Value.Range,
	}
}

func (l *loader) initialSync(b *source.Block, m *model.Map) {
	if b == nil {
		return
	}
	i := &m.Initial
	i.Winner = value.Side(cmp.Or(b.Text("winner"), string(i.Winner)))
	for name, way := range map[string]*string{"via": &i.Via, "read_via": &i.ReadVia} {
		if !b.Written(name) {
			continue
		}
		if *way = b.Text(name); *way == "auto" {
			*way = ""
		}
	}
	if a := b.Attr("allow_blank"); a != nil {
		i.AllowBlank = a.Value.Scalar.String() == "true"
	}
	if a := b.Attr("max_errors"); a != nil {
		n := l.wholeNumber(a, 0, 1_000_000_000)
		i.MaxErrors = &n
	}
	if a := b.Attr("max_error_rate"); a != nil {
		i.MaxErrorRate = l.share(a)
	}
	if a := b.Attr("match"); a != nil {
		i.Match = l.matchWays(a, m)
	}
	if a := b.Attr("crosswalk"); a != nil {
		i.Crosswalk = l.crosswalk(a, m)
	}
}

// leavesNothing reports on_leave of a filter that nothing can leave.
func (l *loader) leavesNothing(b *source.Block, a *source.Attr, m *model.Map) {
	if b.Written("fno") || b.Written("dataverse") || m.Filter.FnO.Name != "" || m.Filter.Dataverse.Name != "" {
		return
	}
	l.report(diag.Diagnostic{
		Code: diag.CodeConflictingKeys, Summary: "on_leave without a filter",
		Detail:  "It says what becomes of a record that leaves the scope, and without a filter none ever does.",
		Hint:    "Add fno or dataverse to the filter, or remove on_leave.",
		Subject: a.NameRange, Context: b.Body, Address: m.Address(),
	})
}

// entity reads the name of an entity set or table.
func (l *loader) entity(b *source.Block, attr string) model.Named {
	out := named(b.Attr(attr))
	if out.Name != strings.TrimSpace(out.Name) || out.Name == "" && !out.Range.IsZero() {
		l.report(emptyName(fmt.Sprintf("the %s name", value.Side(attr).Title()), out.Range))
	}
	return out
}

func emptyName(what string, at diag.Range) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeBadName, Summary: what + " is empty or has blanks around it", Detail: "Names have no blanks around them.", Subject: at,
	}
}

// mapLink finds the link of a map.
func (l *loader) mapLink(b *source.Block, m *model.Map) *model.Link {
	if a := b.Attr("link"); a != nil {
		m.Link = a.Value.Ref.Name
		return l.links[m.Link]
	}
	if b.Written("link") {
		return nil
	}
	if l.in.link != nil {
		m.Link = l.in.link.Value.Ref.Name
		return l.links[m.Link]
	}
	if l.incomplete {
		return nil
	}
	hint := "Write link = %s, or another of them."
	if l.in.prefix != "" {
		hint = "Write link = %s in the block of the module, or another of them."
	}
	switch len(l.cfg.Links) {
	case 0:
		l.report(diag.Diagnostic{
			Code: diag.CodeLinkUnclear, Summary: fmt.Sprintf("map %q has no link", m.Name),
			Detail:  "No link is declared in the folder. A link names the two environments and the companies.",
			Hint:    `Add link "contoso" { companies = ["USMF"] sandbox {} } to try the map on local twins.`,
			Subject: b.Header, Address: m.Address(),
		})
		return nil
	case 1:
		m.Link = l.cfg.Links[0].Name
		return l.cfg.Links[0]
	}
	var names []string
	for _, x := range l.cfg.Links {
		names = append(names, "link."+x.Name)
	}
	slices.Sort(names)
	l.report(diag.Diagnostic{
		Code: diag.CodeLinkUnclear, Summary: fmt.Sprintf("map %q must say its link", m.Name),
		Detail:  "The folder declares several: " + strings.Join(names, ", ") + ".",
		Hint:    fmt.Sprintf(hint, names[0]),
		Subject: b.Header, Address: m.Address(),
	})
	return nil
}

func (l *loader) company(a *source.Attr) *model.Company {
	out := &model.Company{Path: a.Value.Scalar.String(), Range: a.Value.Range}
	if a.Value.Kind == source.Null {
		return &model.Company{Global: true, Range: a.Value.Range}
	}
	if _, _, ok := splitPath(out.Path); !ok {
		l.report(emptyName("the company column", a.Value.Range))
	}
	return out
}

func (l *loader) companiesInLink(m *model.Map, link *model.Link) {
	if link == nil || len(link.Companies) == 0 {
		return
	}
	var known []string
	for _, c := range link.Companies {
		known = append(known, c.Name)
	}
	for i, c := range m.Companies {
		at := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, c.Name) })
		if at >= 0 {
			m.Companies[i].Name = known[at]
			continue
		}
		d := diag.Diagnostic{
			Code: diag.CodeCompanyNotInLink, Summary: fmt.Sprintf("the company %q is not in link.%s", c.Name, link.Name),
			Detail:  "The link's companies: " + strings.Join(known, ", ") + ". A map can only narrow them.",
			Subject: c.Range, Address: m.Address(),
		}
		if s := l.speller.Suggest(c.Name, known); s != "" {
			d.Hint = fmt.Sprintf("Did you mean %q? Otherwise add %q to the link.", s, c.Name)
		} else {
			d.Hint = fmt.Sprintf("Add %q to the link.", c.Name)
		}
		l.report(d)
	}
}

// owner checks the form of the owner.
func (l *loader) owner(b *source.Block, m *model.Map) {
	a := b.Attr("owner")
	if a == nil {
		return
	}
	m.Owner = named(a)
	if m.Owner.Name == "company_team" || len(m.Owner.Name) > len("team:") && strings.HasPrefix(m.Owner.Name, "team:") {
		return
	}
	if strings.Contains(m.Owner.Name, ".") {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotYet, Summary: "an owner by a lookup is not in this version of dw",
			Detail:  "It is part of the language, but this version cannot carry it out; ignoring it would change what the configuration means.",
			Hint:    `Use "company_team", or "team:NAME" for a team by its name.`,
			Subject: a.Value.Range, Address: m.Address(),
		})
		return
	}
	d := diag.Diagnostic{
		Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%q is not possible for the attribute owner", m.Owner.Name),
		Detail:  `Possible values: "company_team", and "team:NAME" for a team by its name.`,
		Subject: a.Value.Range, Address: m.Address(),
	}
	if s := diag.Suggest(m.Owner.Name, []string{"company_team"}); s != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", s)
	}
	l.report(d)
}

// together reads groups of columns, each named as its field is.
func (l *loader) together(b *source.Block, m *model.Map) {
	a := b.Attr("together")
	if a == nil {
		return
	}
	m.Together, m.TogetherRanges = nil, nil
	seen := map[*model.Field]bool{}
	for _, group := range a.Value.List {
		var names []string
		for _, t := range group.Texts() {
			f := l.mappedField(m, t, "together")
			if f == nil {
				continue
			}
			if seen[f] {
				l.report(diag.Diagnostic{
					Code: diag.CodeListedTwice, Summary: fmt.Sprintf("%q is listed twice in together", t.Text),
					Detail:  "A field belongs to one group at most.",
					Subject: t.Range, Context: a.Range, Address: m.Address(),
				})
				continue
			}
			seen[f] = true
			names = append(names, f.Name())
		}
		if len(group.List) == 1 && group.Kind == source.List {
			l.report(diag.Diagnostic{
				Code: diag.CodeNotAllowed, Summary: "a group of together needs two columns or more",
				Detail: "A column alone is one value as it is.", Subject: group.Range, Address: m.Address(),
			})
		}
		if len(names) > 0 {
			m.Together, m.TogetherRanges = append(m.Together, names), append(m.TogetherRanges, group.Range)
		}
	}
}

func (l *loader) mastering(b *source.Block, m *model.Map) {
	if b == nil {
		return
	}
	out := &m.Mastering
	out.Master = value.Side(cmp.Or(b.Text("master"), string(out.Master)))
	if a := b.Attr("violation"); a != nil {
		out.ViolationRange = a.Value.Range
	}
	out.Violation = cmp.Or(b.Text("violation"), out.Violation)
	out.Stated = out.Stated || b.Written("master")
	seen := map[*model.Field]bool{}
	list := func(a *source.Attr) []model.Named {
		var out []model.Named
		for _, t := range a.Value.Texts() {
			f := l.mappedField(m, t, "mastering")
			switch {
			case f == nil:
			case seen[f]:
				l.report(diag.Diagnostic{
					Code: diag.CodeListedTwice, Summary: fmt.Sprintf("%q is listed twice in mastering", t.Text),
					Detail:  "A field has one master.",
					Hint:    "Remove it from one of the lists.",
					Subject: t.Range, Context: b.Body, Address: m.Address(),
				})
			default:
				seen[f] = true
				out = append(out, model.Named{Name: f.Name(), Range: t.Range})
			}
		}
		return out
	}
	fno, dataverse := b.Attr("fno"), b.Attr("dataverse")
	if fno != nil {
		out.FnO = list(fno)
	}
	if dataverse != nil {
		out.Dataverse = list(dataverse)
	}
	// What is inherited gives way to what the map lists for the other side.
	if fno != nil && dataverse == nil {
		out.Dataverse = without(out.Dataverse, out.FnO)
	}
	if dataverse != nil && fno == nil {
		out.FnO = without(out.FnO, out.Dataverse)
	}
}

// mappedField finds a field by its column, with or without its path, in any
// case, and reports a name that the map does not carry.
func (l *loader) mappedField(m *model.Map, t source.Label, where string) *model.Field {
	var known []string
	for _, f := range m.Fields {
		if f.Column.Name == "" || f.IsConstant {
			continue
		}
		if strings.EqualFold(f.Column.Name, t.Text) || strings.EqualFold(f.Name(), t.Text) {
			return f
		}
		known = append(known, f.Name())
	}
	d := diag.Diagnostic{
		Code: diag.CodeFieldNotMapped, Summary: fmt.Sprintf("%s names %q, which the map does not carry", where, t.Text),
		Detail:  "A field is named by its Dataverse column. A rule for a field that is not mapped has no effect.",
		Subject: t.Range, Address: m.Address(),
	}
	byFnO := slices.IndexFunc(m.Fields, func(f *model.Field) bool {
		return strings.EqualFold(f.FnO.Name, t.Text) && f.Column.Name != ""
	})
	if byFnO >= 0 {
		d.Hint = fmt.Sprintf("Write %q, the column of the F&O field %s.", m.Fields[byFnO].Name(), m.Fields[byFnO].FnO.Name)
	} else if s := l.speller.Suggest(t.Text, known); s != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", s)
		d.Fix = replaceBy(t, s, known)
	}
	l.report(d)
	return nil
}

// replaceBy is the fix of a misspelt text. There is none where the text is
// computed: a literal in the place of the expression would change more.
func replaceBy(t source.Label, s string, known []string) *diag.Fix {
	if !t.Range.IsQuoted(t.Text) {
		return nil
	}
	return &diag.Fix{Summary: "Replace by " + s, Range: t.Range, NewText: fmt.Sprintf("%q", s), Certain: diag.Certain(t.Text, s, known)}
}

func named(a *source.Attr) model.Named {
	if a == nil || a.Value.Kind != source.Text {
		return model.Named{}
	}
	return model.Named{Name: a.Value.Scalar.String(), Range: a.Value.Range}
}

func flag(a *source.Attr, key string) *bool {
	v, ok := a.Value.Item(key)
	if !ok || v.Kind != source.Bool {
		return nil
	}
	on := v.Scalar.String() == "true"
	return &on
}

func itemText(a *source.Attr, key string) string {
	if v, ok := a.Value.Item(key); ok && v.Kind == source.Text {
		return v.Scalar.String()
	}
	return ""
}

// splitPath takes "column" or "lookup.key" apart; not ok where a part is
// empty or has blanks.
func splitPath(text string) (column string, path []string, ok bool) {
	parts := strings.Split(text, ".")
	for _, p := range parts {
		if p == "" || strings.ContainsAny(p, " \t\r\n") {
			return text, nil, false
		}
	}
	if len(parts) > 1 {
		path = parts[1:]
	}
	return parts[0], path, true
}
