package live_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/record"
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
