package plan

import "testing"

// TestWithCounts: a plan with counts does the same, says more, and holds together;
// the plan without stays as it was.
func TestWithCounts(t *testing.T) {
	p := &Plan{Actions: []Action{{Map: "a", Kind: Create, Join: &Join{Paired: Bound{Most: 3}, Match: [][]string{{"x"}}}}, {Map: "b", Kind: Create}, {Map: "c", Kind: Create}}}
	if err := Seal(p, nil); err != nil {
		t.Fatal(err)
	}
	n := Counted{CreatesDataverse: 7, Equal: 2, Failing: 1}
	q, err := WithCounts(p, map[string]Counted{"a": n, "b": n})
	if err != nil {
		t.Fatal(err)
	}
	if q.Fingerprint != p.Fingerprint || q.ContentHash == p.ContentHash {
		t.Errorf("fingerprints %s and %s, hashes %s and %s", p.Fingerprint, q.Fingerprint, p.ContentHash, q.ContentHash)
	}
	if p.Actions[0].Join.Counted != nil || p.Actions[1].Join != nil {
		t.Error("the plan without counts has some")
	}
	a, b, c := q.Actions[0].Join, q.Actions[1].Join, q.Actions[2].Join
	if *a.Counted != n || a.Paired.Most != 3 || len(a.Match) != 1 || *b.Counted != n || !b.Paired.Unknown() || c != nil {
		t.Errorf("joins %+v, %+v, %+v", a, b, c)
	}
}
