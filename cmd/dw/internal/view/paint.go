package view

// style is an ANSI rendition.
type style string

// The styles. They carry no meaning of their own: everything coloured is also
// said by a word or a sign.
const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// paint wraps text into a style where colours are on.
func (o Options) paint(s style, text string) string {
	if !o.Color || text == "" || s == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}
