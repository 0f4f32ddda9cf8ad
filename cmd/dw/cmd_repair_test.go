package main

import (
	"testing"

	"github.com/dualwrite/dw/runtime/report"
)

func TestAnswersThatAreAlikeAreToldOnce(t *testing.T) {
	done := func(m, answer string) report.Command { return report.Command{Map: m, Answer: answer, Done: true} }
	got := alike([]report.Command{done("a", "x"), done("a", "x"), done("a", "x"), done("a", "y"), done("b", "y"), {Map: "b", Answer: "y", Waits: true}})
	want := []report.Command{done("a", "x (3 times)"), done("a", "y"), done("b", "y"), {Map: "b", Answer: "y", Waits: true}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i].Answer != want[i].Answer || got[i].Waits != want[i].Waits {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if alike(nil) != nil {
		t.Error("something of nothing")
	}
}
