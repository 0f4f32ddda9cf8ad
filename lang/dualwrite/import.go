package dualwrite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/filter/xpp"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/source"
)

// Options of an import or export.
type Options struct {
	Labels  Labels          // labels of F&O entities that are not Microsoft's
	Keys    Keys            // integration keys, before those of Microsoft's maps
	Catalog *schema.Catalog // metadata of both sides, or nil
}

// EnumsFile is the name of the file that holds value maps of several maps.
const EnumsFile = "enums.dw.hcl"

// File is a file of the configuration.
type File struct {
	Name string // "customers_v3_accounts.dw.hcl"
	Map  string // display name of the map in it; "" of EnumsFile
	Text []byte // in the one layout
}

// Import turns maps into files of the configuration, one a map, sorted by
// name. The maps have no link: the folder's is theirs. The list tells what was
// guessed and what could not be taken over; a map with an error has no file.
func Import(records []Record, o Options) ([]File, diag.List, error) {
	n, err := newNames(o.Labels, o.Keys, o.Catalog)
	if err != nil {
		return nil, nil, err
	}
	im := &importer{names: n, taken: map[string]bool{}}
	var drafts []*draft
	// In an order of their own, so that names do not depend on that of files.
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b Record) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Mapping.Entity), strings.ToLower(b.Mapping.Entity)),
			cmp.Compare(strings.ToLower(a.Mapping.Table), strings.ToLower(b.Mapping.Table)))
	})
	for _, r := range sorted {
		if d := im.draft(r); d != nil {
			drafts = append(drafts, d)
		}
	}
	tellSame(drafts)
	files := im.share(drafts)
	for _, d := range drafts {
		files = append(files, File{Name: d.name + ".dw.hcl", Map: d.record.title(), Text: []byte(d.text())})
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	var out []File
	for _, f := range files {
		text, list := source.Format(f.Text, f.Name)
		if list.HasErrors() {
			im.list = append(im.list, diag.Diagnostic{
				Code: diag.CodeDamagedMap, Severity: diag.Error, Address: f.Map, Summary: "the map cannot be written as a file",
				Detail: list[0].Summary + ".",
			})
			continue
		}
		f.Text = text
		out = append(out, f)
	}
	return out, im.list, nil
}

type importer struct {
	names *names
	taken map[string]bool // names of maps and enums
	list  diag.List
}

// tellSame tells of maps that carry the same records. Maps of several
// publishers have names of their own and stand beside each other, though one of
// them runs.
func tellSame(drafts []*draft) {
	first := map[[4]string]*draft{}
	for _, d := range drafts {
		what := [4]string{strings.ToLower(d.fno), d.table, d.filter[0], d.filter[1]}
		other := first[what]
		if other == nil {
			first[what] = d
			continue
		}
		d.report(diag.CodeSameRecords, diag.Warning, fmt.Sprintf("%s and %s carry the same records", other.name, d.name),
			fmt.Sprintf("Their entity, table and filters are the same. They were %s (%s) and %s (%s) in dual-write, which runs one of them at a time.",
				quoteJSON(clip(other.record.named())), other.record.numbered(), quoteJSON(clip(d.record.named())), d.record.numbered()),
			"Keep the file of the one that runs, delete the other.")
	}
}

// withoutPrefix takes the publisher's prefix off a table: "msdyn_vendors".
func withoutPrefix(table string) string {
	if prefix, rest, ok := strings.Cut(table, "_"); ok && rest != "" && ValidPrefix(prefix) {
		return strings.Trim(rest, "_")
	}
	return table
}

// unique gives a name that no map or enum has yet.
func (im *importer) unique(name string) string {
	if name == "" || digits(name[:1]) {
		name = "map_" + name
	}
	name = strings.TrimRight(name[:min(len(name), 100)], "_")
	out := name
	for i := 2; im.taken[out]; i++ {
		out = fmt.Sprintf("%s_%d", name, i)
	}
	im.taken[out] = true
	return out
}

// draft is a map on its way into a file.
type draft struct {
	im     *importer
	record Record

	name, fno, table, version, company string

	key       []string
	filter    [2]string // F&O, Dataverse
	keyNotes  []string  // comments beside the key
	filtNotes []string  // comments beside the filter
	notes     []string  // comments for what was not taken over
	enums     []string  // blocks of value maps that the map has several times
	stopped   bool

	lines     map[model.Direction][]line
	fields    []*fieldBlock
	lookups   []*lookupBlock
	constants []constantBlock

	columns map[string]*lookupBlock // columns that are sent to Dataverse; nil of those that are no lookups by path
	sent    map[string]bool         // F&O fields that are sent to F&O
}

// line is a plain mapping.
type line struct {
	fno     string
	columns []string
}

// fieldBlock is a mapping with a value map or a default.
type fieldBlock struct {
	column, fno string
	direction   model.Direction
	values      *valueMap
	toDataverse string // expressions in HCL
	toFnO       string
}

// lookupBlock is a reference by several fields or to several tables. With one
// match and no target it is written as a line.
type lookupBlock struct {
	column    string
	direction model.Direction
	matches   []match
	targets   []target // instead of matches
}

type match struct {
	fno, path string
	direction model.Direction
}

type target struct {
	table   string
	matches []match
}

type constantBlock struct {
	name  string
	toFnO bool
	text  string // as dual-write writes it
}

func (d *draft) report(code string, s diag.Severity, summary, detail, hint string) {
	d.im.list = append(d.im.list, diag.Diagnostic{
		Code: code, Severity: s, Summary: summary, Detail: detail, Hint: hint,
		Address: d.record.title(), Subject: inFile(d.record.Source),
	})
}

// draft builds a map; nil where nothing of it can be used.
func (im *importer) draft(r Record) *draft {
	d := &draft{
		im: im, record: r, table: strings.ToLower(r.Mapping.Table),
		lines: map[model.Direction][]line{}, columns: map[string]*lookupBlock{}, sent: map[string]bool{},
	}
	if !isName(d.table) {
		d.report(diag.CodeNoDualWriteMap, diag.Error, fmt.Sprintf("%s is no Dataverse table", quoteJSON(clip(d.table))), "The map is not imported.", "")
		return nil
	}
	set, known := im.names.set(r.Mapping.Entity)
	if d.fno = set; !isName(set) {
		d.report(diag.CodeEntityGuessed, diag.Error, fmt.Sprintf("the entity %s is not known", quoteJSON(clip(r.Mapping.Entity))),
			"Its label gives no name of an entity set, so that the map is not imported.", "Name its entity set in a file of labels.")
		return nil
	}
	if !known {
		d.report(diag.CodeEntityGuessed, diag.Warning, fmt.Sprintf("the entity set of %s is guessed: %s", quoteJSON(clip(r.Mapping.Entity)), set),
			"Dual-write names F&O entities by their labels, the service by their entity sets.", "Check the name, or name it in a file of labels.")
		d.keyNotes = append(d.keyNotes, fmt.Sprintf("fno is a guess: the entity is labelled %s.", quoteJSON(clip(r.Mapping.Entity))))
	}
	d.setVersion()
	for _, f := range joinDirections(r.Mapping.Fields) {
		d.field(f)
	}
	d.settleLookups()
	if !d.findKey() {
		d.report(diag.CodeNoDualWriteMap, diag.Error, "the map has no field that can be its key", "It is not imported.", "")
		return nil
	}
	d.setFilters()
	d.name = im.unique(snake(d.fno) + "_" + withoutPrefix(d.table))
	return d
}

// setVersion takes a version that is one.
func (d *draft) setVersion() {
	v := strings.TrimSpace(d.record.Version)
	parts := strings.Split(v, ".")
	for _, p := range parts {
		if !digits(p) || len(p) > 9 {
			if v != "" {
				d.report(diag.CodeDamagedMap, diag.Notice, fmt.Sprintf("the version %s is none", quoteJSON(clip(v))), "It is left out.", "")
			}
			return
		}
	}
	if len(parts) <= 4 {
		d.version = v
	}
}

// setFilters translates the F&O filter and takes over the other. A map without
// its filter would carry more records, so it is stopped then.
func (d *draft) setFilters() {
	m := d.record.Mapping
	if m.DataverseFilter != "" {
		d.filter[1] = strings.Join(strings.Fields(m.DataverseFilter), " ")
		if strings.Contains(m.DataverseFilter, "'") {
			d.filter[1] = m.DataverseFilter // blanks inside of texts count
		}
	}
	if m.FnOFilter == "" {
		return
	}
	c, err := xpp.ParseRange(m.FnOFilter)
	if err != nil {
		if other, e := xpp.ParseOData(m.FnOFilter); e == nil {
			c, err = other, nil // it is OData already
		}
	}
	if err != nil {
		d.stopped = true
		d.filtNotes = append(d.filtNotes, "Not translated, the filter for F&O: "+clip(m.FnOFilter))
		d.report(diag.CodeFilterNotTaken, diag.Warning, "the filter for F&O cannot be translated: "+err.Error(),
			fmt.Sprintf("It is %s. The map is imported as stopped, since without it it would carry more records.", quoteJSON(clip(m.FnOFilter))),
			"Write the filter in OData, then remove status.")
		return
	}
	c = xpp.Each(c, d.typed)
	d.filter[0] = xpp.OData(c)
}

// typed gives a field its spelling and a literal of an enum its member.
func (d *draft) typed(c *xpp.Comparison) {
	f, _ := d.im.names.fnoField(d.fno, c.Field)
	c.Field = f.name
	if f.enum == "" {
		return
	}
	for _, m := range d.im.names.members(f.enum) {
		byNumber := c.With.Kind == xpp.Number && c.With.Text == fmt.Sprint(m.Value)
		if byNumber || c.With.Kind == xpp.Text && strings.EqualFold(c.With.Text, m.Name) {
			c.With = xpp.Literal{Kind: xpp.Text, Text: m.Name}
			return
		}
	}
}

// companySuffix ends the path of a company's code.
const companySuffix = "." + schema.CompanyCode

// findKey finds the F&O fields of the integration key, and the company. False
// where the map has no field at all.
func (d *draft) findKey() bool {
	columns := d.im.names.keys[d.table]
	owners := d.owners()
	byColumn, alone := map[string]string{}, map[string]bool{}
	for _, o := range owners {
		byColumn[o.column], alone[strings.ToLower(o.fno)] = o.fno, true
	}
	var missing []string
	alternate := ""
	if len(columns) == 0 {
		alternate, columns = d.im.names.alternateKey(d.table, owners)
	}
	for _, c := range columns {
		if path, ok := strings.CutSuffix(c, companySuffix); ok && byColumn[strings.ToLower(c)] == "" {
			if d.company == "" || len(path) < len(d.company) {
				d.company = path
			}
			continue
		}
		if fno, ok := byColumn[strings.ToLower(c)]; ok {
			d.addKey(fno)
		} else {
			missing = append(missing, c)
		}
	}
	switch {
	case len(d.key) > 0 && len(missing) == 0:
		if alternate != "" {
			d.report(diag.CodeKeyGuessed, diag.Notice, fmt.Sprintf("the key is that of the Dataverse table, %s: %s", alternate, strings.Join(d.key, ", ")),
				"Dual-write keeps integration keys in the link, and this one is not known.", "Check it, or give the integration keys of the link.")
		}
		return true
	case len(columns) > 0:
		text := "The integration key also has " + strings.Join(missing, ", ") + ", which the map does not carry by itself."
		d.keyNotes = append(d.keyNotes, text)
		d.report(diag.CodeKeyGuessed, diag.Warning, "a part of the integration key is not mapped by itself", text, "Map the missing columns and add them to the key.")
		if len(d.key) > 0 {
			return true
		}
	}
	own := d.im.names.fnoKey(d.fno)
	if len(own) > 0 && !slices.ContainsFunc(own, func(name string) bool { return !alone[strings.ToLower(name)] }) {
		for _, name := range own {
			d.addKey(name)
		}
		d.report(diag.CodeKeyGuessed, diag.Notice, "the key is that of the F&O entity: "+strings.Join(d.key, ", "),
			"Dual-write keeps integration keys in the link, and this one is not known.", "Check it, or give the integration keys of the link.")
		return true
	}
	for _, name := range own {
		if alone[strings.ToLower(name)] {
			d.addKey(name)
		}
	}
	if len(d.key) == 0 {
		fno := likelyKey(owners)
		if fno == "" {
			return false
		}
		d.addKey(fno)
	}
	d.keyNotes = append(d.keyNotes, "The key is a guess: dual-write keeps integration keys in the link.")
	d.report(diag.CodeKeyGuessed, diag.Warning, "the key is guessed: "+strings.Join(d.key, ", "),
		"Dual-write keeps integration keys in the link, and this one is not known.", "Write the key, or give the integration keys of the link.")
	return true
}

func (d *draft) addKey(fno string) {
	if !slices.ContainsFunc(d.key, func(k string) bool { return strings.EqualFold(k, fno) }) {
		d.key = append(d.key, fno)
	}
}

// owner is an F&O field that has a column of its own.
type owner struct {
	fno, column string // the column in lower case, with its path
	direction   model.Direction
}

// owners gives the F&O fields that have a column of their own, one a column.
func (d *draft) owners() []owner {
	var all []owner
	for _, direction := range []model.Direction{model.Both, model.ToDataverse, model.ToFnO} {
		for _, l := range d.lines[direction] {
			for _, c := range l.columns {
				all = append(all, owner{l.fno, c, direction})
			}
		}
	}
	for _, f := range d.fields {
		all = append(all, owner{f.fno, f.column, f.direction})
	}
	return onePerColumn(all, d.im.names.fnoKey(d.fno))
}

// onePerColumn keeps the first owner of each column: a field of the entity's
// own key before others, and what flows both ways before the rest.
func onePerColumn(all []owner, own []string) []owner {
	rank := func(o owner) int {
		out := slices.Index([]model.Direction{model.Both, model.ToDataverse, model.ToFnO}, o.direction)
		if !slices.ContainsFunc(own, func(k string) bool { return strings.EqualFold(k, o.fno) }) {
			out += 3
		}
		return out
	}
	slices.SortStableFunc(all, func(a, b owner) int { return rank(a) - rank(b) })
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(o owner) bool {
		taken := seen[o.column]
		seen[o.column] = true
		return taken
	})
}

// likelyKey is the best guess at a key: the first field that is called like
// one, plain columns before references; else the first of anything.
func likelyKey(owners []owner) string {
	best, bestRank := "", -1
	for _, o := range owners {
		rank := 0
		if !strings.Contains(o.column, ".") {
			rank++
		}
		name := strings.ToLower(o.fno)
		for i, ending := range []string{"name", "code", "number", "id"} {
			if strings.HasSuffix(name, ending) {
				rank += 2 + i
			}
		}
		if rank > bestRank {
			best, bestRank = o.fno, rank
		}
	}
	return best
}
