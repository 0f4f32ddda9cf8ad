package store

import (
	"errors"
	"time"
)

// ErrFenced is the error of a transaction of a process that does not hold the
// lock of the state any more: another has taken it over.
var ErrFenced = errors.New("store: another process has taken the lock of the state over")

// Lock says who may change the state. It is held until it is given back, or
// until its lease has ended and another takes it over.
type Lock struct {
	// Epoch counts the holders: whoever takes the lock raises it, so that the
	// transactions of an earlier holder can be told from those of the present one.
	Epoch   int64  `json:"epoch"`
	Owner   string `json:"owner,omitempty"`   // "ada@laptop"; "" where nobody holds it
	Machine string `json:"machine,omitempty"` // that the process runs on
	PID     int    `json:"pid,omitempty"`
	Purpose string `json:"purpose,omitempty"` // "apply", "run", "rollback"
	Run     string `json:"run,omitempty"`     // address of the pipeline's run
	Since   string `json:"since,omitempty"`   // RFC 3339
	Until   string `json:"until,omitempty"`   // RFC 3339: when the lease ends unless it is renewed
}

// Held tells whether somebody holds the lock, or held it last and has not given
// it back.
func (l Lock) Held() bool { return l.Owner != "" }

// Ended tells whether the lease is over. One that cannot be read is.
func (l Lock) Ended(now time.Time) bool {
	until, err := time.Parse(time.RFC3339, l.Until)
	return err != nil || !now.Before(until)
}
