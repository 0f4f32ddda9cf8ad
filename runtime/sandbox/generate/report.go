package generate

// Report says what Fill made, map by map in the order of their dependencies.
type Report struct {
	Seed      uint64
	Records   int
	Companies []string
	Others    []string // companies that no link covers
	Maps      []MapReport
	Planted   []Plant // dirt, case by case
}

// MapReport counts the records of one map. Dirt that ends up equal is counted
// as what it is; dirt that does not is counted apart.
type MapReport struct {
	Map       string // "accounts"
	EntitySet string // F&O
	Table     string // Dataverse entity set

	OnlyFnO       int // to be created in Dataverse
	OnlyDataverse int // to be created in F&O
	Differ        int // on both sides, with other values
	Equal         int // on both sides, with equal values

	UntouchedFnO       int // rows that no map may touch: outside company or filter
	UntouchedDataverse int // the same, and rows without a company

	Failed         int // planted records that a first apply lists as failed
	Parked         int // planted records that it lists as waiting
	AsideFnO       int // their rows
	AsideDataverse int
}

// Records is the number of distinct records that are equal after an apply.
func (m MapReport) Records() int { return m.OnlyFnO + m.OnlyDataverse + m.Differ + m.Equal }

// Of gives the counts of a map by its name.
func (r Report) Of(name string) MapReport {
	for _, m := range r.Maps {
		if m.Map == name {
			return m
		}
	}
	return MapReport{Map: name}
}

// Kind is a kind of dirt.
type Kind string

// The kinds of dirt, of each of which Options.Dirt cases are planted.
const (
	KindEmpty       Kind = "empty"           // nulls and empty texts, where they may be and where they may not
	KindLong        Kind = "over-long"       // a text that the other side has no room for
	KindUnicode     Kind = "unicode"         // composed and decomposed, beyond the basic plane
	KindPunctuation Kind = "punctuation"     // quotes, commas, line breaks
	KindDate        Kind = "date"            // 1900-01-01, and days before F&O's first
	KindKeySpelling Kind = "key-spelling"    // the key in another case, or with blanks at its end
	KindDuplicate   Kind = "duplicate"       // two rows whose keys differ by case only
	KindDangling    Kind = "dangling"        // a reference to nothing
	KindEnum        Kind = "enum"            // a value outside of the value map
	KindDecimals    Kind = "decimals"        // amounts with six decimals
	KindConflict    Kind = "conflict"        // the same key, other values
	KindNoCompany   Kind = "without-company" // Dataverse rows that nobody gave a company
)

// Expect is what becomes of a planted record by a first apply.
type Expect string

// What may become of planted records.
const (
	Equal     Expect = "equal"     // both sides hold it and agree
	Failed    Expect = "failed"    // listed as failed, nothing is written
	Parked    Expect = "parked"    // listed as waiting for a record that never comes
	Untouched Expect = "untouched" // in no map's scope
)

// Plant is one planted record.
type Plant struct {
	Map       string
	EntitySet string `json:"-"` // F&O
	// Key as a person reads it: "USMF / US-001". Where both sides have the
	// record, F&O's spelling; without a company the rest of the key; without a
	// key "row" and the GUID.
	Key    string
	ID     string // GUID of the Dataverse row, else RecId of the F&O record; "" where unknown
	Side   string // "fno" or "dataverse": where the dirt is
	Kind   Kind
	Expect Expect
	Code   string // of the diagnostic, where it fails or waits

	// Record is the F&O record, where the dirt is there: whoever loaded it can
	// find out its RecId.
	Record map[string]any `json:"-"`
}
