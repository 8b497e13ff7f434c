package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answer is a whole answer over plain HTTP.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request as it is and reads the whole answer.
func (g *gateway) ask(t *testing.T, method, path, key, body string) answer {
	t.Helper()
	resp := g.open(t, method, path, key, body)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s broke off: %v after %q", method, path, err, text)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// open sends a request and returns once the answer has begun.
func (g *gateway) open(t *testing.T, method, path, key, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.Address+path, strings.NewReader(body))
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
	return resp
}

// get reads a member of the API that must be there.
func (g *gateway) get(t *testing.T, path, key string, into any) {
	t.Helper()
	a := g.ask(t, "GET", path, key, "")
	if err := json.Unmarshal([]byte(a.body), into); err != nil || a.status != 200 {
		t.Fatalf("GET %s: %d %s (%v)", path, a.status, a.body, err)
	}
}

// credits are the account's granted and used credit, exactly as written.
func (g *gateway) credits(t *testing.T) (granted, used json.Number) {
	t.Helper()
	var c struct {
		Data struct {
			Total json.Number `json:"total_credits"`
			Usage json.Number `json:"total_usage"`
		} `json:"data"`
	}
	g.get(t, "/api/v1/credits", g.Management, &c)
	return c.Data.Total, c.Data.Usage
}

// newKey makes an inference key; fields is the rest of the request's JSON object.
func (g *gateway) newKey(t *testing.T, fields string) string {
	t.Helper()
	a := g.ask(t, "POST", "/api/v1/keys", g.Management, `{"name":"e2e"`+fields+`}`)
	var k struct{ Key string }
	if err := json.Unmarshal([]byte(a.body), &k); err != nil || a.status != 201 || k.Key == "" {
		t.Fatalf("create a key: %d %s (%v)", a.status, a.body, err)
	}
	return k.Key
}

// chat is a request body with one user message and more members.
func chat(model, text, more string) string {
	return `{"model":` + quote(model) + `,"messages":[{"role":"user","content":` + quote(text) + `}]` + more + `}`
}

func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(raw)
}

// untilContent reads a stream up to its first content.
func untilContent(t *testing.T, r *bufio.Reader) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream ended before its first content: %v", err)
		}
		if strings.Contains(line, firstWords) {
			return
		}
	}
}
