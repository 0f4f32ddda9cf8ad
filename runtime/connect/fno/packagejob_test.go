package fno

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/host"
)

// bureau answers the actions of data management by their names; files are what
// lies in the storage account.
type bureau struct {
	answers map[string]func() (status int, body string)
	files   map[string]string
	calls   map[string]int
	address string
}

func (b *bureau) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if text, ok := b.files[r.URL.Path]; ok && r.Method == http.MethodGet {
		io.WriteString(w, text)
		return
	}
	if r.Method == http.MethodPut {
		w.WriteHeader(http.StatusCreated)
		return
	}
	name := strings.TrimPrefix(path.Ext(r.URL.Path), ".")
	b.calls[name]++
	w.Header().Set("Content-Type", "application/json")
	if answer := b.answers[name]; answer != nil {
		status, body := answer()
		w.WriteHeader(status)
		io.WriteString(w, body)
		return
	}
	switch name {
	case "GetAzureWriteUrl":
		io.WriteString(w, `{"value":"{\"BlobUrl\":\"`+b.address+`/dmf/p.zip?sig=SECRET\"}"}`)
	case "GenerateImportTargetErrorKeysFile":
		io.WriteString(w, `{"value":false}`)
	default:
		io.WriteString(w, `{"value":""}`)
	}
}

func says(text string) func() (int, string) {
	return func() (int, string) { return http.StatusOK, `{"value":` + strconv.Quote(text) + `}` }
}

func newBureau(t *testing.T) (*bureau, *Connector) {
	t.Helper()
	b := &bureau{answers: map[string]func() (int, string){}, files: map[string]string{}, calls: map[string]int{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.address = server.URL
	h := host.Simulated(1)
	c, err := New(Options{URL: server.URL, HTTP: server.Client(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	return b, c
}

func groupsTable() *schema.Table {
	return &schema.Table{Side: value.FnO, Set: "CustomerGroups", AOT: "CustCustomerGroupEntity", Label: "Customer groups", CompanySpecific: true,
		Key: []string{"dataAreaId", "CustomerGroupId"}, Fields: []*schema.Field{
			{Name: "CustomerGroupId", Type: schema.TypeText, IsKey: true}, {Name: "Description", Type: schema.TypeText}, {Name: "dataAreaId", Type: schema.TypeText, IsKey: true},
		}}
}

func imported(t *testing.T, c *Connector, ids ...string) (connect.Job, error) {
	t.Helper()
	table := groupsTable()
	p, err := c.NewPackage(t.Context(), table, table.Fields[:2])
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		w := connect.Write{Create: true, Bulk: true, Values: []connect.ColumnValue{{Field: table.Fields[0], Value: value.NewText(id)}, {Field: table.Fields[1], Value: value.NewText("x")}}}
		if ok, err := p.Add(&w); err != nil || !ok {
			t.Fatal(ok, err)
		}
	}
	return c.Import(t.Context(), p, "dw-1", "usmf", nil)
}

// TestJobThatWasCutOff: a job that failed or was cancelled may not have come to
// the rows that it does not name. Of one that succeeded in part all others are
// there.
func TestJobThatWasCutOff(t *testing.T) {
	for status, open := range map[string]bool{"PartiallySucceeded": false, "Failed": true, "Canceled": true} {
		b, c := newBureau(t)
		b.answers["GetExecutionSummaryStatus"] = says(status)
		b.answers["GetImportStagingErrorFileUrl"] = says(b.address + "/errors.csv?sig=SECRET")
		b.files["/errors.csv"] = "CUSTOMERGROUPID,DESCRIPTION\n10,x\n"
		job, err := imported(t, c, "10", "20", "30")
		if err != nil {
			t.Fatal(err)
		}
		if job.State != connect.JobPartly || len(job.Failed) != 1 || job.Failed[0].Key != "10" || job.Open != open {
			t.Errorf("%s: %+v", status, job)
		}
	}
}

// TestJobThatBeganWithAnError: the service answers that something went wrong,
// and has begun the job all the same. It is followed and not begun again.
func TestJobThatBeganWithAnError(t *testing.T) {
	b, c := newBureau(t)
	b.answers["ImportFromPackageAsync"] = func() (int, string) {
		if b.calls["ImportFromPackageAsync"] > 1 {
			return http.StatusInternalServerError, `{"error":{"code":"","message":"The execution id dw-1 already exists."}}`
		}
		return http.StatusInternalServerError, `{"error":{"code":"","message":"An error has occurred."}}`
	}
	b.answers["GetExecutionSummaryStatus"] = says("Succeeded")
	job, err := imported(t, c, "10")
	if err != nil || job.State != connect.JobDone || b.calls["ImportFromPackageAsync"] != 1 {
		t.Errorf("%+v, %v; begun %d times", job, err, b.calls["ImportFromPackageAsync"])
	}
}

// TestJobThatIsNotFoundAtOnce: it began with an error, and right after its start
// the service does not find it by its id, but knows it all the same.
func TestJobThatIsNotFoundAtOnce(t *testing.T) {
	for _, action := range []string{"ImportFromPackageAsync", "ExportToPackageAsync"} {
		b, c := newBureau(t)
		b.answers[action] = func() (int, string) {
			if b.calls[action] > 1 {
				return http.StatusInternalServerError, `{"error":{"code":"","message":"The execution id dw-1 already exists."}}`
			}
			return http.StatusInternalServerError, `{"error":{"code":"","message":"An error has occurred."}}`
		}
		b.answers["GetExecutionSummaryStatus"] = func() (int, string) {
			if b.calls["GetExecutionSummaryStatus"] < 3 {
				return http.StatusInternalServerError, `{"error":{"code":"","message":"Execution details were not found for execution id: dw-1"}}`
			}
			return says("Succeeded")()
		}
		var job connect.Job
		var err error
		if action == "ImportFromPackageAsync" {
			job, err = imported(t, c, "10")
		} else {
			job, err = c.Export(t.Context(), groupsTable(), "dw-1", "usmf", nil)
		}
		if err != nil || job.State != connect.JobDone || b.calls[action] != 2 {
			t.Errorf("%s: %+v, %v; asked for %d times", action, job, err, b.calls[action])
		}
	}
}

// TestNoAddressOfABlobIsTold: addresses carry their own permission, and a
// service may repeat them in what it says.
func TestNoAddressOfABlobIsTold(t *testing.T) {
	b, c := newBureau(t)
	b.answers["ImportFromPackageAsync"] = func() (int, string) {
		return http.StatusBadRequest, `{"error":{"code":"","message":"x","innererror":{"message":"The package at ` + b.address + `/dmf/p.zip?sp=rw&sig=SECRET%2B%3D cannot be fetched."}}}`
	}
	if _, err := imported(t, c, "10"); err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "cannot be fetched") {
		t.Errorf("the refusal is told as %v", err)
	}
	b.answers["ImportFromPackageAsync"] = says("dw-1")
	b.answers["GetExecutionSummaryStatus"] = says("Failed")
	b.answers["GetExecutionErrors"] = says(`["Could not read ` + b.address + `/dmf/p.zip?sig=SECRET&sp=r\r\n\u001b[31mat line 1"]`)
	job, err := imported(t, c, "10")
	if err != nil || job.State != connect.JobFailed || strings.Contains(job.Message, "SECRET") || strings.ContainsAny(job.Message, "\x1b\r\n") || !strings.Contains(job.Message, "Could not read") {
		t.Errorf("%+v, %v", job, err)
	}
}
