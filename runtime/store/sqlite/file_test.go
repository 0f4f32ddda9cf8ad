package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// wantFailure checks that err is a diagnostic of a code and says all of texts.
func wantFailure(t *testing.T, err error, code string, texts ...string) {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) || len(f.List) != 1 {
		t.Fatalf("error %v is no single diagnostic", err)
	}
	d := f.List[0]
	if d.Code != code || d.Summary == "" || d.Hint == "" {
		t.Errorf("got %+v, want code %s with summary and hint", d, code)
	}
	if _, ok := diag.Lookup(code); !ok {
		t.Errorf("%s is not in the catalogue of codes", code)
	}
	for _, text := range texts {
		if !strings.Contains(d.Summary+d.Detail+d.Hint, text) {
			t.Errorf("%+v does not say %q", d, text)
		}
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder #1%?", "state.db")
	s := mustOpen(t, engine(path))
	var seq int64
	err := s.Update(context.Background(), func(tx store.Tx) (err error) {
		if err := tx.PutPairs([]*record.Pair{{Map: "m", Key: "k", FnO: record.End{ID: "1"}}}); err != nil {
			return err
		}
		if err := tx.PutCursor("m", value.FnO, store.Cursor{Token: "t"}); err != nil {
			return err
		}
		seq, err = tx.Seq()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := engine(path)
	again.NewID = func() string { t.Error("a store that exists got a new lineage"); return "" }
	s = mustOpen(t, again)
	err = s.View(context.Background(), func(tx store.Tx) error {
		d, err1 := tx.Deployed("contoso")
		pairs, err2 := tx.PairsByKey("m", []string{"k"})
		c, err3 := tx.Cursor("m", value.FnO)
		now, err4 := tx.Seq()
		if d.Lineage != lineage || len(pairs) != 1 || c.Token != "t" || now != seq {
			t.Errorf("found lineage %q, pairs %v, cursor %v, seq %d; want %d", d.Lineage, pairs, c, now, seq)
		}
		return errors.Join(err1, err2, err3, err4)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFileMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := filepath.Join(t.TempDir(), ".dw")
	mustOpen(t, engine(filepath.Join(dir, "state.db")))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 3 { // the file, its log, the lock
		t.Errorf("found %v", entries)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
}

func TestRoles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	reader := Options{Path: path}
	if _, err := Open(context.Background(), reader); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader of no file: %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader made the file: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil { // an engine was cut off at once
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), reader); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader of an empty file: %v, want fs.ErrNotExist", err)
	}
	s := mustOpen(t, engine(path))
	second := engine(path)
	second.Holder = Holder{PID: 43, Command: "dw run"}
	_, err := Open(context.Background(), second)
	wantFailure(t, err, diag.CodeStateLocked, "Process 42 (dw apply)", path)

	r := mustOpen(t, reader)
	err = s.Update(context.Background(), func(tx store.Tx) error {
		if err := tx.SetMeta("a", "1"); err != nil {
			return err
		}
		if text := meta(t, r, "a"); text != "" {
			t.Errorf("a reader sees what is not committed: %q", text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := meta(t, r, "a"); text != "1" {
		t.Errorf("a reader sees %q, want 1", text)
	}
	if err := r.Update(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader's update: %v, want ErrReadOnly", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, second) // the role is free again, also beside a reader
	if text := meta(t, r, "a"); text != "1" {
		t.Errorf("a reader sees %q after the engine changed, want 1", text)
	}
}

func meta(t *testing.T, s store.Store, name string) (text string) {
	t.Helper()
	err := s.View(context.Background(), func(tx store.Tx) (err error) {
		text, err = tx.Meta(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// raw runs SQL on a file without the store.
func raw(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestForeignFiles(t *testing.T) {
	for name, c := range map[string]struct {
		make   func(t *testing.T, path string)
		code   string
		reader string // code for a reader, where another
	}{
		"text": {make: func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database, but long enough ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, code: diag.CodeStateForeign},
		"another program's": {make: func(t *testing.T, path string) {
			raw(t, path, "CREATE TABLE theirs (a)")
		}, code: diag.CodeStateForeign},
		"another program's with an id": {make: func(t *testing.T, path string) {
			raw(t, path, "PRAGMA application_id = 77", "CREATE TABLE theirs (a)")
		}, code: diag.CodeStateForeign},
		"newer": {make: func(t *testing.T, path string) {
			mustOpen(t, engine(path)).Close()
			raw(t, path, "PRAGMA user_version = 1000")
		}, code: diag.CodeStateNewer},
		"older": {make: func(t *testing.T, path string) {
			raw(t, path, "PRAGMA application_id = 1685549940", "PRAGMA user_version = 0")
		}, reader: diag.CodeStateOlder},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			c.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			code := c.code
			if c.reader != "" {
				code = c.reader
			}
			_, err = Open(context.Background(), Options{Path: path})
			wantFailure(t, err, code, path)
			if c.code == "" {
				mustOpen(t, engine(path)).Close() // brought up to date
				mustOpen(t, Options{Path: path})
				return
			}
			_, err = Open(context.Background(), engine(path))
			wantFailure(t, err, c.code, path)
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(before) != string(after) {
				t.Error("the file was changed")
			}
			_, err = Open(context.Background(), engine(path)) // the role was given back
			wantFailure(t, err, c.code, path)
		})
	}
}

// What dw cannot have written is damage, whatever part of the file it is in.
func TestDamagedRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := mustOpen(t, engine(path))
	if err := s.Update(context.Background(), func(tx store.Tx) error { return tx.AddTally("m", store.Tally{}) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, path, "UPDATE tallies SET tally = x'ff'")
	s = mustOpen(t, engine(path))
	defer s.Close()
	tally := func(tx store.Tx) error { _, err := tx.Tally("m"); return err }
	wantFailure(t, s.View(context.Background(), tally), diag.CodeStateForeign, "damaged", "backup")
	wantFailure(t, s.Update(context.Background(), tally), diag.CodeStateForeign, "damaged", "backup")
	own := errors.New("another error")
	if err := s.View(context.Background(), func(store.Tx) error { return own }); err != own {
		t.Errorf("got %v", err)
	}
}

func TestUnusablePath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), engine(filepath.Join(file, "state.db")))
	wantFailure(t, err, diag.CodeStateFile, file)
	_, err = Open(context.Background(), engine(t.TempDir()))
	wantFailure(t, err, diag.CodeStateFile)
}

// TestKilled runs a process that commits, leaves a transaction open and dies;
// the next one finds what was committed and nothing else, and the role free.
func TestKilled(t *testing.T) {
	if path := os.Getenv("DW_TEST_STATE"); path != "" {
		dieWriting(path)
	}
	path := filepath.Join(t.TempDir(), "state.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "DW_TEST_STATE="+path)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "dies now") {
		t.Fatalf("the process did not die as it should: %v\n%s", err, out)
	}
	s := mustOpen(t, engine(path))
	err := s.View(context.Background(), func(tx store.Tx) error {
		n, err := tx.CountPairs("m")
		if n != 500 {
			t.Errorf("%d pairs, want 500", n)
		}
		c, err2 := tx.Cursor("m", value.FnO)
		if c.Token != "5" {
			t.Errorf("cursor %+v", c)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	var result string
	s.db.QueryRow("PRAGMA integrity_check").Scan(&result)
	if result != "ok" {
		t.Errorf("integrity check: %s", result)
	}
}

func dieWriting(path string) {
	s, err := Open(context.Background(), engine(path))
	if err != nil {
		os.Stdout.WriteString(err.Error())
		os.Exit(3)
	}
	for i := range 6 {
		_ = s.Update(context.Background(), func(tx store.Tx) error {
			for range 100 {
				if err := tx.PutPairs([]*record.Pair{{Map: "m", Key: "k"}}); err != nil {
					return err
				}
			}
			if i == 5 {
				os.Stdout.WriteString("dies now")
				os.Exit(9)
			}
			return tx.PutCursor("m", value.FnO, store.Cursor{Token: string(rune('1' + i))})
		})
	}
}

// TestCheckpoints writes enough for many checkpoints and for a log that is too
// long, and checks that the log stays short.
func TestCheckpoints(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := mustOpen(t, engine(path))
	for range 3 {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			pairs := make([]*record.Pair, checkpointEvery)
			for i := range pairs {
				pairs[i] = &record.Pair{Map: "m", Key: "k"}
			}
			return tx.PutPairs(pairs)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// A checkpoint beside the writer that is under way holds up the one in the
	// foreground, which the next commit then asks for again.
	var busy, log, moved int64
	for i := range 200 {
		s.check.long.Store(true)
		if err := s.Update(context.Background(), func(tx store.Tx) error { return tx.SetMeta("a", strconv.Itoa(i)) }); err != nil {
			t.Fatal(err)
		}
		if s.check.behind() {
			t.Fatal("the log is still too long after a checkpoint in the foreground")
		}
		if err := s.db.QueryRow("PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &log, &moved); err != nil {
			t.Fatal(err)
		}
		if log <= 100 {
			return
		}
	}
	t.Errorf("the log has %d pages after restarts of it", log)
}

// TestQueryPlans checks that the reads of the hot path walk an index.
func TestQueryPlans(t *testing.T) {
	s := mustOpen(t, engine(filepath.Join(t.TempDir(), "state.db")))
	err := s.Update(context.Background(), func(tx store.Tx) error {
		return errors.Join(
			tx.AddObservations([]record.Observation{{Map: "m", Side: value.FnO, Key: "k", ID: "1"}}),
			callAll(tx))
	})
	if err != nil {
		t.Fatal(err)
	}
	on := <-s.write
	defer func() { s.write <- on }()
	for query := range on.stmts {
		if !strings.HasPrefix(query, "SELECT") || strings.HasPrefix(query, "SELECT seq FROM store") || strings.Contains(query, "FROM listed WHERE id >") {
			continue
		}
		args := make([]any, strings.Count(query, "?"))
		rows, err := on.conn.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query, args[:min(len(args), params(query))]...)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(detail, "SCAN") || strings.Contains(detail, "TEMP B-TREE FOR ORDER") && !strings.Contains(query, "deployed") && !strings.Contains(query, "UNION") {
				t.Errorf("%s\n  %s", query, detail)
			}
		}
		rows.Close()
	}
}

func callAll(tx store.Tx) error {
	_, err1 := tx.Work("m", "", 10)
	_, err2 := tx.Pairs("m", 0, 10, true)
	_, err3 := tx.Pairs("m", 0, 10, false)
	_, err4 := tx.PairsByEnd("m", value.FnO, []string{"1"})
	_, err5 := tx.PairsByEnd("m", value.Dataverse, []string{"1"})
	_, err6 := tx.PairsByKey("m", []string{"1"})
	_, err7 := tx.PairsByID([]int64{1})
	_, err8 := tx.Intents("m", value.FnO, 0, 10)
	_, err9 := tx.Intents("m", "", 0, 10)
	_, err10 := tx.IntentsByTarget("m", value.FnO, []string{"1"})
	_, err11 := tx.Listed(store.ListedQuery{Map: "m", Keys: []string{"k"}}, 0, 10)
	_, err12 := tx.CountPairs("m")
	err13 := tx.PutListed([]record.Listed{{Map: "m", Key: "k", Kind: record.Failed}})
	err14 := tx.PutPairs([]*record.Pair{{Map: "m", Key: "k", FnO: record.End{ID: "1"}, Dataverse: record.End{ID: "1"}}})
	_, err15 := tx.HeadsByKey("m", []string{"k"})
	_, err16 := tx.Heads("m", "", 10)
	_, err17 := tx.CountHeads("m")
	return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, err12, err13, err14, err15, err16, err17)
}

// params gives the number of parameters of a query: numbered ones count once.
func params(query string) int {
	if strings.Contains(query, "?3") {
		return 3
	}
	return strings.Count(query, "?")
}

func TestOperatorLeavesCommandsBesideAnEngine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if _, err := Open(t.Context(), Options{Path: path, Role: Operator}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an operator without a state: %v", err)
	}
	engine, err := Open(t.Context(), Options{Path: path, Role: Engine, NewID: func() string { return "lineage" }})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	operator, err := Open(t.Context(), Options{Path: path, Role: Operator})
	if err != nil {
		t.Fatal(err)
	}
	if err := operator.Update(t.Context(), func(tx store.Tx) error { return tx.SetMeta("a", "b") }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("an operator's write: %v, want ErrReadOnly", err)
	}
	err = operator.Update(t.Context(), func(tx store.Tx) error { return tx.AddCommand(&store.Command{Name: "pause", Map: "m"}) })
	if err != nil {
		t.Fatal(err)
	}
	var got []store.Command
	err = engine.Update(t.Context(), func(tx store.Tx) error {
		if got, err = tx.Commands(0, 0, true); err != nil {
			return err
		}
		return tx.AnswerCommand(got[0].ID, store.CommandRefused, "no such map")
	})
	if err != nil || len(got) != 1 || got[0].Name != "pause" {
		t.Fatalf("commands %+v, error %v", got, err)
	}
	err = operator.View(t.Context(), func(tx store.Tx) error {
		got, err = tx.Commands(0, 0, false)
		return err
	})
	if err != nil || got[0].Answer != "no such map" {
		t.Errorf("answer %+v, error %v", got, err)
	}
	if err := operator.Close(); err != nil {
		t.Error(err)
	}
}

func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := mustOpen(t, engine(path))
	defer s.Close()
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	w := <-s.write
	if err := w.exec("PRAGMA busy_timeout = 1"); err != nil { // not to wait for it here
		t.Fatal(err)
	}
	s.write <- w
	nothing := func(store.Tx) error { return nil }
	if err := s.Update(context.Background(), nothing); !Busy(err) {
		t.Errorf("a locked file: %v", err)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(context.Background(), nothing); err != nil || Busy(err) {
		t.Errorf("a free file: %v", err)
	}
}

func TestHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if _, held, err := Held(path); held || err != nil {
		t.Errorf("without a state: %v, %v", held, err)
	}
	s, err := Open(t.Context(), Options{Path: path, Role: Engine, Holder: Holder{PID: 7, Command: "dw run"}, NewID: func() string { return "lineage" }})
	if err != nil {
		t.Fatal(err)
	}
	if h, held, err := Held(path); !held || err != nil || h.PID != 7 || h.Command != "dw run" {
		t.Errorf("beside an engine: %+v, %v, %v", h, held, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, held, err := Held(path); held || err != nil {
		t.Errorf("after the engine: %v, %v", held, err)
	}
}

// older makes a state of an earlier format, with one deployed map and a pair.
func older(t *testing.T, path string, format int) {
	t.Helper()
	statements := append([]string{"PRAGMA journal_mode = WAL"}, migrations()[:format]...)
	digest := "UPDATE links SET serial = serial"
	if format >= digestsFrom {
		digest = "UPDATE deployed SET digest = '" + plan.NewDigester().Definition(&plan.Definition{Map: &model.Map{Name: "m"}}) + "'"
	}
	raw(t, path, append(statements,
		"INSERT INTO store (one, lineage, seq) VALUES (1, '"+lineage+"', 7)",
		`INSERT INTO deployed (link, map, version, current, definition, status, initial, at, by)
			VALUES ('contoso', 'm', 1, 1, '{"map": {"name": "m"}}', 'running', 'done', '2026-03-01T10:00:00Z', 'ada')`,
		"INSERT INTO links (name, serial) VALUES ('contoso', 4)", digest,
		"INSERT INTO pairs (id, map, map_version, key, company, fno_id, fno_version, dataverse_id, dataverse_version, owes, written) VALUES (5, 'm', 1, 'k', '', '1', '', '', '', 0, 0)",
		"PRAGMA application_id = 1685549940", "PRAGMA user_version = "+strconv.Itoa(format))...)
}

// TestOlderFormats reads what an older dw has written, and brings it up to date.
func TestOlderFormats(t *testing.T) {
	for format := 1; format < len(migrations()); format++ {
		t.Run(strconv.Itoa(format), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			older(t, path, format)
			check := func(s store.Store) {
				t.Helper()
				err := s.View(context.Background(), func(tx store.Tx) error {
					d, err1 := tx.DeployedKnowing("contoso", map[string]*plan.Definition{"another": {}})
					history, err2 := tx.History("contoso", "m")
					pairs, err3 := tx.CountPairs("m")
					lock, err4 := tx.Lock()
					heads, err5 := tx.Heads("m", "", 0)
					if len(d.Maps) != 1 || d.Serial != 4 || d.Lineage != lineage || len(history) != 1 || pairs != 1 || len(heads) != 0 {
						t.Errorf("found %+v, %d versions, %d pairs", d, len(history), pairs)
					} else if m := history[0]; m.By != "ada" || m.Origin.Kind != "" || m.Removed != nil || m.Version != 1 {
						t.Errorf("version 1 is %+v", m)
					}
					if lock != (store.Lock{}) {
						t.Errorf("lock %+v", lock)
					}
					return errors.Join(err1, err2, err3, err4, err5)
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if format < oldestRead {
				_, err := Open(context.Background(), Options{Path: path})
				wantFailure(t, err, diag.CodeStateOlder, "dw apply")
			} else {
				r := mustOpen(t, Options{Path: path})
				check(r)
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
			e := mustOpen(t, engine(path))
			check(e)
			err := e.View(context.Background(), func(tx store.Tx) error {
				m, err := tx.DeployedMap("contoso", "m")
				if err != nil {
					return err
				}
				known := m.Definition
				known.Deferred = []string{} // by which it is found again
				d, err := tx.DeployedKnowing("contoso", map[string]*plan.Definition{plan.NewDigester().Definition(&known): &known})
				if err == nil && d.Maps[0].Definition.Deferred == nil {
					t.Error("what an older dw deployed has no digest")
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			r := mustOpen(t, Options{Path: path})
			check(r)
			if err := e.Update(context.Background(), func(tx store.Tx) error {
				return tx.PutHeads("m", []store.Head{{Key: "k", ID: "1"}})
			}); err != nil {
				t.Fatal(err)
			}
			if err := e.Update(context.Background(), func(tx store.Tx) error { return tx.PutLock(store.Lock{Epoch: 3, Owner: "ada"}) }); err != nil {
				t.Fatal(err)
			}
			err = r.View(context.Background(), func(tx store.Tx) error {
				if l, err := tx.Lock(); err != nil || l.Epoch != 3 {
					t.Errorf("lock %+v, %v", l, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
