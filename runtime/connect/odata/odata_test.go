package odata

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"pgregory.net/rapid"
)

func layout() *Layout {
	return NewLayout([]Column{
		{Wire: "name", Parse: ParseText},
		{Wire: "credit", Parse: ParseDecimal},
		{Wire: "_customerid_value", Parse: ParseGuid, Annotation: "_customerid_value@t"},
		{Wire: "accountid", Parse: ParseGuid},
	}, "accountid")
}

const (
	idA = "aaaaaaaa-0000-4000-8000-00000000000a"
	idB = "bbbbbbbb-0000-4000-8000-00000000000b"
)

func TestDecodePage(t *testing.T) {
	text := `{"@odata.context":"x","@odata.count":7,"value":[
 {"@odata.etag":"W/\"1\"","_customerid_value@t":"contact","name":"a\u00e9\n","credit":20000.5000,"extra":{"x":[1]},"accountid":"` + strings.ToUpper(idA) + `","_customerid_value":"` + idB + `"},
 {"@odata.etag":"W/\"2\"","name":null,"credit":null,"_customerid_value":null,"accountid":"` + idB + `"},
 {"@odata.context":"x/$deletedEntity","id":"` + idA + `","reason":"deleted"}],
 "@odata.nextLink":"n","@odata.deltaLink":"d"}`
	page, err := DecodePage(strings.NewReader(text), layout())
	if err != nil {
		t.Fatal(err)
	}
	credit, _ := value.NewDecimal("20000.5")
	want := Page{Count: 7, Next: "n", Delta: "d", Rows: []connect.Row{
		{ID: idA, Version: `W/"1"`, Values: []value.Value{value.NewText("aé\n"), credit, value.NewReference("contact", idB), value.NewGuid(idA)}},
		{ID: idB, Version: `W/"2"`, Values: []value.Value{{}, {}, {}, value.NewGuid(idB)}},
		{ID: idA, Deleted: true},
	}}
	if !reflect.DeepEqual(page, want) {
		t.Fatalf("\n got %+v\nwant %+v", page, want)
	}
}

func TestDecodePageRefuses(t *testing.T) {
	row := func(members string) string { return `{"value":[{` + members + `}]}` }
	for name, text := range map[string]string{
		"nothing":             ``,
		"html":                `<html>`,
		"an array":            `[]`,
		"half an answer":      `{"value":[{"name":"x"`,
		"no array":            `{"value":{}}`,
		"a missing column":    row(`"name":"x","_customerid_value":null,"accountid":"` + idA + `"`),
		"a missing id":        row(`"name":"x","credit":1,"_customerid_value":null`),
		"no table of lookup":  row(`"name":"x","credit":1,"_customerid_value":"` + idB + `","accountid":"` + idA + `"`),
		"text for a number":   row(`"name":"x","credit":"1","_customerid_value":null,"accountid":"` + idA + `"`),
		"number for a text":   row(`"name":1,"credit":1,"_customerid_value":null,"accountid":"` + idA + `"`),
		"object for a text":   row(`"name":{},"credit":1,"_customerid_value":null,"accountid":"` + idA + `"`),
		"something as a guid": row(`"name":"x","credit":1,"_customerid_value":null,"accountid":"1"`),
		"a link that is none": `{"value":[],"@odata.nextLink":1}`,
	} {
		var malformed *Malformed
		if _, err := DecodePage(strings.NewReader(text), layout()); !errors.As(err, &malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodePage(f *testing.F) {
	f.Add([]byte(`{"value":[{"@odata.etag":"W/\"1\"","name":"x","credit":1.50,"_customerid_value":"` + idB + `","_customerid_value@t":"contact","accountid":"` + idA + `"},{"id":"` + idA + `","reason":"deleted"}],"@odata.count":1}`))
	f.Add([]byte(`{"value":[[{}]],"@odata.nextLink":"\ud800"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		page, err := DecodePage(bytes.NewReader(b), layout())
		var malformed *Malformed
		if err != nil && !errors.As(err, &malformed) {
			t.Fatalf("%T %v", err, err)
		}
		for _, row := range page.Rows {
			if row.Deleted == (len(row.Values) == 4) {
				t.Fatalf("%+v", row)
			}
		}
	})
}

func BenchmarkDecodePage(b *testing.B) {
	var columns []Column
	var row strings.Builder
	row.WriteString(`{"@odata.etag":"W/\"1\"","accountid":"` + idA + `"`)
	for i := range 60 {
		name := "column" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		columns = append(columns, Column{Wire: name, Parse: ParseText})
		row.WriteString(`,"` + name + `":"some text of usual length"`)
	}
	text := `{"value":[` + strings.TrimSuffix(strings.Repeat(row.String()+"},", 1000), ",") + `]}`
	l := NewLayout(columns, "accountid")
	b.SetBytes(int64(len(text)))
	rows := 0
	for b.Loop() {
		page, err := DecodePage(strings.NewReader(text), l)
		if err != nil || len(page.Rows) != 1000 {
			b.Fatal(err)
		}
		rows += len(page.Rows)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func TestErrorEnvelopes(t *testing.T) {
	jsonHeader := http.Header{"Content-Type": {"application/json"}}
	for _, test := range []struct{ body, code, message string }{
		{`{"error":{"code":"0x80040217","message":"account With Id = x Does Not Exist"}}`, "0x80040217", "account With Id = x Does Not Exist"},
		{`{"error":{"code":"","message":"An error has occurred.","innererror":{"message":"Exception has been thrown by the target of an invocation.","internalexception":{"message":"Write failed.\nThe record already exists.."}}}}`, "", "Write failed. The record already exists.."},
		{`{"error":{"code":"","message":"An error has occurred.","innererror":{"message":"No resources were found when selecting for update.","internalexception":{"message":"An unexpected X++ error occurred."}}}}`, "", "No resources were found when selecting for update."},
		{`{"error":{"code":null,"message":"An error has occurred."}}`, "", "An error has occurred."},
		{`{"Message":"An error has occurred.","ExceptionMessage":"why"}`, "", "why"},
		{`{"Message":"No HTTP resource was found"}`, "", "No HTTP resource was found"},
		{`<html><head><title> 503 Service&nbsp;Unavailable </title></head><body>x</body></html>`, "", "503 Service\u00a0Unavailable"},
		{`<html><head><style>p{}</style></head><body><p>Bad <b>gateway</b></p></body></html>`, "", "Bad gateway"},
		{``, "", ""},
		{`{"error":`, "", "an error answer that cannot be read"},
		{"plain\x00 text", "", "plain text"},
	} {
		e := NewServiceError("Dataverse", "h", 400, jsonHeader, []byte(test.body))
		if e.Code != test.code || e.Message != test.message {
			t.Errorf("%s:\n got %q %q\nwant %q %q", test.body, e.Code, e.Message, test.code, test.message)
		}
	}
	if e := (&ServiceError{Code: "0X8004A"}); !e.HasCode("1", "0x8004a") || e.HasCode("") {
		t.Error("codes compare without case")
	}
}

func FuzzError(f *testing.F) {
	f.Add([]byte(`{"error":{"code":"x","message":"m","innererror":{"message":"n","internalexception":{"message":"o"}}}}`))
	f.Add([]byte(`<title>x</title>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := NewServiceError("s", "h", 500, http.Header{}, b)
		if strings.ContainsAny(e.Message, "\r\n\x00") || len(e.Message) > maxMessage+3 || len(e.Code) > 64 {
			t.Fatalf("%q %q", e.Code, e.Message)
		}
	})
}

func TestBatchIsWrittenWithCRLF(t *testing.T) {
	got := string(EncodeBatch("b1", []Part{
		{Method: "PATCH", URL: "/api/data/v9.2/accounts(x)", Header: http.Header{"If-Match": {"*"}}, Body: []byte(`{"a":1}`)},
		{Method: "GET", URL: "/api/data/v9.2/accounts", Header: http.Header{"Accept": {"application/json"}}},
	}))
	want := strings.ReplaceAll(`--b1
Content-Type: application/http
Content-Transfer-Encoding: binary

PATCH /api/data/v9.2/accounts(x) HTTP/1.1
Content-Type: application/json; type=entry
If-Match: *

{"a":1}
--b1
Content-Type: application/http
Content-Transfer-Encoding: binary

GET /api/data/v9.2/accounts HTTP/1.1
Accept: application/json


--b1--
`, "\n", "\r\n")
	if got != want {
		t.Fatalf("\n got %q\nwant %q", got, want)
	}
}

const batchAnswer = "--batchresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
	"HTTP/1.1 204 No Content\r\nOData-EntityId: https://x/accounts(1)\r\n\r\n\r\n" +
	"--batchresponse_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 412 Precondition Failed\r\nContent-Type: application/json\r\n\r\n{\"error\":{}}\r\n" +
	"--batchresponse_1--\r\n"

func TestDecodeBatch(t *testing.T) {
	got, err := DecodeBatch(`multipart/mixed; boundary=batchresponse_1`, strings.NewReader(batchAnswer))
	if err != nil || len(got) != 2 || got[0].Status != 204 || got[0].Header.Get("OData-EntityId") == "" || got[1].Status != 412 || string(got[1].Body) != `{"error":{}}` {
		t.Fatalf("%+v %v", got, err)
	}
	var malformed *Malformed
	got, err = DecodeBatch(`multipart/mixed; boundary=batchresponse_1`, strings.NewReader(batchAnswer[:len(batchAnswer)/2]))
	if !errors.As(err, &malformed) || len(got) != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, contentType := range []string{"", "application/json", "multipart/mixed", "multipart/mixed; boundary="} {
		if _, err := DecodeBatch(contentType, strings.NewReader(batchAnswer)); !errors.As(err, &malformed) {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add("multipart/mixed; boundary=batchresponse_1", []byte(batchAnswer))
	f.Fuzz(func(t *testing.T, contentType string, b []byte) {
		_, err := DecodeBatch(contentType, bytes.NewReader(b))
		var malformed *Malformed
		if err != nil && !errors.As(err, &malformed) {
			t.Fatalf("%T %v", err, err)
		}
	})
}

func TestEscapedTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if back, err := url.QueryUnescape(Escape(s)); err != nil || back != s {
			t.Fatalf("query: %q %v", back, err)
		}
		if back, err := url.PathUnescape(Escape(s)); err != nil || back != s {
			t.Fatalf("path: %q %v", back, err)
		}
	})
}

func TestChunksKeepAllTermsInOrderAndLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOf(rapid.StringN(0, 20, 40)).Draw(t, "terms")
		limit, count := rapid.IntRange(1, 200).Draw(t, "limit"), rapid.IntRange(1, 10).Draw(t, "count")
		var back []string
		for _, chunk := range Chunks(terms, limit, count, 4) {
			length := 0
			for _, term := range chunk {
				length += len(Escape(term)) + 4
			}
			if len(chunk) == 0 || len(chunk) > count || len(chunk) > 1 && length > limit {
				t.Fatalf("chunk %q", chunk)
			}
			back = append(back, chunk...)
		}
		if len(back) != len(terms) || len(terms) > 0 && !reflect.DeepEqual(back, terms) {
			t.Fatalf("%q, want %q", back, terms)
		}
	})
}

func TestResultsArePassedOnOnceAndOneCallAtATime(t *testing.T) {
	const n = 200
	times := make([]int, n)
	calls, inside := 0, 0
	var mu sync.Mutex
	r := NewResults(n, func(indexes []int, results []connect.Result) {
		mu.Lock()
		inside++
		if inside != 1 || len(indexes) != len(results) {
			t.Error("two calls at once, or results missing")
		}
		calls++
		mu.Unlock()
		for i, at := range indexes {
			times[at]++
			if results[i].Outcome != connect.Done {
				t.Error("a result changed")
			}
		}
		mu.Lock()
		inside--
		mu.Unlock()
	})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { r.Set([]int{i}, []connect.Result{{Outcome: connect.Done}}) })
	}
	wg.Wait()
	for i, k := range times {
		if k != 1 {
			t.Fatalf("result %d was passed on %d times", i, k)
		}
	}
	if calls == 0 || len(r.All()) != n {
		t.Fatal(calls, len(r.All()))
	}
}
