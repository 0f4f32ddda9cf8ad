package transform

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

const (
	secondsPerDay = 86400
	noon          = secondsPerDay / 2
	emptyDay      = -25567 // 1900-01-01, what F&O keeps for no date
	emptyGuid     = "00000000-0000-0000-0000-000000000000"
)

// isBlank tells whether a value is what both systems keep for nothing, whatever
// the map says: null, a text of blanks, the day 1900-01-01, the zero guid, or
// the enum member given as zero. Numbers and truth values are never blank.
func isBlank(v value.Value, zero string) bool {
	switch v.Kind() {
	case value.Null:
		return true
	case value.Text:
		return strings.Trim(v.Text(), " ") == ""
	case value.Date:
		return v.Days() == emptyDay
	case value.DateTime:
		return value.DayOf(v.Unix()) == emptyDay
	case value.Guid:
		return v.Guid() == emptyGuid
	case value.Symbol:
		return v.Text() == "" || zero != "" && strings.EqualFold(v.Text(), zero)
	default:
		return false
	}
}

// fitter converts a value to the type of a field and checks that the field can
// hold it. A value that stands for nothing becomes null.
type fitter func(v value.Value) (value.Value, error)

// fit makes the fitter of a field. Enum is its type where it is an F&O enum.
func fit(slot string, side value.Side, f *schema.Field, enum *schema.Enum) fitter {
	t := &target{slot: slot, side: side, field: f, enum: enum}
	t.min, t.hasMin = bound(f.Min)
	t.max, t.hasMax = bound(f.Max)
	return t.fit
}

func bound(text string) (value.Value, bool) {
	if text == "" {
		return value.Value{}, false
	}
	v, err := value.NewDecimal(text)
	return v, err == nil
}

// target is a field that values are fitted to.
type target struct {
	slot           string
	side           value.Side
	field          *schema.Field
	enum           *schema.Enum
	min, max       value.Value
	hasMin, hasMax bool
}

func (t *target) fail(code, detail, hint string) error {
	return &ValueError{Code: code, Slot: t.slot, Detail: detail, Hint: hint}
}

func (t *target) wrong(v value.Value) error {
	return t.fail(diag.CodeWrongKind, fmt.Sprintf("%s %q cannot become %s of %s", v.Kind(), clip(v.String()), t.field.Type, t.field.Name),
		"Map the field with an expression or a value map.")
}

func (t *target) fit(v value.Value) (value.Value, error) {
	if v.IsNull() {
		return t.null()
	}
	switch t.field.Type {
	case schema.TypeText:
		return t.text(v)
	case schema.TypeInteger:
		return t.integer(v)
	case schema.TypeDecimal:
		return t.decimal(v)
	case schema.TypeBool:
		return t.bool(v)
	case schema.TypeTime:
		return t.time(v)
	case schema.TypeEnum:
		return t.symbol(v)
	case schema.TypeChoice:
		return t.option(v)
	case schema.TypeChoices:
		return t.options(v)
	case schema.TypeGuid:
		return t.guid(v)
	default:
		return value.Value{}, t.wrong(v)
	}
}

func (t *target) null() (value.Value, error) {
	if t.field.Required {
		return value.Value{}, t.fail(diag.CodeValueMissing, fmt.Sprintf("%s requires %s, and there is no value for it", t.side.Title(), t.field.Name),
			"Enter a value on the other side.")
	}
	return value.Value{}, nil
}

func (t *target) text(v value.Value) (value.Value, error) {
	if v.Kind() != value.Text {
		v = value.NewText(v.String())
	}
	s := v.Text()
	if s == "" {
		return t.null()
	}
	// Both systems count UTF-16 units, which are never more than bytes.
	if most := t.field.MaxLength; most > 0 && len(s) > most {
		if n := utf16Length(s); n > most {
			return value.Value{}, t.fail(diag.CodeTooLong, fmt.Sprintf("%q has %d characters, %s holds %d", clip(s), n, t.field.Name, most),
				"Shorten the text, or lengthen the column.")
		}
	}
	if at := strayCharacter(s); at >= 0 {
		r, _ := utf8.DecodeRuneInString(s[at:])
		return value.Value{}, t.fail(diag.CodeCharacter, fmt.Sprintf("%q has the character U+%04X, which %s does not take", clip(s), r, t.side.Title()),
			"Remove the character; it is not seen in forms, so type the text anew.")
	}
	return v, nil
}

// strayCharacter gives the place of the first character that XML 1.0 does not
// know, or -1: both services speak XML inside, whatever the form of a request.
// Tabs and line breaks are text.
func strayCharacter(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			return i
		case c == 0xEF && strings.HasPrefix(s[i:], "\uFFFE"), c == 0xEF && strings.HasPrefix(s[i:], "\uFFFF"):
			return i
		}
	}
	return -1
}

func utf16Length(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xffff {
			n++
		}
	}
	return n
}

func (t *target) integer(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.Integer:
	case value.Option:
		v = value.NewInteger(v.Int())
	case value.Decimal, value.Text:
		text := strings.TrimSpace(v.String())
		if text == "" {
			return t.null()
		}
		d, err := value.NewDecimal(text)
		if err != nil {
			return value.Value{}, t.fail(diag.CodeNotANumber, err.Error(), "Correct the value.")
		}
		if d.Scale() > 0 {
			return value.Value{}, t.fail(diag.CodeFraction, fmt.Sprintf("%s has decimals, %s holds whole numbers", d, t.field.Name), "round it with an expression: round(value, 0)")
		}
		n, err := value.ParseInteger(d.DecimalText())
		if err != nil {
			return value.Value{}, t.fail(diag.CodeOutOfRange, err.Error(), "Correct the value.")
		}
		v = n
	default:
		return value.Value{}, t.wrong(v)
	}
	return v, t.inRange(v)
}

func (t *target) decimal(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.Decimal:
	case value.Integer, value.Text:
		text := strings.TrimSpace(v.String())
		if text == "" {
			return t.null()
		}
		d, err := value.NewDecimal(text)
		if err != nil {
			return value.Value{}, t.fail(diag.CodeNotANumber, err.Error(), "Correct the value.")
		}
		v = d
	default:
		return value.Value{}, t.wrong(v)
	}
	// A column of fewer decimals stores the rounded value; writing it rounded
	// makes what is read back equal to what was written.
	if t.field.Scale != nil {
		v = v.Round(*t.field.Scale)
	}
	return v, t.inRange(v)
}

func (t *target) inRange(v value.Value) error {
	if !t.hasMin && !t.hasMax {
		return nil
	}
	if order, _ := value.Compare(v, t.min); t.hasMin && order < 0 {
		return t.fail(diag.CodeOutOfRange, fmt.Sprintf("%s is below the least value of %s, %s", v, t.field.Name, t.min), "Correct the value.")
	}
	if order, _ := value.Compare(v, t.max); t.hasMax && order > 0 {
		return t.fail(diag.CodeOutOfRange, fmt.Sprintf("%s is above the greatest value of %s, %s", v, t.field.Name, t.max), "Correct the value.")
	}
	return nil
}

func (t *target) bool(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.Bool:
		return v, nil
	case value.Symbol, value.Text:
		switch name := v.Text(); {
		case strings.EqualFold(name, "yes"), strings.EqualFold(name, "true"):
			return value.NewBool(true), nil
		case strings.EqualFold(name, "no"), strings.EqualFold(name, "false"):
			return value.NewBool(false), nil
		case name == "":
			return t.null()
		}
	}
	return value.Value{}, t.wrong(v)
}

// Ranges of dates, in days (Dataverse table column documentation, behaviour
// and format of date and time; F&O data type documentation, date).
const (
	dataverseFirstDay = -79257 // 1753-01-01
	dataverseLastDay  = 2932896
	fnoFirstDay       = emptyDay // 1900-01-01
	fnoLastDay        = 67569    // 2154-12-31
)

func (t *target) time(v value.Value) (value.Value, error) {
	var err error
	switch v.Kind() {
	case value.Date:
		if !t.field.DateOnly {
			// Noon keeps the day in every usual time zone, as F&O does itself.
			v = value.NewDateTime(v.Days()*secondsPerDay + noon)
		}
	case value.DateTime:
		if t.field.DateOnly {
			v = value.NewDate(value.DayOf(v.Unix()))
		}
	case value.Text:
		text := strings.TrimSpace(v.Text())
		switch {
		case text == "":
			return t.null()
		case t.field.DateOnly:
			v, err = value.ParseDate(text)
		default:
			v, err = value.ParseDateTime(text)
		}
		if err != nil {
			return value.Value{}, t.fail(diag.CodeWrongKind, err.Error(), "Correct the value.")
		}
	default:
		return value.Value{}, t.wrong(v)
	}
	day := v.Days()
	if v.Kind() == value.DateTime {
		day = value.DayOf(v.Unix())
	}
	first, last := int64(dataverseFirstDay), int64(dataverseLastDay)
	if t.side == value.FnO {
		first, last = fnoFirstDay, fnoLastDay
	}
	if day < first || day > last {
		return value.Value{}, t.fail(diag.CodeDateRange, fmt.Sprintf("%s is outside of the dates that %s keeps, %s to %s", v, t.side.Title(), value.NewDate(first), value.NewDate(last)), "Correct the date.")
	}
	return v, nil
}

func (t *target) symbol(v value.Value) (value.Value, error) {
	name := v.Text()
	switch v.Kind() {
	case value.Symbol, value.Text:
	case value.Bool:
		if !isNoYes(t.field) {
			return value.Value{}, t.wrong(v)
		}
		name = "No"
		if v.Bool() {
			name = "Yes"
		}
	default:
		return value.Value{}, t.wrong(v)
	}
	if name == "" {
		return t.null()
	}
	if t.enum == nil {
		return value.NewSymbol(name), nil
	}
	m := t.enum.Member(name)
	if m == nil {
		return value.Value{}, t.fail(diag.CodeNoSuchMember, fmt.Sprintf("%s has no member %q", t.enum.Name, clip(name)), "Correct the value, or add a value map.")
	}
	return value.NewSymbol(m.Name), nil
}

func (t *target) option(v value.Value) (value.Value, error) {
	var n int64
	switch v.Kind() {
	case value.Option, value.Integer:
		n = v.Int()
	case value.Text, value.Decimal:
		i, err := value.ParseInteger(strings.TrimSpace(v.String()))
		if err != nil {
			return value.Value{}, t.fail(diag.CodeNotANumber, err.Error(), "choices are written by their number")
		}
		n = i.Int()
	default:
		return value.Value{}, t.wrong(v)
	}
	if !hasOption(t.field, n) {
		return value.Value{}, t.fail(diag.CodeNoSuchOption, fmt.Sprintf("%s has no choice %d", t.field.Name, n), "Correct the value, or add the choice in Dataverse.")
	}
	return value.NewOption(n), nil
}

// hasOption tells whether a column has a choice; one whose choices are not
// known has them all.
func hasOption(f *schema.Field, n int64) bool {
	for _, o := range f.Options {
		if o.Value == n {
			return true
		}
	}
	return len(f.Options) == 0
}

func (t *target) options(v value.Value) (value.Value, error) {
	if v.Kind() == value.Text {
		o, err := value.ParseOptions(v.Text())
		if err != nil {
			return value.Value{}, t.fail(diag.CodeNotANumber, err.Error(), "choices are written by their numbers: 1,9")
		}
		v = o
	}
	if v.Kind() != value.Options {
		return value.Value{}, t.wrong(v)
	}
	list := v.OptionList()
	if len(list) == 0 {
		return t.null()
	}
	for _, n := range list {
		if !hasOption(t.field, n) {
			return value.Value{}, t.fail(diag.CodeNoSuchOption, fmt.Sprintf("%s has no choice %d", t.field.Name, n), "Correct the value, or add the choice in Dataverse.")
		}
	}
	return v, nil
}

func (t *target) guid(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.Guid:
	case value.Text:
		if strings.TrimSpace(v.Text()) == "" {
			return t.null()
		}
		g, err := value.ParseGuid(strings.TrimSpace(v.Text()))
		if err != nil {
			return value.Value{}, t.fail(diag.CodeWrongKind, err.Error(), "Correct the value.")
		}
		v = g
	default:
		return value.Value{}, t.wrong(v)
	}
	if v.Guid() == emptyGuid {
		return t.null()
	}
	return v, nil
}

// clip keeps messages short.
func clip(s string) string {
	const most = 60
	for i := range s {
		if i >= most {
			return s[:i] + "…"
		}
	}
	return s
}
