package socket

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// house is a server whose responses are played.
type house struct {
	t       *testing.T
	url     string
	closing chan struct{}
	mu      sync.Mutex
	asked   []string
	gone    chan struct{} // a request's context has ended
}

func (h *house) bodies() []string { h.mu.Lock(); defer h.mu.Unlock(); return h.asked }

// play answers by what the input holds.
func (h *house) play(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.asked = append(h.asked, string(body))
	n := len(h.asked)
	h.mu.Unlock()
	switch {
	case r.Method != "POST" || r.Header.Get("Upgrade") != "" || r.Header.Get("Sec-Websocket-Key") != "" || r.Header.Get("Authorization") != "Bearer good":
		h.t.Errorf("%s %v", r.Method, r.Header)
	case strings.Contains(string(body), "refuse me"):
		w.WriteHeader(400)
		io.WriteString(w, `{"error":{"code":400,"message":"no"}}`)
		return
	case strings.Contains(string(body), "cut me"):
		io.WriteString(w, "event: response.created\ndata: {\"type\":\"response.created\"}\n\n")
		panic(http.ErrAbortHandler)
	case strings.Contains(string(body), "wait"):
		<-r.Context().Done()
		close(h.gone)
		return
	}
	for _, part := range []string{": a comment\n\nevent: response.created\ndata: {\"type\":\"response.created\",", "\"sequence_number\":0}\n", "\n",
		fmt.Sprintf("event: response.completed\ndata: {\"sequence_number\":1,\"response\":{\"id\":\"r%d\",\"output\":[{\"out\":%d}]},\"type\":\"response.completed\"}\n\ndata: [DONE]\n\n", n, n)} {
		io.WriteString(w, part)
		w.(http.Flusher).Flush()
	}
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, closing: make(chan struct{}), gone: make(chan struct{})}
	s := &Server{
		Respond: h.play, Now: time.Now, MaxBody: 4096, Closing: h.closing, Log: canary.Log(t),
		Authenticate: func(r *http.Request, _ time.Time) error {
			hd := r.Header
			if hd.Get("Authorization") != "Bearer good" {
				return fault.New(fault.NoKey, "unknown key")
			}
			return nil
		},
		Refuse: func(w http.ResponseWriter, _ *http.Request, e *fault.Error) { w.WriteHeader(e.HTTPStatus()) },
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	h.url = "ws" + strings.TrimPrefix(server.URL, "http")
	return h
}

func (h *house) dial(key string) (*websocket.Conn, *http.Response, error) {
	return websocket.Dial(h.t.Context(), h.url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + key}}})
}

func (h *house) connect() *websocket.Conn {
	h.t.Helper()
	c, _, err := h.dial("good")
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.CloseNow() })
	return c
}

// say sends a message and returns those that come until one ends a response.
func (h *house) say(c *websocket.Conn, m string) (got []string) {
	h.t.Helper()
	if err := c.Write(h.t.Context(), websocket.MessageText, []byte(m)); err != nil {
		h.t.Fatal(err)
	}
	for {
		_, b, err := c.Read(h.t.Context())
		if err != nil {
			h.t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, string(b))
		if !rawjson.Valid(b) {
			h.t.Fatalf("%s is no JSON", b)
		}
		if s := string(b); strings.Contains(s, "response.completed") || strings.Contains(s, `"type":"error"`) {
			return got
		}
	}
}

func TestConversation(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.connect()
	warm := h.say(c, `{"type":"response.create","model":"m","generate":false,"instructions":"i","input":[{"in":0}]}`)
	if len(warm) != 2 || len(h.bodies()) != 0 || !strings.Contains(warm[1], `"id":"resp_warm_1"`) {
		t.Fatalf("%v", warm)
	}
	first := h.say(c, `{"type":"response.create","model":"m","previous_response_id":"resp_warm_1","input":[ {"in":1} ],"stream":false}`)
	if len(first) != 2 || !strings.Contains(first[0], `"response.created"`) {
		t.Fatalf("%v", first)
	}
	h.say(c, `{"type":"response.create","model":"m","previous_response_id":"r1","input":[{"in":2}]}`)
	h.say(c, `{"type":"response.create","model":"m","input":"afresh"}`)
	want := []string{
		`{"model":"m","stream":true,"input":[{"in":0},{"in":1}]}`,
		`{"model":"m","stream":true,"input":[{"in":0},{"in":1},{"out":1},{"in":2}]}`,
		`{"model":"m","stream":true,"input":[{"type":"message","role":"user","content":"afresh"}]}`,
	}
	if got := h.bodies(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestErrorsLeaveTheConnectionOpen(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.connect()
	for m, says := range map[string]string{
		`{`:                                    "must be one JSON object",
		`{"type":"session"}`:                   "response.create",
		`{"type":"response.create","input":7}`: "must be a string or an array",
		`{"type":"response.create","previous_response_id":"other","input":[]}`:             "previous_response_not_found",
		`{"type":"response.create","input":"refuse me"}`:                                   `"status":400,"error":{"code":400,"message":"no"}`,
		`{"type":"response.create","input":"` + strings.Repeat("x", 4000) + `","model":1}`: `"response.completed"`,
	} {
		if got := h.say(c, m); !strings.Contains(got[len(got)-1], says) {
			t.Errorf("%.60s: %s", m, got)
		}
	}
	if got := h.say(c, `{"type":"response.create","input":"again"}`); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if b := h.bodies(); !rawjson.Valid([]byte(b[len(b)-1])) {
		t.Errorf("%s is no JSON", b[len(b)-1])
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.connect()
	last := ""
	for i := range 6 {
		previous := ""
		if i > 0 {
			previous = fmt.Sprintf(`"previous_response_id":"r%d",`, i)
		}
		got := h.say(c, `{"type":"response.create",`+previous+`"input":[{"x":"`+strings.Repeat("y", 900)+`"}]}`)
		last = got[len(got)-1]
		if strings.Contains(last, `"type":"error"`) {
			break
		}
	}
	if !strings.Contains(last, "longer than a request may be") {
		t.Errorf("%s", last)
	}
}

func TestWrongKeyIsRefused(t *testing.T) {
	t.Parallel()
	if _, resp, err := open(t).dial("bad"); err == nil || resp == nil || resp.StatusCode != 401 {
		t.Errorf("%v %v", resp, err)
	}
}

func TestLeavingEndsTheRequest(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.connect()
	if err := c.Write(t.Context(), websocket.MessageText, []byte(`{"type":"response.create","input":"wait"}`)); err != nil {
		t.Fatal(err)
	}
	for len(h.bodies()) == 0 {
		time.Sleep(time.Millisecond)
	}
	c.CloseNow()
	select {
	case <-h.gone:
	case <-time.After(5 * time.Second):
		t.Error("the request goes on")
	}
}

func TestACutAnswerClosesTheConnection(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.connect()
	if err := c.Write(t.Context(), websocket.MessageText, []byte(`{"type":"response.create","input":"cut me"}`)); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, _, err = c.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusInternalError {
		t.Errorf("%v", err)
	}
}

func TestShutdownClosesIdleConnections(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.connect()
	h.say(c, `{"type":"response.create","input":"x"}`)
	close(h.closing)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("%v", err)
	}
}
