package generate

import (
	"context"
	"fmt"
)

// hierarchies of product categories: name, description, and the names of the
// second and third levels. Some names are in both.
var hierarchies = []struct {
	name, description, root string
	second, third           []string
}{
	{"Retail product hierarchy", "What is sold, as the shops show it", "All products",
		[]string{"Furniture", "Electronics", "Garden", "Accessories", "Sports & outdoor", "Bücher"},
		[]string{"Tables", "Chairs", "Lamps", "Cables", "Headphones", "Tents", "Tools", "Bags", "Spare parts", "Kinderbücher"}},
	{"Procurement categories", "What is bought", "Purchases",
		[]string{"Accessories", "Services", "Raw materials", "Packaging", "Office supplies"},
		[]string{"Spare parts", "Cleaning", "Steel", "Wood", "Boxes", "Paper", "Tools", "Freight"}},
}

// hierarchy is a product category hierarchy.
type hierarchy struct {
	reference
	categories []*category
}

// category of products.
type category struct {
	reference
	hierarchy *hierarchy
	parent    *category // nil of the root
	level     int
}

func (w *world) loadHierarchies(ctx context.Context) error {
	s := w.sink(&target{report: w.counted(MapReport{Map: "category_hierarchies", EntitySet: "ProductCategoryHierarchies", Table: "msdyn_productcategoryhierarchies"}),
		fields: hierarchyFields, id: "msdyn_productcategoryhierarchyid"})
	for i, h := range hierarchies {
		x := &hierarchy{reference: reference{key: h.name, kind: []kind{equal, differ}[i%2], id: w.guid()}}
		w.hierarchies = append(w.hierarchies, x)
		r := record{"HierarchyName": h.name, "HierarchyDescription": h.description}
		vary := func(row map[string]any) { row["msdyn_description"] = h.description + " (old)" }
		if _, err := s.put(ctx, nil, x.kind, x.id, r, nil, vary); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

func (w *world) loadCategories(ctx context.Context) error {
	s := w.categorySink()
	w.planCategories()
	n := 0
	for _, h := range w.hierarchies {
		for _, x := range h.categories {
			n++
			r, to := w.categoryRecord(x, n)
			vary := func(row map[string]any) {
				w.varyFields(s.fields, row, "CategoryDescription", "FriendlyCategoryName", "CategoryKeywords")
			}
			if _, err := s.put(ctx, nil, x.kind, x.id, r, to, vary); err != nil {
				return err
			}
		}
	}
	return s.flush(ctx)
}

func (w *world) categorySink() *sink {
	return w.sink(&target{report: w.counted(MapReport{Map: "product_categories", EntitySet: "ProductCategories", Table: "msdyn_productcategories"}),
		fields: categoryFields, id: "msdyn_productcategoryid"})
}

// planCategories makes trees of three levels. A category that Dataverse has
// has its parent there.
func (w *world) planCategories() {
	number := 0
	for i, h := range w.hierarchies {
		share := w.sizes.categories / len(w.hierarchies)
		if i == 0 {
			share = w.sizes.categories - share*(len(w.hierarchies)-1)
		}
		names := hierarchies[i]
		add := func(name string, parent *category, k kind) *category {
			number++
			x := &category{reference: reference{key: name, kind: k}, hierarchy: h, parent: parent, level: 1}
			if parent != nil {
				x.level = parent.level + 1
			}
			if k.inDataverse() {
				x.id = w.guid()
			}
			h.categories = append(h.categories, x)
			return x
		}
		root := add(names.root, nil, equal)
		second := min(max(2, share/10), 12)
		var parents []*category
		for j := range second {
			k := []kind{equal, onlyFnO, differ, onlyFnO, onlyFnO}[j%5]
			parents = append(parents, add(numbered(names.second, j), root, k))
		}
		for j := range share - second - 1 {
			parent := parents[j%second]
			k := onlyFnO
			if parent.kind.inDataverse() {
				k = []kind{equal, onlyDataverse, onlyFnO, differ, onlyFnO, onlyFnO}[j/second%6]
			}
			add(numbered(names.third, j), parent, k)
		}
	}
}

// numbered gives the i-th name of a list that begins anew, with a number, when
// it is at its end.
func numbered(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return fmt.Sprintf("%s %d", list[i%len(list)], i/len(list)+1)
}

// firstCategoryRecord is the first of the record ids that F&O shows as a field
// of a category.
const firstCategoryRecord = 68719600000

func (w *world) categoryRecord(x *category, n int) (record, links) {
	to := links{"ProductCategoryHierarchyName": x.hierarchy.id}
	r := record{
		"CategoryName": x.key, "ProductCategoryHierarchyName": x.hierarchy.key, "CategoryCode": fmt.Sprintf("C%05d", n),
		"CategoryDescription": fmt.Sprintf("%s, level %d of %s", x.key, x.level, x.hierarchy.key), "FriendlyCategoryName": x.key,
		"IsTangibleProduct": noYes(x.level > 1 && n%4 != 0), "IsCategoryInheritingParentProductAttributes": noYes(x.parent != nil),
		"IsCategoryInheritingParentCategoryAttributes": noYes(n%3 == 0),
	}
	if w.chance(50) {
		r["CategoryKeywords"] = "contoso, " + x.key
	}
	if x.kind.inFnO() {
		r["CategoryRecordId"] = firstCategoryRecord + n
	}
	if x.parent != nil {
		w.refer(r, to, "ParentProductCategoryName", x.parent.reference)
		r["ParentProductCategoryHierarchyName"] = x.hierarchy.key
	}
	return r, to
}
