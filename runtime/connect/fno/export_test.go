package fno

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// kinds is a table with a field of each type.
func kinds() *schema.Table {
	return &schema.Table{Side: value.FnO, Set: "Kinds", AOT: "KindEntity", Label: "Kinds", CompanySpecific: true, Key: []string{"dataAreaId", "Id"},
		Fields: []*schema.Field{
			{Name: "Amount", Type: schema.TypeDecimal}, {Name: "Day", Type: schema.TypeTime, DateOnly: true}, {Name: "Flag", Type: schema.TypeBool},
			{Name: "Id", Type: schema.TypeText, IsKey: true}, {Name: "Kind", Type: schema.TypeEnum, Enum: "Kind"}, {Name: "Moment", Type: schema.TypeTime},
			{Name: "Number", Type: schema.TypeInteger}, {Name: "Ref", Type: schema.TypeGuid}, {Name: "dataAreaId", Type: schema.TypeText, IsKey: true},
		}}
}

var kind = schema.Enum{Name: "Kind", Members: []schema.Member{{Name: "None"}, {Name: "Person", Value: 1}, {Name: "Organization", Value: 2}}}

const (
	kindColumns = "AMOUNT,DAY,FLAG,ID,KIND,MOMENT,NUMBER,REF"
	emptyGuid   = "00000000-0000-0000-0000-000000000000"
)

func manifestOf(target, file string, pairs ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-16"?><DataManagementPackageManifest xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="` + managementNamespace + `">` +
		`<DefinitionGroupName>dw-export-Kinds</DefinitionGroupName><PackageEntityList><DataManagementPackageEntityData><EntityMapList>`)
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, `<EntityMap><ArrayIndex>%d</ArrayIndex><EntityField>%s</EntityField><EntityFieldConversionList i:nil="true"/><XMLField>%s</XMLField></EntityMap>`, i/2, pairs[i], pairs[i+1])
	}
	fmt.Fprintf(&b, `</EntityMapList><EntityName>Kinds</EntityName><InputFilePath>%s</InputFilePath><TargetEntity>%s</TargetEntity></DataManagementPackageEntityData></PackageEntityList></DataManagementPackageManifest>`, file, target)
	return b.String()
}

// plainManifest maps each column to the field of the same name.
func plainManifest() string {
	var pairs []string
	for name := range strings.SplitSeq(kindColumns, ",") {
		pairs = append(pairs, name, name)
	}
	return manifestOf("KindEntity", "Kinds.csv", pairs...)
}

func utf16LE(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

// zipOf makes an archive of names and contents.
func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// openKinds opens a package of the table with all of its fields.
func openKinds(t testing.TB, content []byte) (*exported, error) {
	t.Helper()
	c := &Connector{known: map[string]schema.Enum{"Kind": kind}}
	table := kinds()
	columns, err := c.exportColumns(t.Context(), table, table.Fields)
	if err != nil {
		t.Fatal(err)
	}
	return openExport(memory{bytes.NewReader(content)}, table, columns, len(table.Fields), "USMF")
}

// records reads a package of rows with the usual header.
func records(t *testing.T, rows string) ([]connect.Exported, error) {
	t.Helper()
	f, err := openKinds(t, zipOf(t, manifestFile, utf16LE(plainManifest()), headerFile, "x", "Kinds.csv", kindColumns+"\r\n"+rows))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Next(1000)
}

func decimalOf(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.NewDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestExportedValues(t *testing.T) {
	const others = ",2026-03-01,true,A,Person,2026-03-01 08:30:00,7,"
	day, moment := value.NewDate(20513), value.NewDateTime(20513*86400+8*3600+1800)
	full := []value.Value{decimalOf(t, "1.5"), day, value.NewBool(true), value.NewText("A"), value.NewSymbol("Person"), moment, value.NewInteger(7), value.NewGuid(emptyGuid), value.NewText("usmf")}
	for _, c := range []struct {
		what, row string
		change    map[int]value.Value // of full, by index
		doubtful  bool
	}{
		{"all", "1.5" + others, nil, false},
		{"empty", ",,,,,,,", map[int]value.Value{0: decimalOf(t, "0"), 1: value.NewDate(emptyDay), 2: value.NewBool(false), 3: value.NewText(""), 4: value.NewSymbol("None"),
			5: value.NewDateTime(emptyDay * 86400), 6: value.NewInteger(0)}, false},
		{"padded decimal", "1.5000000000000000" + others, nil, false},
		{"many decimals", "0.333333" + others, map[int]value.Value{0: decimalOf(t, "0.333333")}, true},
		{"spellings", "1.50,2026-03-01 00:00:00,YES,A,person,2026-03-01T08:30:00.000Z,7,{" + emptyGuid + "}", nil, false},
		{"numbers of enums, noon", "1.5,2026-03-01T12:00:00Z,1,A,1,2026-03-01T09:30:00+01:00,7," + emptyGuid, nil, false},
		{"text", "1.5,2026-03-01,true,\"a \"\"b\"\",\nc\t \",Person,2026-03-01 08:30:00,7,", map[int]value.Value{3: value.NewText("a \"b\",\nc\t ")}, false},
		{"carriage return", "1.5,2026-03-01,true,\"a\r\nb\",Person,2026-03-01 08:30:00,7,", map[int]value.Value{3: value.NewText("a\r\nb")}, true},
		{"lost character", "1.5,2026-03-01,true,a\ufffd,Person,2026-03-01 08:30:00,7,", map[int]value.Value{3: value.NewText("a\ufffd")}, true},
	} {
		got, err := records(t, c.row+"\r\n")
		want := append([]value.Value{}, full...)
		for i, v := range c.change {
			want[i] = v
		}
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], connect.Exported{Key: []value.Value{want[8], want[3]}, Values: want, Doubtful: c.doubtful}) {
			t.Errorf("%s: %v, %+v", c.what, err, got)
		}
	}
}

// TestExportedValuesThatCannotBeTrusted: nothing is guessed; the error says where.
func TestExportedValuesThatCannotBeTrusted(t *testing.T) {
	const good = "1.5,2026-03-01,true,A,Person,2026-03-01 08:30:00,7,\r\n"
	for field, cells := range map[string][]string{
		"Amount": {`"1,50"`, `"1,234.00"`, "x", " 1", "1 EUR"}, "Day": {"01/02/2026", "2026-03-01 23:00:00", "2026-02-30", "1.2.2026"},
		"Flag": {"2", "Ja"}, "Kind": {"Organisation", "3", " Person"}, "Moment": {"2026-03-01", "3/1/2026 8:30:00 AM", "2026-03-01 25:00:00", "2026-03-01 08:30:00 PM"},
		"Number": {"7.0", `"1,000"`, "9223372036854775808"}, "Ref": {"0"}, "Id": {"\xe4"},
	} {
		for _, cell := range cells {
			at := strings.Index(kindColumns, strings.ToUpper(field))
			row := strings.Split(strings.TrimSpace(good), ",")
			row[strings.Count(kindColumns[:at], ",")] = cell
			got, err := records(t, good+strings.Join(row, ",")+"\r\n")
			failed, ok := errors.AsType[*diag.Failure](err)
			if !ok || failed.List[0].Code != diag.CodeExportUnreadable || !strings.Contains(failed.List[0].Detail, fmt.Sprintf(`Field %s in row 3 of the file "Kinds.csv"`, field)) {
				t.Errorf("%s %s: %v, %+v", field, cell, err, got)
			}
		}
	}
}

func TestExportedFiles(t *testing.T) {
	const row = "1.5,2026-03-01,true,A,Person,2026-03-01 08:30:00,7,\r\n"
	head := kindColumns + "\r\n"
	swapped := []string{"ID", "Number of it", "NUMBER", "id"}
	for name := range strings.SplitSeq("AMOUNT,DAY,FLAG,KIND,MOMENT,REF", ",") {
		swapped = append(swapped, name, name)
	}
	good := plainManifest()
	for _, c := range []struct {
		what  string
		files []string
		rows  int
		fails string
	}{
		{"as F&O writes it", []string{manifestFile, utf16LE(good), "Kinds.csv", head + row + row}, 2, ""},
		{"no line end at the end", []string{manifestFile, good, "Kinds.csv", head + strings.TrimSpace(row)}, 1, ""},
		{"line feeds alone", []string{manifestFile, good, "Kinds.csv", strings.ReplaceAll(head+row, "\r", "")}, 1, ""},
		{"UTF-8 with a mark", []string{manifestFile, "\ufeff" + good, "KINDS.CSV", "\ufeff" + head + row}, 1, ""},
		{"UTF-16", []string{"manifest.xml", utf16LE(good), "Kinds.csv", utf16LE(head + strings.ReplaceAll(row, ",A,", ",Ω🦊,"))}, 1, ""},
		{"columns under other names", []string{manifestFile, manifestOf("KindEntity", "Kinds.csv", swapped...), "Kinds.csv", "More,ID,Number of it,AMOUNT,DAY,FLAG,KIND,MOMENT,REF\nx,7,A,1,,,,,\n"}, 1, ""},
		{"no records", []string{manifestFile, good, "Kinds.csv", head}, 0, ""},
		{"no file, since there are no records", []string{manifestFile, good, headerFile, "x"}, 0, ""},
		{"no archive", nil, 0, "It is no package"},
		{"no manifest", []string{"Kinds.csv", head}, 0, "has no Manifest.xml"},
		{"a manifest of something", []string{manifestFile, "<x/>"}, 0, "Manifest.xml of the package cannot be read"},
		{"half a manifest", []string{manifestFile, good[:200]}, 0, "Manifest.xml of the package cannot be read"},
		{"another entity", []string{manifestFile, manifestOf("OtherEntity", "Kinds.csv", "ID", "ID"), "Kinds.csv", head}, 0, "does not hold Kinds (KindEntity)"},
		{"another file", []string{manifestFile, good, "sub/Kinds.csv", head}, 0, `has no file "Kinds.csv", but "sub/Kinds.csv"`},
		{"a workbook", []string{manifestFile, manifestOf("KindEntity", "Kinds.xlsx", "ID", "ID"), "Kinds.xlsx", "PK"}, 0, "not comma separated"},
		{"no header row", []string{manifestFile, good, "Kinds.csv", row}, 0, "has no column \"AMOUNT\""},
		{"semicolons", []string{manifestFile, good, "Kinds.csv", strings.ReplaceAll(head+row, ",", ";")}, 0, "It begins with \"AMOUNT;DAY"},
		{"nothing", []string{manifestFile, good, "Kinds.csv", ""}, 0, "no header row"},
		{"a field that is not mapped", []string{manifestFile, manifestOf("KindEntity", "Kinds.csv", "ID", "ID"), "Kinds.csv", head}, 0, "Amount is not in the field mapping"},
		{"a column twice", []string{manifestFile, good, "Kinds.csv", "id," + head}, 0, "two columns \"ID\""},
		{"a row too short", []string{manifestFile, good, "Kinds.csv", head + row + "1,2\r\n"}, 0, "Row 3 of the file \"Kinds.csv\" has 2 columns"},
		{"an empty row", []string{manifestFile, good, "Kinds.csv", head + row + "\r\n" + row}, 0, "Row 3 of the file \"Kinds.csv\" has 1 columns"},
		{"no text qualifier", []string{manifestFile, good, "Kinds.csv", head + strings.ReplaceAll(row, ",A,", ",A,B,")}, 0, "Row 2 of the file \"Kinds.csv\" has 9 columns"},
		{"a quote inside", []string{manifestFile, good, "Kinds.csv", head + strings.ReplaceAll(row, ",A,", `,5" pipe,`)}, 0, "row 2: a quote stands in a text without quotes"},
		{"a quote that is not doubled", []string{manifestFile, good, "Kinds.csv", head + strings.ReplaceAll(row, ",A,", `,"5" pipe",`)}, 0, "row 2: a quoted text goes on"},
		{"a carriage return", []string{manifestFile, good, "Kinds.csv", head + strings.ReplaceAll(row, ",A,", ",A\rB,")}, 0, "row 2: a carriage return"},
		{"a quote that stays open", []string{manifestFile, good, "Kinds.csv", head + `"` + row}, 0, "row 2: the file ends within"},
		{"a long row", []string{manifestFile, good, "Kinds.csv", head + strings.Repeat("x", maxRowBytes+1)}, 0, "row 2: it has more than 16 MB"},
		{"many columns", []string{manifestFile, good, "Kinds.csv", strings.Repeat(",", maxRowColumns+1)}, 0, "more than 10000 columns"},
		{"a large manifest", []string{manifestFile, strings.Repeat(" ", maxManifest+1)}, 0, "more than 16 MB"},
	} {
		content := []byte("nothing like it")
		if c.files != nil {
			content = zipOf(t, c.files...)
		}
		var got []connect.Exported
		f, err := openKinds(t, content)
		if err == nil {
			got, err = f.Next(1000)
			f.Close()
		}
		failed, ok := errors.AsType[*diag.Failure](err)
		switch {
		case c.fails == "" && (err != nil || len(got) != c.rows):
			t.Errorf("%s: %d records, %v", c.what, len(got), err)
		case c.fails != "" && (!ok || failed.List[0].Code != diag.CodeExportUnreadable || !strings.Contains(failed.List[0].Detail, c.fails)):
			t.Errorf("%s: %v, %+v", c.what, err, got)
		}
	}
	// What is damaged on its way is found at the end at the latest.
	content := zipOf(t, manifestFile, good, "Kinds.csv", head+strings.Repeat(row, 200))
	at := bytes.Index(content, []byte("Kinds.csv")) + 100
	content[at] ^= 0xff
	if f, err := openKinds(t, content); err == nil {
		if got, err := f.Next(1000); err == nil {
			t.Errorf("a damaged file gives %d records", len(got))
		}
	}
	many := make([]string, 2*(maxPackageFiles+1))
	for i := 0; i < len(many); i += 2 {
		many[i] = fmt.Sprint(i)
	}
	if _, err := openKinds(t, zipOf(t, many...)); err == nil || !strings.Contains(err.Error(), "holds 1001 files") {
		t.Errorf("many files: %v", err)
	}
}

func TestSkip(t *testing.T) {
	var rows strings.Builder
	for i := range 10 {
		fmt.Fprintf(&rows, ",,,K%d,,,,\n", i)
	}
	content := zipOf(t, manifestFile, plainManifest(), "Kinds.csv", kindColumns+"\n"+rows.String())
	f, err := openKinds(t, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Skip(4); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Next(2); err != nil || len(got) != 2 || got[0].Key[1].Text() != "K4" {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := f.Skip(5); err == nil || !strings.Contains(err.Error(), "it is another file") {
		t.Errorf("%v", err)
	}
	if _, err := f.Next(1); err == nil {
		t.Error("the file goes on after an error")
	}
}

// FuzzExportedFile: whatever F&O or a storage account sends, each record is
// complete, or the file is refused with a diagnostic.
func FuzzExportedFile(f *testing.F) {
	good := plainManifest()
	f.Add(zipOf(f, manifestFile, utf16LE(good), "Kinds.csv", kindColumns+"\r\n1,2026-03-01,true,A,1,2026-03-01 08:30:00,7,\r\n"), "", "")
	f.Add([]byte(nil), good, kindColumns+"\n,,,\"a\r\n\"\"b\",,,,\n")
	f.Add([]byte(nil), utf16LE(good), utf16LE(kindColumns+"\n,,,x,,,,\n"))
	f.Add([]byte(nil), good, "\xfe\xff\x00A")
	f.Add([]byte("PK\x05\x06"), "", "")
	f.Fuzz(func(t *testing.T, content []byte, manifest, rows string) {
		if manifest != "" {
			content = zipOf(t, manifestFile, manifest, "Kinds.csv", rows)
		}
		e, err := openKinds(t, content)
		for err == nil {
			var got []connect.Exported
			if got, err = e.Next(5); len(got) == 0 {
				break
			}
			for _, r := range got {
				if len(r.Key) != 2 || len(r.Values) != 9 || r.Key[0].Text() != "usmf" {
					t.Fatalf("%+v", r)
				}
			}
		}
		if _, ok := errors.AsType[*diag.Failure](err); err != nil && !ok {
			t.Errorf("%T %v", err, err)
		}
	})
}

// storehouse gives an exported file in the ways that storage accounts have.
type storehouse struct {
	content []byte
	answers []func(w http.ResponseWriter, r *http.Request) // one after the other, then the file
	asked   []string                                       // query and range of each request
	tokens  int
}

func (s *storehouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.URL.RawQuery+" "+r.Header.Get("Range"))
	if r.Header.Get("Authorization") != "" {
		s.tokens++
	}
	if len(s.answers) > 0 {
		answer := s.answers[0]
		s.answers = s.answers[1:]
		answer(w, r)
		return
	}
	w.Header().Set("ETag", `"1"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "about "+r.URL.String(), code)
	}
}

// half sends half of what is left and cuts the connection.
func (s *storehouse) half(etag string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Length", fmt.Sprint(len(s.content)))
		_, _ = w.Write(s.content[:len(s.content)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// TestFetch: a file comes over however the storage account behaves, and where it
// does not, nothing that is told shows the address.
func TestFetch(t *testing.T) {
	content := zipOf(t, manifestFile, plainManifest(), "Kinds.csv", kindColumns+"\n,,,A,,,,\n")
	for _, c := range []struct {
		what    string
		answers func(s *storehouse) []func(http.ResponseWriter, *http.Request)
		asked   int    // requests in all
		resumed bool   // the last one asks for the rest
		fails   string // what the error says
	}{
		{"at once", func(*storehouse) []func(http.ResponseWriter, *http.Request) { return nil }, 1, false, ""},
		{"failures", func(*storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){status(500), status(503), status(429)}
		}, 4, false, ""},
		{"an address that has expired", func(*storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){status(403), status(403)}
		}, 3, false, ""},
		{"half of it", func(s *storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){s.half(`"1"`), status(500)}
		}, 3, true, ""},
		{"half of another file", func(s *storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){s.half(`"0"`)}
		}, 3, false, ""},
		{"half without a version", func(s *storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){s.half("")}
		}, 2, false, ""},
		{"another part", func(s *storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){s.half(`"1"`), func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Range", "bytes 0-9/10")
				w.WriteHeader(http.StatusPartialContent)
			}}
		}, 3, false, ""},
		{"many halves", func(s *storehouse) (out []func(http.ResponseWriter, *http.Request)) {
			for range 20 {
				out = append(out, status(500), s.half(`"1"`), status(500), status(500), status(500))
			}
			return out[:4]
		}, 5, true, ""},
		{"refused for good", func(*storehouse) (out []func(http.ResponseWriter, *http.Request)) {
			for range 9 {
				out = append(out, status(403))
			}
			return out
		}, storageAttempts, false, "answers with status 403"},
		{"down for good", func(*storehouse) (out []func(http.ResponseWriter, *http.Request)) {
			for range 9 {
				out = append(out, status(500))
			}
			return out
		}, storageAttempts, false, "answers with status 500"},
		{"a page elsewhere", func(*storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){status(302)}
		}, 1, false, "answers with status 302"},
		{"gone", func(*storehouse) []func(http.ResponseWriter, *http.Request) {
			return []func(http.ResponseWriter, *http.Request){status(404)}
		}, 1, false, connect.ErrExportGone.Error()},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := &storehouse{content: content}
			s.answers = c.answers(s)
			storage := httptest.NewServer(s)
			defer storage.Close()
			b, connector := newBureau(t)
			connector.known["Kind"] = kind
			asked := 0
			b.answers["GetExportedPackageUrl"] = func() (int, string) {
				asked++
				return says(fmt.Sprintf("%s/dmf/e.zip?n=%d&sig=SECRET", storage.URL, asked))()
			}
			table := kinds()
			f, err := connector.OpenExport(t.Context(), &transform.Projection{Table: table, Columns: table.Fields[:2]}, "e", "usmf")
			if len(s.asked) != c.asked || s.tokens > 0 {
				t.Errorf("%d requests: %q; %d with a token", len(s.asked), s.asked, s.tokens)
			}
			if c.fails != "" {
				if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(fmt.Sprintf("%+v", err), c.fails) && !strings.Contains(detail(err), c.fails) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if resumed := !strings.HasSuffix(s.asked[len(s.asked)-1], " "); resumed != c.resumed {
				t.Errorf("requests %q", s.asked)
			}
			if got, err := f.Next(9); err != nil || len(got) != 1 || got[0].Key[1].Text() != "A" || len(got[0].Values) != 2 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func detail(err error) string {
	if failed, ok := errors.AsType[*diag.Failure](err); ok {
		return failed.List[0].Detail
	}
	return ""
}

// TestNothingIsLeftOfAFile on disk, however it ends.
func TestNothingIsLeftOfAFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, content := range [][]byte{zipOf(t, manifestFile, plainManifest()), []byte("no archive")} {
		storage := httptest.NewServer(&storehouse{content: content})
		defer storage.Close()
		b, c := newBureau(t)
		c.known["Kind"] = kind
		b.answers["GetExportedPackageUrl"] = says(storage.URL + "/dmf/e.zip?sig=SECRET")
		table := kinds()
		if f, err := c.OpenExport(t.Context(), &transform.Projection{Table: table, Columns: table.Fields}, "e", "usmf"); err == nil {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestExportThatFails: an export that gives only a part is none, and says why.
func TestExportThatFails(t *testing.T) {
	for _, end := range []string{"Failed", "PartiallySucceeded", "Canceled"} {
		b, c := newBureau(t)
		b.answers["ExportToPackageAsync"] = says("e")
		b.answers["GetExecutionSummaryStatus"] = says(end)
		b.answers["GetExecutionErrors"] = says(`["The query timed out."]`)
		job, err := c.Export(t.Context(), kinds(), "e", "usmf", nil)
		if err != nil || job.State != connect.JobFailed || job.Message != "The query timed out." {
			t.Errorf("%s: %+v, %v", end, job, err)
		}
	}
}

// TestExportOfAnAddressInAnAddress: the documentation draws one value within
// another.
func TestExportOfAnAddressInAnAddress(t *testing.T) {
	storage := httptest.NewServer(&storehouse{content: zipOf(t, manifestFile, plainManifest())})
	defer storage.Close()
	b, c := newBureau(t)
	c.known["Kind"] = kind
	b.answers["GetExportedPackageUrl"] = func() (int, string) {
		return http.StatusOK, `{"value":{"value":"` + storage.URL + `/dmf/e.zip?sig=x"}}`
	}
	table := kinds()
	f, err := c.OpenExport(t.Context(), &transform.Projection{Table: table, Columns: table.Fields}, "e", "usmf")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestExportProjects: what is wrong with a project is said before it is used.
func TestExportProjects(t *testing.T) {
	const project = `{"Name":"dw-export-Kinds","OperationType":"Export"}`
	for _, c := range []struct{ what, projects, details, code, says string }{
		{"as it is to be", project, `{"EntityName":"kinds","SourceFormat":"CSV","DefaultRefreshType":"FullPush"}`, "", ""},
		{"Unicode", project, `{"EntityName":"Kinds","SourceFormat":"CSV-Unicode"}`, "", ""},
		{"none", "", "", diag.CodeProjectMissing, "no export project"},
		{"an import", `{"Name":"dw-export-Kinds","OperationType":"Import"}`, "", diag.CodeProjectContents, "not a project for exports"},
		{"empty", project, "", diag.CodeProjectContents, "It holds no entity."},
		{"others", project, `{"EntityName":"Other"},{"EntityName":"Kinds"},{"EntityName":"Another"}`, diag.CodeProjectContents, `Beside "Kinds" it holds "Another", "Other"`},
		{"another language", project, `{"EntityName":"Arten"}`, diag.CodeProjectContents, `It holds "Arten" and not "Kinds".`},
		{"a workbook", project, `{"EntityName":"Kinds","SourceFormat":"EXCEL"}`, diag.CodeProjectContents, "source data format EXCEL"},
		{"changes only", project, `{"EntityName":"Kinds","SourceFormat":"CSV","DefaultRefreshType":"IncrementalPush"}`, diag.CodeProjectContents, "only what has changed"},
	} {
		b, connector := newBureau(t)
		b.files["/data/DataManagementDefinitionGroups"] = `{"value":[` + c.projects + `]}`
		b.files["/data/DataManagementDefinitionGroupDetails"] = `{"value":[` + c.details + `]}`
		err := connector.ExportsReady(t.Context(), []*schema.Table{kinds()})
		failed, ok := errors.AsType[*diag.Failure](err)
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", c.what, err)
		case c.code != "" && (!ok || failed.List[0].Code != c.code || !strings.Contains(failed.List[0].Summary+failed.List[0].Detail, c.says) || failed.List[0].Hint == ""):
			t.Errorf("%s: %+v", c.what, failed)
		}
	}
}
