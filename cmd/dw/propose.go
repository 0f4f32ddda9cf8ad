package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// propose shows what a command would write, JSON where that is the answer, and
// has it approved. CarryOut is false where there is nothing to write, or where
// only the plan was asked for; then exit code 2 tells that there is something.
func propose[R any](p *program, c *cli.Context, r R, writes bool, question string, text rendering[R]) (carryOut bool, err error) {
	carryOut = writes && !c.Bool("plan")
	switch {
	case !carryOut || !c.Bool("json"):
		err = answer(p, c, r, text)
	case !c.Bool("auto-approve"): // what is to be approved must be seen
		err = text(p.host.Err, r, p.viewOptions(p.host.Err))
	}
	switch {
	case err != nil:
		return false, err
	case writes && !carryOut:
		return false, exit{exitChanges}
	case carryOut && !c.Bool("auto-approve"):
		err = p.askFor(question, fmt.Sprintf("In a pipeline use -auto-approve; `dw %s -plan` shows beforehand what would be written.", c.Command.Name))
	}
	return carryOut && err == nil, err
}

// askFor asks a person for a yes; a pipeline must say so beforehand, in the way
// that pipelines names.
func (p *program) askFor(question, pipelines string) error {
	fmt.Fprintf(p.host.Err, "\n%s Only `yes` is taken as approval: ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(p.host.In).ReadString('\n') // no answer is no approval
		answer <- strings.TrimSpace(line)
	}()
	select {
	case a := <-answer:
		if a == "yes" {
			return nil
		}
		fmt.Fprintln(p.host.Err)
		return unapproved(pipelines)
	case <-p.halt.Done():
		fmt.Fprintln(p.host.Err)
		return context.Canceled
	}
}
