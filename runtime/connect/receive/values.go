package receive

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dualwrite/dw/lang/value"
)

const emptyGUID = "00000000-0000-0000-0000-000000000000"

// known gives a guid in lower case; "" for the empty one and for what is none.
func known(guid string) string {
	v, err := value.ParseGuid(guid)
	if err != nil {
		return ""
	}
	text := v.Guid()
	if text == emptyGUID {
		return ""
	}
	return text
}

// recID decodes the id of a virtual row: four bytes number the entity, four are
// zero, eight are the RecId of the root record, the lowest first. "" for what
// is no such id.
func recID(guid string) string {
	text := known(guid)
	if text == "" {
		return ""
	}
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || binary.BigEndian.Uint32(b[4:8]) != 0 {
		return ""
	}
	n := binary.LittleEndian.Uint64(b[8:])
	if n == 0 || n > math.MaxInt64 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

// plainValues gives the attributes as texts, by their names without prefix in
// lower case.
func plainValues(attributes []attribute) map[string]string {
	out := make(map[string]string, len(attributes))
	for _, a := range attributes {
		if text, ok := plain(a.Value); ok {
			out[strings.TrimPrefix(strings.ToLower(a.Key), virtualPrefix)] = text
		}
	}
	return out
}

// plain gives a text, number, truth, time, choice or amount as text.
func plain(v jsontext.Value) (string, bool) {
	switch v.Kind() {
	case '"':
		var s string
		if json.Unmarshal(v, &s) != nil {
			return "", false
		}
		if moment, ok := contractTime(s); ok {
			return moment, true
		}
		return s, true
	case '0', 't', 'f':
		return string(v), true
	case '{':
		var typed struct {
			Type  string         `json:"__type"`
			Value jsontext.Value `json:"Value"`
		}
		if json.Unmarshal(v, &typed) != nil || typed.Value.Kind() != '0' {
			return "", false
		}
		kind, _, _ := strings.Cut(typed.Type, ":")
		return string(typed.Value), kind == "OptionSetValue" || kind == "Money"
	}
	return "", false
}

// contractTime reads the time of DataContract JSON, "/Date(1772000000000)/" with
// or without an offset, which says nothing about the moment, and gives it in
// RFC 3339.
func contractTime(s string) (string, bool) {
	inner, ok := strings.CutPrefix(s, "/Date(")
	inner, ok2 := strings.CutSuffix(inner, ")/")
	if !ok || !ok2 || inner == "" {
		return "", false
	}
	if i := strings.IndexAny(inner[1:], "+-"); i >= 0 {
		offset := inner[i+2:]
		if len(offset) != 4 || strings.Trim(offset, "0123456789") != "" {
			return "", false
		}
		inner = inner[:i+1]
	}
	millis, err := strconv.ParseInt(inner, 10, 64)
	if err != nil {
		return "", false
	}
	t := time.UnixMilli(millis).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	return t.Format("2006-01-02T15:04:05Z"), true
}
