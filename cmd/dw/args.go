package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/lang/diag"
)

// flagsFirst moves the flags of a command before its arguments, and global
// flags before the command. The library
// stops parsing at the first argument and would silently ignore what follows.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	out := args[:1:1]
	flags, commands := app.Flags, app.Commands
	rest := args[1:]
	for {
		// Flags of this level, up to the name of the next command.
		i := 0
		for i < len(rest) && isFlag(rest[i]) {
			if rest[i] == "--" {
				return append(out, rest...)
			}
			n := 1
			if takesValue(flags, rest[i]) {
				n = 2
			}
			i = min(i+n, len(rest))
		}
		out = append(out, rest[:i]...)
		if i == len(rest) {
			return out
		}
		command := named(commands, rest[i])
		if command == nil {
			return append(out, rest[i:]...) // whose flags these are is not known
		}
		out = append(out, rest[i])
		rest = rest[i+1:]
		flags, commands = command.Flags, command.Subcommands
		if len(commands) == 0 {
			break
		}
	}
	var global, moved, arguments []string
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == "--":
			arguments = append(arguments, rest[i:]...)
			i = len(rest)
		case isFlag(rest[i]) && !knows(flags, rest[i]) && knows(app.Flags, rest[i]):
			global = append(global, rest[i])
			if takesValue(app.Flags, rest[i]) && i+1 < len(rest) {
				i++
				global = append(global, rest[i])
			}
		case isFlag(rest[i]):
			moved = append(moved, rest[i])
			if takesValue(flags, rest[i]) && i+1 < len(rest) {
				i++
				moved = append(moved, rest[i])
			}
		default:
			arguments = append(arguments, rest[i])
		}
	}
	return slices.Concat(out[:1], global, out[1:], moved, arguments)
}

// isFlag tells a flag from an argument; a single dash means standard input.
func isFlag(a string) bool { return len(a) > 1 && a[0] == '-' }

// takesValue tells whether a flag's value stands in the next argument.
func takesValue(flags []cli.Flag, arg string) bool {
	if strings.Contains(arg, "=") {
		return false
	}
	_, boolean := find(flags, arg).(*cli.BoolFlag)
	return !boolean && knows(flags, arg)
}

func knows(flags []cli.Flag, arg string) bool { return find(flags, arg) != nil }

// find gives the flag that an argument names; nil where there is none.
func find(flags []cli.Flag, arg string) cli.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// meantFlag gives the flag that somebody has most likely meant by a name that is
// none; "" where it is like none of them. Part of a name will do.
func meantFlag(written string, flags []cli.Flag) string {
	var like, begins []string
	for _, f := range flags {
		for _, name := range f.Names() {
			switch {
			case diag.Similar(written, name):
				like = append(like, name)
			case len(written) > 1 && strings.HasPrefix(name, written), slices.Contains(strings.Split(name, "-"), written):
				begins = append(begins, name)
			}
		}
	}
	if near := diag.Suggest(written, like); near != "" {
		return near
	}
	if len(begins) == 1 {
		return begins[0]
	}
	return ""
}

// flagList names flags as they are written, in their order.
func flagList(flags []cli.Flag) string {
	var names []string
	for _, f := range flags {
		names = append(names, "-"+f.Names()[0])
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func named(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}
