package odata

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
)

// WriteJSON writes an answer as encoding/json would with SetEscapeHTML(false),
// the members of objects in the order of their names, without a line break at
// its end. Answers are maps for the most part, metadata hundreds of thousands of
// members of them, which reflection takes several times as long for, and as
// much memory as they are long.
func WriteJSON(to io.Writer, v any) error {
	w := jsonWriter{to: to, b: make([]byte, 0, pieceSize+pieceSize/4)}
	w.value(v)
	w.flush()
	return w.err
}

// pieceSize is how many bytes are written at once.
const pieceSize = 16 << 10

type jsonWriter struct {
	to  io.Writer
	b   []byte // not written yet
	err error
}

func (w *jsonWriter) flush() {
	if w.err == nil {
		_, w.err = w.to.Write(w.b)
	}
	w.b = w.b[:0]
}

func (w *jsonWriter) value(v any) {
	if len(w.b) > pieceSize {
		w.flush()
	}
	switch v := v.(type) {
	case nil:
		w.b = append(w.b, "null"...)
	case bool:
		w.b = strconv.AppendBool(w.b, v)
	case int:
		w.b = strconv.AppendInt(w.b, int64(v), 10)
	case string:
		w.text(v)
	case map[string]any:
		w.object(v)
	case []map[string]any:
		list(w, v, w.object)
	case []string:
		list(w, v, w.text)
	case []any:
		list(w, v, w.value)
	default:
		w.other(v)
	}
}

func (w *jsonWriter) object(o map[string]any) {
	if o == nil {
		w.b = append(w.b, "null"...)
		return
	}
	var room [40]string
	names := room[:0]
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	w.b = append(w.b, '{')
	for i, name := range names {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.text(name)
		w.b = append(w.b, ':')
		w.value(o[name])
	}
	w.b = append(w.b, '}')
}

func list[T any](w *jsonWriter, values []T, one func(T)) {
	if values == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, '[')
	for i, v := range values {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		one(v)
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			w.other(s)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

func (w *jsonWriter) other(v any) {
	var into bytes.Buffer
	enc := json.NewEncoder(&into)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.b = append(w.b, bytes.TrimSuffix(into.Bytes(), []byte("\n"))...)
}
