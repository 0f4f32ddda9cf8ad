package initial

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/match"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// matchMeta names the store's entry that says that the rows without key of a
// map were dealt with: what is left of the records by then is not all of them.
func matchMeta(mapName string) string { return "match/" + mapName }

// matchText stands under matchMeta.
const matchText = "done"

// match finds the records of rows that lack the key, once a join.
func (j *run) match(ctx context.Context) (err error) {
	if !match.Wanted(j.Map) {
		return nil
	}
	var done string
	err = j.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		done, err = tx.Meta(matchMeta(j.Map.Name))
		return err
	})
	if err != nil || done == matchText {
		return err
	}
	content, err := Crosswalk(j.Env, j.Map)
	if err != nil {
		return err
	}
	if j.Env.Scratch == nil {
		return fmt.Errorf("map %s: there is no room to sort what was read", j.Map.Name)
	}
	scratch, end, err := j.Env.Scratch(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	j.Env.Report(report.Progress{Map: j.Map.Name, Phase: "match"})
	_, err = match.Run(ctx, match.Options{
		Env: j.Env, Map: j.Map, Scratch: scratch, Crosswalk: content, Keyless: j.Reader.ListKeyless,
		Stored: func(tx store.Tx) error { return tx.SetMeta(matchMeta(j.Map.Name), matchText) },
	})
	if err == nil {
		j.Env.Host.Markers.Reached(engine.MarkMatchStored)
	}
	return err
}

// Crosswalk gives the content of the file that a deployed map names, nil where
// it names none. Another content than was deployed is refused.
func Crosswalk(env *engine.Env, m *engine.Map) ([]byte, error) {
	x := m.Def.Map.Initial.Crosswalk
	if x == nil {
		return nil, nil
	}
	var content []byte
	if env.Crosswalk != nil {
		content = env.Crosswalk(m.Name)
	}
	sum := sha256.Sum256(content)
	if content != nil && hex.EncodeToString(sum[:]) == x.SHA256 {
		return content, nil
	}
	return nil, diag.Fail(diag.Diagnostic{
		Code: diag.CodeCrosswalkFile, Severity: diag.Error, Address: m.Def.Map.Address(),
		Summary: fmt.Sprintf("%s is not what was planned", x.File),
		Detail:  "The plan has the hash of the file's content, and what lies in the folder is another one, or nothing. Rows would be joined otherwise than the plan says.",
		Hint:    "Put the file back, or plan again with the new one: `dw apply`.",
	})
}
