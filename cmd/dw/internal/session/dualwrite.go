package session

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/dualwrite"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/host"
)

// ImportOptions of an import of dual-write maps. Paths are relative to Dir.
type ImportOptions struct {
	Dir    string
	Paths  []string // files and folders to read
	Out    string   // folder to write to
	Labels string   // file of labels of entities, or ""
	Schema string   // schema snapshot, or ""
	Force  bool     // write over files
}

// Exchanged is what an import or export did.
type Exchanged struct {
	Maps    int
	Written []string // files, as they are shown
	List    diag.List
	Sources map[string][]byte // of the configuration, to show its lines
}

// ImportMaps writes maps of dual-write as files of the configuration. It needs
// neither a configuration nor a connection. Nothing is written where a file is
// there already.
func ImportMaps(o ImportOptions) (Exchanged, error) {
	var out Exchanged
	opts, err := exchangeOptions(o.Dir, o.Labels, o.Schema)
	if err != nil {
		return out, err
	}
	found := dualwrite.Found{Keys: dualwrite.Keys{}}
	for _, p := range o.Paths {
		f, list, err := readMaps(o.Dir, p)
		if err != nil {
			return out, err
		}
		out.List = append(out.List, list...)
		found.Records = append(found.Records, f.Records...)
		for table, columns := range f.Keys {
			found.Keys[table] = columns
		}
	}
	opts.Keys = found.Keys
	newest, list := dualwrite.Newest(found.Records)
	out.List = append(out.List, list...)
	return out, out.write(newest, opts, o)
}

// write turns maps into files and writes them.
func (out *Exchanged) write(maps []dualwrite.Record, opts dualwrite.Options, o ImportOptions) error {
	files, list, err := dualwrite.Import(maps, opts)
	if err != nil {
		return err
	}
	out.List = append(out.List, list...)
	texts := map[string][]byte{}
	for _, f := range files {
		texts[filepath.Join(o.Out, f.Name)] = f.Text
		if f.Map != "" {
			out.Maps++
		}
	}
	out.Written, err = writeAll(o.Dir, texts, o.Force)
	return err
}

// readMaps reads a file or folder.
func readMaps(dir, path string) (dualwrite.Found, diag.List, error) {
	at := under(dir, path)
	info, err := os.Stat(at)
	if err != nil {
		return dualwrite.Found{}, nil, unreadable(path, err)
	}
	if info.IsDir() {
		found, list := dualwrite.ReadFolder(filepath.ToSlash(path), os.DirFS(at))
		return found, list, nil
	}
	if info.Size() > dualwrite.MaxFileBytes {
		return dualwrite.Found{}, nil, unreadable(path, fmt.Errorf("it has more than %d MB", dualwrite.MaxFileBytes>>20))
	}
	content, err := os.ReadFile(at)
	if err != nil {
		return dualwrite.Found{}, nil, unreadable(path, err)
	}
	found, list := dualwrite.Read(filepath.ToSlash(path), content)
	return found, list, nil
}

// ExportOptions of an export of maps to dual-write. Files are relative to Dir.
type ExportOptions struct {
	Dir             string
	Variables       map[string]string
	Version         string // of dw
	Link            string // only its maps; "": all
	Out             string // folder for a file a map, or ""
	Solution        string // zip to write, or ""
	SolutionVersion string
	Publisher       string // prefix of its publisher
	Labels          string // file of labels of entities, or ""
	Force           bool   // write over files
}

// KeysFile is the name of the file that holds the integration keys of exported
// maps: dual-write keeps them in its link, so that people enter them there.
const KeysFile = "integration-keys.json"

// ExportMaps writes the maps of a folder as dual-write keeps them. It needs
// neither a link nor a connection.
func ExportMaps(h *host.Host, o ExportOptions) (Exchanged, error) {
	var out Exchanged
	cfg, list := lang.Load(os.DirFS(cmp.Or(o.Dir, ".")), lang.Options{Variables: o.Variables, Environment: environment(h), Version: o.Version})
	// Maps without a link are no mistake here.
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Code == diag.CodeLinkUnclear })
	out.Sources = cfg.Sources
	if out.List = list; list.HasErrors() {
		return out, nil
	}
	maps, err := mapsToExport(cfg, o.Link)
	if err != nil {
		return out, err
	}
	snapshot := schema.FileName
	if o.Link != "" && len(cfg.Links) > 1 {
		snapshot = "dw." + o.Link + ".schema.json"
	}
	if _, err := os.Stat(under(o.Dir, snapshot)); errors.Is(err, fs.ErrNotExist) {
		snapshot = ""
	}
	opts, err := exchangeOptions(o.Dir, o.Labels, snapshot)
	if err != nil {
		return out, err
	}
	exported, list, err := dualwrite.Export(maps, o.Publisher, opts)
	if err != nil {
		return out, err
	}
	out.List, out.Maps = append(out.List, list...), len(exported.Records)
	texts := map[string][]byte{}
	if o.Out != "" {
		for i, r := range exported.Records {
			texts[filepath.Join(o.Out, exported.Maps[i]+".json")] = r.JSON()
		}
		texts[filepath.Join(o.Out, KeysFile)] = exported.Keys.JSON()
	}
	if o.Solution != "" {
		s := dualwrite.Solution{UniqueName: solutionName(o.Solution), Version: o.SolutionVersion, Prefix: o.Publisher}
		zip, err := s.Zip(exported.Records)
		if err != nil {
			return out, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: err.Error()})
		}
		texts[o.Solution] = zip
	}
	if len(exported.Records) == 0 {
		return out, nil
	}
	out.Written, err = writeAll(o.Dir, texts, o.Force)
	return out, err
}

func mapsToExport(cfg *model.Config, link string) ([]*model.Map, error) {
	if link == "" {
		return cfg.Maps, nil
	}
	if !slices.ContainsFunc(cfg.Links, func(l *model.Link) bool { return l.Name == link }) {
		return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("there is no link %q", link)})
	}
	var out []*model.Map
	for _, m := range cfg.Maps {
		if m.Link == link {
			out = append(out, m)
		}
	}
	return out, nil
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// solutionName makes the unique name of a solution of its file's.
func solutionName(path string) string {
	base := filepath.Base(path)
	return notInName.ReplaceAllString(strings.TrimSuffix(base, filepath.Ext(base)), "_")
}

// exchangeOptions reads the files that know names better.
func exchangeOptions(dir, labels, snapshot string) (dualwrite.Options, error) {
	var out dualwrite.Options
	if labels != "" {
		b, err := os.ReadFile(under(dir, labels))
		if err == nil {
			out.Labels, err = dualwrite.ParseLabels(b)
		}
		if err != nil {
			return out, unreadable(labels, err)
		}
	}
	if snapshot != "" {
		b, err := os.ReadFile(under(dir, snapshot))
		if err != nil {
			return out, unreadable(snapshot, err)
		}
		cat, err := schema.Decode(b)
		if err != nil {
			return out, unreadable(snapshot, err)
		}
		out.Catalog = &cat
	}
	return out, nil
}

// writeAll writes files, none where one of them is there with another text,
// unless force. It gives their names in order.
func writeAll(dir string, texts map[string][]byte, force bool) ([]string, error) {
	var names []string
	var there diag.List
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		old, err := os.ReadFile(under(dir, name))
		if err == nil && !force && string(old) != string(texts[name]) {
			there = append(there, diag.Diagnostic{
				Code: diag.CodeFileExists, Severity: diag.Error, Summary: name + " exists already",
				Detail: "Nothing was written.", Hint: "Use another folder, or -force to write over it.",
			})
		}
	}
	if len(there) > 0 {
		return nil, &diag.Failure{List: there}
	}
	for _, name := range names {
		path := under(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, texts[name], 0o644)
		}
		if err != nil {
			return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUnwritable, Severity: diag.Error, Summary: name + " cannot be written", Detail: err.Error() + "."})
		}
	}
	return names, nil
}

// under gives a path below a folder; absolute paths stay.
func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func unreadable(name string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return diag.Fail(diag.Diagnostic{Code: diag.CodeUnreadable, Severity: diag.Error, Summary: name + " cannot be read", Detail: err.Error() + "."})
}
