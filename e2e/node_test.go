package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNode runs the npm clients. npm ci installs exactly the lock file.
func TestNode(t *testing.T) {
	if _, err := os.Stat(filepath.Join("node", "node_modules", "openai")); err != nil {
		install := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		install.Dir = "node"
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	cmd := exec.Command("node", "openai.mjs")
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), "BASE="+house.address, "KEY="+house.key, "MANAGEMENT="+house.management)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
