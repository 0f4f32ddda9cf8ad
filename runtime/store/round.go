package store

import (
	"encoding/json"
	"fmt"
)

// Round is how far the rolling comparison of a map's contents has come. Times
// are RFC 3339.
type Round struct {
	After  int64  `json:"after,omitempty"` // pair up to which contents were compared
	Began  string `json:"began,omitempty"` // "": the next slice begins a round
	Looked int64  `json:"looked,omitempty"`
	Found  int64  `json:"found,omitempty"` // rows that were not as agreed, in this round

	Ended      string `json:"ended,omitempty"` // the last complete round; "" none yet
	LastBegan  string `json:"last_began,omitempty"`
	LastLooked int64  `json:"last_looked,omitempty"`
	LastFound  int64  `json:"last_found,omitempty"`
}

func roundMeta(mapName string) string { return "contents/" + mapName }

// RoundOf reads how far the comparison of a map has come; zero where it has not
// begun.
func RoundOf(tx Tx, mapName string) (r Round, err error) {
	text, err := tx.Meta(roundMeta(mapName))
	if err != nil || text == "" {
		return r, err
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fmt.Errorf("store: the comparison of the contents of map %s cannot be read: %w", mapName, err)
	}
	return r, nil
}

// PutRound stores it.
func PutRound(tx Tx, mapName string, r Round) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.SetMeta(roundMeta(mapName), string(text))
}
