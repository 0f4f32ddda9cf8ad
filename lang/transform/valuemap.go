package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// valueMap is a value map typed for its two fields.
type valueMap struct {
	forward  map[string]value.Value      // by F&O text, folded and, to spare folding, as F&O writes it
	backward map[value.Value]value.Value // by Dataverse value, texts folded
}

// spellings are the texts of one side of a value map as its author writes
// them, by folded text.
type spellings map[value.Value]value.Value

func (s spellings) add(v value.Value) {
	if v.Kind() == value.Text {
		s[foldedValue(v)] = v
	}
}

// through lets a fallback give texts that the map has, in another spelling, as
// the map writes them: on their way back they would be taken for the map's
// value, and come again in the map's spelling.
func (s spellings) through(otherwise fallback) fallback {
	if otherwise == nil || len(s) == 0 {
		return otherwise
	}
	return func(v value.Value) (value.Value, error) {
		out, err := otherwise(v)
		if spelled, ok := s[foldedValue(out)]; ok && err == nil {
			return spelled, nil
		}
		return out, err
	}
}

// valueMapSteps builds the steps of a field with a value map.
func (b *builder) valueMapSteps(s *Slot, f *model.Field, fno, dv *schema.Field) {
	if !mappable(fno, schema.TypeEnum, schema.TypeText, schema.TypeInteger, schema.TypeBool) ||
		!mappable(dv, schema.TypeChoice, schema.TypeBool, schema.TypeText, schema.TypeInteger) {
		b.fail(diag.CodeTypes, f.Column.Range, fmt.Sprintf("%s (%s) and %s (%s) cannot have a value map", fno.Name, fno.Type, dv.Name, dv.Type),
			"A value map lists enum members, texts, whole numbers, choices and truth values.", "Leave the value map out.")
		return
	}
	before := b.list.Count(diag.Error)
	m := valueMap{forward: map[string]value.Value{}, backward: map[value.Value]value.Value{}}
	toDataverse, toFnO := spellings{}, spellings{}
	bad := false
	sources := map[value.Value][]string{} // Dataverse value -> F&O values that become it
	for _, e := range f.Values.Values {
		from, ok := b.fnoSide(s, e, fno)
		to, okTo := b.dataverseSide(s, e, dv)
		bad = bad || !ok || !okTo
		if before, twice := m.forward[value.Fold(e.FnO.String())]; twice && before != to {
			b.fail(diag.CodeRepeatedObjKey, e.Range, fmt.Sprintf("%s: the value map names %q twice", s.Name, e.FnO.String()),
				"Letter case and trailing blanks do not count in F&O, so that only one of the two lines could hold.", "Remove one of them.")
			bad = true
		}
		m.forward[value.Fold(e.FnO.String())] = to
		if name := from.Text(); name != "" {
			m.forward[name] = to
		}
		sources[to] = append(sources[to], e.FnO.String())
		m.backward[foldedValue(to)] = from
		toDataverse.add(to)
		toFnO.add(from)
	}
	reversed := map[value.Value]bool{}
	for _, e := range f.Values.Reverse {
		if dv.Type == schema.TypeText {
			// A key of an object that looks like a number is a text here.
			e.Dataverse = value.NewText(e.Dataverse.String())
		}
		from, ok := b.fnoSide(s, e, fno)
		to, okTo := b.dataverseSide(s, e, dv)
		bad = bad || !ok || !okTo
		m.backward[foldedValue(to)] = from
		reversed[to] = true
		toDataverse.add(to)
		toFnO.add(from)
	}
	if bad {
		return
	}
	if f.Direction.Sends(value.FnO) {
		b.injective(s, f, sources, reversed)
		b.unmappedOptions(s, f, dv, m)
	}
	s.zero = b.zeroOfAny(fno)
	if _, named := m.forward[value.Fold(s.zero)]; named {
		s.zero = ""
	}
	_, s.emptyNamed = m.forward[""]
	if f.Direction.Sends(value.Dataverse) {
		b.unmappedMembers(s, f, fno, m)
		otherwise := b.otherwise(s, f, f.Values.ToDataverse, value.Dataverse, fno, dv)
		if k := f.Values.ToDataverse.Kind; k == "pass" || k == "value" {
			s.zero = "" // the author has said what the zero member becomes
		}
		s.forward = forwardMap(m.forward, s.zero, fit(s.Name, value.Dataverse, dv, nil), toDataverse.through(otherwise))
	}
	if f.Direction.Sends(value.FnO) {
		otherwise := b.otherwise(s, f, f.Values.ToFnO, value.FnO, dv, fno)
		s.backward = backwardMap(m.backward, fit(s.Name, value.FnO, fno, b.enum(fno.Enum)), toFnO.through(otherwise))
	}
	if b.list.Count(diag.Error) == before {
		b.hidden(s, f, fno, dv, m)
	}
}

func mappable(f *schema.Field, types ...schema.Type) bool {
	for _, t := range types {
		if f.Type == t {
			return true
		}
	}
	return false
}

func foldedValue(v value.Value) value.Value {
	if v.Kind() == value.Text {
		return value.NewText(value.Fold(v.Text()))
	}
	return v
}

// zeroOfAny is zeroOf for the enum of truth values too, whose members a value
// map may leave out.
func (b *builder) zeroOfAny(f *schema.Field) string {
	if isNoYes(f) {
		return "No"
	}
	return b.zeroOf(f)
}

// fnoSide types the F&O side of a line of a value map.
func (b *builder) fnoSide(s *Slot, e model.EnumValue, fno *schema.Field) (value.Value, bool) {
	text := e.FnO.String()
	if text == "" {
		return value.Value{}, true
	}
	switch fno.Type {
	case schema.TypeEnum:
		enum := b.enum(fno.Enum)
		if enum == nil {
			return value.NewSymbol(text), true
		}
		if m := enum.Member(text); m != nil {
			return value.NewSymbol(m.Name), true
		}
		b.unknownMember(s, e, enum, text)
		return value.Value{}, false
	default:
		v, err := fit(s.Name, value.FnO, fno, nil)(e.FnO)
		if err != nil {
			b.fail(diag.CodeConstantFit, e.Range, fmt.Sprintf("%q is no value of %s", text, fno.Name), detailOf(err), "")
			return value.Value{}, false
		}
		return v, true
	}
}

// unknownMember reports a line of a value map whose enum member is not there.
// A number may be what F&O's database keeps for a member.
func (b *builder) unknownMember(s *Slot, e model.EnumValue, enum *schema.Enum, text string) {
	detail, hint := fmt.Sprintf("The value map of %s names it, and F&O does not know it.", s.Name), memberHint(enum, "")
	likely := b.speller.Suggest(text, enum.MemberNames())
	if likely != "" {
		hint = fmt.Sprintf("Did you mean %q?", likely)
	}
	m := memberOfNumber(enum, text)
	if m != nil {
		detail = fmt.Sprintf("F&O's services know members by their symbols; %s is the number of %s in F&O's database.", text, m.Name)
		likely, hint = m.Name, memberHint(enum, m.Name)
	}
	b.fail(diag.CodeUnknownMember, e.Range, fmt.Sprintf("%s has no member %q", enum.Name, text), detail, hint)
	if likely == "" {
		return
	}
	// The place is that of the key, bare or in quotes; in reverse it is another.
	switch e.Range.End.Byte - e.Range.Start.Byte {
	case len(text), len(text) + 2:
		b.list[len(b.list)-1].Fix = &diag.Fix{Summary: "use " + likely, Range: e.Range, NewText: quoted(likely),
			Certain: m != nil || diag.Certain(text, likely, enum.MemberNames())}
	}
}

// dataverseSide types the Dataverse side of a line of a value map.
func (b *builder) dataverseSide(s *Slot, e model.EnumValue, dv *schema.Field) (value.Value, bool) {
	v := e.Dataverse
	if v.IsNull() {
		return v, true
	}
	if dv.Type == schema.TypeChoice && v.Kind() == value.Integer && !hasOption(dv, v.Int()) {
		b.fail(diag.CodeUnknownOption, e.Range, fmt.Sprintf("%s has no choice %d", dv.Name, v.Int()),
			fmt.Sprintf("The value map of %s names it, and Dataverse does not know it.", s.Name), "Its choices are "+optionList(dv)+".")
		return value.Value{}, false
	}
	return b.literal(s.Name, v, value.Dataverse, dv, e.Range)
}

func optionList(dv *schema.Field) string {
	const most = 12
	var parts []string
	for i, o := range dv.Options {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(dv.Options)-most))
			break
		}
		text := fmt.Sprint(o.Value)
		if o.Label != "" {
			text += " (" + o.Label + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// injective refuses a value map that is read backwards but does not say which
// of several F&O values is meant.
func (b *builder) injective(s *Slot, f *model.Field, sources map[value.Value][]string, reversed map[value.Value]bool) {
	for _, e := range f.Values.Values {
		to, ok := b.dataverseSide(s, e, b.in.Dataverse.Field(f.Column.Name))
		from := sources[to]
		if !ok || to.IsNull() || len(from) < 2 || reversed[to] || from[0] != e.FnO.String() {
			continue
		}
		b.fail(diag.CodeManyToOne, e.Range, fmt.Sprintf("%s: %s all become %s, so the way back is not known", s.Name, strings.Join(named(from), ", "), to),
			"The field flows towards F&O too.", fmt.Sprintf("Add reverse = { %s = %q }, or another of them.", reverseKey(to), likely(from)))
	}
}

// named gives values of F&O as a sentence names them: the empty text is not
// seen without its quotes.
func named(values []string) []string {
	out := slices.Clone(values)
	for i, v := range out {
		if v == "" {
			out[i] = `""`
		}
	}
	return out
}

// likely gives the value that is probably meant on the way back: one that says
// something.
func likely(values []string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// reverseKey writes a Dataverse value as a key of reverse.
func reverseKey(v value.Value) string {
	if v.Kind() == value.Text {
		return fmt.Sprintf("%q", v.Text())
	}
	return v.String()
}

// unmappedMembers lists the members of an F&O enum that the value map leaves
// out, where no `otherwise` says what becomes of them; "fail" is an answer too.
// The zero member means nothing there.
func (b *builder) unmappedMembers(s *Slot, f *model.Field, fno *schema.Field, m valueMap) {
	if f.Values.ToDataverse.Kind != "" {
		return
	}
	var missing []string
	of := fno.Name
	switch enum := b.enum(fno.Enum); {
	case enum != nil:
		of = enum.Name
		for _, member := range enum.Members {
			if _, ok := m.forward[value.Fold(member.Name)]; !ok && !strings.EqualFold(member.Name, s.zero) {
				missing = append(missing, member.Name)
			}
		}
	case fno.Type == schema.TypeBool:
		for _, name := range []string{yesNo(true), yesNo(false)} {
			if _, ok := m.forward[name]; !ok {
				missing = append(missing, name)
			}
		}
	}
	if len(missing) == 0 {
		return
	}
	b.fail(diag.CodeUnmappedMembers, f.Column.Range, fmt.Sprintf("%s: the value map lacks %s of %s", s.Name, countOf(len(missing), "member"), of),
		fmt.Sprintf("Every record with one of them would fail: %s.", strings.Join(missing, ", ")),
		`Add them to values, or say what becomes of them: otherwise = null, "pass" or a value; "fail" lists such records.`)
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// unmappedOptions lists the choices that have no way back to F&O, where no
// `otherwise` says what becomes of them.
func (b *builder) unmappedOptions(s *Slot, f *model.Field, dv *schema.Field, m valueMap) {
	if f.Values.ToFnO.Kind != "" {
		return
	}
	var missing []string
	for _, v := range b.closed(dv) {
		if _, ok := m.backward[v]; !ok {
			missing = append(missing, v.String())
		}
	}
	if len(missing) == 0 {
		return
	}
	b.report(diag.CodeUnmappedOptions, diag.Warning, f.Column.Range, fmt.Sprintf("%s: the value map lacks %s of the column", s.Name, countOf(len(missing), "choice")),
		fmt.Sprintf("Every row with one of them would fail on its way to F&O: %s.", strings.Join(missing, ", ")),
		`Add them to values or reverse, or say what becomes of them: otherwise = { to_fno = null }, or "fail".`)
}

// fallback says what becomes of a value outside of a value map.
type fallback func(v value.Value) (value.Value, error)

func (b *builder) otherwise(s *Slot, f *model.Field, o model.Otherwise, to value.Side, from, target *schema.Field) fallback {
	name := s.Name
	switch o.Kind {
	case "null":
		toTarget := fit(name, to, target, nil)
		return func(value.Value) (value.Value, error) { return toTarget(value.Value{}) }
	case "pass":
		if !b.passes(s, f, o, to, from, target) {
			return nil
		}
		return fallback(fit(name, to, target, b.enum(target.Enum)))
	case "value":
		v, _ := b.literal(name, o.Value, to, target, rangeOr(o.Range, f.Values.Range))
		return func(value.Value) (value.Value, error) { return v, nil }
	default:
		return func(v value.Value) (value.Value, error) {
			return value.Value{}, &ValueError{Code: diag.CodeNotInValueMap, Slot: name,
				Detail: fmt.Sprintf("%q is not in the value map", clip(v.String())), Hint: "Add it to the value map, or give the map an otherwise."}
		}
	}
}

// passes tells whether values outside of a value map can go to the other side
// as they are.
func (b *builder) passes(s *Slot, f *model.Field, o model.Otherwise, to value.Side, from, target *schema.Field) bool {
	fno, dv := from, target
	if to == value.FnO {
		fno, dv = target, from
	}
	if typesAgree(fno, dv) {
		return true
	}
	b.fail(diag.CodeTypes, rangeOr(o.Range, f.Column.Range), fmt.Sprintf("%s: values outside of the value map cannot pass to %s as they are", s.Name, to.Title()),
		fmt.Sprintf("%s is %s and %s is %s: only what the value map names can be carried over.", fno.Name, fno.Type, dv.Name, dv.Type),
		`Write otherwise = "fail", null or a value to use.`)
	return false
}

// forwardMap carries F&O values to Dataverse. Where the map does not name the
// zero member and no fallback takes it, it means nothing.
func forwardMap(m map[string]value.Value, zero string, toTarget fitter, otherwise fallback) step {
	return func(_ *Record, v value.Value, _ Refs) (value.Value, error) {
		text := v.Text()
		switch v.Kind() {
		case value.Text, value.Symbol:
		case value.Bool:
			text = yesNo(v.Bool())
		default:
			text = v.String()
		}
		out, ok := m[text]
		if !ok {
			out, ok = m[value.Fold(text)]
		}
		switch {
		case ok:
			return toTarget(out)
		case isBlank(v, zero):
			return toTarget(value.Value{})
		default:
			return otherwise(v)
		}
	}
}

// backwardMap carries Dataverse values to F&O.
func backwardMap(m map[value.Value]value.Value, toTarget fitter, otherwise fallback) step {
	return func(_ *Record, v value.Value, _ Refs) (value.Value, error) {
		out, ok := m[foldedValue(v)]
		switch {
		case ok:
			return toTarget(out)
		case isBlank(v, ""):
			return toTarget(value.Value{})
		default:
			return otherwise(v)
		}
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
