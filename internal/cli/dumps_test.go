//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is the gateway itself for the tests that run one as a process of its own.
func TestMain(m *testing.M) {
	if args := os.Getenv("DRAGOMAN_TEST_ARGS"); args != "" {
		os.Exit(Main(strings.Fields(args), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

const (
	promptCanary = "CANARY-PROMPT-7d31"
	answerCanary = "CANARY-ANSWER-b2c4"
	secretCanary = "sk-CANARY-SECRET-51aa"
)

// hanging is a provider that begins an answer and never ends it.
func hanging(t *testing.T) (address string, begun chan struct{}) {
	begun = make(chan struct{}, 10)
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !bytes.Contains(body, []byte(promptCanary)) || !strings.Contains(r.Header.Get("Authorization"), secretCanary) {
			t.Errorf("the provider got %s", body)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", answerCanary)
		w.(http.Flusher).Flush()
		begun <- struct{}{}
		<-release
	}))
	t.Cleanup(func() { close(release); s.Close() })
	return s.URL, begun
}

// A process is a gateway that runs, in a directory of its own.
type process struct {
	*exec.Cmd
	dir    string
	output bytes.Buffer // after Wait
	start  struct {
		Address, Key string
	}
}

func startProcess(t *testing.T, upstream string) *process {
	t.Helper()
	p := &process{dir: t.TempDir()}
	config := filepath.Join(p.dir, "dragoman.yaml")
	text := fmt.Sprintf(`demo: false
listen: 127.0.0.1:0
data: %q
log: {level: debug}
providers: [{slug: up, name: Up, protocol: openai.chat, base_url: "%s/v1", api_key: %s}]
models: [{slug: m/x, endpoints: [{provider: up, upstream_model: x, price: {prompt: 1, completion: 1}}]}]
`, filepath.Join(p.dir, "data"), upstream, secretCanary)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Cmd = exec.Command("/bin/sh", "-c", "ulimit -c unlimited 2>/dev/null; exec "+os.Args[0])
	p.Cmd.Dir = p.dir
	p.Cmd.Env = []string{"DRAGOMAN_TEST_ARGS=serve --print json --config " + config, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + p.dir}
	p.Cmd.Stderr = &p.output
	out, err := p.Cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	if err := json.NewDecoder(out).Decode(&p.start); err != nil {
		t.Fatalf("%v: %s", err, &p.output)
	}
	go io.Copy(&p.output, out) // ends with the process
	return p
}

// What a process that is killed in the middle of requests leaves behind holds nothing of them:
// no core dump, nothing on standard error, no file. At SIGSEGV the runtime prints stacks
// whatever it is told: functions, addresses and lengths.
func TestACrashLeavesNothingOfRequests(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			upstream, begun := hanging(t)
			p := startProcess(t, upstream)
			for _, stream := range []string{"true", "true", "false"} {
				req, err := http.NewRequest("POST", p.start.Address+"/v1/chat/completions", strings.NewReader(`{"model":"m/x","stream":`+stream+`,"messages":[{"role":"user","content":"`+promptCanary+`"}]}`))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+p.start.Key)
				go func() {
					if resp, err := http.DefaultClient.Do(req); err == nil {
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
				}()
				select {
				case <-begun:
				case <-time.After(time.Minute):
					t.Fatalf("the provider is not called: %s", p.start.Address)
				}
			}
			limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", p.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			if _, line, _ := strings.Cut(string(limits), "Max core file size"); !strings.HasPrefix(strings.TrimSpace(line), "0 ") {
				t.Errorf("core dumps are not off: %.60s", strings.TrimSpace(line))
			}
			if filter, err := os.ReadFile(fmt.Sprintf("/proc/%d/coredump_filter", p.Process.Pid)); err == nil && strings.Trim(string(filter), "0\n") != "" {
				t.Errorf("core dumps have memory in them: %s", filter)
			}
			time.Sleep(100 * time.Millisecond) // what is queued for the disk gets there
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_ = p.Wait() // it did not end well, on purpose
			judge(t, p)
			if signal != syscall.SIGSEGV && strings.Contains(p.output.String(), "goroutine ") {
				t.Errorf("stacks are printed: %.300s", p.output.String())
			}
		})
	}
}

// judge looks through everything that is left.
func judge(t *testing.T, p *process) {
	t.Helper()
	secrets := []string{promptCanary, answerCanary, secretCanary, p.start.Key}
	look := func(where string, raw []byte) {
		for _, s := range secrets {
			if bytes.Contains(raw, []byte(s)) && !(s == secretCanary && strings.HasSuffix(where, "dragoman.yaml")) {
				t.Errorf("%q is in %s", s, where)
			}
		}
	}
	look("its output", p.output.Bytes())
	files := 0
	err := filepath.WalkDir(p.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		if strings.HasPrefix(d.Name(), "core") {
			t.Errorf("a core dump: %s", path)
		}
		raw, err := os.ReadFile(path)
		look(path, raw)
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files looked through: %v", files, err)
	}
}
