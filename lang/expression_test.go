package lang

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
)

// render writes a tree in a short form.
func render(e *expr.Expr) string {
	var args []string
	for _, a := range e.Args {
		args = append(args, render(a))
	}
	switch e.Op {
	case expr.OpLiteral:
		text, _ := json.Marshal(e.Literal)
		return string(text)
	case expr.OpValue, expr.OpCompany:
		return string(e.Op)
	case expr.OpRecord:
		return "record." + e.Name
	}
	name := string(e.Op)
	if e.Name != "" {
		name += " " + e.Name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

const expressionFile = `
variable "v" {
  default = "text"
}
variable "n" {
  default = 12.50
}
locals {
  list = ["x"]
  null = null
}
link "one" {
  companies = ["USMF"]
  sandbox {}
}
map "a" {
  fno       = "A"
  dataverse = "b"
  key       = { A = "a" }
  field "x" {
    fno          = "X"
    to_dataverse = %s
  }
}
`

func TestExpressions(t *testing.T) {
	for src, want := range map[string]string{
		`value`:                             `value`,
		`(value)`:                           `value`,
		`company`:                           `company`,
		`record.Name`:                       `record.Name`,
		`record["Odd name"]`:                `record.Odd name`,
		`null`:                              `null`,
		`true`:                              `true`,
		`1.10`:                              `["d","1.1"]`,
		`-0.30`:                             `["d","-0.3"]`,
		`12345678901234567890123.45`:        `["d","12345678901234567890123.45"]`,
		`0.1234567890123456789012345678901`: `["d","0.1234567890123456789012345678901"]`,
		`9007199254740993`:                  `9007199254740993`,
		`1.5e3`:                             `1500`,
		`"e\u0301"`:                         "\"e\u0301\"",
		`"a\n\"$${b}"`:                      `"a\u000a\"${b}"`,
		`"${value}"`:                        `concat(value)`,
		`"e\u0301${value}$${x}"`:            "concat(\"e\u0301\", value, \"${x}\")",
		`"a ${~ value ~} b"`:                `concat("a", value, "b")`,
		`"%{ if value == "1" }one%{ else }${company}%{ endif }!"`: `concat(cond(binary ==(value, "1"), "one", concat(company)), "!")`,
		`"%{ if value == "1" }1.50%{ endif }!"`:                   `concat(cond(binary ==(value, "1"), "1.50", ""), "!")`,
		`value == "" ? var.v : upper(value)`:                      `cond(binary ==(value, ""), "text", call upper(value))`,
		`var.n`:                                                   `["d","12.5"]`,
		`local.null`:                                              `null`,
		`!(value == 1) && -value < 2 || false`:                    `binary ||(binary &&(unary !(binary ==(value, 1)), binary <(unary -(value), 2)), false)`,
		`coalesce(value, record.B, "x")`:                          `call coalesce(value, record.B, "x")`,
		`1 + 2 * value`:                                           `binary +(1, binary *(2, value))`,
	} {
		cfg, list := Load(one("a.dw.hcl", fmt.Sprintf(expressionFile, src)), Options{})
		if len(list) > 0 {
			t.Errorf("%s: %s %s", src, list[0].Code, list[0].Summary)
			continue
		}
		got := render(cfg.Maps[0].Fields[1].ToDataverse)
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestExpressionsRefused(t *testing.T) {
	for src, want := range map[string][]string{
		`valu`:                              {diag.CodeUnknownName},
		`Name`:                              {diag.CodeUnknownName},
		`value.x`:                           {diag.CodeBadExpression},
		`record`:                            {diag.CodeBadExpression},
		`record.a.b`:                        {diag.CodeBadExpression},
		`company[0]`:                        {diag.CodeBadExpression},
		`[for x in value : x]`:              {diag.CodeBadExpression},
		`"%{ for x in value }a%{ endfor }"`: {diag.CodeBadExpression},
		`value.*`:                           {diag.CodeBadExpression},
		`{ a = value }`:                     {diag.CodeBadExpression},
		`local.list`:                        {diag.CodeBadExpression},
		`local.list[0].x`:                   {diag.CodeEvaluation},
		`local.lost`:                        {diag.CodeUnknownReference},
		`upper(local.list...)`:              {diag.CodeBadExpression, diag.CodeBadExpression},
		`upper()`:                           {diag.CodeFunctionArguments},
		`coalesce()`:                        {diag.CodeFunctionArguments},
		`timestamp()`:                       {diag.CodeUnknownFunction},
		`upper(valu) + lowr(Name)`:          {diag.CodeUnknownName, diag.CodeUnknownFunction, diag.CodeUnknownName},
		`1e400`:                             {diag.CodeNotAllowed},
		`link.one`:                          {diag.CodeUnknownName},
	} {
		_, list := Load(one("a.dw.hcl", fmt.Sprintf(expressionFile, src)), Options{})
		if got := codesOf(list); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", src, got, want)
		}
	}
}

func TestKeyFlowsAsTheOthers(t *testing.T) {
	for fields, want := range map[string]string{
		``:                                  "both",
		`fields "to_dataverse" { B = "b" }`: "to_dataverse",
		`fields "to_fno" { B = "b" }`:       "to_fno",
		"fields \"to_dataverse\" { B = \"b\" }\nfields \"both\" { C = \"c\" }":                  "both",
		"fields \"to_dataverse\" { B = \"b\" }\nconstant \"C\" {\nside = \"fno\"\nvalue = 1\n}": "to_dataverse",
	} {
		src := "link \"l\" {\ncompanies = [\"USMF\"]\nsandbox {}\n}\nmap \"m\" {\nfno = \"A\"\ndataverse = \"b\"\nkey = { A = \"a\" }\n" + fields + "\n}\n"
		cfg, list := Load(one("a.dw.hcl", src), Options{})
		if len(list) > 0 || string(cfg.Maps[0].Fields[0].Direction) != want || cfg.Maps[0].Fields[0].FnO.Name != "A" {
			t.Errorf("%q: %v %+v, want %s", fields, list, cfg.Maps[0].Fields[0], want)
		}
	}
}
