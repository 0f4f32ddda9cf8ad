package fno

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Bounds of one row of a file, far beyond what entities have: files come from
// outside.
const (
	maxRowBytes   = 16 << 20
	maxRowColumns = 10_000
)

// csvReader reads comma separated rows as RFC 4180 describes them. The standard
// library's reader makes one line feed of a carriage return and a line feed
// inside a quoted text, which would not be the text that F&O has.
type csvReader struct {
	r     *bufio.Reader
	row   int64 // number of the row that was read last, from 1
	text  []byte
	ends  []int // of the columns in text
	ended bool
}

func newCSV(r *bufio.Reader) *csvReader { return &csvReader{r: r} }

// columns counts the columns of the row that was read last.
func (c *csvReader) columns() int { return len(c.ends) }

// column gives one of them; valid until the next row is read.
func (c *csvReader) column(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.text[from:c.ends[i]]
}

// The states of a row.
const (
	atColumn    = iota // where a column begins
	inPlain            // in a text without quotes
	inQuoted           // in a text between quotes
	afterQuote         // after a quote in it: the end of the text, or the first of two
	afterReturn        // after a carriage return that ends a row
	rowDone            // the row is complete
)

// next reads a row; io.EOF after the last.
func (c *csvReader) next() error {
	c.text, c.ends = c.text[:0], c.ends[:0]
	if c.ended {
		return io.EOF
	}
	c.row++
	for state, read := atColumn, false; ; {
		chunk, err := c.r.ReadSlice('\n')
		read = read || len(chunk) > 0
		for len(chunk) > 0 {
			// What means nothing here is taken at once.
			if n := plain(state, chunk); n > 0 {
				c.text = append(c.text, chunk[:n]...)
				chunk = chunk[n:]
				continue
			}
			var wrong error
			if state, wrong = c.step(state, chunk[0]); wrong != nil {
				return fmt.Errorf("row %d: %w", c.row, wrong)
			}
			chunk = chunk[1:]
		}
		switch {
		case len(c.text) > maxRowBytes:
			return fmt.Errorf("row %d: it has more than %d MB", c.row, maxRowBytes>>20)
		case len(c.ends) > maxRowColumns:
			return fmt.Errorf("row %d: it has more than %d columns", c.row, maxRowColumns)
		case state == rowDone:
			return nil
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
			continue
		case !errors.Is(err, io.EOF):
			return fmt.Errorf("row %d: %w", c.row, err)
		}
		c.ended = true
		switch {
		case !read:
			return io.EOF
		case state == inQuoted:
			return fmt.Errorf("row %d: the file ends within a quoted text", c.row)
		}
		c.ends = append(c.ends, len(c.text))
		return nil
	}
}

// plain counts the bytes that belong to the text as they are.
func plain(state int, chunk []byte) int {
	switch state {
	case inQuoted:
		if n := bytes.IndexByte(chunk, '"'); n >= 0 {
			return n
		}
		return len(chunk)
	case inPlain:
		for i, b := range chunk {
			if b == ',' || b == '"' || b == '\r' || b == '\n' {
				return i
			}
		}
		return len(chunk)
	}
	return 0
}

// step takes one byte of a row.
func (c *csvReader) step(state int, b byte) (int, error) {
	switch state {
	case inQuoted:
		if b == '"' {
			return afterQuote, nil
		}
		c.text = append(c.text, b)
		return inQuoted, nil
	case afterReturn:
		if b != '\n' {
			return state, errors.New("a carriage return stands in a text without quotes")
		}
		return c.end(rowDone), nil
	}
	switch b {
	case ',':
		return c.end(atColumn), nil
	case '\n':
		return c.end(rowDone), nil
	case '\r':
		return afterReturn, nil
	case '"':
		switch state {
		case atColumn:
			return inQuoted, nil
		case afterQuote:
			c.text = append(c.text, b)
			return inQuoted, nil
		}
		return state, errors.New("a quote stands in a text without quotes")
	}
	if state == afterQuote {
		return state, errors.New("a quoted text goes on after its end")
	}
	c.text = append(c.text, b)
	return inPlain, nil
}

func (c *csvReader) end(state int) int {
	c.ends = append(c.ends, len(c.text))
	return state
}
