package crosswalk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

const (
	one = "00000000-0000-0000-0000-000000000001"
	two = "00000000-0000-0000-0000-000000000002"
)

func spec() Spec {
	return Spec{Company: true, Companies: []string{"USMF", "DEMF"}, FnO: []string{"CustomerAccount"}, ID: "accountid", Dataverse: []string{"accountnumber"}}
}

// TestUTF16: what Excel calls Unicode text is told as such, and not as a column
// that means nothing.
func TestUTF16(t *testing.T) {
	for _, content := range []string{"\xff\xfed\x00", "\xfe\xff\x00d"} {
		_, problems := Open([]byte(content), Spec{FnO: []string{"CustomerAccount"}, ID: "accountid"})
		if len(problems) != 1 || problems[0].Summary != "it is in UTF-16" || problems[0].Hint == "" {
			t.Errorf("%q: %+v", content, problems)
		}
	}
}

func TestRows(t *testing.T) {
	for name, text := range map[string]string{
		"commas":     "dataAreaId,CustomerAccount,accountid\nusmf, US-001 ,{" + strings.ToUpper(one) + "}\n",
		"semicolons": "\xef\xbb\xbfaccountid;customeraccount;DATAAREAID\r\n" + one + ";US-001;USMF\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			r, problems := Open([]byte(text), spec())
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			row, err := r.Next()
			if err != nil || row.Company != "USMF" || !slices.Equal(row.FnO, []string{"US-001"}) || row.ID != one || row.Line != 2 {
				t.Errorf("%+v, %v", row, err)
			}
			if _, err := r.Next(); !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		})
	}
	s := spec()
	s.Companies = s.Companies[:1]
	r, problems := Open([]byte("CustomerAccount,accountnumber\nUS-001,\"OLD,1\"\n"), s)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if row, err := r.Next(); err != nil || row.Company != "USMF" || !slices.Equal(row.Dataverse, []string{"OLD,1"}) || row.ID != "" {
		t.Errorf("%+v, %v", row, err)
	}
}

func TestProblems(t *testing.T) {
	head := "dataAreaId,CustomerAccount,accountid\n"
	keyless := spec()
	keyless.Dataverse = []string{""}
	for _, tt := range []struct {
		name, text string
		spec       Spec
		want       []string
	}{
		{"empty", "", spec(), []string{"it is empty"}},
		{"no rows", head, spec(), []string{"it has no rows"}},
		{"names", "dataAreaId,CustomerAcount,accountid,accountid\n", spec(), []string{`the column "CustomerAcount" means nothing`, `the column "accountid" is there twice`, "it has no column CustomerAccount"}},
		{"both", "dataAreaId,CustomerAccount,accountid,accountnumber\n", spec(), []string{"it tells the row of Dataverse twice, by id and by key"}},
		{"neither", "dataAreaId,CustomerAccount\n", spec(), []string{"it has no column that tells the row of Dataverse"}},
		{"key that tells nothing", "dataAreaId,CustomerAccount,accountnumber\n", keyless, []string{`the column "accountnumber" means nothing`, "it has no column that tells the row of Dataverse"}},
		{"company", "CustomerAccount,accountid\n", spec(), []string{"it has no column dataAreaId"}},
		{"cells", head + "FRRT,A," + one + "\nUSMF,,\nUSMF,B,4711\n", spec(), []string{`line 2: the company "FRRT" is not one of the map's`, "line 3 has no CustomerAccount", `line 4: "4711" is not a guid`}},
		{"width", head + "USMF,A\nUSMF,B," + one + "\n", spec(), []string{"line 2 is no CSV: wrong number of fields"}},
		{"twice", head + "USMF,A," + one + "\nusmf,a ," + two + "\nDEMF,A," + one + "\nUSMF,B," + one + "\n", spec(), []string{"line 3: a stands in line 2 already", "line 5: " + one + " stands in line 2 already"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Check([]byte(tt.text), tt.spec, 10)
			var got []string
			for _, p := range problems {
				got = append(got, p.Summary)
				if p.Detail == "" || p.Hint == "" {
					t.Errorf("%q does not say why or how", p.Summary)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestMost: a file of mistakes alone is not listed to its end.
func TestMost(t *testing.T) {
	text := "dataAreaId,CustomerAccount,accountid\n" + strings.Repeat("USMF,A,4711\n", 100)
	if _, problems := Check([]byte(text), spec(), 5); len(problems) != 5 {
		t.Errorf("%d problems", len(problems))
	}
}

// FuzzCheck: whatever a file holds, it is read to its end without a panic, and
// what Check accepts Next gives whole.
func FuzzCheck(f *testing.F) {
	f.Add([]byte("dataAreaId,CustomerAccount,accountid\nUSMF,US-001," + one + "\n"))
	f.Add([]byte("\xef\xbb\xbfdataAreaId;CustomerAccount;accountnumber\nUSMF;\"US;1\";x\n"))
	f.Add([]byte("a,\"b\n,,\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, problems := Check(content, spec(), 1000)
		if len(problems) > 0 {
			return
		}
		r, _ := Open(content, spec())
		seen := map[string]bool{}
		for n := 0; ; n++ {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				if n != rows {
					t.Fatalf("%d rows, Check says %d", n, rows)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			key := fmt.Sprintf("%s %q", row.Company, row.FnO)
			if len(row.FnO) != 1 || row.FnO[0] == "" || row.Company == "" || (row.ID == "") == (len(row.Dataverse) == 0) || seen[key] {
				t.Fatalf("%+v", row)
			}
			seen[key] = true
		}
	})
}
