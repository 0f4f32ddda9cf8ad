package sandbox

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the twins' files

	"github.com/dualwrite/dw/runtime/sandbox/spoil"
)

// dirtHead names the columns of the list of dirt. Undo says how a raw edit is
// taken back; what was made dirty from the start has none.
var dirtHead = []string{"map", "key", "side", "kind", "expect", "code", "id", "field", "mended", "undo"}

// The columns of the list by their places.
const (
	dirtMap, dirtKey, dirtKind = 0, 1, 3
	dirtMended, dirtUndo       = 8, 9
)

// DirtList names the file in a folder of data that lists what is dirty in them.
func DirtList(dir string) string { return filepath.Join(dir, dirtFile) }

// SpoilOptions say how much of a sandbox's data is damaged.
type SpoilOptions struct {
	Rows  int // records, all kinds together
	First int // place of the first among F&O's customers, in the order in which they are read; from 1
}

// Spoil damages the data in a folder by raw edits and adds them to the list of
// dirt. Twins may be running over them.
func Spoil(ctx context.Context, dir string, o SpoilOptions) ([]spoil.Row, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestFile, err)
	}
	list, err := readDirt(dir)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l[dirtUndo] != "" && l[dirtMended] == "" {
			return nil, errors.New("the data are damaged already; mend them first")
		}
	}
	t, err := openFiles(dir)
	if err != nil {
		return nil, err
	}
	rows, err := spoil.Damage(ctx, t, spoil.Options{Rows: o.Rows, First: o.First, Companies: m.Companies})
	if err = errors.Join(err, t.FnO.Close(), t.Dataverse.Close()); err != nil {
		return nil, err
	}
	for _, r := range rows {
		undo := ""
		if r.Undo != nil {
			b, err := json.Marshal(r.Undo)
			if err != nil {
				return nil, err
			}
			undo = string(b)
		}
		list = append(list, []string{r.Map, r.Key, r.Side, string(r.Kind), r.Expect, r.Code, r.ID, r.Field, "", undo})
	}
	return rows, writeDirtList(dir, list)
}

// MendOptions select damage; empty ones select all.
type MendOptions struct{ Kind, Map, Key string }

// Mended counts what became of a Mend.
type Mended struct {
	Mended int // records put right now
	Left   int // damaged ones that were not asked for
	Whole  int // planted when the data were made, or waiting for another one: nothing to undo
}

// Mend takes raw edits of Spoil back and notes it in the list.
func Mend(ctx context.Context, dir string, o MendOptions) (Mended, error) {
	var out Mended
	list, err := readDirt(dir)
	if err != nil {
		return out, err
	}
	var edits []*spoil.Edit
	for _, l := range list {
		fits := (o.Kind == "" || l[dirtKind] == o.Kind) && (o.Map == "" || l[dirtMap] == o.Map) && (o.Key == "" || strings.EqualFold(l[dirtKey], o.Key))
		switch {
		case l[dirtMended] != "":
		case !fits:
			if l[dirtUndo] != "" {
				out.Left++
			}
		case l[dirtUndo] == "":
			out.Whole++
		default:
			var e spoil.Edit
			if err := json.Unmarshal([]byte(l[dirtUndo]), &e); err != nil {
				return out, fmt.Errorf("%s: %w", dirtFile, err)
			}
			edits = append(edits, &e)
			l[dirtMended] = "yes"
			out.Mended++
		}
	}
	if len(edits) == 0 {
		return out, nil
	}
	t, err := openFiles(dir)
	if err != nil {
		return out, err
	}
	if err := errors.Join(spoil.Mend(ctx, t, edits), t.FnO.Close(), t.Dataverse.Close()); err != nil {
		return out, err
	}
	return out, writeDirtList(dir, list)
}

// openFiles opens the files of both twins beside whoever has them open.
func openFiles(dir string) (t spoil.Twins, err error) {
	for _, f := range []struct {
		name string
		db   **sql.DB
	}{{fnoFile, &t.FnO}, {dataverseFile, &t.Dataverse}} {
		path := filepath.Join(dir, f.name)
		if _, err := os.Stat(path); err != nil {
			return t, err
		}
		if *f.db, err = sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?_pragma=busy_timeout(10000)&_txlock=immediate"); err != nil {
			return t, err
		}
		(*f.db).SetMaxOpenConns(1)
	}
	return t, nil
}

// readDirt reads the list of dirt without its head; clean data have none.
func readDirt(dir string) ([][]string, error) {
	f, err := os.Open(filepath.Join(dir, dirtFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	list, err := r.ReadAll()
	if err != nil || len(list) == 0 {
		return nil, err
	}
	for i, l := range list {
		for len(l) < len(dirtHead) { // written by an older dw
			l = append(l, "")
		}
		list[i] = l
	}
	return list[1:], nil
}

// writeDirtList writes the list of dirt anew.
func writeDirtList(dir string, list [][]string) error {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.Write(dirtHead); err != nil {
		return err
	}
	if err := w.WriteAll(list); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, dirtFile), []byte(b.String()), 0o644)
}
