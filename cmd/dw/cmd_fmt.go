package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
)

func (p *program) fmtCommand() *cli.Command {
	return &cli.Command{
		Name:      "fmt",
		Usage:     "write files in the one layout",
		ArgsUsage: "[FILE|DIR|-]...",
		Description: "Formats the .dw.hcl, .dwvars.hcl and .dwtest.hcl files of the folder and of the folders of its\n" +
			"modules, or those named. `-` reads standard input and writes standard output. With -check nothing\n" +
			"is written: exit 2 where a file would change.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "write nothing; exit 2 where a file would change"},
			&cli.BoolFlag{Name: "diff", Usage: "show what changes"},
		},
		Action: func(c *cli.Context) error {
			f := formatting{p: p, check: c.Bool("check"), diff: c.Bool("diff"), dir: c.String("chdir")}
			args := c.Args().Slice()
			if len(args) == 1 && args[0] == "-" {
				return f.stdin()
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			return f.files(args)
		},
	}
}

type formatting struct {
	p           *program
	check, diff bool
	dir         string
	changed     int
	failed      bool
}

func (f *formatting) stdin() error {
	src, err := io.ReadAll(f.p.host.In)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	out, l := lang.Format(src, "<stdin>")
	if l.HasErrors() {
		f.p.diagnostics(l, map[string][]byte{"<stdin>": src}, false)
		return exit{exitError}
	}
	changed := string(out) != string(src)
	if f.diff && changed {
		_, _ = io.WriteString(f.p.host.Out, view.Diff("<stdin>", src, out))
	}
	if !f.check && !f.diff {
		_, err = f.p.host.Out.Write(out)
	}
	if err == nil && f.check && changed {
		return exit{exitChanges}
	}
	return err
}

func (f *formatting) files(args []string) error {
	for _, a := range args {
		path := filepath.Join(f.dir, a)
		if filepath.IsAbs(a) {
			path = a
		}
		info, err := os.Stat(path)
		if err != nil {
			return diag.Fail(diag.Diagnostic{Code: diag.CodeUnreadable, Severity: diag.Error, Summary: err.Error()})
		}
		paths := []string{path}
		if info.IsDir() {
			if paths, err = sourcesWithModules(path); err != nil {
				return err
			}
		}
		for _, x := range paths {
			if err := f.file(x, info); err != nil {
				return err
			}
		}
	}
	switch {
	case f.failed:
		return exit{exitError}
	case f.check && f.changed > 0:
		return exit{exitChanges}
	}
	return nil
}

// sourcesWithModules lists the HCL files of a folder and of the folders of its
// modules.
func sourcesWithModules(dir string) ([]string, error) {
	out, err := sources(dir)
	if err != nil {
		return nil, err
	}
	for _, folder := range lang.ModuleFolders(os.DirFS(dir)) {
		inner, err := sources(filepath.Join(dir, filepath.FromSlash(folder)))
		var failure *diag.Failure
		if errors.As(err, &failure) { // without files in native syntax: all else is for validate to say
			continue
		}
		out = append(out, inner...)
	}
	return out, nil
}

// sources lists the HCL files of a folder.
func sources(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUnreadable, Severity: diag.Error, Summary: err.Error()})
	}
	var out []string
	for _, e := range entries {
		for _, suffix := range []string{".dw.hcl", ".dwvars.hcl", ".dwtest.hcl"} {
			if strings.HasSuffix(e.Name(), suffix) && !e.IsDir() {
				out = append(out, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(out) == 0 {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeNoFiles, Severity: diag.Error, Summary: fmt.Sprintf("no .dw.hcl file in %s", dir),
			Hint: "Name a folder with -chdir, or start one with `dw init`.",
		})
	}
	return out, nil
}

func (f *formatting) file(path string, _ os.FileInfo) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("format: %w", err)
	}
	name := strings.TrimPrefix(path, f.dir+string(filepath.Separator))
	out, l := lang.Format(src, name)
	if l.HasErrors() {
		f.failed = true
		f.p.diagnostics(l, map[string][]byte{name: src}, false)
		return nil
	}
	if string(out) == string(src) {
		return nil
	}
	f.changed++
	if !f.check {
		if err := replaceFile(path, out); err != nil {
			return err
		}
	}
	if f.diff {
		_, err = io.WriteString(f.p.host.Out, view.Diff(name, src, out))
	} else {
		_, err = fmt.Fprintln(f.p.host.Out, name)
	}
	return err
}

// replaceFile writes beside the file and renames, so that a cut-off run leaves
// either the old text or the new one.
func replaceFile(path string, text []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".dw-*")
	if err != nil {
		return unwritable(path, err)
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(text); err == nil {
		err = tmp.Chmod(mode)
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return unwritable(path, err)
	}
	return nil
}

// unwritable says that a file cannot be written. The system's words come
// without the names of its own temporary files.
func unwritable(path string, err error) error {
	var at *fs.PathError
	var link *os.LinkError
	if errors.As(err, &at) {
		err = at.Err
	} else if errors.As(err, &link) {
		err = link.Err
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUnwritable, Severity: diag.Error, Summary: fmt.Sprintf("%s cannot be written", path), Detail: sentence(err.Error()) + ".",
		Hint: "Check that its folder exists, that this user may write in it and that there is room.",
	})
}
