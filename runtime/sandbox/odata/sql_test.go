package odata_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// columns resolves the columns of the test's table; fno gives them the empty
// values of F&O.
type columns struct{ fno bool }

func (c columns) Column(path []string) (odata.Column, error) {
	if len(path) != 1 {
		return odata.Column{}, fmt.Errorf("no property %v", path)
	}
	col := odata.Column{Expr: `"` + path[0] + `"`}
	switch path[0] {
	case "area", "id":
		col.Kind = odata.Text
		return col, nil
	case "name", "nick":
		col.Kind, col.Empty = odata.Text, ""
	case "amount":
		col.Kind, col.Empty, col.Expr = odata.Number, int64(0), "CAST(amount AS NUMERIC)"
	case "flag":
		col.Kind = odata.Bool
	case "moment":
		col.Kind, col.Empty = odata.Time, "1900-01-01T00:00:00Z"
	case "day":
		col.Kind, col.Empty, col.DateSuffix = odata.Date, "1900-01-01T12:00:00Z", "T12:00:00Z"
	case "ref":
		col.Kind, col.Empty = odata.GUID, "00000000-0000-0000-0000-000000000000"
	case "state":
		col.Kind, col.Empty, col.EnumType, col.Symbols = odata.Enum, "No", "NoYes", []string{"No", "Yes"}
		col.Order = "CASE coalesce(state, 'No') WHEN 'No' THEN 0 WHEN 'Yes' THEN 1 END"
	default:
		return odata.Column{}, fmt.Errorf("no property %v", path)
	}
	if !c.fno {
		col.Empty = nil
	}
	return col, nil
}

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, stmt := range []string{
		`CREATE TABLE t (area TEXT COLLATE NOCASE NOT NULL, id TEXT COLLATE NOCASE NOT NULL, name TEXT COLLATE NOCASE,
			nick TEXT COLLATE NOCASE, amount TEXT, flag INTEGER, moment TEXT, day TEXT, ref TEXT, state TEXT COLLATE NOCASE)`,
		`CREATE UNIQUE INDEX t_key ON t (area, id)`,
		`INSERT INTO t VALUES ('usmf','a','Contoso Retail','cr','12.50',1,'2024-01-02T03:04:05Z','2024-01-02T12:00:00Z','11111111-1111-1111-1111-11111111111a','Yes')`,
		`INSERT INTO t VALUES ('usmf','b','100%','cr','-3',0,'2023-01-02T03:04:05Z','2023-01-02T12:00:00Z',NULL,'No')`,
		`INSERT INTO t VALUES ('usmf','c',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)`,
		`INSERT INTO t VALUES ('demf','d','contoso','CONTOSO','100',1,NULL,NULL,NULL,'Yes')`,
	} {
		if _, err := db.Exec(stmt); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func ids(t *testing.T, db *sql.DB, filter string, d odata.Dialect) string {
	t.Helper()
	n, err := odata.ParseFilter(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	where, args, err := odata.SQL(n, columns{fno: d == odata.FnO}, d)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	rows, err := db.Query("SELECT id FROM t WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		t.Fatalf("%s: %s: %v", filter, where, err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		out.WriteString(id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSQL(t *testing.T) {
	db := open(t)
	tests := []struct {
		filter         string
		dataverse, fno string // ids; "-" where the dialect refuses
	}{
		{"name eq 'CONTOSO'", "d", "d"},
		{"name eq 'contoso  '", "", "d"},
		{"name ne 'contoso'", "ab", "abc"},
		{"not (name eq 'contoso')", "ab", "abc"},
		{"name eq ''", "", "c"},
		{"name ne ''", "abd", "abd"},
		{"name eq null", "c", ""},
		{"name ne null", "abd", "abcd"},
		{"name lt 'b'", "b", "bc"},
		{"name ge ''", "abd", "abcd"},
		{"name eq '*retail*'", "", "a"},
		{"name eq 'contoso*'", "", "ad"},
		{"name ne 'contoso*'", "abd", "bc"},
		{"name eq '1*%'", "", "b"},
		{"name eq '1*_'", "", ""},
		{"contains(name,'retail')", "a", "-"},
		{"startswith(name,'contoso')", "ad", "-"},
		{"endswith(name,'soS')", "", "-"},
		{"endswith(tolower(name),'so')", "-", "-"},
		{"not contains(name,'o')", "b", "-"},
		{"contains(name,'c%tail')", "a", "-"},
		{"tolower(name) eq 'contoso'", "-", "-"},
		{"name eq nick", "d", "cd"},
		{"amount gt 12", "ad", "ad"},
		{"amount eq 12.5", "a", "a"},
		{"12.5 le amount", "ad", "ad"},
		{"amount lt 1", "b", "bc"},
		{"amount eq 0", "", "c"},
		{"flag eq true", "ad", "ad"},
		{"flag", "ad", "ad"},
		{"not flag", "b", "b"},
		{"moment ge 2024-01-02T03:04:05Z", "a", "a"},
		{"moment gt 2024-01-02T03:04:04.5Z", "a", "a"},
		{"moment ge 2024-01-02T03:04:05.5Z", "", ""},
		{"moment eq 2024-01-02T03:04:05.5Z", "", ""},
		{"moment ne 2024-01-02T03:04:05.5Z", "ab", "abcd"},
		{"moment lt 2000-01-01T00:00:00Z", "", "cd"},
		{"moment eq 2024-01-02T05:04:05+02:00", "a", "a"},
		{"day eq 2024-01-02", "a", "a"},
		{"day lt 2023-06-01T00:00:00Z", "b", "bcd"},
		{"ref eq 11111111-1111-1111-1111-11111111111A", "a", "a"},
		{"ref eq '11111111-1111-1111-1111-11111111111A'", "a", "-"},
		{"state eq NoYes'Yes'", "ad", "ad"},
		{"state ne NoYes'Yes'", "b", "bc"},
		{"state eq NoYes'No'", "b", "bc"},
		{"state gt NoYes'No'", "-", "-"},
		{"state eq NoYes'Maybe'", "-", "-"},
		{"state eq Other'Yes'", "-", "-"},
		{"state eq 'Yes'", "-", "-"},
		{"amount eq '1'", "-", "-"},
		{"name eq 1", "-", "-"},
		{"name eq amount", "-", "-"},
		{"1 eq 1", "-", "-"},
		{"other eq 1", "-", "-"},
		{"Microsoft.Dynamics.CRM.In(PropertyName='amount',PropertyValues=['-3','100'])", "bd", "-"},
		{"Microsoft.Dynamics.CRM.NotIn(PropertyName='name',PropertyValues=['contoso'])", "ab", "-"},
		{"not Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['','contoso'])", "ab", "-"},
		{"Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[])", "", "-"},
		{"Microsoft.Dynamics.CRM.In(PropertyName='flag',PropertyValues=['1'])", "ad", "-"},
		{"Microsoft.Dynamics.CRM.Between(PropertyName='amount',PropertyValues=['-3','12.5'])", "ab", "-"},
		{"Microsoft.Dynamics.CRM.NotBetween(PropertyName='amount',PropertyValues=['-3','12.5'])", "d", "-"},
		{"area eq 'USMF' and id gt 'a' and (flag eq true or name eq '100%')", "b", "b"},
		{"name eq 'contoso' or name eq '100%'", "bd", "bd"},
		{"not (name eq 'contoso' or name eq '')", "ab", "ab"},
		{"not (flag eq true and amount gt 50)", "ab", "abc"},
	}
	for _, tt := range tests {
		for d, want := range map[odata.Dialect]string{odata.Dataverse: tt.dataverse, odata.FnO: tt.fno} {
			if want == "-" {
				n, err := odata.ParseFilter(tt.filter)
				if err != nil {
					t.Fatalf("%s: %v", tt.filter, err)
				}
				if where, _, err := odata.SQL(n, columns{fno: d == odata.FnO}, d); err == nil {
					t.Errorf("dialect %d: %s: got %s, want an error", d, tt.filter, where)
				}
				continue
			}
			if got := ids(t, db, tt.filter, d); got != want {
				t.Errorf("dialect %d: %s: got %q, want %q", d, tt.filter, got, want)
			}
		}
	}
}

func TestErrorTypes(t *testing.T) {
	var mismatch *odata.TypeError
	n, _ := odata.ParseFilter("name eq 1")
	if _, _, err := odata.SQL(n, columns{}, odata.FnO); !errors.As(err, &mismatch) ||
		err.Error() != "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Int32' for operator kind 'Equal'." {
		t.Errorf("got %v", err)
	}
	var unsupported *odata.UnsupportedError
	n, _ = odata.ParseFilter("contains(name,'x')")
	if _, _, err := odata.SQL(n, columns{}, odata.FnO); !errors.As(err, &unsupported) {
		t.Errorf("got %v", err)
	}
}

func TestOrderSQL(t *testing.T) {
	orders, err := odata.ParseOrderBy("area,amount desc,state")
	if err != nil {
		t.Fatal(err)
	}
	got, err := odata.OrderSQL(orders, columns{fno: true})
	want := `"area", coalesce(CAST(amount AS NUMERIC), 0) DESC, CASE coalesce(state, 'No') WHEN 'No' THEN 0 WHEN 'Yes' THEN 1 END`
	if err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := odata.OrderSQL([]odata.Order{{Path: odata.Path{"other"}}}, columns{}); err == nil {
		t.Error("an unknown column is accepted")
	}
}

// TestIndex holds the translation to SQL that plain indexes can serve.
func TestIndex(t *testing.T) {
	db := open(t)
	var keys []string
	for i := range 1500 {
		keys = append(keys, fmt.Sprintf("(area eq 'usmf' and id eq 'k%d')", i))
	}
	var names []string
	for i := range 6000 {
		names = append(names, fmt.Sprintf("id eq 'k%d'", i))
	}
	for _, filter := range []string{
		"area eq 'usmf' and id gt 'x'",
		strings.Join(keys, " or "),
		"area eq 'usmf' and (" + strings.Join(names, " or ") + ")",
	} {
		n, err := odata.ParseFilter(filter)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []odata.Dialect{odata.Dataverse, odata.FnO} {
			where, args, err := odata.SQL(n, columns{fno: d == odata.FnO}, d)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := db.Query("EXPLAIN QUERY PLAN SELECT * FROM t WHERE "+where, args...)
			if err != nil {
				t.Fatalf("%.80s: %v", filter, err)
			}
			for rows.Next() {
				var a, b, c int
				var detail string
				if err := rows.Scan(&a, &b, &c, &detail); err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(detail, "SCAN") {
					t.Errorf("%.80s: %s", filter, detail)
				}
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
