package initial_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	fnoconnect "github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/record"
	fnotwin "github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/store"
)

// packed are the maps that the tests have write by packages.
var packed = []string{"customer_groups", "accounts"}

// viaPackages gives a world in which some maps demand packages.
func viaPackages(t *testing.T, c *city, project bool) *world {
	t.Helper()
	config := *c.config
	config.Maps = nil
	for _, m := range c.config.Maps {
		forced := *m
		if slices.Contains(packed, m.Name) {
			forced.Initial.Via = "package"
		}
		config.Maps = append(config.Maps, &forced)
	}
	w := (&city{config: &config, dir: c.dir}).newWorld(t, host.Real(t.TempDir()), 5)
	if project {
		if err := w.sandbox.FnO().CreateProject(t.Context(), fnotwin.Project{Name: fnoconnect.ImportProject}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// imported gives how many records packages have created.
func (w *world) imported() (jobs, created int) {
	w.Helper()
	err := w.sandbox.FnO().DB().QueryRowContext(w.Context(), `SELECT count(DISTINCT JobId), coalesce(sum(TargetRecordsCreatedCount), 0) FROM "DataManagementExecutionJobDetails"`).Scan(&jobs, &created)
	if err != nil {
		w.Fatal(err)
	}
	return jobs, created
}

// onlyDataverse counts the records that a first apply creates by packages.
func (w *world) onlyDataverse() (n int) {
	for _, name := range packed {
		n += w.sandbox.Report().Of(name).OnlyDataverse
	}
	return n
}

func (w *world) noJobLeft() {
	w.Helper()
	w.view(func(tx store.Tx) error {
		for _, m := range w.city.config.Maps {
			if text, err := tx.Meta("package/" + m.Name); err != nil || text != "" {
				w.Errorf("%s: the job %s is left (%v)", m.Name, text, err)
			}
		}
		return nil
	})
}

// hook looks at requests before they are sent.
type hook struct {
	next http.RoundTripper
	see  func(*http.Request) error
}

func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := h.see(r); err != nil {
		return nil, err
	}
	return h.next.RoundTrip(r)
}

func (w *world) watch(see func(*http.Request) error) {
	w.Helper()
	transport := w.cut.next.(*http.Transport)
	w.cut.next = &hook{transport, see}
	w.Cleanup(func() { w.cut.next = transport })
}

// TestPackages: what is in Dataverse alone comes to F&O by packages only.
func TestPackages(t *testing.T) {
	c := newCity(t)
	w := viaPackages(t, c, true)
	var single atomic.Int64
	w.watch(func(r *http.Request) error {
		if r.Method == http.MethodPost && slices.Contains([]string{"/data/CustomersV3", "/data/CustomerGroups"}, r.URL.Path) {
			single.Add(1)
		}
		return nil
	})
	w.mustApply()
	w.settled()
	w.noJobLeft()
	jobs, created := w.imported()
	others := int64(0) // of maps that write the same entities
	for _, m := range w.sandbox.Report().Maps {
		if !slices.Contains(packed, m.Map) && slices.Contains([]string{"CustomersV3", "CustomerGroups"}, m.EntitySet) {
			others += int64(m.OnlyDataverse)
		}
	}
	if want := w.onlyDataverse(); created != want || want == 0 || single.Load() != others {
		t.Errorf("%d jobs created %d records, want %d; %d single creates, want %d", jobs, created, want, single.Load(), others)
	}
	n := w.requests()
	w.again()
	w.mustApply()
	if list := w.notReads(n); len(list) > 0 {
		t.Errorf("a second apply sends %q", list)
	}
	if testing.Short() {
		return // the race detector has seen the whole way of a job
	}

	t.Run("cut off in the middle of a job", func(t *testing.T) {
		places := []string{"ImportFromPackageAsync"}
		if os.Getenv("DW_LONG") != "" {
			places = append(places, "/dmf/", "GetExecutionSummaryStatus", "GetAzureWriteUrl")
		}
		for _, at := range places {
			w := viaPackages(t, c, true)
			ctx, kill := context.WithCancel(t.Context())
			w.watch(func(r *http.Request) error {
				if ctx.Err() != nil || !strings.Contains(r.URL.Path, at) {
					return nil
				}
				// It is carried out, and nobody hears of it.
				if response, err := http.DefaultTransport.RoundTrip(r); err == nil {
					response.Body.Close()
				}
				kill()
				return context.Canceled
			})
			if _, err := w.apply(ctx); err == nil {
				t.Errorf("%s: was not cut off", at)
			}
			w.mustApply()
			w.settled()
			w.noJobLeft()
			if _, created := w.imported(); created != w.onlyDataverse() {
				t.Errorf("%s: %d records created, want %d", at, created, w.onlyDataverse())
			}
		}
	})

	t.Run("without the project", func(t *testing.T) {
		w := viaPackages(t, c, false)
		_, err := w.apply(t.Context())
		failed, ok := errors.AsType[*diag.Failure](err)
		if !ok || !slices.ContainsFunc(failed.List, func(d diag.Diagnostic) bool { return d.Code == diag.CodeProjectMissing }) {
			t.Fatalf("%v", err)
		}
		if err := w.sandbox.FnO().CreateProject(t.Context(), fnotwin.Project{Name: fnoconnect.ImportProject}); err != nil {
			t.Fatal(err)
		}
		w.mustApply()
		w.settled()
	})

	t.Run("bad rows", func(t *testing.T) {
		w := viaPackages(t, c, true)
		// A rule of F&O that dw cannot know: groups that go when they have been
		// compared already.
		var once sync.Once
		w.watch(func(r *http.Request) error {
			if r.Method == http.MethodGet && r.URL.Path == "/data/CustomersV3" {
				once.Do(func() {
					if _, err := w.sandbox.FnO().DB().ExecContext(t.Context(), `DELETE FROM "CustomerGroups"`); err != nil {
						t.Error(err)
					}
				})
			}
			return nil
		})
		w.mustApply()
		bad := w.sandbox.Report().Of("accounts").OnlyDataverse
		if _, created := w.imported(); created != w.onlyDataverse()-bad || bad == 0 {
			t.Errorf("%d created, want %d without the %d bad ones", created, w.onlyDataverse()-bad, bad)
		}
		w.view(func(tx store.Tx) error {
			listed, err := tx.Listed(store.ListedQuery{Map: "accounts", Kind: record.Failed}, 0, 0)
			for _, l := range listed {
				if l.Code != diag.CodeTargetGone || !strings.Contains(l.Reason, "is not found in the related table 'Customer groups'") {
					t.Errorf("listed %+v", l)
				}
			}
			if len(listed) != bad {
				t.Errorf("%d records are listed, want %d", len(listed), bad)
			}
			return err
		})
		w.noJobLeft()
	})
}
