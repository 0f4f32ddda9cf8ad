package model

import "strings"

const (
	mapWord    = "map."
	moduleWord = "module."
)

// MapAddress gives the address of a map by its name: map.customers,
// map.customers["USMF"], and module.x.map.customers for module.x.customers.
func MapAddress(name string) string {
	modules, rest := splitModules(name)
	return modules + mapWord + rest
}

// MapAddresses gives the addresses of maps by their names.
func MapAddresses(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = MapAddress(name)
	}
	return out
}

// MapName reads the name of a map as people write it on a command line: with or
// without "map.", and with keys whose quotes a shell has taken away.
func MapName(text string) string {
	modules, rest := splitModules(text)
	return modules + quoteKey(strings.TrimPrefix(rest, mapWord))
}

// splitModules takes the modules before a map's name off, with their keys
// quoted and a dot behind each.
func splitModules(text string) (modules, rest string) {
	rest = text
	for strings.HasPrefix(rest, moduleWord) {
		n := len(moduleWord)
		end := strings.IndexAny(rest[n:], ".[")
		if end < 0 {
			return modules, rest
		}
		end += n
		if rest[end] == '[' {
			closing := strings.IndexByte(rest[end:], ']')
			if closing < 0 {
				return modules, rest
			}
			end += closing + 1
			if end == len(rest) || rest[end] != '.' {
				return modules, rest
			}
		}
		modules += quoteKey(rest[:end]) + "."
		rest = rest[end+1:]
	}
	return modules, rest
}

// quoteKey puts the key at the end of a name into quotes: a[b] is a["b"].
func quoteKey(name string) string {
	open := strings.IndexByte(name, '[')
	if open < 0 || !strings.HasSuffix(name, "]") {
		return name
	}
	return name[:open] + `["` + strings.Trim(name[open+1:len(name)-1], `"'`) + `"]`
}

// MapArgument writes the name of a map so that a shell leaves it whole.
func MapArgument(name string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-@", r)
	}
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
