package write_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/store"
)

// poison leaves writes without an answer that have a group's number in them.
func poison(group string) func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
	return func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Unresolved, Message: "504 Gateway Timeout"}, false, names(w, group)
	}
}

func names(w connect.Write, group string) bool {
	return slices.ContainsFunc(w.Values, func(v connect.ColumnValue) bool { return v.Value == text(group) }) ||
		slices.Contains(w.Row.Key, text(group))
}

// TestRecordThatIsNeverAnswered is listed with the reason, on either side, and
// does not hold up the others; it goes on when the service has got over it.
func TestRecordThatIsNeverAnswered(t *testing.T) {
	for _, to := range []value.Side{value.FnO, value.Dataverse} {
		r := newRig(t)
		system := r.Dataverse
		if to == value.FnO {
			system = r.FnO
		}
		for i := range 4 {
			r.Group(to.Other(), "USMF", fmt.Sprint(10+i), "Wholesale")
		}
		system.OnWrite = poison("11")
		r.scan()
		r.send(r.handle())
		r.confirm()
		r.drain()
		for _, group := range []string{"10", "12", "13"} {
			r.agreed(group, "Wholesale")
		}
		r.lists("failed DW665 usmf / 11")
		r.View(func(tx store.Tx) error {
			l, err := tx.Listed(store.ListedQuery{Map: "groups"}, 0, 0)
			if len(l) == 1 && (!strings.Contains(l[0].Reason, "did not answer the write, ") || !strings.Contains(l[0].Reason, "504") || l[0].Hint == "" || l[0].Payload == "") {
				t.Errorf("%+v", l[0])
			}
			return err
		})
		if len(r.Intents("groups")) != 0 {
			t.Errorf("%d writes are open", len(r.Intents("groups")))
		}
		system.OnWrite = nil
		again := attach(r.World)
		if _, err := again.Reader.Again(t.Context(), []string{"usmf\x1f11"}); err != nil {
			t.Fatal(err)
		}
		again.drain()
		again.agreed("11", "Wholesale")
		again.lists()
	}
}

// TestWriteWithoutAnswerThatHappened is not listed, however often the answer was
// lost.
func TestWriteWithoutAnswerThatHappened(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.Group(value.FnO, "USMF", fmt.Sprint(10+i), "Wholesale")
	}
	sent := 0
	r.Dataverse.OnWrite = func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		if !names(w, "11") {
			return connect.Result{}, false, false
		}
		sent++
		return connect.Result{Outcome: connect.Unresolved}, sent == 4, true
	}
	r.scan()
	r.send(r.handle())
	r.confirm()
	r.lists()
	r.agreed("11", "Wholesale")
}

// TestNothingIsAnswered: where no write is answered it is not the records' fault,
// however few they are. They wait, and arrive under the ids that were chosen.
func TestNothingIsAnswered(t *testing.T) {
	for _, n := range []int{1, 2, 30} {
		r := newRig(t)
		for i := range n {
			r.Group(value.FnO, "USMF", fmt.Sprint(10+i), "Wholesale")
		}
		r.Dataverse.OnWrite = poisonAll
		r.scan()
		r.send(r.handle())
		for range 3 {
			if err := r.Confirm(t.Context()); !write.Waits(err) {
				t.Fatalf("%v", err)
			}
		}
		if r.lists(); len(r.Intents("groups")) != n {
			t.Errorf("%d writes are open of %d", len(r.Intents("groups")), n)
		}
		r.Dataverse.OnWrite = nil
		r.confirm()
		r.agreed("10", "Wholesale")
	}
}

func poisonAll(*schema.Table, connect.Write) (connect.Result, bool, bool) {
	return connect.Result{Outcome: connect.Unresolved}, false, true
}

// TestRecordThatIsLeftOver: the initial sync has written all others, in another
// process.
func TestRecordThatIsLeftOver(t *testing.T) {
	r := newRig(t)
	for i := range 4 {
		r.Group(value.FnO, "USMF", fmt.Sprint(10+i), "Wholesale")
	}
	r.Dataverse.OnWrite = poison("13")
	r.scan()
	r.send(r.handle())
	again := attach(r.World)
	again.confirm()
	again.lists("failed DW665 usmf / 13")
}

// calls is a service whose bulk calls are not answered, and end with an error,
// where one record among them is what it cannot deal with.
type calls struct {
	*enginetest.System
	bad  string
	down bool // it answers nothing at all
}

func (c *calls) Write(ctx context.Context, t *schema.Table, batch []connect.Write, answered func([]int, []connect.Result)) ([]connect.Result, error) {
	if !c.down && !slices.ContainsFunc(batch, func(w connect.Write) bool { return names(w, c.bad) }) {
		return c.System.Write(ctx, t, batch, answered)
	}
	results := make([]connect.Result, len(batch))
	for i := range results {
		results[i] = connect.Result{Outcome: connect.Unresolved, Message: "504"}
	}
	return results, diag.Fail(diag.Diagnostic{Code: diag.CodeServiceUnreachable, Severity: diag.Error, Summary: "no answer"})
}

// TestCallThatIsNeverAnswered: of the records of a bulk call one is to blame; the
// others are written apart from it.
func TestCallThatIsNeverAnswered(t *testing.T) {
	r := newRig(t)
	for i := range 30 {
		r.Group(value.FnO, "USMF", fmt.Sprint(10+i), "Wholesale")
	}
	c := &calls{System: r.Dataverse, bad: "20"}
	r.World.Env.Dataverse = c
	r.scan()
	r.send(r.handle())
	r.confirm()
	r.drain()
	r.lists("failed DW665 usmf / 20")
	for i := range 30 {
		if i != 10 {
			r.agreed(fmt.Sprint(10+i), "Wholesale")
		}
	}
}

// TestServiceThatAnswersNothing: where reads are not answered either the error
// is the service's.
func TestServiceThatAnswersNothing(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.World.Env.Dataverse = &calls{System: r.Dataverse, down: true}
	r.scan()
	in := r.handle()
	r.Dataverse.OnRead = func(string, string) error {
		return diag.Fail(diag.Diagnostic{Code: diag.CodeServiceUnreachable, Severity: diag.Error, Summary: "no answer"})
	}
	if err := r.Send(t.Context(), in); err == nil || write.Waits(err) {
		t.Errorf("%v", err)
	}
	r.lists()
	r.accounted(key10)
}
