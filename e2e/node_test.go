package e2e

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestNodeOpenAI and those below run the npm clients, each check a subtest.
func TestNodeOpenAI(t *testing.T) {
	tap(t, house, "openai.mjs")
	for range routes { // each route's cancel was felt upstream
		ups.awaitLeft(t, "")
	}
}

func TestNodeOpenRouter(t *testing.T) { tap(t, house, "openrouter.mjs") }

// TestNodeManagement has a gateway of its own: its checks count what is there.
func TestNodeManagement(t *testing.T) { tap(t, serve(t, ""), "management.mjs") }

// install brings node/node_modules to what the lock file says.
func install(t *testing.T) {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is not installed; the npm clients need Node.js 20 or later: %v", name, err)
		}
	}
	lock, err := os.Stat(filepath.Join("node", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.Stat(filepath.Join("node", "node_modules", ".package-lock.json"))
	if err == nil && !have.ModTime().Before(lock.ModTime()) {
		return
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = "node"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci in e2e/node: %v\n%s", err, out)
	}
}

var tapResult = regexp.MustCompile(`^(not )?ok \d+ - (.+)$`)

// tap runs a script against a gateway and makes a subtest of each result that it prints.
func tap(t *testing.T, g *gateway, script string) {
	t.Helper()
	install(t)
	cmd := exec.Command("node", script)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), "BASE="+g.Address, "KEY="+g.Key, "MANAGEMENT="+g.Management, "POOR_KEY="+g.newKey(t, `,"limit":0.000001`))
	out, err := cmd.CombinedOutput()
	results, whole := tapResults(out)
	for _, r := range results {
		t.Run(r.name, func(t *testing.T) {
			if !r.ok {
				t.Error(r.why)
			}
		})
	}
	if !whole || err != nil && !t.Failed() {
		t.Errorf("%s ended early: %v\n%s", script, err, out)
	}
}

type result struct {
	name, why string
	ok        bool
}

// tapResults reads the results, and whether the plan at the end says that all are there.
func tapResults(out []byte) (all []result, whole bool) {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		line := lines.Text()
		if m := tapResult.FindStringSubmatch(line); m != nil {
			all = append(all, result{name: strings.ReplaceAll(m[2], "/", " "), ok: m[1] == ""})
		} else if why, ok := strings.CutPrefix(line, "# "); ok && len(all) > 0 {
			all[len(all)-1].why += why + "\n"
		}
		whole = whole || line == "1.."+strconv.Itoa(len(all))
	}
	return all, whole
}
