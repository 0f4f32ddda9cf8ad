package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/lang/diag"
)

// starter is what `dw init` writes: a configuration that runs as it stands.
const starter = `# A starter for dw: one map on the local twins.
# Try it:  dw plan    then  dw apply    then  dw verify
#
# For real environments put fno, dataverse and auth blocks in place of sandbox.

link "main" {
  sandbox {
    seed    = 1
    records = 500
  }
  companies = ["USMF", "DEMF", "GBSI"]
}

# F&O keeps the currencies; both sides may rename them.
map "currencies" {
  fno       = "Currencies"
  dataverse = "transactioncurrencies"
  key       = { CurrencyCode = "isocurrencycode" }

  filter {
    fno = "CurrencyCode ne '999'"
  }
  fields "both" {
    Name   = "currencyname"
    Symbol = "currencysymbol"
  }
  constant "exchangerate" {
    value = 1.0
  }
  constant "currencyprecision" {
    value = 2
  }
}
`

const ignored = ".dw/\n"

func (p *program) initCommand() *cli.Command {
	return &cli.Command{
		Name:  "init",
		Usage: "write a starter configuration into the folder",
		Description: "Writes main.dw.hcl and a .gitignore for the state, never over existing files. No other command\n" +
			"needs it.",
		Action: func(c *cli.Context) error {
			if err := noArguments(c, 0); err != nil {
				return err
			}
			dir := c.String("chdir")
			if existing := configuration(dir); existing != "" {
				return diag.Fail(diag.Diagnostic{
					Code: diag.CodeUsage, Severity: diag.Error,
					Summary: fmt.Sprintf("the folder already has a configuration (%s)", existing),
					Hint:    "Use an empty folder, or edit what is there.",
				})
			}
			if dir != "" {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return unwritable(dir, err)
				}
			}
			if err := p.writeNew(filepath.Join(dir, "main.dw.hcl"), starter); err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(dir, ".gitignore")); os.IsNotExist(err) {
				if err := p.writeNew(filepath.Join(dir, ".gitignore"), ignored); err != nil {
					return err
				}
			}
			fmt.Fprintln(p.host.Out, "\nNext: `dw plan` shows what would happen, `dw apply` does it on the local twins.")
			return nil
		},
	}
}

// configuration names a file of the configuration in a folder; "" where there
// is none, or no folder.
func configuration(dir string) string {
	entries, _ := os.ReadDir(cmp.Or(dir, "."))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".dw.hcl") || strings.HasSuffix(e.Name(), ".dw.json") {
			return e.Name()
		}
	}
	return ""
}

func (p *program) writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return unwritable(path, err)
	}
	_, err = f.WriteString(text)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		_, err = fmt.Fprintln(p.host.Out, "Wrote", path)
	}
	return err
}
