package plan

import (
	"encoding/json"
	"fmt"
)

// Delivers names, by the logical name of a table, the maps of the link that
// fill it, the one first that finds its rows best. In JSON a single map stands
// as a text, several as a list.
type Delivers map[string][]string

// MarshalJSON implements json.Marshaler.
func (d Delivers) MarshalJSON() ([]byte, error) {
	out := make(map[string]any, len(d))
	for table, maps := range d {
		if len(maps) == 1 {
			out[table] = maps[0]
		} else {
			out[table] = maps
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Delivers) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*d = make(Delivers, len(raw))
	for table, text := range raw {
		var one string
		if json.Unmarshal(text, &one) == nil && string(text) != "null" {
			(*d)[table] = []string{one}
			continue
		}
		var several []string
		if err := json.Unmarshal(text, &several); err != nil {
			return fmt.Errorf("maps that deliver %s: %w", table, err)
		}
		(*d)[table] = several
	}
	return nil
}
