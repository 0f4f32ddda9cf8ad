package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/receive"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/store"
)

// webhookName is under which dw registers itself for Dataverse's webhooks; two
// links over one environment have a registration each.
func (s *Session) webhookName() string { return "dw " + s.Link.Name }

// activeEvery is how often a run looks whether F&O's twin still sends events.
const activeEvery = 2 * time.Second

// RunOptions say whom to tell what.
type RunOptions struct {
	Ready    func(report.Running)  // once everything listens
	Progress func(report.Progress) // of phase "live" and of initial syncs
	Say      func(text string)     // a line for the operator; never holds secrets or values of records
}

// Run keeps both sides equal until it is asked to stop or ctx ends. It runs
// the versions of the maps that are in the state, not the files of the folder.
func (s *Session) Run(ctx context.Context, o RunOptions) error {
	if s.Link == nil {
		return &diag.Failure{List: s.loaded.Sorted()}
	}
	w, err := s.writeState(ctx, runCommand)
	if err != nil {
		return err
	}
	return w.fenced(s.run(w.ctx, w.store, o))
}

// run is Run once this process may change the state.
func (s *Session) run(ctx context.Context, st store.Store, o RunOptions) error {
	// What is not deployed is told before twins are started for nothing.
	if _, err := s.liveEnv(ctx, st, false); err != nil {
		return err
	}
	if err := s.share(ctx); err != nil {
		return err
	}
	s.outages = newOutages(s.Host.Clock.Now, o.Say)
	env, err := s.liveEnv(ctx, st, true)
	if err != nil {
		return err
	}
	env.Progress = o.Progress
	runner := live.New(env, s.liveOptions())
	started := report.Running{FormatVersion: report.FormatVersion, Link: s.Link.Name, Maps: len(env.Maps)}
	stop, err := s.listen(ctx, env, runner, &started, o.Say)
	if err != nil {
		return err
	}
	o.Ready(started)
	return errors.Join(runner.Run(ctx), stop())
}

// liveOptions say how often to look, and how to read events.
func (s *Session) liveOptions() live.Options {
	return live.Options{
		Match: receive.Match, EntityKey: receive.EntityKey,
		PollLeast: s.interval(pollVariable), PollMost: s.interval(pollVariable), Scan: s.interval(scanVariable),
		Compare: s.compareEvery(), Bulk: s.bulkFrom(), Tag: dataverse.Tag,
	}
}

// share serves the twins of a sandbox link from this process for the other
// commands of the folder, unless another process does.
func (s *Session) share(ctx context.Context) error {
	if s.Link.Sandbox == nil {
		return nil
	}
	if _, ok := s.running(ctx); ok {
		return nil
	}
	_, l, err := s.Serve(ctx, ServeOptions{})
	if err == nil && l.HasErrors() {
		err = &diag.Failure{List: l}
	}
	return err
}

// listen starts the receiver of events where the link has one, and makes the
// services post to it as far as that can be done by a program: Dataverse's
// webhooks, and in a sandbox what a person does in F&O's event catalog.
func (s *Session) listen(ctx context.Context, env *engine.Env, runner *live.Runner, started *report.Running, say func(string)) (stop func() error, err error) {
	listen, key, url := "", "", ""
	switch r := s.Link.Receive; {
	case r != nil:
		listen, key, url = r.Listen, r.Key.Reveal(), r.URL
	case s.Link.Sandbox != nil:
		listen, key = "127.0.0.1:0", s.Host.Random.NewID()
	default:
		return func() error { return nil }, nil
	}
	// What comes while services are told of the receiver are their tests of it.
	var heard atomic.Bool
	server, err := receive.Serve(ctx, listen, nil, receive.Options{Key: key, Sink: runner.Notices, Log: func(text string) {
		if heard.Load() {
			say(text)
		}
	}})
	if err != nil {
		return nil, err
	}
	if url == "" {
		url = server.URL
	}
	started.Listens = server.URL
	ends := []func(context.Context) error{server.Stop}
	d, ok := env.Dataverse.(*dataverse.Connector)
	if ok {
		// Without webhooks changes are found by asking for them, a little later.
		if err := d.EnsureWebhook(ctx, s.webhookName(), url, key, tablesOf(env)); err != nil {
			say("Dataverse posts no changes, they are asked for instead: " + oneLine(err))
		}
		ends = append(ends, func(ctx context.Context) error { return d.RemoveWebhook(ctx, s.webhookName()) })
	}
	if s.Link.Sandbox != nil {
		if a, ok := s.running(ctx); ok {
			c := control.Client{Address: a.Control, Key: a.ControlKey}
			if _, err := c.ActivateEvents(ctx, control.Activation{Endpoint: url, Key: key, Sets: setsOf(env)}); err != nil {
				say("F&O's twin sends no events, its keys are scanned instead: " + oneLine(err))
			}
			watching, end := context.WithCancel(ctx)
			go s.keepActive(watching, c, control.Activation{Endpoint: url, Key: key, Sets: setsOf(env)})
			ends = append(ends, func(ctx context.Context) error {
				end()
				_, err := c.DeactivateEvents(ctx, url)
				return err
			})
		}
	}
	heard.Store(true)
	return func() error {
		// The services may be gone: then there is nothing left to end there.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		for _, end := range slices.Backward(ends) {
			if err := end(ctx); err != nil && ctx.Err() == nil {
				say("While stopping: " + oneLine(err))
			}
		}
		return nil
	}, nil
}

// keepActive activates the events of F&O's twin again where twins that were
// started anew have forgotten it, until ctx ends.
func (s *Session) keepActive(ctx context.Context, c control.Client, a control.Activation) {
	for s.Host.Clock.Sleep(ctx, activeEvery) == nil {
		st, err := c.Events(ctx)
		if err != nil || slices.ContainsFunc(st.Activations, func(x control.Activation) bool { return x.Endpoint == a.Endpoint }) {
			continue // twins that are away are told of by those who need them
		}
		// An error means that they have gone again: the next look tries again.
		_, _ = c.ActivateEvents(ctx, a)
	}
}

// tablesOf gives the Dataverse tables of all maps, each once.
func tablesOf(env *engine.Env) []*schema.Table {
	var tables []*schema.Table
	for _, m := range env.Maps {
		if !slices.ContainsFunc(tables, func(t *schema.Table) bool { return t.Name == m.Def.Dataverse.Name }) {
			tables = append(tables, m.Def.Dataverse)
		}
	}
	return tables
}

// setsOf gives the F&O entity sets of all maps, each once.
func setsOf(env *engine.Env) []string {
	var sets []string
	for _, m := range env.Maps {
		if !slices.Contains(sets, m.Def.FnO.Set) {
			sets = append(sets, m.Def.FnO.Set)
		}
	}
	return sets
}

// oneLine gives what went wrong without its explanations.
func oneLine(err error) string {
	var failure *diag.Failure
	if errors.As(err, &failure) && len(failure.List) > 0 {
		return fmt.Sprintf("%s (%s)", failure.List[0].Summary, failure.List[0].Code)
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
