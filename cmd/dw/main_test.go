package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts and tests run this program as `dw`, and as `dw-cut`,
// which can be made to end at a marker.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dw": main, "dw-cut": mainCut})
}

// updating tells whether expected outputs are to be written anew.
func updating() bool { return os.Getenv("DW_UPDATE") == "1" }

// scriptUser is who runs dw in scripts.
const scriptUser = "script"

// TestScripts runs the stories of testdata/script. DW_UPDATE=1 writes what they
// compare with anew.
func TestScripts(t *testing.T) {
	example := &appliedExample{dir: t.TempDir()}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: updating(),
		Setup: func(e *testscript.Env) error {
			// Neither the user's settings nor a pipeline's reach the scripts.
			e.Setenv("DW_USER", scriptUser)
			e.Values[stateKey{}] = newScriptState()
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "long" { // what .ci/run has beside go test
				return false, fmt.Errorf("the condition %q is not known", name)
			}
			return os.Getenv("DW_LONG") != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"applied":  example.appliedCommand,
			"await":    awaitCommand,
			"code":     codeCommand,
			"contoso":  contosoCommand,
			"decode":   decodeCommand,
			"drop":     dropCommand,
			"tame":     tameCommand,
			"get":      getCommand,
			"json":     jsonCommand,
			"mark":     markCommand,
			"masked":   maskedCommand,
			"replace":  replaceCommand,
			"requests": requestsCommand,
			"seize":    seizeCommand,
			"send":     sendCommand,
			"serve":    serveCommand,
			"unserve":  unserveCommand,
		},
	})
}

// notShort passes over what runs code that other tests run with the race
// detector too; that detector takes five to ten times as long and runs the
// short tests.
func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("the race detector sees the same code in other tests")
	}
}
