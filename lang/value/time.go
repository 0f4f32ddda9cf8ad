package value

import (
	"fmt"
)

const (
	secondsPerDay = 86400
	minDays       = -719162 // 0001-01-01
	maxDays       = 2932896 // 9999-12-31
)

// NewDate makes a day of the days since 1970-01-01.
func NewDate(days int64) Value { return Value{kind: Date, n: days} }

// NewDateTime makes a moment of the seconds since 1970-01-01T00:00:00Z.
func NewDateTime(unix int64) Value { return Value{kind: DateTime, n: unix} }

// ParseDate reads a day: "2026-03-01", or the day that a timestamp names as it
// is written, whatever its time and offset. F&O sends a date as noon UTC of
// that day, so that only the day of the text means anything.
func ParseDate(text string) (Value, error) {
	if len(text) > 10 {
		if _, _, err := parseTimestamp(text); err != nil {
			return Value{}, err
		}
		text = text[:10]
	}
	days, ok := parseDay(text)
	if !ok {
		return Value{}, fmt.Errorf("%q is not a date such as 2026-03-01", shorten(text))
	}
	return NewDate(days), nil
}

// ParseDateTime reads a moment as RFC 3339 has it. A fraction of a second is
// cut off, since both systems keep whole seconds.
func ParseDateTime(text string) (Value, error) {
	days, seconds, err := parseTimestamp(text)
	if err != nil {
		return Value{}, err
	}
	return NewDateTime(days*secondsPerDay + seconds), nil
}

// parseTimestamp gives the day as written and the seconds from its beginning
// in UTC, which an offset may make negative or longer than a day.
func parseTimestamp(text string) (days, seconds int64, err error) {
	bad := func() (int64, int64, error) {
		return 0, 0, fmt.Errorf("%q is not a date-time such as 2026-03-01T08:30:00Z", shorten(text))
	}
	if len(text) < 20 || text[10] != 'T' && text[10] != 't' || text[13] != ':' || text[16] != ':' {
		return bad()
	}
	days, ok := parseDay(text[:10])
	hour, okHour := digits(text[11:13])
	minute, okMinute := digits(text[14:16])
	second, okSecond := digits(text[17:19])
	if !ok || !okHour || !okMinute || !okSecond || hour > 23 || minute > 59 || second > 59 {
		return bad()
	}
	seconds = hour*3600 + minute*60 + second
	rest := text[19:]
	if rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 {
			return bad()
		}
		rest = rest[n:]
	}
	if rest == "Z" || rest == "z" {
		return days, seconds, nil
	}
	if len(rest) != 6 || rest[0] != '+' && rest[0] != '-' || rest[3] != ':' {
		return bad()
	}
	offHour, okHour := digits(rest[1:3])
	offMinute, okMinute := digits(rest[4:6])
	if !okHour || !okMinute || offHour > 23 || offMinute > 59 {
		return bad()
	}
	offset := offHour*3600 + offMinute*60
	if rest[0] == '-' {
		offset = -offset
	}
	return days, seconds - offset, nil
}

func parseDay(text string) (int64, bool) {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' {
		return 0, false
	}
	y, okYear := digits(text[:4])
	m, okMonth := digits(text[5:7])
	d, okDay := digits(text[8:])
	if !okYear || !okMonth || !okDay || y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	return daysFromCivil(y, m, d), true
}

func digits(text string) (int64, bool) {
	n := int64(0)
	for i := range len(text) {
		c := text[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

func daysIn(y, m int64) int64 {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// daysFromCivil counts the days of the proleptic Gregorian calendar since
// 1970-01-01, with years that begin in March so that leap days come last.
func daysFromCivil(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := (153*(m-3)+2)/5 + d - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

func civilFromDays(days int64) (y, m, d int64) {
	days += 719468
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	month := (5*dayOfYear + 2) / 153
	y, m, d = yearOfEra+era*400, month+3, dayOfYear-(153*month+2)/5+1
	if m > 12 {
		y++
		m -= 12
	}
	return y, m, d
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// DayOf gives the day in UTC of a moment in Unix seconds.
func DayOf(unix int64) int64 { return floorDiv(unix, secondsPerDay) }

// AppendDate appends a day as 2026-03-01.
func AppendDate(dst []byte, days int64) []byte {
	y, m, d := civilFromDays(min(max(days, minDays), maxDays))
	dst = append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-')
	dst = append(dst, byte('0'+m/10), byte('0'+m%10), '-')
	return append(dst, byte('0'+d/10), byte('0'+d%10))
}

// AppendDateTime appends a moment as 2026-03-01T08:30:00Z.
func AppendDateTime(dst []byte, unix int64) []byte {
	unix = min(max(unix, minDays*secondsPerDay), maxDays*secondsPerDay+secondsPerDay-1)
	days := DayOf(unix)
	s := unix - days*secondsPerDay
	dst = AppendDate(dst, days)
	h, m, s := s/3600, s/60%60, s%60
	return append(dst, 'T', byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10), 'Z')
}

// shorten keeps messages to one readable line.
func shorten(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
