package memory

import (
	"slices"

	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

func (t *tx) AddChanges(changes []record.Change) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range changes {
		if err := store.CheckChange(&changes[i]); err != nil {
			return err
		}
	}
	for i := range changes {
		c := &changes[i]
		c.ID = t.draw()
		lines := t.changes(c.Map)
		history := append(slices.Clone(lines[c.Key]), *c)
		lines[c.Key] = history[max(0, len(history)-store.ChangesKept):]
	}
	return nil
}

func (t *tx) Changes(mapName, key string) ([]record.Change, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	return slices.Clone(t.of(mapName).changes[key]), nil
}

func (t *tx) AddCommand(c *store.Command) error {
	if err := t.usable(true); err != nil {
		return err
	}
	if err := store.CheckCommand(c); err != nil {
		return err
	}
	t.number(&c.ID)
	c.State = store.CommandWaits
	kept := *c
	kept.Args = slices.Clone(c.Args)
	t.st.commands = append(slices.Clone(t.st.commands), kept)
	return nil
}

func (t *tx) Commands(after int64, limit int, waiting bool) ([]store.Command, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var found []store.Command
	for _, c := range t.st.commands {
		if c.ID > after && (!waiting || c.State == store.CommandWaits) && (limit <= 0 || len(found) < limit) {
			c.Args = slices.Clone(c.Args)
			found = append(found, c)
		}
	}
	return found, nil
}

func (t *tx) AnswerCommand(id int64, state store.CommandState, answer string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	commands := slices.Clone(t.st.commands)
	answered := 0
	for i := len(commands) - 1; i >= 0; i-- {
		c := &commands[i]
		if c.ID == id {
			c.State, c.Answer = state, answer
		}
		if c.State != store.CommandWaits {
			if answered++; answered > store.CommandsKept {
				commands = slices.Delete(commands, i, i+1)
			}
		}
	}
	t.st.commands = commands
	return nil
}
