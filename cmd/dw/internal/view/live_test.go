package view

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

func blamed() report.Blame {
	moved := record.Change{
		Map: "accounts", MapVersion: 3, Record: "USMF / US-001", At: "2026-01-02T03:04:05Z", After: "2026-01-02T03:04:01Z",
		Side: value.FnO, From: value.Dataverse, Op: record.Update, Field: "telephone1", Column: "PrimaryContactPhone", Rule: "moved",
		Old: value.NewText("555-0100"), New: value.NewText("555-0199"),
	}
	created := record.Change{
		Map: "accounts", MapVersion: 1, Record: "USMF / US-001", At: "2026-01-01T00:00:00Z", Side: value.Dataverse, From: value.FnO,
		Op: record.Create, Rule: "create",
	}
	reverted := record.Change{
		Map: "accounts", MapVersion: 3, Record: "USMF / US-001", At: "2026-01-02T04:00:00Z", Side: value.FnO, From: value.Dataverse,
		Op: record.Update, Field: "emailaddress1", Rule: "revert", Old: value.NewText("wrong@example.com"), New: value.Value{}, Note: "revert",
	}
	return report.Blame{
		FormatVersion: report.FormatVersion, Map: "accounts", Record: "USMF / US-001", MapVersion: 3,
		Fields: []report.BlameField{
			{Field: "name", FnO: "OrganizationName", Dataverse: "name", Values: report.BlameValues{FnO: "Contoso Retail", Dataverse: "Contoso Retail"}, State: "agreed", Change: &created},
			{Field: "telephone1", FnO: "PrimaryContactPhone", Dataverse: "telephone1", Values: report.BlameValues{FnO: "555-0199", Dataverse: "555-0199"}, State: "agreed", Change: &moved},
			{Field: "emailaddress1", FnO: "PrimaryContactEmail", Dataverse: "emailaddress1", State: "agreed", Change: &reverted},
			{Field: "creditlimit", FnO: "CreditLimit", Dataverse: "creditlimit", Values: report.BlameValues{FnO: "1000", Dataverse: "1000.5"}, State: "agreed"},
			{Field: "msdyn_billingaccount.accountnumber", FnO: "InvoiceAccount", Dataverse: "msdyn_billingaccount", Lookup: true, Values: report.BlameValues{FnO: "US-002"}, State: "owed"},
			{Field: "description", FnO: "SalesMemo", Dataverse: "description", State: "unknown"},
		},
		History: []record.Change{created, moved, reverted},
		Listed: []record.Listed{{
			ID: 12, Kind: record.OwedField, Map: "accounts", Record: "USMF / US-001", Side: value.Dataverse, Field: "msdyn_billingaccount.accountnumber",
			Code: "DW602", Reason: "The record that it refers to is not there yet.", Hint: "It is filled in when that record arrives.", Waits: "accounts accountnumber=US-002",
		}},
	}
}

func TestBlame(t *testing.T) {
	both(t, "blame", func(b *bytes.Buffer, o Options) error { return Blame(b, blamed(), false, o) })
	one := blamed()
	one.Fields = one.Fields[1:2]
	both(t, "blame_field", func(b *bytes.Buffer, o Options) error { return Blame(b, one, false, o) })
	both(t, "blame_history", func(b *bytes.Buffer, o Options) error { return Blame(b, blamed(), true, o) })
	both(t, "blame_parted", func(b *bytes.Buffer, o Options) error {
		return Blame(b, report.Blame{Map: "accounts", Record: "USMF / US-001", Life: "deactivated"}, false, o)
	})
}

func TestLook(t *testing.T) {
	r := report.Look{Map: "accounts", Record: "USMF / US-001", FnO: true, Dataverse: true, Whole: true, Fields: []report.LookField{
		{FnO: "CustomerAccount", Dataverse: "accountnumber", Values: report.BlameValues{FnO: "US-001", Dataverse: "US-001"}},
		{FnO: "SalesMemo", Dataverse: "description", Values: report.BlameValues{FnO: "Line one\nline two \x1b[31mred"}},
		{FnO: "CreditRating", Dataverse: "msdyn_creditrating"},
	}}
	both(t, "look", func(b *bytes.Buffer, o Options) error { return Look(b, r, o) })
	odd := r
	odd.Fields, odd.Whole, odd.NotRead = []report.LookField{{Dataverse: "customertypecode", Values: report.BlameValues{Dataverse: "3"}}}, false, []string{"fax2", "fax3"}
	both(t, "look_not_mapped", func(b *bytes.Buffer, o Options) error { return Look(b, odd, o) })
	r.Dataverse, r.Whole = false, false
	both(t, "look_one_side", func(b *bytes.Buffer, o Options) error { return Look(b, r, o) })
	both(t, "look_nowhere", func(b *bytes.Buffer, o Options) error {
		return Look(b, report.Look{Map: "accounts", Record: "USMF / US-001"}, o)
	})
}

func TestFailure(t *testing.T) {
	both(t, "failure", func(b *bytes.Buffer, o Options) error {
		return Failure(b, report.ListedRecord{Listed: record.Listed{
			ID: 7, Kind: record.Failed, Map: "accounts", Record: "USMF / US-001", Company: "USMF", Side: value.Dataverse, Field: "name", Code: "DW501",
			Reason: "The text has 161 characters, and name takes 160.", Hint: "Shorten it in F&O.", Payload: "name=A very long name", At: "2026-01-02T03:04:05Z",
		}}, o)
	})
}

func TestCommands(t *testing.T) {
	both(t, "commands", func(b *bytes.Buffer, o Options) error {
		return Commands(b, report.Commands{Commands: []report.Command{
			{Name: "pause", Map: "accounts", Done: true, Answer: "Map accounts is paused: changes are captured and wait."},
			{Name: "retry", Waits: true},
			{Name: "stop", Map: "contacts", Answer: "no map \"contacts\" is deployed"},
		}}, o)
	})
}

func TestLive(t *testing.T) {
	both(t, "live", func(b *bytes.Buffer, o Options) error {
		c := &clockAt{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
		l := NewLive(b, o, c.now)
		l.Ready(report.Running{Link: "contoso", Maps: 2, Listens: "http://127.0.0.1:7071/"})
		show := func(r report.Live) { l.Show(report.Progress{Map: r.Map, Phase: "live", Live: &r}) }
		show(report.Live{Map: "accounts", Status: "running"})
		show(report.Live{Map: "contacts", Status: "running"})
		l.Show(report.Progress{Map: "accounts", Phase: "write", Done: 1, Total: 1}) // a small step of a map that runs
		c.after(time.Second)
		show(report.Live{Map: "accounts", Status: "running", Written: report.Sides{FnO: 1}, LagMillis: 12})
		show(report.Live{Map: "accounts", Status: "running", Written: report.Sides{FnO: 2}}) // too soon: said with the next
		c.after(2 * time.Second)
		show(report.Live{Map: "accounts", Status: "running", Written: report.Sides{FnO: 3, Dataverse: 5}, LagMillis: 40, Failed: 2, Queued: 1, Parked: 1, Held: 1})
		show(report.Live{Map: "contacts", Status: "paused", Reason: "by ann"})
		c.after(time.Second)
		show(report.Live{Map: "accounts", Status: "running", Written: report.Sides{FnO: 4, Dataverse: 5}, LagMillis: 5_400_000})
		c.after(time.Second)
		show(report.Live{Map: "accounts", Status: "running", Written: report.Sides{FnO: 4, Dataverse: 5}, Failed: 1})
		c.after(time.Second)
		show(report.Live{Map: "accounts", Status: "running", Written: report.Sides{FnO: 4, Dataverse: 5}})
		l.Say("Dataverse posts no changes, they are asked for instead")
		l.Close()
		return nil
	})
	both(t, "live_outage", func(b *bytes.Buffer, o Options) error {
		c := &clockAt{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
		l := NewLive(b, o, c.now)
		names := []string{"accounts", "contacts", "groups", "units"}
		all := func(names []string, status, reason string) {
			for _, name := range names {
				l.Show(report.Progress{Map: name, Phase: "live", Live: &report.Live{Map: name, Status: status, Reason: reason}})
			}
		}
		all(names, "running", "")
		all(names, "running", "DW410: Dataverse cannot be reached")
		all(names[:1], "running", "DW410: Dataverse cannot be reached") // again, of the same map
		c.after(2 * time.Second)
		all(names[:3], "running", "")
		all(names[3:], "paused", "") // its own news
		c.after(2 * time.Second)
		all(names[:3], "running", "")
		all(names, "running", "DW410: Dataverse cannot be reached") // it begins again
		return nil
	})
	NewLive(io.Discard, Options{}, time.Now).Close() // one that never began says nothing
}
