package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// tempStore makes an empty store in a folder of its own, for what is sorted on
// disk; end removes it.
func (s *Session) tempStore(ctx context.Context) (st store.Store, end func() error, err error) {
	dir, err := os.MkdirTemp("", "dw-sort-")
	if err != nil {
		return nil, nil, fmt.Errorf("make room to sort what was read: %w", err)
	}
	opened, err := sqlite.Open(ctx, sqlite.Options{
		Path: filepath.Join(dir, "sort.db"), Role: sqlite.Engine, NewID: s.Host.Random.NewID,
		Holder: sqlite.Holder{PID: os.Getpid(), Command: "dw"},
	})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return opened, func() error { return errors.Join(opened.Close(), os.RemoveAll(dir)) }, nil
}

// crosswalk gives the content of the file that a map of the folder names.
func (s *Session) crosswalk(mapName string) []byte {
	for _, m := range s.Config.Maps {
		if m.Name == mapName && m.Initial.Crosswalk != nil {
			return m.Initial.Crosswalk.Content
		}
	}
	return nil
}
