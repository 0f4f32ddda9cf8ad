package live_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/receive"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/store"
)

// TestLastWriterWins edits one customer on both sides while nobody looks: the
// later side's record wins with all fields that both sides may edit, and the
// history says so.
func TestLastWriterWins(t *testing.T) {
	for _, later := range []string{"F&O", "Dataverse"} {
		t.Run(later, func(t *testing.T) {
			o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  conflict = "last_writer_wins"
  constant "customertypecode"`), 1)
			o.FnO.Now, o.Dataverse.Now = o.Env.Host.Clock.Now, o.Env.Host.Clock.Now
			o.Group("fno", "USMF", "10", "Ten")
			o.Group("fno", "USMF", "20", "Twenty")
			customer := o.Customer("USMF", "US-1", values{"OrganizationName": text("Ann"), "CustomerGroupId": text("10")})
			o.joined()
			o.run(time.Minute)
			row := o.Dataverse.Rows("accounts")[0].ID
			edits := []func(){
				func() {
					o.FnO.Change("CustomersV3", customer, values{"OrganizationName": text("Bea"), "CustomerGroupId": text("20")})
				},
				func() {
					o.Dataverse.Change("accounts", row, values{"name": text("Cid"), "emailaddress1": text("c@x")})
				},
			}
			if later == "F&O" {
				slices.Reverse(edits)
			}
			edits[0]()
			if err := o.Env.Host.Clock.Sleep(t.Context(), 2*time.Second); err != nil {
				t.Fatal(err)
			}
			edits[1]()
			o.run(time.Minute)
			name, group := "Cid", "10"
			if later == "F&O" {
				name, group = "Bea", "20"
			}
			o.same("name in F&O", o.customer("US-1", "OrganizationName"), text(name))
			o.same("name in Dataverse", o.account("US-1", "name"), text(name))
			o.same("group in F&O", o.customer("US-1", "CustomerGroupId"), text(group))
			o.same("mail in F&O, which Dataverse masters", o.customer("US-1", "Email"), text("c@x"))
			var rules []string
			o.World.View(func(tx store.Tx) error {
				changes, err := tx.Changes("customers", "usmf\x1fus-1")
				for _, c := range changes {
					if c.Op == record.Update {
						rules = append(rules, c.Field+" "+c.Rule)
					}
				}
				return err
			})
			slices.Sort(rules)
			want := []string{"emailaddress1 moved", "msdyn_customergroupid.msdyn_groupid last", "name last"}
			if later == "F&O" {
				want[1] = "msdyn_customergroupid.msdyn_groupid moved"
			}
			if !slices.Equal(rules, want) {
				t.Errorf("history: %q, want %q", rules, want)
			}
		})
	}
}

// TestTwinsLastWriterWins compares the times that the twins themselves show:
// modifiedon of Dataverse, and ModifiedDateTime of an F&O entity that has it.
func TestTwinsLastWriterWins(t *testing.T) {
	var ahead atomic.Int64 // of the twins' clock, in seconds
	tw, _ := newTwins(t, func(config *string, o *sandbox.Options) {
		*config = strings.Replace(*config, `key       = ["CustomerGroupId"]`, "key       = [\"CustomerGroupId\"]\n  conflict  = \"last_writer_wins\"", 1)
		o.ModifiedTimes = []string{"CustomerGroups"}
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load()) * time.Second) }
	})
	// until lets both sides be kept equal until something has happened.
	until := func(what string, happened func() bool) {
		t.Helper()
		r := live.New(tw.env, live.Options{PollLeast: 20 * time.Millisecond, PollMost: 100 * time.Millisecond, Scan: 100 * time.Millisecond, Match: receive.Match, EntityKey: receive.EntityKey})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		tw.until(what, happened)
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	both := func(group, text string) bool {
		return tw.text(value.FnO, group, "Description") == text && tw.text(value.Dataverse, group, "msdyn_description") == text
	}
	fno := func(group string) {
		id := connect.RowID{Key: []value.Value{value.NewText("usmf"), value.NewText(group)}}
		tw.write(value.FnO, connect.Write{Row: id, Values: []connect.ColumnValue{tw.column(value.FnO, "Description", "F&O's")}})
	}
	dataverse := func(group string) {
		row, _ := tw.row(value.Dataverse, group)
		tw.write(value.Dataverse, connect.Write{Row: connect.RowID{ID: row.ID}, Values: []connect.ColumnValue{tw.column(value.Dataverse, "msdyn_description", "Dataverse's")}})
	}
	for _, group := range []string{"LAST-1", "LAST-2"} {
		tw.write(value.FnO, connect.Write{Create: true, Values: []connect.ColumnValue{
			tw.column(value.FnO, "dataAreaId", "usmf"), tw.column(value.FnO, "CustomerGroupId", group), tw.column(value.FnO, "Description", "New"),
		}})
	}
	until("both are in Dataverse", func() bool { return both("LAST-1", "New") && both("LAST-2", "New") })
	fno("LAST-1")
	dataverse("LAST-2")
	ahead.Add(5)
	dataverse("LAST-1")
	fno("LAST-2")
	until("the later edit has won", func() bool { return both("LAST-1", "Dataverse's") && both("LAST-2", "F&O's") })
}
