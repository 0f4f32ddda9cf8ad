package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/store"
)

// controlNote is the same for all commands that an engine carries out.
const controlNote = "Where `dw run` runs, it carries this out and answers; else this command does it by itself."

func (p *program) controlFlags() []cli.Flag {
	return []cli.Flag{
		jsonFlag(), variableFlag(), linkFlag(), lockTimeoutFlag(),
		&cli.DurationFlag{Name: "wait", Value: 30 * time.Second, Usage: "wait up to `TIME` for the running engine's answer, or a sign that it is on its way"},
	}
}

// mapFlags are those of a command for maps.
func (p *program) mapFlags() []cli.Flag {
	return append(p.controlFlags(), &cli.BoolFlag{Name: "all", Usage: "all maps of the link"})
}

func (p *program) pauseCommand() *cli.Command {
	return &cli.Command{
		Name: "pause", Usage: "pause maps: changes are still captured, nothing is written", ArgsUsage: "MAP...",
		Description: "What is captured meanwhile is kept without limit of time or size. It overrides the status that the\n" +
			"files give, until `dw resume`.\n" + controlNote,
		Flags:  p.mapFlags(),
		Action: p.perMap("pause"),
	}
}

func (p *program) resumeCommand() *cli.Command {
	return &cli.Command{
		Name: "resume", Usage: "let paused or stopped maps run again", ArgsUsage: "MAP...",
		Description: "-queue says what becomes of changes that were captured during the pause: catch-up carries them\n" +
			"over, the newest state of each record once; keep goes live at once and lists them as failed, to be\n" +
			"retried; discard goes live at once and leaves both sides as they are.\n" + controlNote,
		Flags: append(p.mapFlags(), &cli.StringFlag{Name: "queue", Value: "catch-up", Usage: "`WAY`: catch-up, keep or discard"}),
		Action: func(c *cli.Context) error {
			way := c.String("queue")
			switch way {
			case store.ResumeCatchUp, store.ResumeKeep, store.ResumeDiscard:
			default:
				d := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-queue %q is no way to resume", way), Hint: "Write catch-up, keep or discard."}
				if near := diag.Suggest(way, []string{store.ResumeCatchUp, store.ResumeKeep, store.ResumeDiscard}); near != "" {
					d.Hint = fmt.Sprintf("Did you mean %q?", near)
				}
				return diag.Fail(d)
			}
			return p.perMap("resume", way)(c)
		},
	}
}

func (p *program) stopCommand() *cli.Command {
	return &cli.Command{
		Name: "stop", Usage: "stop maps: nothing is captured and nothing is written", ArgsUsage: "MAP...",
		Description: "A stopped map does not see what changes meanwhile: it reads both sides in full when it is resumed.\n" +
			"To hold a map for a while, pause it.\n" + controlNote,
		Flags:  p.mapFlags(),
		Action: p.perMap("stop"),
	}
}

// perMap is the action of a command that is carried out for each map named.
func (p *program) perMap(name string, args ...string) cli.ActionFunc {
	return p.perMapOf(name, name, args...)
}

// perMapOf is perMap of a command that people type otherwise.
func (p *program) perMapOf(typed, name string, args ...string) cli.ActionFunc {
	return p.inFolder(-1, func(c *cli.Context, s *session.Session) error {
		switch {
		case c.Bool("all") && c.NArg() > 0:
			return diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: "-all does not go with names of maps", Hint: "Leave one of them out.",
			})
		case c.Bool("all"):
			return p.command(c, s, store.Command{Name: name, Args: args})
		case c.NArg() == 0:
			return diag.Fail(diag.Diagnostic{
				Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("`dw %s` needs a map", typed),
				Hint: fmt.Sprintf("For example: dw %s accounts; or -all. `dw status` lists the maps.", typed),
			})
		}
		var commands []store.Command
		for _, m := range c.Args().Slice() {
			commands = append(commands, store.Command{Name: name, Map: mapName(m), Args: args})
		}
		return p.command(c, s, commands...)
	})
}

// mapName gives the name of a map, written alone or as files and lists write it.
func mapName(text string) string { return model.MapName(text) }

// mapNames is mapName of several.
func mapNames(texts []string) (names []string) {
	for _, text := range texts {
		names = append(names, mapName(text))
	}
	return names
}

// command has commands carried out and shows the answers, of those too that an
// error or Ctrl-C cut off.
func (p *program) command(c *cli.Context, s *session.Session, commands ...store.Command) error {
	progress := p.progress(c)
	answers, err := s.Command(c.Context, c.Duration("wait"), func() { p.writing.Store(true) }, progress.Show, commands...)
	progress.Close()
	stopped := p.writing.Load() && (errors.Is(err, engine.ErrStopped) || p.stopping.Load() && (err == nil && !answers.AllDone() || errors.Is(err, context.Canceled)))
	if err != nil && !stopped {
		for _, one := range answers.Commands {
			if one.Answer != "" {
				p.say(one.Answer)
			}
		}
		return err
	}
	if err := answer(p, c, answers, view.Commands); err != nil {
		return err
	}
	switch {
	case stopped && err != nil:
		p.interrupt("Interrupted; everything done so far is stored. Run the command again for the rest.")
		return exit{exitInterrupted}
	case stopped:
		return exit{exitInterrupted}
	case !answers.AllDone():
		return exit{exitError}
	}
	return nil
}
