package live_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	dvconnect "github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/receive"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/store"
)

// counted is a connector that counts what is asked of it.
type counted struct {
	connect.Connector

	mu    sync.Mutex
	asked map[string]int
}

func (c *counted) count(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[what]++
}

// take gives the counts and begins anew.
func (c *counted) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = map[string]int{}
	return asked
}

func (c *counted) Page(ctx context.Context, q connect.Query) (connect.Page, error) {
	c.count("page")
	return c.Connector.Page(ctx, q)
}

func (c *counted) Changes(ctx context.Context, q connect.Query) (connect.Page, error) {
	c.count("changes")
	return c.Connector.Changes(ctx, q)
}

func (c *counted) Read(ctx context.Context, p *transform.Projection, ids []connect.RowID) ([]connect.Row, error) {
	c.count("read")
	return c.Connector.Read(ctx, p, ids)
}

func (c *counted) Find(ctx context.Context, q connect.FindQuery) ([]connect.Row, error) {
	c.count("find")
	return c.Connector.Find(ctx, q)
}

func (c *counted) Write(ctx context.Context, t *schema.Table, batch []connect.Write, answered func([]int, []connect.Result)) ([]connect.Result, error) {
	c.count("write")
	return c.Connector.Write(ctx, t, batch, answered)
}

// BenchmarkLatency edits one record after the other on a twin until the other
// one has the edit, with the reports of both sides on. It prints the time that
// takes, and what was asked of each side for an edit.
func BenchmarkLatency(b *testing.B) {
	tw, a := newTwins(b)
	sides := map[value.Side]*counted{
		value.FnO:       {Connector: tw.env.FnO, asked: map[string]int{}},
		value.Dataverse: {Connector: tw.env.Dataverse, asked: map[string]int{}},
	}
	hooks := tw.env.Dataverse.(interface {
		EnsureWebhook(ctx context.Context, name, address, key string, tables []*schema.Table) error
	})
	tw.env.FnO, tw.env.Dataverse = sides[value.FnO], sides[value.Dataverse]
	r := live.New(tw.env, live.Options{Match: receive.Match, EntityKey: receive.EntityKey, Tag: dvconnect.Tag})
	const key = "a-key-for-the-benchmark-of-live"
	server, err := receive.Serve(b.Context(), "127.0.0.1:0", nil, receive.Options{Key: key, Sink: r.Notices})
	if err != nil {
		b.Fatal(err)
	}
	_, err = control.Client{Address: a.Control, Key: a.ControlKey}.ActivateEvents(b.Context(), control.Activation{
		Endpoint: server.URL, Key: key, Sets: []string{"CustomerGroups"}, Companies: []string{"usmf"},
	})
	if err == nil {
		err = hooks.EnsureWebhook(b.Context(), "latency", server.URL, key, []*schema.Table{tw.m.Compiled.Dataverse.Table})
	}
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	tw.until("all maps run", func() bool {
		return !slices.ContainsFunc(r.Status(), func(l report.Live) bool { return l.Status != store.StatusRunning })
	})
	tw.write(value.FnO, connect.Write{Create: true, Values: []connect.ColumnValue{
		tw.column(value.FnO, "dataAreaId", "usmf"), tw.column(value.FnO, "CustomerGroupId", "LIVE-1"), tw.column(value.FnO, "Description", "First"),
	}})
	tw.until("it is in Dataverse", func() bool { return tw.text(value.Dataverse, "LIVE-1", "msdyn_description") == "First" })
	row, _ := tw.row(value.Dataverse, "LIVE-1")
	targets := map[value.Side]connect.RowID{
		value.FnO:       {Key: []value.Value{value.NewText("usmf"), value.NewText("LIVE-1")}},
		value.Dataverse: {ID: row.ID},
	}
	columns := map[value.Side]string{value.FnO: "Description", value.Dataverse: "msdyn_description"}
	for _, from := range []value.Side{value.FnO, value.Dataverse} {
		b.Run("from "+string(from), func(b *testing.B) {
			settle := func() { time.Sleep(500 * time.Millisecond) } // what dw wrote comes back
			settle()
			for _, c := range sides {
				c.take()
			}
			var took []time.Duration
			n := 0
			for b.Loop() {
				n++
				to, text := from.Other(), fmt.Sprint(from, " ", n, " ", b.N)
				begin := time.Now()
				tw.write(from, connect.Write{Row: targets[from], Values: []connect.ColumnValue{tw.column(from, columns[from], text)}})
				for tw.text(to, "LIVE-1", columns[to]) != text {
					time.Sleep(2 * time.Millisecond)
				}
				took = append(took, time.Since(begin))
				time.Sleep(20 * time.Millisecond)
			}
			settle()
			slices.SortFunc(took, func(x, y time.Duration) int { return cmp.Compare(x, y) })
			at := func(percent int) float64 {
				return float64(took[min(len(took)*percent/100, len(took)-1)].Microseconds()) / 1000
			}
			b.ReportMetric(at(50), "p50-ms")
			b.ReportMetric(at(99), "p99-ms")
			for side, c := range sides {
				var lines []string
				all := 0
				asked := c.take()
				for what, times := range asked {
					lines = append(lines, fmt.Sprintf("%s %.2f", what, float64(times)/float64(n)))
					all += times
				}
				slices.Sort(lines)
				b.ReportMetric(float64(all)/float64(n), string(side)+"-requests/edit")
				b.Logf("%d edits, asked of %s for each: %s", n, side, strings.Join(lines, ", "))
			}
		})
	}
}
