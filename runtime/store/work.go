package store

// WorkOf gives what is unhandled of one canonical key; its Key is empty where
// nothing is.
func WorkOf(tx Tx, mapName, key string) (Work, error) {
	if key == "" {
		return Work{}, nil
	}
	// The key before it in byte order, as near as matters.
	last := len(key) - 1
	before := key[:last]
	if key[last] > 0 {
		before += string([]byte{key[last] - 1, 0xff, 0xff, 0xff, 0xff})
	}
	work, err := tx.Work(mapName, before, 1)
	if err != nil || len(work) == 0 || work[0].Key != key {
		return Work{}, err
	}
	return work[0], nil
}
