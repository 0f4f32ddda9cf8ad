package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

func (l *loader) enum(b *source.Block) {
	out := &model.Enum{Name: l.in.prefix + b.Name(), Range: b.Header}
	if a := b.Attr("values"); a != nil {
		out.Values = l.enumValues(a.Value)
	}
	l.aroundValues(b, out)
	if l.in.enums[b.Name()] == nil {
		l.in.enums[b.Name()] = out
		l.cfg.Enums = append(l.cfg.Enums, out)
	}
}

// aroundValues reads what stands beside the values of a value map.
func (l *loader) aroundValues(b *source.Block, e *model.Enum) {
	if a := b.Attr("reverse"); a != nil {
		e.Reverse = l.reverse(a.Value, e.Values)
	}
	if a := b.Attr("otherwise"); a != nil {
		e.ToDataverse, e.ToFnO = l.otherwise(a.Value, e)
	}
}

// enumValues reads "F&O symbol = Dataverse value".
func (l *loader) enumValues(v source.Value) []model.EnumValue {
	var out []model.EnumValue
	for _, i := range v.Items {
		if i.Value.Kind&source.Scalar == 0 {
			if i.Value.Kind == source.Null {
				l.report(diag.Diagnostic{
					Code: diag.CodeWrongType, Summary: fmt.Sprintf("%s has no value", i.Key),
					Detail: "Every symbol of a value map needs a Dataverse value.",
					Hint:   "Leave the symbol out and say by otherwise = null what becomes of it.", Subject: i.Value.Range,
				})
			}
			continue
		}
		if i.Value.Scalar.Kind() == value.Decimal {
			l.report(diag.Diagnostic{
				Code: diag.CodeWrongType, Summary: fmt.Sprintf("%s is no value of a Dataverse choice", i.Value.Scalar),
				Detail: "Choices are whole numbers; texts stand in quotes.", Subject: i.Value.Range,
			})
			continue
		}
		out = append(out, model.EnumValue{FnO: value.NewText(i.Key), Dataverse: i.Value.Scalar, Range: i.KeyRange})
	}
	return out
}

// reverse reads "Dataverse value = F&O value". Keys are texts in HCL; each is
// what the value map has under the same text, else of the kind that the map's
// values are of.
func (l *loader) reverse(v source.Value, values []model.EnumValue) []model.EnumValue {
	var out []model.EnumValue
	for _, i := range v.Items {
		if i.Value.Kind != source.Text {
			continue
		}
		key := dataverseKey(i.Key, values)
		if slices.ContainsFunc(out, func(e model.EnumValue) bool { return e.Dataverse == key }) {
			l.report(diag.Diagnostic{
				Code: diag.CodeRepeatedObjKey, Summary: fmt.Sprintf("the key %q is given twice", i.Key),
				Detail: "A Dataverse value becomes one F&O value.", Subject: i.KeyRange,
			})
			continue
		}
		out = append(out, model.EnumValue{FnO: i.Value.Scalar, Dataverse: key, Range: i.KeyRange})
	}
	return out
}

// dataverseKey types a Dataverse value that is written as a key.
func dataverseKey(text string, values []model.EnumValue) value.Value {
	for _, e := range values {
		if e.Dataverse.String() == text {
			return e.Dataverse
		}
	}
	if len(values) > 0 && onlyTexts(values) {
		return value.NewText(text)
	}
	if n, err := value.ParseInteger(text); err == nil {
		return n
	}
	if text == "true" || text == "false" {
		return value.NewBool(text == "true")
	}
	return value.NewText(text)
}

func isText(e model.EnumValue) bool { return e.Dataverse.Kind() == value.Text }

func onlyTexts(values []model.EnumValue) bool {
	return !slices.ContainsFunc(values, func(e model.EnumValue) bool { return !isText(e) })
}

// otherwise reads what becomes of values outside a value map. A value that
// stands for both directions counts only where it can be meant: a number or a
// truth value is none of F&O, a text none of Dataverse where the map has no
// text there. For the other direction nothing is said then.
func (l *loader) otherwise(v source.Value, e *model.Enum) (toDataverse, toFnO model.Otherwise) {
	if v.Kind == source.Object {
		if x, ok := v.Item("to_dataverse"); ok {
			toDataverse = l.otherwiseOf(x, e)
		}
		if x, ok := v.Item("to_fno"); ok {
			toFnO = l.otherwiseOf(x, e)
		}
		return toDataverse, toFnO
	}
	toDataverse = l.otherwiseOf(v, e)
	toFnO = toDataverse
	switch {
	case toDataverse.Kind != "value":
	case v.Kind != source.Text:
		toFnO = model.Otherwise{}
	case len(e.Values) > 0 && !slices.ContainsFunc(e.Values, isText):
		toDataverse = model.Otherwise{}
	}
	return toDataverse, toFnO
}

func (l *loader) otherwiseOf(v source.Value, e *model.Enum) model.Otherwise {
	if v.Kind == source.Null {
		return model.Otherwise{Kind: "null", Range: v.Range}
	}
	out := model.Otherwise{Kind: "value", Value: v.Scalar, Range: v.Range}
	if v.Kind != source.Text {
		return out
	}
	text := v.Scalar.String()
	if text == "fail" || text == "pass" {
		return model.Otherwise{Kind: text, Range: v.Range}
	}
	if word := misspelt(text, e); word != "" {
		d := diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%q is not possible for otherwise", text),
			Detail:  `Possible are "fail", "pass", null, and a value to use. This looks like a word that is misspelt, and every value outside the map would become it.`,
			Hint:    fmt.Sprintf("Did you mean %s? If %q is meant as a value, name it in values too.", word, text),
			Subject: v.Range,
		}
		if v.Literal {
			d.Fix = &diag.Fix{Summary: "Replace by " + word, Range: v.Range, NewText: word}
		}
		l.report(d)
		return model.Otherwise{Kind: "fail", Range: v.Range}
	}
	return out
}

// misspelt gives the word of otherwise, as it is written, that a text was most
// likely meant to be; "" where it is a value of the map or like no word.
func misspelt(text string, e *model.Enum) string {
	for _, x := range slices.Concat(e.Values, e.Reverse) {
		if strings.EqualFold(x.FnO.String(), text) || strings.EqualFold(x.Dataverse.String(), text) {
			return ""
		}
	}
	for _, word := range []string{"fail", "pass", "null"} {
		if text != "" && strings.EqualFold(text[:1], word[:1]) && diag.Near(text, word) {
			if word == "null" {
				return word
			}
			return fmt.Sprintf("%q", word)
		}
	}
	return ""
}
