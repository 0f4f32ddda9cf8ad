package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Figures say what one run of a command cost.
type Figures struct {
	CPU  time.Duration // of the process: in its own code and in the system for it
	Wall time.Duration
	Peak int64 // bytes that were in memory at most; 0 where the system does not say
}

// once runs a program and gives what it cost. Its exit code must be 0.
func once(ctx context.Context, program, dir string, args []string) (Figures, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return Figures{}, fmt.Errorf("dw %v: %w\n%s", args, err, said.String())
	}
	return Figures{
		CPU:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Wall: wall, Peak: peak(cmd.ProcessState),
	}, nil
}

// median takes each figure from its own middle run.
func median(runs []Figures) Figures {
	return Figures{
		CPU:  middle(runs, func(f Figures) time.Duration { return f.CPU }),
		Wall: middle(runs, func(f Figures) time.Duration { return f.Wall }),
		Peak: middle(runs, func(f Figures) int64 { return f.Peak }),
	}
}

func middle[T time.Duration | int64](runs []Figures, of func(Figures) T) T {
	all := make([]T, len(runs))
	for i, r := range runs {
		all[i] = of(r)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
