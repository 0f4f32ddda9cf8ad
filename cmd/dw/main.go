// Command dw keeps Dynamics 365 Finance & Operations and Dataverse equal from
// maps written in HCL: it checks and plans them, applies them, and rehearses
// all of it on local twins of both systems.
package main

import (
	"os"

	"github.com/dualwrite/dw/runtime/host"
)

func main() {
	os.Exit(run(host.Real("."), os.Args))
}
