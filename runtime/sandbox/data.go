package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
)

// Files in Options.Dir.
const (
	dataverseFile   = "dataverse.db"
	fnoFile         = "fno.db"
	manifestFile    = "made.json"
	dirtFile        = "dirt.csv"
	certificateFile = "client.pem"
	identityFile    = "identity.json"
	listenFile      = "listen.json"
	blobFolder      = "blobs"
)

// dataVersion grows when data are made for other maps or tables than before;
// folders with other data are not read.
const dataVersion = 2

// manifest records what the data were made from. It is written when all rows
// are in: without it the data are the remains of a start that was cut off.
type manifest struct {
	ID        string          `json:"id"`
	Data      int             `json:"data"`
	Seed      uint64          `json:"seed"`
	Records   int             `json:"records"`
	Customers int             `json:"customers,omitempty"`
	Companies []string        `json:"companies"`
	Others    []string        `json:"others,omitempty"`
	Dirt      int             `json:"dirt"`
	Report    generate.Report `json:"report"`
}

// readManifest tells what is in the directory: nil where the data are still to
// be made, having removed what an interrupted start left. Data made from other
// options are ErrOtherData.
func readManifest(o Options) (*manifest, error) {
	text, err := os.ReadFile(filepath.Join(o.Dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, removeData(o.Dir)
	}
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w (%s)", manifestFile, err, startAnew(o.Dir))
	}
	if m.Data != dataVersion {
		return nil, fmt.Errorf("%w: made by another version of dw, for other maps (%s)", ErrOtherData, startAnew(o.Dir))
	}
	// The companies may differ: which of an environment's companies a link
	// covers can change without changing the environment.
	if m.Seed != o.Seed || m.Records != o.Records || m.Customers != o.Customers || m.Dirt != o.Dirt {
		return nil, fmt.Errorf("%w: made with seed %d, %s and dirt %d, while seed %d, %s and dirt %d are asked for (%s)",
			ErrOtherData, m.Seed, amount(m.Records, m.Customers), m.Dirt, o.Seed, amount(o.Records, o.Customers), o.Dirt, startAnew(o.Dir))
	}
	for _, name := range []string{dataverseFile, fnoFile} {
		if _, err := os.Stat(filepath.Join(o.Dir, name)); err != nil {
			return nil, fmt.Errorf("%w (%s)", err, startAnew(o.Dir))
		}
	}
	return &m, nil
}

func amount(records, customers int) string {
	if customers == 0 {
		return fmt.Sprintf("%d records", records)
	}
	return fmt.Sprintf("%d records and %d customers", records, customers)
}

func startAnew(dir string) string {
	return fmt.Sprintf("to start anew remove the folder %s and the state that was made with it", dir)
}

func removeData(dir string) error {
	for _, name := range []string{dataverseFile, fnoFile} {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if err := os.Remove(filepath.Join(dir, name+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// fill generates the data and writes the manifest.
func (s *Sandbox) fill(ctx context.Context, o Options) (*manifest, error) {
	var root string
	err := s.dataverse.DB().QueryRowContext(ctx, "SELECT businessunitid FROM systemusers WHERE systemuserid = ?", s.dataverse.UserID()).Scan(&root)
	if err != nil {
		return nil, fmt.Errorf("finding the root business unit: %w", err)
	}
	report, err := generate.Fill(ctx, generate.Options{
		Seed: o.Seed, Records: o.Records, Customers: o.Customers, Companies: o.Companies, Others: o.Others, Dirt: o.Dirt, RootUnit: root,
	}, s.dataverse, s.fno)
	if err != nil {
		return nil, fmt.Errorf("generating data: %w", err)
	}
	if err := s.findPlanted(ctx, report.Planted); err != nil {
		return nil, err
	}
	if err := writeDirt(o.Dir, report.Planted); err != nil {
		return nil, err
	}
	m := &manifest{ID: newID(o.Rand), Seed: o.Seed, Records: o.Records, Customers: o.Customers, Companies: o.Companies, Others: o.Others,
		Data: dataVersion, Dirt: o.Dirt, Report: report}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return m, writeFile(filepath.Join(o.Dir, manifestFile), append(text, '\n'), 0o644)
}

// findPlanted fills in the RecIds of planted F&O records.
func (s *Sandbox) findPlanted(ctx context.Context, planted []generate.Plant) error {
	if len(planted) == 0 {
		return nil
	}
	facts, err := catalog.Load()
	if err != nil {
		return err
	}
	for i := range planted {
		p := &planted[i]
		if p.Record == nil {
			continue
		}
		at := slices.IndexFunc(facts.Entities, func(e catalog.Entity) bool { return e.EntitySet == p.EntitySet })
		if at < 0 {
			return fmt.Errorf("planted dirt is in %s, which the catalog does not have", p.EntitySet)
		}
		var terms []string
		var args []any
		for _, field := range facts.Entities[at].Key {
			terms = append(terms, fmt.Sprintf("%q = ? COLLATE BINARY", field))
			args = append(args, p.Record[field])
		}
		query := fmt.Sprintf("SELECT rec_id FROM %q WHERE %s", p.EntitySet, strings.Join(terms, " AND "))
		if err := s.fno.DB().QueryRowContext(ctx, query, args...).Scan(&p.ID); err != nil {
			return fmt.Errorf("finding planted dirt %s of map %s: %w", p.Key, p.Map, err)
		}
	}
	return nil
}

// writeDirt lists the planted dirt for people; clean data have no such file.
func writeDirt(dir string, planted []generate.Plant) error {
	path := filepath.Join(dir, dirtFile)
	if len(planted) == 0 {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	var list [][]string
	for _, p := range planted {
		list = append(list, []string{p.Map, p.Key, p.Side, string(p.Kind), string(p.Expect), p.Code, p.ID, "", "", ""})
	}
	return writeDirtList(dir, list)
}

// writeFile replaces a file as a whole or not at all.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
