// Package e2e drives the built gateway with unmodified client SDKs. Its module is its own,
// so that their dependencies are not the product's.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// One gateway in front of one simulator serves all tests: three models, each behind one
// provider of another wire protocol.
var models = []string{"e2e/openai", "e2e/anthropic", "e2e/gemini"}

var house struct {
	address, key, management string
	log                      *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const config = `
listen: 127.0.0.1:0
data: %s
demo: false
limits: {max_body: 1048576}
providers:
  - {slug: sim-openai, name: Sim OpenAI, protocol: openai.chat, base_url: "%[2]s/sim/v1"}
  - {slug: sim-anthropic, name: Sim Anthropic, protocol: anthropic.messages, base_url: "%[2]s/sim"}
  - {slug: sim-gemini, name: Sim Gemini, protocol: gemini.generateContent, base_url: "%[2]s/sim"}
models:
`

const model = `
  - slug: e2e/%[1]s
    context_length: 100000
    input_modalities: [text, image]
    endpoints:
      - {provider: sim-%[1]s, upstream_model: chat, price: {prompt: 1, completion: 2}}
`

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	sim, simURL, err := start(build(dir, "simup"), nil, "--listen", "127.0.0.1:0")
	if err != nil {
		return 1, err
	}
	defer sim.stop()
	text := fmt.Sprintf(config, filepath.Join(dir, "data"), simURL)
	for _, name := range []string{"openai", "anthropic", "gemini"} {
		text += fmt.Sprintf(model, name)
	}
	file := filepath.Join(dir, "dragoman.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return 1, err
	}
	bin := os.Getenv("DRAGOMAN_BIN")
	if bin == "" {
		bin = build(dir, "dragoman")
	}
	gw, line, err := start(bin, []string{"DRAGOMAN_PRINT=json"}, "serve", "--config", file)
	if err != nil {
		return 1, err
	}
	var hello struct{ Address, Key, Management_key string }
	if err := json.Unmarshal([]byte(line), &hello); err != nil {
		return 1, fmt.Errorf("the gateway said %q: %w", line, err)
	}
	house.address, house.key, house.management, house.log = hello.Address, hello.Key, hello.Management_key, gw.log
	code := m.Run()
	if err := gw.stop(); err != nil && code == 0 {
		return 1, fmt.Errorf("the gateway ended with %w", err)
	}
	return code, nil
}

func build(dir, name string) string {
	bin := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/"+name)
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: build", name, err)
		os.Exit(1)
	}
	return bin
}

type process struct {
	cmd *exec.Cmd
	log *lockedBuffer
}

// start runs a program until its first line on stdout, which says that it is ready.
func start(bin string, env []string, args ...string) (*process, string, error) {
	p := &process{exec.Command(bin, args...), new(lockedBuffer)}
	p.cmd.Env, p.cmd.Stderr = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, env...), p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	line := make(chan string, 1)
	go func() {
		r := bufio.NewReader(out)
		first, _ := r.ReadString('\n')
		line <- strings.TrimSpace(first)
		io.Copy(p.log, r)
	}()
	select {
	case l := <-line:
		if l != "" {
			return p, l, nil
		}
	case <-time.After(20 * time.Second):
	}
	p.cmd.Process.Kill()
	return nil, "", fmt.Errorf("%s did not start: %s", bin, p.log)
}

func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// raw sends a request as it is.
func raw(t *testing.T, method, path, key, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest(method, house.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// credits is what GET /credits says.
func credits(t *testing.T) string {
	t.Helper()
	_, _, body := raw(t, "GET", "/api/v1/credits", house.management, "")
	return body
}

const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
