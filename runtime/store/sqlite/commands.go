package sqlite

import (
	"encoding/json"

	"github.com/dualwrite/dw/runtime/store"
)

func (t *tx) AddCommand(c *store.Command) error {
	if err := t.mayCommand(); err != nil {
		return err
	}
	if err := store.CheckCommand(c); err != nil {
		return err
	}
	args, err := json.Marshal(c.Args)
	if err != nil {
		return err
	}
	t.number(&c.ID)
	c.State = store.CommandWaits
	return t.exec("INSERT INTO commands (id, name, map, args, at, by, state, answer) VALUES (?, ?, ?, ?, ?, ?, ?, '')",
		c.ID, c.Name, c.Map, args, c.At, c.By, string(c.State))
}

func (t *tx) Commands(after int64, limit int, waiting bool) ([]store.Command, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	where := "id > ?"
	if waiting {
		where += " AND state = '" + string(store.CommandWaits) + "'"
	}
	var all []store.Command
	err := t.each(func(scan func(...any) error) error {
		var c store.Command
		var args []byte
		if err := scan(&c.ID, &c.Name, &c.Map, &args, &c.At, &c.By, &c.State, &c.Answer); err != nil {
			return err
		}
		if err := json.Unmarshal(args, &c.Args); err != nil {
			return err
		}
		all = append(all, c)
		return nil
	}, "SELECT id, name, map, args, at, by, state, answer FROM commands WHERE "+where+" ORDER BY id LIMIT ?", after, rowLimit(limit))
	return all, err
}

func (t *tx) AnswerCommand(id int64, state store.CommandState, answer string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	if err := t.exec("UPDATE commands SET state = ?, answer = ? WHERE id = ?", string(state), answer, id); err != nil {
		return err
	}
	return t.exec(`DELETE FROM commands WHERE state <> ?1 AND id <= (
		SELECT id FROM commands WHERE state <> ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, string(store.CommandWaits), store.CommandsKept)
}
