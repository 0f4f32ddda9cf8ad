package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// version is set when a release is built (-ldflags "-X main.version=...").
var version = "0.1.0-dev"

// Exit codes, the same for every command.
const (
	exitDone        = 0   // done, or nothing to do
	exitError       = 1   // an error
	exitChanges     = 2   // changes or findings, where a command is asked to tell
	exitDenied      = 3   // nothing was done: the policy denies it
	exitUnapproved  = 4   // nothing was done: it waits for approval
	exitInterrupted = 130 // stopped by Ctrl-C
)

// exit ends a command with a code after everything was said.
type exit struct{ code int }

func (e exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

// unapproved ends a command that nobody approved; its text says how a pipeline
// approves it.
type unapproved string

func (u unapproved) Error() string { return "not approved" }

// program is one run of dw.
type program struct {
	host     *host.Host
	stopping atomic.Bool
	noColor  bool
	// halt is done with the first Ctrl-C, and at the end.
	halt context.Context
	// writing tells that a plan is being carried out: what is in flight then
	// ends before the command does.
	writing atomic.Bool
	// asEvents tells that what is said goes among events of -progress=json.
	asEvents atomic.Bool
	// answered tells that the JSON of the command is on standard output; there
	// is one document a command.
	answered bool
}

// run is main with its surroundings handed in; it gives the exit code.
func run(h *host.Host, args []string) int {
	p := &program{host: h}
	ctx, cancel := p.signals()
	defer cancel()
	app := p.app()
	p.noColor = slices.Contains(args, "-no-color") || slices.Contains(args, "--no-color")
	err := app.RunContext(ctx, flagsFirst(app, args))
	return p.end(err, p.wantsJSON(args))
}

// signals makes the first Ctrl-C (or SIGTERM, as pipelines send it) ask for a
// stop: after the batch in flight where a plan is being carried out, at once
// where nothing is written. The second one ends the process.
func (p *program) signals() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	stop, stopped := context.WithCancel(context.Background())
	p.halt = stop
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-c:
		case <-ctx.Done():
			return
		}
		p.stopping.Store(true)
		stopped()
		if p.writing.Load() {
			p.interrupt("Stopping; what is in flight is finished first. Press Ctrl-C again to stop at once.")
		} else {
			cancel()
		}
		<-c // where the command does not end before
		p.say("Stopped at once.")
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(c); cancel(); stopped() }
}

// end says what went wrong and turns it into an exit code.
func (p *program) end(err error, asJSON bool) int {
	var code exit
	var missing unapproved
	var failure *diag.Failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return code.code
	case errors.As(err, &missing):
		p.diagnostics(diag.List{{
			Code: diag.CodeUnapproved, Severity: diag.Error, Summary: "not approved; nothing was changed", Hint: string(missing),
		}}, nil, asJSON)
		return exitUnapproved
	case p.stopping.Load() && !p.writing.Load():
		p.interruption("interrupted; nothing was changed", "", asJSON)
		return exitInterrupted
	case errors.Is(err, engine.ErrStopped), p.stopping.Load() && errors.Is(err, context.Canceled):
		p.interruption("interrupted; everything done so far is stored", "`dw apply` goes on from here.", asJSON)
		return exitInterrupted
	case errors.As(err, &failure):
		p.diagnostics(failure.List, nil, asJSON)
		return exitError
	case sqlite.Busy(err):
		p.diagnostics(diag.List{{
			Code: diag.CodeStateLocked, Severity: diag.Error, Summary: "another program keeps the state file locked",
			Detail: "It is none of dw's commands: a backup, a scanner or a database browser.",
			Hint:   "Let it end, or close it, and run the command again.",
		}}, nil, asJSON)
		return exitError
	default:
		p.diagnostics(diag.List{{Code: diag.CodeUnexpected, Severity: diag.Error, Summary: err.Error()}}, nil, asJSON)
		return exitError
	}
}

// interruption says that the command ended before its work was done.
func (p *program) interruption(summary, hint string, asJSON bool) {
	if asJSON && !p.answered {
		p.diagnostics(diag.List{{Code: diag.CodeInterrupted, Severity: diag.Error, Summary: summary, Hint: hint}}, nil, true)
		return
	}
	p.interrupt(strings.TrimSpace(sentence(summary) + ". " + hint))
}

// say tells people something on standard error, beside the answer.
func (p *program) say(text string) {
	o := p.viewOptions(p.host.Err)
	o.Events = p.asEvents.Load()
	_ = view.Talk(p.host.Err, text, p.host.Clock.Now(), o) // a closed standard error has nobody to tell
}

// interrupt is say where work ends before its time: on a line of its own, as
// the terminal has just shown ^C.
func (p *program) interrupt(text string) {
	if !p.asEvents.Load() {
		fmt.Fprintln(p.host.Err)
	}
	p.say(text)
}

// json writes what a command answers.
func (p *program) json(v any) error {
	p.answered = true
	return view.JSON(p.host.Out, v)
}

// diagnostics shows diagnostics: JSON on standard output where asked for and
// nothing stands there yet, text on standard error else.
func (p *program) diagnostics(l diag.List, sources map[string][]byte, asJSON bool) {
	if asJSON && !p.answered {
		r := report.Diagnostics{
			FormatVersion: report.FormatVersion, Valid: !l.HasErrors(),
			Errors: l.Count(diag.Error), Warnings: l.Count(diag.Warning), Diagnostics: l.Sorted(),
		}
		if r.Diagnostics == nil {
			r.Diagnostics = diag.List{}
		}
		_ = p.json(r) // a closed standard output has nobody to tell
		return
	}
	_ = view.Diagnostics(p.host.Err, l, sources, p.viewOptions(p.host.Err)) // nor has a closed standard error
}

// viewOptions says how to write to one of the program's outputs: a file or a
// pipe gets no colours, whatever the other output is.
func (p *program) viewOptions(w io.Writer) view.Options {
	width, terminal := p.host.Terminal(w)
	terminal = terminal && p.host.Getenv("TERM") != "dumb"
	return view.Options{Color: terminal && !p.noColor && p.host.Getenv("NO_COLOR") == "", Width: width, Terminal: terminal}
}

func (p *program) app() *cli.App {
	app := &cli.App{
		Name:                      "dw",
		Usage:                     "keep Dynamics 365 Finance & Operations and Dataverse equal, from files in git",
		Version:                   version,
		HideVersion:               true,
		Writer:                    p.host.Out,
		ErrWriter:                 p.host.Err,
		Suggest:                   true,
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "chdir", Usage: "run as if started in `DIR`"},
			&cli.BoolFlag{Name: "no-color", Usage: "never colour the output (NO_COLOR is honoured too)"},
		},
		Commands: []*cli.Command{
			p.initCommand(), p.libraryCommand(), p.validateCommand(), p.lintCommand(), p.fmtCommand(), p.schemaCommand(), p.planCommand(), p.graphCommand(), p.applyCommand(), p.runLiveCommand(),
			p.pauseCommand(), p.resumeCommand(), p.stopCommand(), p.batchCommand(),
			p.statusCommand(), p.historyCommand(), p.showCommand(), p.diffCommand(), p.rollbackCommand(), p.bootstrapCommand(), p.preflightCommand(), p.verifyCommand(), p.repairCommand(), p.errorsCommand(), p.blameCommand(), p.sandboxCommand(), p.importCommand(), p.exportCommand(), p.versionCommand(), p.benchCommand(),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(c.App.Commands, c.Args().First(), "dw")
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		p.fence(c, "dw "+c.Name, app.Flags)
	}
	app.OnUsageError = usageError("dw", app.Flags)
	return app
}

// fence keeps urfave's own habits away: it would print the whole help on a
// wrong flag and take an unknown sub-command for success.
func (p *program) fence(c *cli.Command, name string, global []cli.Flag) {
	c.OnUsageError = usageError(name, slices.Concat(c.Flags, global))
	if len(c.Subcommands) > 0 {
		c.Action = func(x *cli.Context) error {
			if x.Args().Present() {
				return unknownCommand(c.Subcommands, x.Args().First(), name)
			}
			return cli.ShowSubcommandHelp(x)
		}
	}
	for _, s := range c.Subcommands {
		p.fence(s, name+" "+s.Name, global)
	}
}

// undefinedFlag is how the library says that a flag does not exist.
const undefinedFlag = "flag provided but not defined: -"

// usageError says what is wrong with the flags of a command and which one was
// probably meant.
func usageError(name string, flags []cli.Flag) cli.OnUsageErrorFunc {
	return func(_ *cli.Context, err error, _ bool) error {
		d := diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: err.Error(),
			Hint: fmt.Sprintf("`%s -help` lists the flags.", name),
		}
		if written, ok := strings.CutPrefix(err.Error(), undefinedFlag); ok {
			d.Summary = fmt.Sprintf("`%s` has no flag -%s", name, written)
			if near := meantFlag(written, flags); near != "" {
				d.Hint = fmt.Sprintf("Did you mean -%s?", near)
			} else if len(flags) > 0 {
				d.Hint = fmt.Sprintf("It has %s; `%s -help` explains them.", flagList(flags), name)
			}
		}
		return diag.Fail(d)
	}
}

func unknownCommand(known []*cli.Command, name, under string) error {
	var names []string
	for _, c := range known {
		names = append(names, c.Name)
	}
	hint := fmt.Sprintf("`%s -help` lists the commands.", under)
	if s := diag.Suggest(name, names); s != "" {
		hint = fmt.Sprintf("Did you mean `%s %s`?", under, s)
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("`%s` has no command %q", under, name), Hint: hint,
	})
}

// sentence makes a library's error text start like ours.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// noArguments refuses arguments that a command would silently ignore; a
// negative most takes any number.
func noArguments(c *cli.Context, most int) error {
	if most < 0 || c.NArg() <= most {
		return nil
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("unexpected argument %q", c.Args().Get(most)),
		Hint: fmt.Sprintf("`dw %s -help` shows what it takes.", c.Command.FullName()),
	})
}

// inFolder is the action of a command that works on the folder's
// configuration and takes at most some arguments; any number where that is
// negative.
func (p *program) inFolder(arguments int, f func(*cli.Context, *session.Session) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		if err := noArguments(c, arguments); err != nil {
			return err
		}
		s, err := p.open(c)
		if err != nil {
			return err
		}
		defer s.Close()
		return f(c, s)
	}
}

// wantsJSON tells whether the arguments ask for JSON, for mistakes that are
// found before any flag is parsed.
func (p *program) wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "-json" || a == "--json" {
			return true
		}
		if a == "--" {
			return false
		}
	}
	return false
}

// open loads the configuration of the folder. Mistakes end the command, all of
// them shown, unless tolerate.
func (p *program) open(c *cli.Context) (*session.Session, error) {
	vars, err := variables(c)
	if err != nil {
		return nil, err
	}
	p.asEvents.Store(c.String("progress") == progressJSON)
	return session.Load(p.host, session.Options{
		Say: p.say,
		Dir: c.String("chdir"), Variables: vars, Link: c.String("link"), EveryLink: c.Command.Name == validateName || c.Command.Name == lintName,
		Offline: c.Bool("offline") || c.Command.Name == validateName || c.Command.Name == "lint",
		Version: version, Stopping: p.stopping.Load, Stop: p.halt, LockTimeout: c.Duration("lock-timeout"),
	})
}

// variables reads -var.
func variables(c *cli.Context) (map[string]string, error) {
	vars := map[string]string{}
	for _, v := range c.StringSlice("var") {
		name, text, ok := strings.Cut(v, "=")
		if !ok {
			return nil, diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-var %q has no value", v), Hint: "Write -var name=value.",
			})
		}
		vars[name] = text
	}
	return vars, nil
}

// stop ends a command at mistakes of its configuration.
func (p *program) stop(s *session.Session, l diag.List, asJSON bool) error {
	p.diagnostics(l.Sorted(), s.Sources(), asJSON)
	return exit{exitError}
}
