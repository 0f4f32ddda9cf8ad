// Package session is what the commands share: the configuration of a folder,
// its state and the connections of its link. It wires packages together and
// decides nothing.
package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/store"
)

// Options of a session.
type Options struct {
	Dir       string // folder of the configuration
	Variables map[string]string
	Link      string // "" where there is one
	Offline   bool   // the schema snapshot will be looked at
	EveryLink bool   // without Link, all of them: the session has no link of its own where there are several
	Version   string // of dw
	Stopping  func() bool
	Stop      context.Context // done at the same time; nil: never
	// LockTimeout is how long to wait for a state that another process writes to.
	LockTimeout time.Duration
	Say         func(text string) // to people, beside the answer; nil: as lines of standard error
}

// Session is one command's view of a folder. Close it.
type Session struct {
	Host   *host.Host
	Config *model.Config
	Link   *model.Link // nil where the mistakes leave none

	o       Options
	loaded  diag.List
	early   *snapshotFile
	bound   *planner.Bound // the maps of the link that was checked last, by its schema
	systems *systems
	ignored map[string]bool // variables of the environment that make no sense
	outages *outages        // nil: nobody is told of services that do not answer
	closers []func() error
	command string  // how it names itself in the lock of the state; "" is dw apply
	engine  *writer // what this process may change the state with; nil until it is needed
}

// Load reads the configuration. Mistakes in it are kept for the checks that
// follow, so that all of them are shown in one run; the error is for a folder
// that cannot be read or a link that cannot be chosen.
func Load(h *host.Host, o Options) (*Session, error) {
	if o.Dir == "" {
		o.Dir = "."
	}
	if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("there is no folder %s", o.Dir),
			Hint: "Name the folder of the configuration with -chdir.",
		})
	}
	s := &Session{Host: h, o: o}
	s.load()
	return s, s.choose()
}

// load reads the files, and where the command will look at it the schema
// snapshot at the same time.
func (s *Session) load() {
	tasks := []func(context.Context) error{func(context.Context) error {
		s.Config, s.loaded = lang.Load(os.DirFS(s.o.Dir), lang.Options{
			Variables: s.o.Variables, Environment: environment(s.Host), Version: s.o.Version, Each: s.each,
		})
		return nil
	}}
	if s.o.Offline {
		s.early = &snapshotFile{name: schema.FileName}
		s.prepareMemory()
		tasks = append(tasks, func(context.Context) error {
			s.early.cat, s.early.err = s.readSnapshot(s.early.name)
			return nil
		})
	}
	_ = s.Host.Scheduler.Run(context.Background(), len(tasks), tasks...) // none of them fails
	if s.Config == nil {
		s.Config = &model.Config{}
	}
}

// prepareMemory asks for what checking the folder will take, which is several
// times the schema snapshot.
func (s *Session) prepareMemory() {
	const times = 8
	if info, err := os.Stat(s.Path(s.early.name)); err == nil && s.Host.LargePages != nil {
		s.Host.LargePages(times * info.Size())
	}
}

// each shares work out to all cores.
func (s *Session) each(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	tasks := make([]func(context.Context) error, workers)
	for w := range tasks {
		tasks[w] = func(context.Context) error {
			for i := w; i < n; i += workers {
				do(i)
			}
			return nil
		}
	}
	_ = s.Host.Scheduler.Run(context.Background(), max(workers, 1), tasks...) // none of them fails
}

// snapshotFile is a schema snapshot that was read before it was asked for.
type snapshotFile struct {
	name string
	cat  *schema.Catalog
	err  error
}

// environment gives the variables that the environment sets, DW_VAR_*.
func environment(h *host.Host) map[string]string {
	vars := map[string]string{}
	for _, entry := range h.Environ() {
		name, text, _ := strings.Cut(entry, "=")
		if v, ok := strings.CutPrefix(name, "DW_VAR_"); ok {
			vars[v] = text
		}
	}
	return vars
}

// choose finds the link to work on.
func (s *Session) choose() error {
	var names []string
	for _, l := range s.Config.Links {
		names = append(names, l.Name)
		if l.Name == s.o.Link || s.o.Link == "" && len(s.Config.Links) == 1 {
			s.Link = l
		}
	}
	if s.Link != nil || s.loaded.HasErrors() || s.o.EveryLink && s.o.Link == "" && len(names) > 0 {
		return nil
	}
	d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error}
	switch {
	case s.o.Link != "":
		d.Summary = fmt.Sprintf("there is no link %q", s.o.Link)
		if near := diag.Suggest(s.o.Link, names); near != "" {
			d.Hint = fmt.Sprintf("Did you mean %q?", near)
		}
	case len(names) == 0:
		d.Summary = "the configuration has no link"
		d.Hint = "Add a link block; `dw init` in an empty folder writes one to copy."
	default:
		d.Summary = "the configuration has several links"
		d.Hint = "Choose one with -link: " + strings.Join(names, ", ") + "."
	}
	return diag.Fail(d)
}

// say tells people something beside the answer.
func (s *Session) say(text string) {
	if s.o.Say == nil {
		fmt.Fprintln(s.Host.Err, text)
		return
	}
	s.o.Say(text)
}

// Close ends what the session has opened, last first.
func (s *Session) Close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i](); err != nil {
			s.say(fmt.Sprint("While closing: ", err))
		}
	}
	s.closers = nil
}

// Path gives a file of the folder; absolute paths stay.
func (s *Session) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.o.Dir, name)
}

// Sources gives the texts of the files, for showing lines.
func (s *Session) Sources() map[string][]byte { return s.Config.Sources }

// Files counts the files of the configuration; standard maps that it extends
// are none.
func (s *Session) Files() int {
	n := 0
	for name := range s.Config.Sources {
		if lang.IsConfigFile(name) {
			n++
		}
	}
	return n
}

// SchemaFile names the schema snapshot of a link, which is committed beside the
// maps: dw.schema.json, or dw.LINK.schema.json where the folder has several
// links, since their environments may differ.
func (s *Session) SchemaFile(link *model.Link) string {
	if len(s.Config.Links) > 1 {
		return "dw." + link.Name + ".schema.json"
	}
	return schema.FileName
}

// CheckOffline gives all mistakes that can be found without a connection;
// missing names the schema snapshots that were not there to check against.
func (s *Session) CheckOffline() (l diag.List, missing []string) {
	l = s.loaded
	links := s.Config.Links
	if s.Link != nil {
		links = []*model.Link{s.Link}
	}
	for _, link := range links {
		cat, err := s.snapshot(link)
		var failure *diag.Failure
		switch {
		case errors.As(err, &failure):
			l = append(l, failure.List...)
		case cat == nil:
			missing = append(missing, s.SchemaFile(link))
		default:
			l = append(l, s.lint(link, cat)...)
		}
	}
	return l.Sorted(), missing
}

// snapshot reads the schema snapshot of a link; nil where there is none.
func (s *Session) snapshot(link *model.Link) (*schema.Catalog, error) {
	name := s.SchemaFile(link)
	if s.early != nil && s.early.name == name {
		return s.early.cat, s.early.err
	}
	return s.readSnapshot(name)
}

// maxSnapshotBytes bounds a schema snapshot: five times that of five thousand
// entities.
const maxSnapshotBytes = 256 << 20

func (s *Session) readSnapshot(name string) (*schema.Catalog, error) {
	cat, err := readCatalog(s.Path(name))
	var file *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.As(err, &file):
		return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUnreadable, Severity: diag.Error, Summary: "the schema snapshot cannot be read", Detail: err.Error()})
	case err != nil:
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeSnapshot, Severity: diag.Error, Summary: name + " is damaged", Detail: err.Error(),
			Hint: "Write it anew with `dw schema pull`.",
		})
	}
	return &cat, nil
}

// ReadFile reads a file that is named from the folder, and no more than most
// bytes of it.
func (s *Session) ReadFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(s.Path(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return bounded(f, most)
}

// readCatalog reads a schema snapshot. What is no plain file is read as a whole,
// since it may not be read twice. Errors of reading are *fs.PathError.
func readCatalog(path string) (schema.Catalog, error) {
	f, err := os.Open(path)
	if err != nil {
		return schema.Catalog{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return schema.Catalog{}, err
	case !info.Mode().IsRegular():
		b, err := bounded(f, maxSnapshotBytes)
		if err != nil {
			return schema.Catalog{}, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		return schema.Decode(b)
	case info.Size() > maxSnapshotBytes:
		return schema.Catalog{}, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it has %d MB; dw reads at most %d", info.Size()>>20, maxSnapshotBytes>>20)}
	}
	return schema.Read(io.NewSectionReader(f, 0, info.Size()))
}

// bounded reads no more than most bytes.
func bounded(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it has more than %d MB", most>>20)
	}
	return b, err
}

// statePath is where the state of the folder lies.
func (s *Session) statePath() string {
	path := s.Config.State.Path
	if path == "" {
		path = filepath.Join(".dw", "state.db")
	}
	return s.Path(path)
}

// deployed reads what runs for the link; the zero value where there is no state.
func (s *Session) deployed(ctx context.Context, st store.Store) (plan.Deployed, error) {
	return s.deployedKnowing(ctx, st, nil)
}

// deployedKnowing is deployed where the definitions of digests are known.
func (s *Session) deployedKnowing(ctx context.Context, st store.Store, known map[string]*plan.Definition) (d plan.Deployed, err error) {
	if st == nil {
		return plan.Deployed{Link: s.Link.Name}, nil
	}
	err = st.View(ctx, func(tx store.Tx) error {
		d, err = tx.DeployedKnowing(s.Link.Name, known)
		return err
	})
	return d, err
}
