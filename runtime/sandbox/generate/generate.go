// Package generate fills the twins with Contoso-like data from a seed: the
// same seed and size give the same rows with the same ids, always. On demand it
// plants dirt among them, and says where.
package generate

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Loader takes rows into a twin: values by field or logical column name.
// Lookups hold the GUID of their target.
type Loader interface {
	Load(ctx context.Context, set string, rows []map[string]any) error
}

// Options of Fill.
type Options struct {
	Seed uint64
	// Records counts the distinct records in scope of all maps: a pair counts
	// once. Rows that must stay untouched come on top, and so does dirt. From
	// FullRecords on there are data of all maps, below only of customers and
	// what they refer to.
	Records int
	// Customers is how many customers there are in place of their share of
	// Records, which counts the others then; 0: that share.
	Customers int
	Companies []string // codes of the link's companies, such as "USMF"
	// Others are further companies, which no link covers; where there is none,
	// one is made up.
	Others []string
	// Dirt is how many cases of each Kind are planted; 0 leaves the data clean.
	Dirt int
	// RootUnit is the GUID of Dataverse's root business unit, under which
	// those of the companies are put; "" puts them under none.
	RootUnit string
}

// Fill makes all rows and loads them. It fails on options that cannot be met
// and on what a loader refuses.
func Fill(ctx context.Context, o Options, dataverse, fno Loader) (Report, error) {
	if o.Records == 0 {
		o.Records = DefaultRecords
	}
	if err := checkCompanies(append(slices.Clone(o.Companies), o.Others...)); err != nil {
		return Report{}, err
	}
	if len(o.Companies) == 0 {
		return Report{}, fmt.Errorf("a sandbox needs at least one company")
	}
	if least := MinRecords(len(o.Companies)); o.Records < least {
		return Report{}, fmt.Errorf("a sandbox with %d companies needs at least %d records, not %d", len(o.Companies), least, o.Records)
	}
	full := o.Records >= FullRecords(len(o.Companies))
	if o.Dirt < 0 || o.Dirt > mostDirt {
		return Report{}, fmt.Errorf("dirt is the number of cases of each kind, 0 to %d, not %d", mostDirt, o.Dirt)
	}
	if o.Dirt > 0 && !full {
		return Report{}, fmt.Errorf("dirt is planted in all maps, which takes at least %d records", FullRecords(len(o.Companies)))
	}
	w := newWorld(o, full, dataverse, fno)
	for _, step := range w.steps() {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	w.closeReport()
	return w.report, nil
}

func checkCompanies(codes []string) error {
	seen := map[string]bool{}
	for _, code := range codes {
		if code == "" || len(code) > 4 || strings.TrimFunc(code, isCodeRune) != "" {
			return fmt.Errorf("%q is no company code: one to four letters and digits", code)
		}
		if seen[strings.ToUpper(code)] {
			return fmt.Errorf("the company %q is named twice", code)
		}
		seen[strings.ToUpper(code)] = true
	}
	return nil
}

func isCodeRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}
