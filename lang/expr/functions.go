package expr

import "slices"

// Function describes one function of value expressions. What a function
// computes stands in lang/transform; this table says what an author may write.
type Function struct {
	Name    string
	Params  []string // names of the parameters, in order
	Min     int      // least number of arguments
	Max     int      // greatest number of arguments; -1: no limit, the last parameter repeats
	Doc     string   // one sentence
	Example string   // a call and what it gives
}

// Functions gives the closed table of functions, sorted by name. Every
// function gives null where its first argument is null, but for coalesce.
func Functions() []Function {
	return []Function{
		{"coalesce", []string{"value", "more"}, 1, -1, "The first argument that is neither null nor the empty text; null where there is none.", `coalesce(value, "none")`},
		{"contains", []string{"text", "part"}, 2, 2, "Whether the text contains the part, letter case counting.", `contains("abc", "b") gives true`},
		{"endswith", []string{"text", "suffix"}, 2, 2, "Whether the text ends with the suffix, letter case counting.", `endswith("abc", "c") gives true`},
		{"length", []string{"text"}, 1, 1, "The number of characters (Unicode code points) of the text.", `length("Zoë") gives 3`},
		{"lower", []string{"text"}, 1, 1, "The text in lower case.", `lower("ABC") gives "abc"`},
		{"padleft", []string{"text", "length", "fill"}, 3, 3, "The text filled on the left with the one-character fill up to the length.", `padleft("42", 5, "0") gives "00042"`},
		{"replace", []string{"text", "old", "new"}, 3, 3, "The text with every old part replaced by the new one.", `replace("a-b", "-", "_") gives "a_b"`},
		{"round", []string{"number", "decimals"}, 2, 2, "The number rounded half away from zero to that many decimals.", `round(2.345, 2) gives 2.35`},
		{"startswith", []string{"text", "prefix"}, 2, 2, "Whether the text starts with the prefix, letter case counting.", `startswith("abc", "a") gives true`},
		{"substr", []string{"text", "offset", "length"}, 3, 3, "Length characters of the text from the offset, which counts from 0; less where the text ends earlier.", `substr("abcdef", 1, 3) gives "bcd"`},
		{"trim", []string{"text", "characters"}, 2, 2, "The text without any of the characters at its start and end.", `trim("--a--", "-") gives "a"`},
		{"trimprefix", []string{"text", "prefix"}, 2, 2, "The text without the prefix, where it has it.", `trimprefix("US-001", "US-") gives "001"`},
		{"trimspace", []string{"text"}, 1, 1, "The text without white space at its start and end.", `trimspace(" a ") gives "a"`},
		{"trimsuffix", []string{"text", "suffix"}, 2, 2, "The text without the suffix, where it has it.", `trimsuffix("a.old", ".old") gives "a"`},
		{"upper", []string{"text"}, 1, 1, "The text in upper case.", `upper("abc") gives "ABC"`},
	}
}

// FunctionNamed finds a function of the table.
func FunctionNamed(name string) (Function, bool) {
	all := Functions()
	i := slices.IndexFunc(all, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return Function{}, false
	}
	return all[i], true
}
