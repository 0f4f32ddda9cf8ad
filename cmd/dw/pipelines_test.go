package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// step is a command of an example pipeline.
type step struct{ name, command string }

// dwSteps gives the steps of a pipeline that run dw, in their order. Steps of
// both services are mappings with a command as text.
func dwSteps(t *testing.T, file string) []step {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../examples/pipelines", file))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(b, &document); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var out []step
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			var s step
			for i := 0; i+1 < len(n.Content); i += 2 {
				switch key, v := n.Content[i].Value, n.Content[i+1]; {
				case (key == "run" || key == "script") && v.Kind == yaml.ScalarNode:
					s.command = strings.TrimSpace(v.Value)
				case key == "name" || key == "displayName":
					s.name = v.Value
				}
			}
			if strings.HasPrefix(s.command, "dw ") {
				out = append(out, s)
			}
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&document)
	return out
}

// TestPipelines runs the steps of the example pipelines on local twins, in a
// folder each as their service would have it: the pull request's first, then
// the release's.
func TestPipelines(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs commands that other tests run under the race detector")
	}
	t.Parallel()
	for _, service := range []struct {
		name, pullRequest, release string
		env                        []string
	}{
		{"GitHub", "github-pull-request.yml", "github-release.yml", []string{"GITHUB_ACTIONS=true", "CI=true"}},
		{"Azure", "azure-pull-request.yml", "azure-release.yml", []string{"TF_BUILD=True"}},
	} {
		t.Run(service.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			maps := filepath.Join(root, "maps")
			if err := os.Mkdir(maps, 0o755); err != nil {
				t.Fatal(err)
			}
			copyExample(t, maps, 120)
			env := append(os.Environ(), service.env...)
			env = append(env, "DW_VAR_client_secret=s", "GITHUB_WORKSPACE="+root, "BUILD_SOURCESDIRECTORY="+root)
			run := func(s step) {
				t.Helper()
				cmd := exec.Command("sh", "-c", s.command)
				cmd.Dir, cmd.Env = maps, env
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %s: %v\n%s", s.name, s.command, err, out)
				}
			}
			run(step{"the copy with fewer records is laid out anew", "dw fmt"})
			run(step{"the schema is committed", "dw schema pull"})
			steps := dwSteps(t, service.pullRequest)
			if len(steps) != 4 {
				t.Fatalf("%d steps of %s run dw", len(steps), service.pullRequest)
			}
			for _, s := range steps {
				run(s)
			}
			comment, err := os.ReadFile(filepath.Join(maps, "dw-plan.md"))
			if err != nil || !strings.HasPrefix(string(comment), "<!-- dw plan: ") {
				t.Errorf("the comment has no mark: %v\n%.200s", err, comment)
			}
			var saved struct {
				Fingerprint string `json:"fingerprint"`
			}
			b, err := os.ReadFile(filepath.Join(maps, "dw.plan"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &saved); err != nil || saved.Fingerprint == "" {
				t.Fatalf("the saved plan has no fingerprint: %v", err)
			}
			env = append(env, "APPROVED="+saved.Fingerprint)
			if steps = dwSteps(t, service.release); len(steps) < 2 {
				t.Fatalf("%d steps of %s run dw", len(steps), service.release)
			}
			for _, s := range steps {
				run(s)
			}
		})
	}
}
