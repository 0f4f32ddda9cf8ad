package catalog

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"strings"
)

// row is one line of a data file, its cells by column title.
type row struct {
	file  string
	line  int
	cells map[string]string
}

func (r row) get(column string) string { return r.cells[column] }

// yes reads a cell that holds "yes", "no" or nothing, which means no.
func (r row) yes(column string) (bool, error) {
	return parseYes(r.get(column))
}

func (r row) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", r.file, r.line, fmt.Sprintf(format, args...))
}

// readCSV reads a file whose first line gives the column titles. Every line
// must have a cell for every title.
func readCSV(files fs.FS, name string) ([]row, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: no heading", name)
	}
	rows := make([]row, 0, len(lines)-1)
	for i, line := range lines[1:] {
		cells := make(map[string]string, len(line))
		for j, title := range lines[0] {
			cells[title] = strings.TrimSpace(line[j])
		}
		rows = append(rows, row{file: name, line: i + 2, cells: cells})
	}
	return rows, nil
}

func parseYes(s string) (bool, error) {
	switch s {
	case "yes":
		return true, nil
	case "no", "":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", s)
}
