package view

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

func applied() report.Apply {
	return report.Apply{
		FormatVersion: report.FormatVersion, Link: "contoso", Seconds: 48.3, Complete: true,
		Maps: []report.MapSummary{
			{Map: "companies", Wave: 1, Rows: report.Sides{FnO: 3, Dataverse: 3}, Created: report.Sides{Dataverse: 3}, RowsPerSec: 4.2},
			{
				Map: "customers", Wave: 3, Rows: report.Sides{FnO: 12345, Dataverse: 12343}, Created: report.Sides{FnO: 612, Dataverse: 11000},
				Updated: report.Sides{FnO: 31, Dataverse: 588}, Equal: 77, Failed: 2, Parked: 1, Owed: 1200, RowsPerSec: 1240.4,
			},
			{Map: "customer_payment_methods", Wave: 2, Rows: report.Sides{FnO: 40, Dataverse: 40}, Equal: 40},
		},
	}
}

func TestApply(t *testing.T) {
	both(t, "apply", func(b *bytes.Buffer, o Options) error { return Apply(b, applied(), o) })
}

func TestApplyCutOff(t *testing.T) {
	r := applied()
	r.Complete, r.Maps = false, r.Maps[:1]
	both(t, "apply_cut_off", func(b *bytes.Buffer, o Options) error { return Apply(b, r, o) })
}

func TestApplyNothing(t *testing.T) {
	both(t, "apply_nothing", func(b *bytes.Buffer, o Options) error {
		return Apply(b, report.Apply{Link: "contoso", Nothing: true, Complete: true}, o)
	})
}

func TestStatus(t *testing.T) {
	r := report.Status{
		FormatVersion: report.FormatVersion, Link: "contoso", Lineage: "b1", Serial: 17,
		Environments: report.Environments{FnO: "https://contoso.operations.dynamics.com", Dataverse: "https://contoso.crm.dynamics.com"},
		Maps: []report.MapStatus{
			{Map: "companies", Version: 1, Status: "running", Initial: "done", Wave: 1, Pairs: 3,
				Contents: &report.Contents{Looked: 1, Ended: "2026-03-01T12:00:00Z", Last: 3, Differ: 2}},
			{Map: "prices", Version: 1, Status: "paused", Initial: "done", Wave: 1, Pairs: 3, Reason: "batch window since 2026-03-01T22:00:00Z by ada (nightly); `dw batch end` moves what changed in it",
				Batch: &report.Batch{Map: "prices", Since: "2026-03-01T22:00:00Z"}, Contents: &report.Contents{Looked: 1, Found: 1, Ended: "2026-03-01T11:10:00Z"}},
			{Map: "groups", Version: 2, Status: "catching_up", Initial: "done", Wave: 2, Pairs: 5, Reason: "DW410: Dataverse cannot be reached"},
			{Map: "sites", Version: 1, Status: "catching_up", Initial: "done", Wave: 2, Pairs: 5, Reason: "DW410: Dataverse cannot be reached"},
			{Map: "taxes", Version: 1, Status: "catching_up", Initial: "done", Wave: 2, Pairs: 5, Reason: "DW410: Dataverse cannot be reached"},
			{Map: "terms", Version: 1, Status: "catching_up", Initial: "done", Wave: 2, Pairs: 5, Reason: "DW410: Dataverse cannot be reached"},
			{Map: "units", Version: 1, Status: "stopped", Initial: "pending", Wave: 1},
			{
				Map: "customers", Version: 3, Label: "1.2.0", Status: "initializing", Initial: "pending", Wave: 3, Pairs: 12345, Open: 100,
				Queued: report.Sides{FnO: 1000, Dataverse: 21},
				Listed: map[record.Kind]int64{record.Failed: 2, record.Parked: 14, record.Tolerated: 1},
			},
			{Map: "vendors", Status: "not deployed", Label: "1.0.0"},
		},
	}
	both(t, "status", func(b *bytes.Buffer, o Options) error { return Status(b, r, o) })
	r.Maps = nil
	both(t, "status_empty", func(b *bytes.Buffer, o Options) error { return Status(b, r, o) })
}

func TestVerify(t *testing.T) {
	r := report.Verify{
		FormatVersion: report.FormatVersion, Link: "contoso", Seconds: 12,
		Maps: []report.MapVerify{
			{Map: "companies", Rows: report.Sides{FnO: 3, Dataverse: 3}, Compared: 3, Equal: 3},
			{
				Map: "customers", Rows: report.Sides{FnO: 12345, Dataverse: 12346}, Compared: 12347, Equal: 12342, Explained: 2, Findings: 3,
				Kinds: map[string]int64{"field": 2, "missing": 1, "orphan": 2}, Owed: 1, Settled: 4, Unlooked: 2, Notes: []string{"F&O does not say when a record of this map was edited."},
				Truncated: true,
				Details: []report.Difference{
					{Map: "customers", Record: "USMF / US-001", Kind: "field", Field: "name", FnO: "Contoso Retail", Dataverse: "Contoso Retail Ltd",
						Moved: report.MovedDataverse, Base: &report.Agreed{FnO: "Contoso Retail", Dataverse: "Contoso Retail"}},
					{
						Map: "customers", Record: "USMF / US-001", Kind: "field", Field: "transactioncurrencyid.isocurrencycode",
						FnO: "USD", Dataverse: "",
					},
					{
						Map: "customers", Record: "USMF / US-002", Kind: "field", Field: "description",
						FnO: strings.Repeat("a long text ", 9), Dataverse: "东京 \x1b[2Jhidden",
					},
					{Map: "customers", Record: "USMF / US-003", Kind: "missing", Side: value.Dataverse, Paired: true},
					{Map: "customers", Record: "usmf / us-004", Kind: "orphan", Paired: true},
					{Map: "customers", Record: "USMF / US-005", Kind: "orphan", Side: value.Dataverse, Field: "msdyn_customergroupid.msdyn_groupid", FnO: "99",
						Moved: report.MovedBoth, Base: &report.Agreed{FnO: "10", Dataverse: "10"}},
					{Map: "customers", Record: "DEMF / DE-009", Kind: "duplicate", Side: value.Dataverse},
					{
						Map: "customers", Record: "DEMF / DE-010", Kind: "missing", Side: value.Dataverse,
						Explained: "failed: DW501 name: the text has 201 characters, the column takes 160",
					},
				},
			},
		},
	}
	both(t, "verify_differences", func(b *bytes.Buffer, o Options) error { return Verify(b, r, o) })
	r.Maps = r.Maps[:1]
	both(t, "verify_equal", func(b *bytes.Buffer, o Options) error { return Verify(b, r, o) })
}

func listedRecords() []record.Listed {
	return []record.Listed{
		{
			ID: 12, Kind: record.Failed, Map: "customers", Record: "USMF / US-001", Company: "USMF", Side: value.Dataverse, Field: "name",
			Code: "DW501", Reason: "the text has 201 characters, the column takes 160", Hint: "shorten it in F&O, then: dw errors retry 12",
			At: "2026-03-01T12:00:00Z",
		},
		{
			ID: 1013, Kind: record.Parked, Map: "customer_payment_methods", Record: "DEMF / CHECK", Side: value.FnO, Code: "DW601",
			Reason: "what it refers to is not there yet", Waits: "accounts accountnumber=US-002",
		},
		{ID: 1014, Kind: record.Tolerated, Map: "units", Record: "ea\x07\nfake line", Code: "DW610", Reason: "the server rewrites \u202Ethe value"},
	}
}

// What is waited for is not said twice.
func TestWhyNamesWhatIsWaitedForOnce(t *testing.T) {
	l := record.Listed{Code: "DW601", Reason: "It refers to a record that is not there: accounts accountnumber=US-1.", Waits: "accounts accountnumber=US-1"}
	if got := why(l); len(got) != 1 {
		t.Errorf("why: %q", got)
	}
	if l.Waits = "contacts fullname=Ann"; len(why(l)) != 2 {
		t.Errorf("why: %q", why(l))
	}
}

func TestListed(t *testing.T) {
	both(t, "listed", func(b *bytes.Buffer, o Options) error {
		return Listed(b, report.ListedRecords{Records: listedRecords()}, o)
	})
	both(t, "listed_more", func(b *bytes.Buffer, o Options) error {
		return Listed(b, report.ListedRecords{Records: listedRecords()[:1], More: true}, o)
	})
	both(t, "listed_none", func(b *bytes.Buffer, o Options) error { return Listed(b, report.ListedRecords{}, o) })
}

// TestJSON: every report's JSON form is whole and read back unchanged.
func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, applied()); err != nil {
		t.Fatal(err)
	}
	var back report.Apply
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Maps[1] != applied().Maps[1] || back.FormatVersion != report.FormatVersion {
		t.Errorf("apply came back as %+v", back)
	}
	b.Reset()
	if err := JSON(&b, report.ListedRecords{FormatVersion: report.FormatVersion, Records: listedRecords(), More: true}); err != nil {
		t.Fatal(err)
	}
	var list report.ListedRecords
	if err := json.Unmarshal(b.Bytes(), &list); err != nil || len(list.Records) != 3 || !list.More || list.Records[0].Hint != listedRecords()[0].Hint {
		t.Errorf("list came back as %+v (%v)", list, err)
	}
	if strings.Contains(b.String(), `\u0026`) {
		t.Errorf("ampersands are escaped:\n%s", b.String())
	}
}

func TestRepair(t *testing.T) {
	r := report.Repair{
		FormatVersion: report.FormatVersion, Link: "contoso", Company: "USMF", Compared: 12347, Explained: 2,
		Maps: []report.MapRepair{
			{Map: "units", Findings: 3, Left: 3, Note: "The map is paused: resume it first, then what waits is carried over."},
			{
				Map: "customers", Findings: 1240, Records: 1236, Settled: 1, Left: 3,
				Created: report.Sides{FnO: 1, Dataverse: 1200}, Updated: report.Sides{FnO: 20, Dataverse: 10}, Deleted: report.Sides{Dataverse: 1}, State: 1,
				Linked: 1, Forgotten: 1, Waiting: 1, FieldsBy: map[string]int64{"moved": 28, "revert": 2}, MoreActions: true, MoreLeft: true,
				Actions: []report.RepairAction{
					{Record: "USMF / US-001", Side: value.FnO, Op: record.Update, Fields: []report.RepairField{
						{Field: "name", Old: "Contoso Retail", New: strings.Repeat("a long text ", 9), Rule: "moved"}, {Field: "emailaddress1", Old: "a@x", Rule: "revert"},
					}},
					{Record: "USMF / US-001", Side: value.Dataverse, Op: record.Update, Fields: []report.RepairField{{Field: "creditlimit", Old: "1", New: "2", Rule: "master"}}},
					{Record: "USMF / US-002", Side: value.Dataverse, Op: record.Create, Rule: "create"},
					{Record: "USMF / US-003", Side: value.Dataverse, Op: record.Delete, Rule: "deleted"},
					{Record: "USMF / US-004", Side: value.Dataverse, Op: record.Deactivate, Rule: "deleted"},
					{Record: "USMF / US-005", What: report.RepairLink}, {Record: "usmf / us-006", What: report.RepairForget}, {Record: "USMF / US-007", What: report.RepairWait},
				},
				Undecided: []report.RepairLeft{
					{Record: "USMF / TWICE", Kind: "duplicate", Code: "DW641", Reason: "2 rows in Dataverse have this key once case and trailing blanks are ignored (東京\x1b[2J).", Hint: "Merge or rename the duplicates, then retry the record."},
					{Record: "USMF / US-008", Kind: "missing", Reason: "It was agreed on both sides and is gone in F&O.", Hint: "With -deletes the map's rule for deletes decides about the record that remains; with -recreate it is created again."},
				},
			},
		},
	}
	both(t, "repair", func(b *bytes.Buffer, o Options) error { return Repair(b, r, o) })
	r.Maps, r.Company = nil, ""
	both(t, "repair_nothing", func(b *bytes.Buffer, o Options) error { return Repair(b, r, o) })
}

func TestBootstrap(t *testing.T) {
	r := report.Bootstrap{FormatVersion: report.FormatVersion, Link: "contoso", Company: "USMF", Maps: []report.BootstrapMap{
		{Map: "units", Table: "uoms"},
		{
			Map: "customer_payment_methods", Table: "msdyn_customerpaymentmethods", Rows: 12031, ByKey: 12000, ByMatch: 7, ByCompany: 20, Keys: 7, Blocked: 1, Ambiguous: 2, NoRecord: 1,
			Samples: []report.BootstrapRow{
				{Row: "229fc287-5288-4ba2-a740-f1045de49139", Company: "USMF", Record: "USMF / CHECK", By: "key"},
				{Row: "329fc287-5288-4ba2-a740-f1045de49139", Company: "USMF", Record: "USMF / CASH", By: "Name", Key: true},
				{Row: "429fc287-5288-4ba2-a740-f1045de49139", Company: "USMF", By: "-company"},
			},
			Problems: []report.BootstrapRow{{Row: "529fc287-5288-4ba2-a740-f1045de49139", Company: "GBSI", Reason: "Its company GBSI\x1b[2J is not in Dataverse: create it there, or apply the map of companies first."}},
		},
	}}
	both(t, "bootstrap", func(b *bytes.Buffer, o Options) error { return Bootstrap(b, r, o) })
	r.Done, r.Maps[1].Written, r.Maps[1].Refused, r.Maps[1].Again = true, 12025, 1, 1
	r.Maps[1].Refusals = []report.BootstrapRow{{Row: "629fc287-5288-4ba2-a740-f1045de49139", Reason: "Dataverse refuses it: a plug-in says no\x1b[2J"}}
	both(t, "bootstrap_done", func(b *bytes.Buffer, o Options) error { return Bootstrap(b, r, o) })
	r.Maps = r.Maps[:1]
	both(t, "bootstrap_nothing", func(b *bytes.Buffer, o Options) error { return Bootstrap(b, r, o) })
}

func TestBatches(t *testing.T) {
	r := report.Batches{FormatVersion: report.FormatVersion, Link: "contoso", Maps: []report.Batch{
		{Map: "customers", Since: "2026-03-01T22:00:00Z", By: "ada", Reason: "nightly prices, until the import of all companies has ended at about five o'clock", Queued: report.Sides{FnO: 3}},
		{Map: "units", By: "ada", Ending: true, Queued: report.Sides{FnO: 12000, Dataverse: 4}},
	}}
	both(t, "batches", func(b *bytes.Buffer, o Options) error { return Batches(b, r, o) })
	r.Maps = nil
	both(t, "batches_none", func(b *bytes.Buffer, o Options) error { return Batches(b, r, o) })
}

// TestUnseenDeletes: the last line says where deletes were not looked for.
func TestUnseenDeletes(t *testing.T) {
	fno, both := []value.Side{value.FnO}, []value.Side{value.FnO, value.Dataverse}
	for want, unseen := range map[string][][]value.Side{
		"": {nil, nil},
		" Deletes in F&O are not looked for; compare without -since for that.":                                  {fno, fno},
		" Deletes are not looked for; compare without -since for that.":                                         {both, both},
		" Deletes in F&O are not looked for, nor those in Dataverse of 1 map; compare without -since for that.": {fno, both},
	} {
		var r report.Verify
		for _, sides := range unseen {
			r.Maps = append(r.Maps, report.MapVerify{DeletesUnseen: sides})
		}
		if got := unseenDeletes(r); got != want {
			t.Errorf("%v: got %q, want %q", unseen, got, want)
		}
	}
}
