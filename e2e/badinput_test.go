package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// trace is in every prompt and key of a bad request, and must be in no log.
const trace = "trace-6f1d2c"

// envelope is the API's error.
type envelope struct {
	Error struct {
		Code     int
		Message  string
		Metadata struct {
			Type string `json:"error_type"`
		}
	}
}

// refused holds an answer to a status and to the envelope.
func (a answer) refused(t *testing.T, status int) {
	t.Helper()
	var e envelope
	if err := json.Unmarshal([]byte(a.body), &e); a.status != status || err != nil || e.Error.Code != status || e.Error.Message == "" || e.Error.Metadata.Type == "" {
		t.Errorf("%d, not %d: %s", a.status, status, a.body)
	}
}

// The log is at its most talkative, and the account has credit that must not move.
const strictHouse = `
limits: {max_body: 65536, max_headers: 16384}
ledger: {prepaid: true}
log: {level: debug}
`

func TestBadInput(t *testing.T) {
	g := serve(t, strictHouse)
	g.ask(t, "POST", "/api/v1/credits/grant", g.Management, `{"amount":5}`)
	granted, used := g.credits(t)
	for _, base := range []string{"/api/v1", "/v1"} {
		path := base + "/chat/completions"
		body := func(more string) string { return chat("e2e/openai", trace, more) }
		for name, tc := range map[string]struct {
			method, path, key, body string
			status                  int
		}{
			"nothing":             {"POST", path, g.Key, "", 400},
			"malformed":           {"POST", path, g.Key, `{"model":"` + trace, 400},
			"not an object":       {"POST", path, g.Key, `["` + trace + `"]`, 400},
			"wrong type":          {"POST", path, g.Key, `{"model":"e2e/openai","messages":"` + trace + `"}`, 400},
			"wrong type inside":   {"POST", path, g.Key, `{"model":"e2e/openai","messages":[{"role":"user","content":{"` + trace + `":1}}]}`, 400},
			"no messages":         {"POST", path, g.Key, `{"model":"e2e/openai","messages":[]}`, 400},
			"no model":            {"POST", path, g.Key, `{"messages":[{"role":"user","content":"` + trace + `"}]}`, 400},
			"unknown role":        {"POST", path, g.Key, `{"model":"e2e/openai","messages":[{"role":"` + trace + `","content":"x"}]}`, 400},
			"unknown model":       {"POST", path, g.Key, chat("no/"+trace, trace, ""), 400},
			"oversized":           {"POST", path, g.Key, body(`,"x":"` + strings.Repeat("y", 64<<10) + `"`), 413},
			"too deep":            {"POST", path, g.Key, body(`,"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000)), 400},
			"bad UTF-8":           {"POST", path, g.Key, strings.Replace(body(""), trace, trace+"\xff", 1), 400},
			"bad escape":          {"POST", path, g.Key, strings.Replace(body(""), trace, trace+`\q`, 1), 400},
			"no key":              {"POST", path, "", body(""), 401},
			"wrong key":           {"POST", path, "sk-or-v1-" + trace, body(""), 401},
			"management key":      {"POST", path, g.Management, body(""), 403},
			"no credit":           {"POST", path, g.Key, body(`,"max_tokens":90000,"n":128`), 402},
			"wrong method":        {"GET", path, g.Key, "", 405},
			"wrong method, keys":  {"PUT", base + "/keys", g.Management, "{}", 405},
			"unknown path":        {"POST", base + "/" + trace, g.Key, body(""), 404},
			"unknown root":        {"GET", "/" + trace, g.Key, "", 404},
			"not built":           {"POST", base + "/videos", g.Key, body(""), 501},
			"absurd limit":        {"POST", path, g.Key, body(`,"max_tokens":1e99`), 400},
			"negative limit":      {"POST", path, g.Key, body(`,"max_tokens":-1`), 400},
			"absurd choices":      {"POST", path, g.Key, body(`,"n":1000000000`), 400},
			"absurd heat":         {"POST", path, g.Key, body(`,"temperature":1e400`), 400},
			"keys without rights": {"GET", base + "/keys", g.Key, "", 403},
			"key of a wrong type": {"POST", base + "/keys", g.Management, `{"name":7}`, 400},
			"key without a name":  {"POST", base + "/keys", g.Management, `{}`, 400},
			"unknown generation":  {"GET", base + "/generation?id=gen-" + trace, g.Key, "", 404},
			"no generation":       {"GET", base + "/generation", g.Key, "", 400},
		} {
			t.Run(strings.ReplaceAll(base[1:]+" "+name, "/", " "), func(t *testing.T) {
				a := g.ask(t, tc.method, tc.path, tc.key, tc.body)
				a.refused(t, tc.status)
				if allow := a.header.Get("Allow"); (tc.status == 405) != (allow != "") || strings.Contains(allow, tc.method) {
					t.Errorf("Allow is %q", allow)
				}
			})
		}
	}
	g.unharmed(t, granted, used)
}

// unharmed checks that nothing was charged, that the gateway still answers, and that its
// log has no word of what it was asked.
func (g *gateway) unharmed(t *testing.T, granted, used json.Number) {
	t.Helper()
	if g2, u2 := g.credits(t); g2 != granted || u2 != used {
		t.Errorf("credit was %s with %s used, is %s with %s used", granted, used, g2, u2)
	}
	if a := g.ask(t, "GET", "/healthz", "", ""); a.status != 200 {
		t.Errorf("health is %d %s", a.status, a.body)
	}
	if a := g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat("e2e/openai", trace, "")); a.status != 200 {
		t.Errorf("a good request is %d %s", a.status, a.body)
	}
	if log := g.log.String(); strings.Contains(log, trace) || strings.Contains(log, g.Key) {
		t.Errorf("the log quotes a request: %s", log)
	}
}

// TestNoCredit: an empty prepaid account answers 402 before any upstream is asked.
func TestNoCredit(t *testing.T) {
	g := serve(t, strictHouse)
	for _, more := range []string{"", `,"stream":true`} {
		g.ask(t, "POST", "/api/v1/chat/completions", g.Key, chat("e2e/openai", trace, more)).refused(t, 402)
	}
	if a := g.ask(t, "POST", "/api/v1/credits/grant", g.Management, `{"amount":1,"ref":"first"}`); a.status != 200 {
		t.Errorf("grant: %d %s", a.status, a.body)
	}
	granted, used := g.credits(t)
	g.unharmed(t, granted, used)
	if _, used = g.credits(t); used != "0.0000364" {
		t.Errorf("a request that costs 0.0000364 was charged %s", used)
	}
}

// dial opens a connection that is not HTTP yet.
func (g *gateway) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(g.listens, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBadHTTP is what is refused before there is a request: the words are those of the
// HTTP server, the status must be right and the log silent.
func TestBadHTTP(t *testing.T) {
	g := serve(t, strictHouse)
	g.ask(t, "POST", "/api/v1/credits/grant", g.Management, `{"amount":5}`)
	granted, used := g.credits(t)
	const post = "POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
	for name, tc := range map[string]struct {
		wire   string
		status int
	}{
		"huge header":       {post + "X-Note: " + trace + strings.Repeat("y", 64<<10) + "\r\n\r\n", 431},
		"broken header":     {post + trace + "\r\n\r\n", 400},
		"no HTTP":           {trace + "\r\n\r\n", 400},
		"bad length":        {post + "Content-Length: -" + trace + "\r\n\r\n", 400},
		"two framings":      {post + "Content-Length: 5\r\nTransfer-Encoding: " + trace + "\r\n\r\nhello", 501},
		"no host":           {"POST /api/v1/chat/completions HTTP/1.1\r\n\r\n", 400},
		"oversized, hidden": {post + "Authorization: Bearer " + g.Key + "\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" + strings.Repeat("y", 0x20000) + "\r\n0\r\n\r\n", 413},
		"broken chunk":      {post + "Authorization: Bearer " + g.Key + "\r\nTransfer-Encoding: chunked\r\n\r\n" + trace + "\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			c := g.dial(t)
			if _, err := io.WriteString(c, tc.wire); err != nil {
				t.Logf("the gateway stopped reading: %v", err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tc.status {
				text, _ := io.ReadAll(resp.Body)
				t.Errorf("%d, not %d: %s", resp.StatusCode, tc.status, text)
			}
		})
	}
	g.unharmed(t, granted, used)
}

// TestSlowHeaders: who sends headers without end is let go. The gateway's patience is ten
// seconds, so this one runs beside the others.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	g := serve(t, strictHouse)
	c := g.dial(t)
	if _, err := io.WriteString(c, "POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-Note: "+trace); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("the gateway keeps the connection: %v", err)
	}
	if strings.Contains(g.log.String(), trace) {
		t.Errorf("the log quotes a request: %s", g.log)
	}
}

// TestSlowBody: who sends a body drop by drop is told so and let go, with a key and without
// one; who sends a large one at its pace, or waits long for an answer, is not.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	g := serve(t, strictHouse+"timeouts: {body: 1s}\n")
	g.ask(t, "POST", "/api/v1/credits/grant", g.Management, `{"amount":5}`)
	granted, used := g.credits(t)
	for name, tc := range map[string]struct {
		path, key string
		status    int
	}{
		"inference":  {"/api/v1/chat/completions", g.Key, 408},
		"messages":   {"/v1/messages", g.Key, 408},
		"management": {"/api/v1/keys", g.Management, 408},
		"no key":     {"/api/v1/chat/completions", "none", 401},
	} {
		t.Run(name, func(t *testing.T) {
			c := g.dial(t)
			began := time.Now()
			if _, err := io.WriteString(c, "POST "+tc.path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+tc.key+"\r\nContent-Length: 5000\r\n\r\n{"); err != nil {
				t.Fatal(err)
			}
			drip := time.AfterFunc(0, func() {
				for range 1000 {
					time.Sleep(20 * time.Millisecond)
					if _, err := io.WriteString(c, `"`+trace); err != nil {
						return
					}
				}
			})
			defer drip.Stop()
			in := bufio.NewReader(c)
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != tc.status {
				t.Errorf("%d, not %d: %s", resp.StatusCode, tc.status, text)
			}
			if _, err := in.ReadByte(); err == nil {
				t.Error("there is more after the answer")
			}
			if d := time.Since(began); d > 8*time.Second {
				t.Errorf("the connection was kept for %s", d)
			}
		})
	}
	g.unharmed(t, granted, used)
}
