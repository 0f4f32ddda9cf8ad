package refs_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/refs"
)

// plain answers references by looking at every row of the system.
type plain struct{ w *enginetest.World }

func (p plain) row(l *transform.Lookup, id string) (enginetest.Values, bool) {
	for _, r := range p.w.Dataverse.Rows(l.Set) {
		if r.ID == id {
			return r.Values, true
		}
	}
	return nil, false
}

func (p plain) id(l *transform.Lookup, company, key string) (value.Value, bool) {
	parts, ok := l.Split(key)
	var found []string
	for _, r := range p.w.Dataverse.Rows(l.Set) {
		fits := ok && (l.CompanyColumn == "" || r.Values[l.CompanyColumn] == p.w.Company(company))
		for i, part := range l.Parts {
			if !fits {
				break
			}
			if part.Via == nil {
				fits = value.EqualFold(r.Values[part.Column].String(), parts[i])
				continue
			}
			ref, there := p.id(part.Via, company, parts[i])
			fits = there && ref == r.Values[part.Column]
		}
		if fits {
			found = append(found, r.ID)
		}
	}
	if len(found) != 1 {
		return value.Value{}, false
	}
	return value.NewReference(l.Table, found[0]), true
}

func (p plain) key(l *transform.Lookup, ref value.Value) (string, bool) {
	row, ok := p.row(l, ref.Guid())
	var parts []string
	for _, part := range l.Parts {
		text := row[part.Column].String()
		if part.Via != nil {
			text, _ = p.key(part.Via, row[part.Column])
		}
		ok = ok && text != ""
		parts = append(parts, text)
	}
	if !ok {
		return "", false
	}
	return l.Join(parts), true
}

// TestAnswersAreWhatTheRowsSay, whatever is asked together: rows of one key
// twice, rows behind rows that are not there, in any order and any number of
// batches.
func TestAnswersAreWhatTheRowsSay(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	rapid.Check(t, func(rt *rapid.T) {
		w.Dataverse = enginetest.NewSystem(value.Dataverse)
		w.Env.Dataverse = w.Dataverse
		for _, code := range []string{"USMF", "DEMF"} {
			w.PutRef("cdm_companies", "cdm_company", "", values{"cdm_companycode": text(code)})
		}
		names := rapid.SampledFrom([]string{"A", "a", "B", "C", ""})
		hierarchies := []value.Value{{}, value.NewReference("msdyn_productcategoryhierarchy", rowID)}
		for range rapid.IntRange(0, 3).Draw(rt, "hierarchies") {
			hierarchies = append(hierarchies, w.PutRef("msdyn_productcategoryhierarchies", "msdyn_productcategoryhierarchy", "", values{"msdyn_name": text(names.Draw(rt, "name"))}))
		}
		rows := map[string][]value.Value{}
		for range rapid.IntRange(0, 5).Draw(rt, "categories") {
			rows["category"] = append(rows["category"], w.PutRef("msdyn_productcategories", "msdyn_productcategory", "",
				values{"msdyn_name": text(names.Draw(rt, "name")), "msdyn_hierarchy": rapid.SampledFrom(hierarchies).Draw(rt, "hierarchy")}))
		}
		companies := rapid.SampledFrom([]string{"USMF", "DEMF"})
		for range rapid.IntRange(0, 5).Draw(rt, "orders") {
			rows["order"] = append(rows["order"], w.PutRef("salesorders", "salesorder", companies.Draw(rt, "company"), values{"msdyn_salesordernumber": text(names.Draw(rt, "number"))}))
		}
		for range rapid.IntRange(0, 3).Draw(rt, "contacts") {
			rows["contact"] = append(rows["contact"], w.PutRef("contacts", "contact", companies.Draw(rt, "company"), values{"msdyn_contactpersonid": text(names.Draw(rt, "id"))}))
		}
		lookups := map[string]*transform.Lookup{
			"category": slotOf(w, "lines", "msdyn_salesproductcategory").Lookup,
			"order":    slotOf(w, "lines", "salesorderid.msdyn_salesordernumber").Lookup,
			"contact":  slotOf(w, "orders", "customerid").Lookups[1],
		}
		r := refs.New(w.Env)
		for range 2 {
			var needs []refs.Need
			for range rapid.IntRange(1, 8).Draw(rt, "needs") {
				what := rapid.SampledFrom([]string{"category", "order", "contact"}).Draw(rt, "what")
				n := refs.Need{Lookup: lookups[what], Company: companies.Draw(rt, "of")}
				if at := rows[what]; len(at) > 0 && rapid.Bool().Draw(rt, "by row") {
					n.Ref = rapid.SampledFrom(at).Draw(rt, "row")
				} else if n.Key = names.Draw(rt, "key"); what == "category" {
					n.Key += "\x1f" + names.Draw(rt, "of hierarchy")
				}
				needs = append(needs, n)
			}
			a, err := r.Resolve(t.Context(), needs, refs.Options{Pairs: rapid.Bool().Draw(rt, "pairs"), Any: true})
			if err != nil {
				rt.Fatal(err)
			}
			for _, n := range needs {
				if n.Ref.IsNull() {
					got, state := a.ID(n.Lookup, n.Company, n.Key)
					want, ok := plain{w}.id(n.Lookup, n.Company, n.Key)
					if complete(n) && (state == transform.RefKnown) != ok || got != want && state == transform.RefKnown {
						rt.Fatalf("%s %q: %v %v, the rows say %v %v", n.Lookup.Title(), n.Key, got, state, want, ok)
					}
					continue
				}
				got, state := a.Key(n.Lookup, n.Ref)
				if want, ok := (plain{w}).key(n.Lookup, n.Ref); (state == transform.RefKnown) != ok || got != want {
					rt.Fatalf("%s of %v: %q %v, the rows say %q %v", n.Lookup.Title(), n.Ref, got, state, want, ok)
				}
			}
		}
	})
}

// complete tells whether a need has all texts of its key; dw asks no others.
func complete(n refs.Need) bool {
	parts, ok := n.Lookup.Split(n.Key)
	for _, p := range parts {
		ok = ok && p != ""
	}
	return ok
}
