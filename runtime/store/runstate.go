package store

import (
	"encoding/json"
	"fmt"
)

// RunState is how a map is doing, as the process that runs it last said.
type RunState struct {
	// Status is one of the statuses below; "" before the first run.
	Status string `json:"status,omitempty"`
	// Override is the status that an operator asked for: StatusRunning,
	// StatusPaused or StatusStopped. "": what is deployed decides.
	Override string `json:"override,omitempty"`
	By       string `json:"by,omitempty"` // who asked for Override
	// Fault says that a fault of dw stopped the map; its cursors are in place.
	Fault  bool   `json:"fault,omitempty"`
	Since  string `json:"since,omitempty"`  // RFC 3339: when Status began
	Reason string `json:"reason,omitempty"` // why it is not doing better, for people

	// Batch is when a batch window of the map began, RFC 3339; "" none. The map
	// is paused then and captures nothing: where its reads stand is the position
	// from which the end of the window goes on.
	Batch       string `json:"batch,omitempty"`
	BatchReason string `json:"batch_reason,omitempty"` // as who began it has given it
	// Bulk says that a window has ended and what changed in it is still to be
	// moved, by the bulk path.
	Bulk bool `json:"bulk,omitempty"`
}

// BatchText says for people that and why a map is in a batch window.
func (s RunState) BatchText() string {
	if s.Batch == "" {
		return ""
	}
	text := "batch window since " + s.Batch
	if s.By != "" {
		text += " by " + s.By
	}
	if s.BatchReason != "" {
		text += " (" + s.BatchReason + ")"
	}
	return text + "; `dw batch end` moves what changed in it"
}

// The statuses of a map: stopped -> initializing -> running <-> paused ->
// catching_up -> running.
const (
	StatusStopped      = "stopped"
	StatusInitializing = "initializing"
	StatusRunning      = "running"
	StatusPaused       = "paused"
	StatusCatchingUp   = "catching_up"
)

// The ways to resume a map.
const (
	ResumeCatchUp = "catch-up"
	ResumeKeep    = "keep"
	ResumeDiscard = "discard"
)

func runStateMeta(mapName string) string { return "run/" + mapName }

// RunStateOf reads how a map is doing; zero where it never ran.
func RunStateOf(tx Tx, mapName string) (RunState, error) {
	var s RunState
	text, err := tx.Meta(runStateMeta(mapName))
	if err != nil || text == "" {
		return s, err
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("store: the run state of map %s cannot be read: %w", mapName, err)
	}
	return s, nil
}

// PutRunState stores how a map is doing; the zero state removes it.
func PutRunState(tx Tx, mapName string, s RunState) error {
	if s == (RunState{}) {
		return tx.SetMeta(runStateMeta(mapName), "")
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.SetMeta(runStateMeta(mapName), string(text))
}
