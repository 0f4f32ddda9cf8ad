package fno

import (
	"slices"
	"strings"
	"testing"
)

func TestErrorKeys(t *testing.T) {
	keys := []string{"CUSTOMERACCOUNT"}
	for _, c := range []struct {
		what, content string
		want          []string
		fails         string
	}{
		{"a column", "CUSTOMERACCOUNT\nC1 \n\"C,2\"\n", []string{"c1", "c,2"}, ""},
		{"beside others, in another case", "\ufeffOther,CustomerAccount\r\nx,A\r\n", []string{"a"}, ""},
		{"UTF-16", "\xff\xfeC\x00U\x00S\x00T\x00O\x00M\x00E\x00R\x00A\x00C\x00C\x00O\x00U\x00N\x00T\x00\n\x00A\x00\n\x00", []string{"a"}, ""},
		{"nothing", "", nil, "no header"},
		{"no key", "NAME\nx\n", nil, "no column CUSTOMERACCOUNT"},
		{"a short line", "NAME,CUSTOMERACCOUNT\nx\n", nil, "too short"},
		{"half a character", "\xff\xfeC", nil, "middle"},
	} {
		got, err := errorKeys([]byte(c.content), keys)
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", c.what, got, err)
		}
	}
}

// FuzzErrorKeys: whatever a service sends, every line of a file is a key, or
// the file is refused.
func FuzzErrorKeys(f *testing.F) {
	for _, s := range []string{"A,B\n1,2\n", "\ufeffb,a\r\n\"x\ny\",2\r\n", "\xff\xfeA\x00,\x00B\x00\n\x00", "A", "A,B\n\"", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		keys, err := errorKeys(content, []string{"A", "B"})
		if err != nil {
			return
		}
		for _, k := range keys {
			if !strings.Contains(k, "\x1f") {
				t.Errorf("the key %q has one part", k)
			}
		}
	})
}

func TestJobMessages(t *testing.T) {
	for _, c := range []struct {
		text string
		want []jobMessage
	}{
		{"", nil}, {"[]", nil}, {"out of order", []jobMessage{{text: "out of order"}}},
		{`["one",""]`, []jobMessage{{text: "one"}}},
		{`[{"RecordId":"C1","Field":"","ErrorMessage":"Write failed for table row of type 'X'. Infolog: Warning: a.; Warning: b.."}]`, []jobMessage{{"C1", "a; b"}}},
		{`[{"Message":"two"},3,null,{"ErrorMessage":4}]`, []jobMessage{{text: "two"}}},
	} {
		if got := jobMessages(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.text, got)
		}
	}
}

// FuzzJobAnswers: what the actions give, whose form is hardly documented.
func FuzzJobAnswers(f *testing.F) {
	for _, s := range []string{`{"BlobId":"{1}","BlobUrl":"https://a/b?sig=c"}`, `[{"RecordId":"1","ErrorMessage":"x"}]`, `["x"]`, "x", "[", `{"BlobUrl":1}`, "\x19\x00  ", "[\"\\u0001\"]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if address, err := writeURL(text); (address == "") != (err != nil) {
			t.Errorf("%q, %v", address, err)
		} else if err != nil && strings.Contains(err.Error(), "sig=") {
			t.Errorf("the error shows the address: %v", err)
		}
		for _, m := range jobMessages(text) {
			if m.text == "" {
				t.Error("a message without text")
			}
		}
	})
}
