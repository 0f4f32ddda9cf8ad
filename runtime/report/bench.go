package report

// Measure is one figure of a benchmark. With -json each stands on a line of
// its own.
type Measure struct {
	Name     string  `json:"name"` // "validate/tree/5000/cpu", "growth/plan/flat/cpu"
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`               // "s", "MB"
	Baseline float64 `json:"baseline,omitempty"` // what it is compared with, in the same unit
	Ratio    float64 `json:"ratio,omitempty"`    // Value / Baseline
	Target   float64 `json:"target,omitempty"`   // what the ratio is to reach, or to stay within
}
