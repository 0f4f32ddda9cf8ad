// Package library holds the standard maps of dual-write as configuration
// files, for reading, copying and extending.
//
// What a map carries follows Microsoft's documentation of the standard
// dual-write maps and the map solutions that Microsoft has published; the text
// of the files is the project's own.
package library

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed index.csv
var index string

//go:embed maps/*.dw.hcl
var files embed.FS

// Entry is one standard map.
type Entry struct {
	Name      string `json:"name"`      // of the map and of its file: "customers_v3_accounts"
	Title     string `json:"title"`     // the name of the F&O entity in dual-write: "Customers V3"
	Area      string `json:"area"`      // the part of the systems: "Finance"
	Order     int    `json:"order"`     // place in the library, from 1: maps come after those that they refer to, rings apart
	FnO       string `json:"fno"`       // entity set
	Dataverse string `json:"dataverse"` // entity set
	File      string `json:"file"`      // its file in FS: "customers_v3_accounts.dw.hcl"
}

// suffix is how the files of maps end.
const suffix = ".dw.hcl"

// List gives all maps by their order. The list is the caller's.
func List() []Entry {
	rows, err := csv.NewReader(strings.NewReader(index)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("library: the embedded index is damaged: %v", err)) // cannot be: a test reads it
	}
	list := make([]Entry, 0, len(rows))
	for _, r := range rows[1:] {
		order, err := strconv.Atoi(r[3])
		if err != nil {
			panic(fmt.Sprintf("library: the embedded index is damaged: %v", err)) // cannot be: a test reads it
		}
		list = append(list, Entry{Name: r[0], Title: r[1], Area: r[2], Order: order, FnO: r[4], Dataverse: r[5], File: r[0] + suffix})
	}
	return list
}

// Find gives the map of a name, in any case.
func Find(name string) (Entry, bool) {
	list := List()
	i := slices.IndexFunc(list, func(e Entry) bool { return strings.EqualFold(e.Name, name) })
	if i < 0 {
		return Entry{}, false
	}
	return list[i], true
}

// FS gives the files of the maps, one a map, all in its root. Each is a whole
// configuration but for the link.
func FS() fs.FS {
	sub, err := fs.Sub(files, "maps")
	if err != nil {
		panic(err) // cannot be: "maps" is a valid path
	}
	return sub
}

// Source gives the text of a map by its name, in any case.
func Source(name string) ([]byte, bool) {
	e, ok := Find(name)
	if !ok {
		return nil, false
	}
	text, err := files.ReadFile("maps/" + e.File)
	return text, err == nil
}
