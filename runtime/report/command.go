package report

// Command is what became of an operator's command.
type Command struct {
	Name   string   `json:"command"`
	Map    string   `json:"map,omitempty"`
	Args   []string `json:"arguments,omitempty"`
	Done   bool     `json:"done"`
	Waits  bool     `json:"waits"`  // the running engine has not answered yet, or is at it
	Answer string   `json:"answer"` // what was done; how far it is, where it waits

	Interrupted bool `json:"interrupted,omitempty"` // it ended before its work was done
}

// Commands are the answers to commands that were given together.
type Commands struct {
	FormatVersion string    `json:"format_version"`
	Commands      []Command `json:"commands"`
}

// AllDone tells whether every command was carried out.
func (c Commands) AllDone() bool {
	for _, one := range c.Commands {
		if !one.Done {
			return false
		}
	}
	return true
}
