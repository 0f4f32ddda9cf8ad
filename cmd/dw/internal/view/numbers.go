package view

import (
	"fmt"
	"strconv"
	"time"
)

// count shows a number with thousands set apart.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	digits := s
	if n < 0 {
		digits = s[1:]
	}
	head := len(digits) % 3
	out := digits[:head]
	for i := head; i < len(digits); i += 3 {
		if out != "" {
			out += ","
		}
		out += digits[i : i+3]
	}
	if n < 0 {
		return "-" + out
	}
	return out
}

// Plural shows a number with a noun whose plural ends in s: "1 map", "2 maps".
func Plural(n int, noun string) string { return plural(int64(n), noun, noun+"s") }

// plural shows a number with its noun: "1 row", "2 rows".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// clock shows a span of time as people read it: "0:07", "12:30", "1:02:03".
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// seconds shows how long something took.
func seconds(s float64) string {
	switch {
	case s < 10:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case s < 120:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	default:
		return clock(time.Duration(s * float64(time.Second)))
	}
}

// rate shows rows a second; "" where nothing was measured.
func rate(perSecond float64) string {
	switch {
	case perSecond <= 0:
		return ""
	case perSecond < 10:
		return strconv.FormatFloat(perSecond, 'f', 1, 64)
	default:
		return count(int64(perSecond + 0.5))
	}
}
