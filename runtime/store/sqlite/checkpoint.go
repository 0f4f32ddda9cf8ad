package sqlite

import (
	"fmt"
	"sync/atomic"
)

// checkpointer moves the log into the file on a connection of its own, so that
// commits do not wait for it.
type checkpointer struct {
	on      *session
	wake    chan struct{}
	done    chan struct{}
	pending atomic.Int64 // statements since the last checkpoint
	long    atomic.Bool  // the log is over logLimit
	err     error        // of the last checkpoint; read after done
}

func startCheckpointer(on *session) *checkpointer {
	c := &checkpointer{on: on, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		for range c.wake {
			c.err = c.run(on, "PASSIVE")
		}
	}()
	return c
}

// wrote counts what a commit wrote and wakes the checkpointer when it is time.
func (c *checkpointer) wrote(statements int) {
	if c.pending.Add(int64(statements)) < checkpointEvery {
		return
	}
	select {
	case c.wake <- struct{}{}:
		c.pending.Store(0)
	default: // already awake
	}
}

// behind tells whether the log has grown too long for checkpoints beside the
// writer.
func (c *checkpointer) behind() bool { return c.long.Load() }

// now moves the whole log on the writer's session, between two transactions.
func (c *checkpointer) now(writer *session) error {
	if err := c.run(writer, "RESTART"); err != nil {
		return err
	}
	c.long.Store(false) // also where a reader stood in the way: the next passive one measures again
	return nil
}

func (c *checkpointer) run(on *session, mode string) error {
	var busy, log, moved int64
	row := on.conn.QueryRowContext(uncut, "PRAGMA wal_checkpoint("+mode+")")
	if err := row.Scan(&busy, &log, &moved); err != nil {
		return fmt.Errorf("store: checkpoint: %w", err)
	}
	c.long.Store(log > logLimit)
	return nil
}

// stop ends the checkpointer and gives the error of its last run. No
// transaction may run.
func (c *checkpointer) stop() error {
	close(c.wake)
	<-c.done
	if err := c.on.close(); err != nil {
		return err
	}
	return c.err
}
