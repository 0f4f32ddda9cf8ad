package drain

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// companies counts how far the records of each company of a map are. Records
// are handled in the order of their keys, which begin with the company.
type companies struct {
	mu     sync.Mutex // writes are refused while others are handled
	ranges []keyRange // in the order of keys
	list   []report.CompanyProgress
}

// keyRange has the keys of one company.
type keyRange struct{ from, until string }

// ByCompany has All tell how far each company is, where the map has several.
func (d *Drain) ByCompany() {
	if len(d.Map.Def.Companies) < 2 {
		return
	}
	c := &companies{}
	for _, code := range d.Map.Def.Companies {
		from, until, ok := d.Map.Compiled.KeysOf(code)
		if !ok {
			return
		}
		c.ranges = append(c.ranges, keyRange{from, until})
		c.list = append(c.list, report.CompanyProgress{Company: code})
	}
	slices.SortFunc(c.list, func(a, b report.CompanyProgress) int {
		x, _, _ := d.Map.Compiled.KeysOf(a.Company)
		y, _, _ := d.Map.Compiled.KeysOf(b.Company)
		return cmp.Compare(x, y)
	})
	slices.SortFunc(c.ranges, func(a, b keyRange) int { return cmp.Compare(a.from, b.from) })
	d.companies, d.Writer.Refused = c, c.failed
}

// expect counts what a pass over the observations of a map has to handle. What
// waits for other records is in several passes and counts until it is handled.
func (c *companies) expect(tx store.Tx, mapName string) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, r := range c.ranges {
		left, err := tx.CountKeys(mapName, r.from, r.until)
		if err != nil {
			return err
		}
		p := &c.list[i]
		p.Total = max(p.Total, left)
		p.Done = p.Total - left
	}
	return nil
}

// handled takes in a batch of keys, in their order, and tells how far the
// companies are.
func (d *Drain) handled(keys []string, failed map[string]int64) {
	c := d.companies
	if c == nil {
		return
	}
	c.mu.Lock()
	at := 0
	for _, key := range keys {
		for at < len(c.ranges)-1 && key >= c.ranges[at].until {
			at++
		}
		if r := c.ranges[at]; key >= r.from && key < r.until {
			c.list[at].Done++
		}
	}
	now := report.Progress{Map: d.Map.Name, Phase: "write", Company: c.list[at].Company}
	for company, n := range failed {
		c.add(company, n)
	}
	for i := range c.list {
		now.Failed += c.list[i].Failed
	}
	now.Companies = slices.Clone(c.list)
	c.mu.Unlock()
	now.Done, now.Total = d.Writer.Progress()
	d.Env.Report(now)
}

func (c *companies) failed(company string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(company, 1)
}

func (c *companies) add(company string, n int64) {
	for i := range c.list {
		if strings.EqualFold(c.list[i].Company, company) {
			c.list[i].Failed += n
		}
	}
}
