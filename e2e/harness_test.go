// Package e2e drives the built gateway with unmodified client SDKs, its own command line
// and raw HTTP. The providers behind it are played here, in upstream_test.go and the
// wires beside it, written by hand so that they share no mistake with the product. The
// module is its own, so that the SDKs are not dependencies of the product.
//
// DRAGOMAN_BIN names the binary; without it, one is built. Start with TestOpenAIChat. What
// is not here: load (cmd/rig), recorded traffic (cmd/replay) and every fault at every byte
// (internal/gateway).
package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// patience bounds every wait; nothing here needs a tenth of it.
const patience = 30 * time.Second

var (
	program string    // the gateway's binary
	ups     *upstream // the providers, shared by all gateways
	house   *gateway  // serves the SDK tests
)

// routes are the models that every SDK check runs against: one for each upstream wire that
// tells what was cached and what was thought. The companies of plain ones only tell how
// much went in and came out.
var (
	routes = []string{"e2e/openai", "e2e/anthropic", "e2e/gemini", "e2e/responses"}
	plain  = []string{"e2e/cohere", "e2e/ollama"}
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if program, err = binary(dir); err != nil {
		return 1, err
	}
	ups = newUpstream()
	defer ups.Close()
	file, err := writeConfig(dir, "", providers)
	if err != nil {
		return 1, err
	}
	if house, err = start(launch{dir: dir, args: []string{"serve", "--config", file}}); err != nil {
		return 1, err
	}
	code = m.Run()
	return code, errors.Join(house.stop(), ups.wronged())
}

// binary is the program under test.
func binary(dir string) (string, error) {
	if bin := os.Getenv("DRAGOMAN_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	bin := filepath.Join(dir, "dragoman")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/dragoman")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build the gateway: %w", err)
	}
	return bin, nil
}

// eachRoute runs a check against every upstream wire that tells all counts.
func eachRoute(t *testing.T, f func(t *testing.T, model string)) {
	t.Helper()
	over(t, routes, f)
}

// everyWire runs a check that looks at no counts of classes against every upstream wire.
func everyWire(t *testing.T, f func(t *testing.T, model string)) {
	t.Helper()
	over(t, slices.Concat(routes, plain), f)
}

func over(t *testing.T, models []string, f func(t *testing.T, model string)) {
	for _, m := range models {
		t.Run(m[len("e2e/"):], func(t *testing.T) { f(t, m) })
	}
}
