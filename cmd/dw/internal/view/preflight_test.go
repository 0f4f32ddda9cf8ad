package view

import (
	"bytes"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
)

func judged() report.Preflight {
	return report.Preflight{
		FormatVersion: report.FormatVersion, Link: "contoso", Records: 212000, Failing: 6120, Seconds: 93.4,
		Maps: []report.MapPreflight{
			{Map: "customer_groups", Wave: 3, Records: 36, Creates: report.Sides{FnO: 2, Dataverse: 30}, Updates: report.Sides{Dataverse: 2}, Equal: 2, Findings: []report.PreflightFinding{}},
			{
				Map: "accounts", Wave: 6, Records: 200000, Creates: report.Sides{FnO: 10500, Dataverse: 171000}, Updates: report.Sides{FnO: 4100, Dataverse: 9300}, Equal: 5400, Failing: 6120,
				Winners: []report.Winner{{Field: "emailaddress1", Dataverse: 4000}, {Field: "name", FnO: 900, Dataverse: 3}, {Field: "fax", FnO: 12}, {Field: "telephone1", Dataverse: 9}, {Field: "address1_city", FnO: 1}},
				Findings: []report.PreflightFinding{
					{
						Cause: "text_too_long", Title: "text too long", Severity: diag.Error, Code: diag.CodeTooLong, Side: value.FnO, Field: "websiteurl", Count: 500,
						Samples: []report.PreflightSample{{Record: "USMF / US-084000", Value: "https://www.contoso.com/x"}, {Record: "DEMF / DE-084002"}},
						Reason:  "\"https://www.contoso.com/contoso contoso contoso contoso…\" has 224 characters, websiteurl holds 200.", Mend: "Shorten the text, or lengthen the column.",
					},
					{
						Cause: "follow_up", Title: "waits for a record that fails", Severity: diag.Error, Code: diag.CodeFollowsFailure, Side: value.FnO, Field: "msdyn_billingaccount.accountnumber", Count: 1,
						Samples: []report.PreflightSample{{Record: "USMF / US-084001"}}, Reason: "It refers to a record of map.accounts that would not get over itself.", Behind: "accounts",
						Mend: "Nothing here: it goes on by itself once that record is mended.",
					},
					{
						Cause: "company_missing", Title: "row without a company", Severity: diag.Warning, Code: diag.CodeNoCompany, Side: value.Dataverse, Count: 60,
						Samples: []report.PreflightSample{{Record: "GB-000699"}}, Reason: "The row has no company in msdyn_company, so that no map touches it.", Mend: "Give the row its company.",
					},
					{
						Cause: "not_created", Title: "on one side only, and the map does not create it", Severity: diag.Notice, Code: diag.CodeNotCreated, Side: value.Dataverse, Count: 3,
						Samples: []report.PreflightSample{{Record: "USMF / CRM-1"}}, Reason: "It is only in Dataverse, and the map creates no records in F&O.",
					},
				},
			},
		},
	}
}

func TestPreflight(t *testing.T) {
	both(t, "preflight", func(b *bytes.Buffer, o Options) error { return Preflight(b, judged(), o) })
}

func TestPreflightClean(t *testing.T) {
	r := judged()
	r.Maps, r.Records, r.Failing, r.Clean = r.Maps[:1], 36, 0, true
	both(t, "preflight_clean", func(b *bytes.Buffer, o Options) error { return Preflight(b, r, o) })
	both(t, "preflight_nothing", func(b *bytes.Buffer, o Options) error {
		return Preflight(b, report.Preflight{Link: "contoso", Clean: true}, o)
	})
}

func TestPreflightBelowPlan(t *testing.T) {
	both(t, "preflight_summary", func(b *bytes.Buffer, o Options) error { return PreflightSummary(b, judged(), o) })
}
