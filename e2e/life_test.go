package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// held begins a stream of which only the first words have come.
func (g *gateway) held(t *testing.T, model string) (*http.Response, *bufio.Reader) {
	t.Helper()
	resp := g.open(t, "POST", "/api/v1/chat/completions", g.Key, chat(model, "hold", `,"stream":true`))
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	r := bufio.NewReader(resp.Body)
	untilContent(t, r)
	return resp, r
}

// TestShutdown: SIGTERM lets open streams finish, bills them, and ends well.
func TestShutdown(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		g := serve(t, "")
		_, stream := g.held(t, model)
		stopped := make(chan error, 1)
		go func() { stopped <- g.stop() }()
		if err := g.log.await("shutting down"); err != nil {
			t.Fatal(err)
		}
		select {
		case <-g.ended:
			t.Fatalf("the gateway did not wait for its stream: %v", g.err)
		default:
		}
		ups.open(t)
		rest, err := io.ReadAll(stream)
		if err != nil || !strings.Contains(string(rest), lastWords) || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") {
			t.Errorf("the stream ended with %q (%v)", rest, err)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		if b := readBooks(t, g.dir); b.holds != 0 || b.spent["default"] != 36400 {
			t.Errorf("%+v", b)
		}
	})
}

// TestShutdownDeadline: a stream that does not end in time is cut, and that is told.
func TestShutdownDeadline(t *testing.T) {
	dir := t.TempDir()
	file, err := writeConfig(dir, "timeouts: {shutdown: 50ms}\n", providers)
	if err != nil {
		t.Fatal(err)
	}
	g, err := start(launch{dir: dir, args: []string{"serve", "--config", file}})
	if err != nil {
		t.Fatal(err)
	}
	_, stream := g.held(t, "e2e/openai")
	if err := g.stop(); err == nil || !strings.Contains(err.Error(), "shutdown deadline") {
		t.Errorf("the gateway ended with %v", err)
	}
	if rest, err := io.ReadAll(stream); err == nil || strings.Contains(string(rest), "[DONE]") {
		t.Errorf("the client takes the answer for whole: %q", rest)
	}
	ups.awaitLeft(t, "e2e/openai")
	if b := readBooks(t, dir); b.holds != 0 {
		t.Errorf("%+v", b)
	}
}

// TestLeave: a client that leaves pays for what it has used, and holds nothing more.
func TestLeave(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		g := serve(t, "")
		resp, _ := g.held(t, model)
		resp.Body.Close()
		ups.awaitLeft(t, model)
		if err := g.stop(); err != nil {
			t.Fatal(err)
		}
		if b := readBooks(t, g.dir); b.holds != 0 || b.generations["cancelled"] != 1 || b.spent["default"] <= 0 {
			t.Errorf("%+v", b)
		}
	})
}

// TestKill: a gateway that is killed during a stream charges nothing for it, and gives
// back what it held, when it is started again.
func TestKill(t *testing.T) {
	l := configured(t, "ledger: {prepaid: true}\n")
	g, err := start(l)
	if err != nil {
		t.Fatal(err)
	}
	// The credit is enough for one hold at a time.
	g.ask(t, "POST", "/api/v1/credits/grant", g.Management, `{"amount":0.001}`)
	const large = `,"max_tokens":400`
	if a := g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat("e2e/openai", "Hi", large)); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	resp := g.open(t, "POST", "/api/v1/chat/completions", g.Key, chat("e2e/openai", "hold", large+`,"stream":true`))
	defer resp.Body.Close()
	untilContent(t, bufio.NewReader(resp.Body))
	g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat("e2e/openai", "Hi", large)).refused(t, 402)
	if err := g.kill(); err != nil {
		t.Fatal(err)
	}
	ups.awaitLeft(t, "e2e/openai")
	lost := resp.Header.Get("X-Generation-Id")

	again := launched(t, l)
	if again.Key != "" || again.Management != "" {
		t.Error("keys were made a second time")
	}
	again.Key, again.Management = g.Key, g.Management
	if err := again.log.await("recorded as lost"); err != nil {
		t.Error(err)
	}
	if granted, used := again.credits(t); granted != "0.001" || used != "0.0000364" {
		t.Errorf("granted %s, used %s", granted, used)
	}
	var record struct {
		Data struct {
			ID       string
			Cost     json.Number `json:"total_cost"`
			Dragoman struct{ Outcome string }
		}
	}
	again.get(t, "/api/v1/generation?id="+lost, again.Key, &record)
	if d := record.Data; d.ID != lost || d.Cost != "0" || d.Dragoman.Outcome != "lost" {
		t.Errorf("the record is %+v", d)
	}
	if a := again.ask(t, "POST", "/api/v1/chat/completions", again.Key, chat("e2e/openai", "Hi", large)); a.status != 200 {
		t.Errorf("what was held is not free again: %d %s", a.status, a.body)
	}
	if err := again.stop(); err != nil {
		t.Error(err)
	}
	if b := readBooks(t, l.dir); b.holds != 0 || b.spent["default"] != 2*36400 || b.generations["lost"] != 1 || b.generations["completed"] != 2 {
		t.Errorf("%+v", b)
	}
}

// TestOneOwner: a second gateway on the same data is refused, and the first does not mind.
func TestOneOwner(t *testing.T) {
	g := serve(t, "")
	got := dragoman(t, launch{dir: g.dir, args: []string{"serve", "--config", "dragoman.yaml"}})
	if got.status != 1 || got.out != "" || !strings.Contains(got.err, "in use by another running gateway") {
		t.Errorf("%+v", got)
	}
	if a := g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat("e2e/openai", "Hi", "")); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestPortTaken: the message says what to do.
func TestPortTaken(t *testing.T) {
	taken := strings.TrimPrefix(house.listens, "http://")
	got := dragoman(t, launch{dir: t.TempDir(), args: []string{"serve", "--listen", taken}})
	if got.status != 1 || !strings.Contains(got.err, taken) || !strings.Contains(got.err, "--listen") {
		t.Errorf("%+v", got)
	}
}

// TestDemo: with no configuration and no credential, the first request is answered.
func TestDemo(t *testing.T) {
	began := time.Now()
	g := launched(t, launch{dir: t.TempDir(), args: []string{"serve"}, env: []string{"DRAGOMAN_LISTEN=127.0.0.1:0"}})
	if !g.Demo || g.Key == "" || g.Management == "" {
		t.Fatalf("%+v", g)
	}
	a := g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat("demo/chat", "Hello!", ""))
	t.Logf("ready after %v, first answer after %v", g.ready, time.Since(began))
	var whole struct {
		Choices []struct{ Message struct{ Content string } }
		Usage   struct{ Cost float64 }
	}
	if err := json.Unmarshal([]byte(a.body), &whole); err != nil || a.status != 200 || whole.Choices[0].Message.Content == "" || whole.Usage.Cost <= 0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a.header.Get("X-Dragoman-Demo") == "" {
		t.Error("the answer does not say that it is simulated")
	}
	for _, model := range []string{"demo/chat", "demo/thinker"} {
		a = g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat(model, "Hello!", `,"stream":true`))
		if a.status != 200 || !strings.Contains(a.body, `"usage":`) || !strings.HasSuffix(a.body, "data: [DONE]\n\n") {
			t.Errorf("%s: %d %s", model, a.status, a.body)
		}
	}
	if got := dragoman(t, launch{dir: g.dir, args: []string{"models"}}); !strings.Contains(got.out, "demo/chat") {
		t.Errorf("%+v", got)
	}
}

// TestAnnouncement: the first start says, in words, where it listens, its keys, and a
// request that works.
func TestAnnouncement(t *testing.T) {
	g := launched(t, launch{dir: t.TempDir(), args: []string{"serve", "--listen", "127.0.0.1:0"}})
	home := g.ask(t, "GET", "/", "", "")
	if home.status != 200 || !strings.Contains(home.body, "DEMO") || !strings.Contains(home.body, "/api/v1/models") {
		t.Errorf("%d %s", home.status, home.body)
	}
	for path, word := range map[string]string{"/healthz": `"ok"`, "/metrics": "# HELP", "/openapi.json": `"openapi"`} {
		if a := g.ask(t, "GET", path, "", ""); a.status != 200 || !strings.Contains(a.body, word) {
			t.Errorf("%s: %d %.200s", path, a.status, a.body)
		}
	}
	if data := filepath.Join(g.dir, "data"); !strings.Contains(fmt.Sprint(listMode(t, data)), "drwx------") {
		t.Errorf("%s is open to others", data)
	}
}
