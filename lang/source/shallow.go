package source

// Bounds below which a file is plainly no danger to the parser, whatever else
// stands in it.
const (
	plainNesting   = maxNesting / 2
	plainOperators = maxOperators / 2
	plainText      = maxParts / 2
)

// plainlyShallow tells, from one look at the bytes, that guardTokens would have
// nothing to say; false means that its closer look is needed. Reading the
// tokens costs as much as half of the parsing, and hardly any file needs it.
// Templates, heredocs, block comments and texts over several lines are left to
// the closer look.
func plainlyShallow(src []byte) bool {
	depth, operators := 0, 0
	for i := 0; i < len(src); i++ {
		next := byte(0)
		if i+1 < len(src) {
			next = src[i+1]
		}
		switch src[i] {
		case '"':
			if i = textEnd(src, i); i < 0 {
				return false
			}
		case '#':
			i = lineEnd(src, i)
		case '/':
			switch next {
			case '/':
				i = lineEnd(src, i)
			case '*':
				return false
			default:
				operators++
			}
		case '(', '{':
			depth++
		case '[':
			depth++
			operators++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case '<':
			if next == '<' {
				return false
			}
			operators++
		case '=':
			if next == '=' {
				operators++
			}
		case '+', '-', '*', '%', '!', '&', '|', '?', ':', '>', '~', '^', '.', '$':
			operators++
		}
		if depth > plainNesting || operators > plainOperators {
			return false
		}
	}
	return true
}

// lineEnd gives the place of the line break that ends a comment.
func lineEnd(src []byte, i int) int {
	for i < len(src) && src[i] != '\n' {
		i++
	}
	return i
}

// textEnd gives the place of the closing quote of a text; -1 where the text is
// long, goes over lines or may hold a template.
func textEnd(src []byte, start int) int {
	for i := start + 1; i < len(src) && i-start <= plainText; i++ {
		switch src[i] {
		case '"':
			return i
		case '\n':
			return -1
		case '\\':
			i++
			if i < len(src) && src[i] == '\n' {
				return -1
			}
		case '$', '%':
			if i+1 < len(src) && src[i+1] == '{' {
				return -1
			}
		}
	}
	return -1
}
