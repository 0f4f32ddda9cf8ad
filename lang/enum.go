package lang

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

func (l *loader) enum(b *source.Block) {
	out := &model.Enum{Name: b.Name(), Range: b.Header}
	if a := b.Attr("values"); a != nil {
		out.Values = l.enumValues(a.Value)
	}
	if a := b.Attr("reverse"); a != nil {
		out.Reverse = l.reverse(a.Value)
	}
	if a := b.Attr("otherwise"); a != nil {
		out.ToDataverse, out.ToFnO = l.otherwise(a.Value)
	}
	if l.enums[out.Name] == nil {
		l.enums[out.Name] = out
		l.cfg.Enums = append(l.cfg.Enums, out)
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

// reverse reads "Dataverse value = F&O symbol". Keys are whole numbers, true
// and false, or texts, as they are written.
func (l *loader) reverse(v source.Value) []model.EnumValue {
	var out []model.EnumValue
	for _, i := range v.Items {
		if i.Value.Kind != source.Text {
			continue
		}
		key := value.NewText(i.Key)
		if n, err := value.ParseInteger(i.Key); err == nil {
			key = n
		} else if i.Key == "true" || i.Key == "false" {
			key = value.NewBool(i.Key == "true")
		}
		out = append(out, model.EnumValue{FnO: i.Value.Scalar, Dataverse: key, Range: i.KeyRange})
	}
	return out
}

func (l *loader) otherwise(v source.Value) (toDataverse, toFnO model.Otherwise) {
	if v.Kind == source.Object {
		if x, ok := v.Item("to_dataverse"); ok {
			toDataverse = otherwiseOf(x)
		}
		if x, ok := v.Item("to_fno"); ok {
			toFnO = otherwiseOf(x)
		}
		return toDataverse, toFnO
	}
	toDataverse = otherwiseOf(v)
	toFnO = toDataverse
	if toDataverse.Kind == "value" && v.Kind != source.Text {
		toFnO = model.Otherwise{Kind: "fail"} // a number or bool can only be a Dataverse value
	}
	return toDataverse, toFnO
}

func otherwiseOf(v source.Value) model.Otherwise {
	switch {
	case v.Kind == source.Null:
		return model.Otherwise{Kind: "null"}
	case v.Kind == source.Text && (v.Scalar.String() == "fail" || v.Scalar.String() == "pass"):
		return model.Otherwise{Kind: v.Scalar.String()}
	default:
		return model.Otherwise{Kind: "value", Value: v.Scalar}
	}
}
