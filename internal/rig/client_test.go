package rig

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// raw answers every request with bytes and closes the connection.
func raw(t *testing.T, answer string) *client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, answer)
	}))
	t.Cleanup(s.Close)
	c := newClient(s.Listener.Addr().String(), 64, 5*time.Second)
	t.Cleanup(c.close)
	return c
}

func TestClientReadsAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nthe lindworm",
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthe l\r\n7\r\nindworm\r\n0\r\n\r\n",
	} {
		c := raw(t, answer)
		status, err := c.do(requestBytes(c.address, "/", "k", []byte("{}")))
		if err != nil || status != 200 || string(c.body) != "the lindworm" || c.first.IsZero() {
			t.Errorf("%s: %d %q first %v: %v", name, status, c.body, c.first, err)
		}
	}
}

func TestClientNoticesEveryCut(t *testing.T) {
	whole := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthe l\r\n7\r\nindworm\r\n0\r\n\r\n"
	for n := range len(whole) {
		c := raw(t, whole[:n])
		if _, err := c.do(requestBytes(c.address, "/", "", nil)); err == nil {
			t.Errorf("cut after %d bytes passes as an answer", n)
		}
	}
}

func TestClientRefusesAnAnswerWithoutAnEnd(t *testing.T) {
	c := raw(t, "HTTP/1.1 200 OK\r\n\r\nhello")
	if _, err := c.do(requestBytes(c.address, "/", "", nil)); err == nil {
		t.Error("an answer whose end cannot be seen passes")
	}
}

func TestClientReusesItsConnection(t *testing.T) {
	seen := map[string]bool{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen[r.RemoteAddr] = true }))
	defer s.Close()
	c := newClient(s.Listener.Addr().String(), 4096, 5*time.Second)
	defer c.close()
	for range 3 {
		if status, err := c.do(requestBytes(c.address, "/", "", []byte("{}"))); err != nil || status != 200 {
			t.Fatal(status, err)
		}
	}
	if len(seen) != 1 {
		t.Errorf("%d connections for three requests", len(seen))
	}
}

func TestCheckNames(t *testing.T) {
	good := fmt.Sprintf("%s%s%s", openAIAnswer().head, openAIAnswer().content[0], openAIAnswer().tail)
	for name, c := range map[string]struct {
		status, chunks int
		body, want     string
	}{
		"good":            {200, 1, good, ""},
		"status":          {502, 1, good, "status 502"},
		"lost content":    {200, 2, good, "1 chunks of content, 2 were sent"},
		"no end":          {200, 1, strings.TrimSuffix(good, "data: [DONE]\n\n"), "the stream ends in"},
		"no usage":        {200, 1, strings.ReplaceAll(good, "completion_tokens", "tokens"), `no "completion_tokens"`},
		"no finish":       {200, 1, strings.ReplaceAll(good, `"stop"`, "null"), `no "finish_reason"`},
		"whole text lost": {200, 0, good, "the answer's text"},
	} {
		err := dialects[openAI].check(c.status, []byte(c.body), c.chunks)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
