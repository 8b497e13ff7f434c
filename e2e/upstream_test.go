package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// upstream plays six companies on one server. Each wire reads a request into asked and
// writes what answer says; so a difference between two routes is the gateway's.
type upstream struct {
	*httptest.Server
	left chan string   // the wire of a request whose client left while it was held
	gate chan struct{} // one for each held stream that may go on

	mu     sync.Mutex
	faults []error // what a real company would have refused
}

// asked is what a request says, whatever its wire.
type asked struct {
	text    string   // of the last user message
	image   string   // media type and size of an image
	tools   []string // names offered
	results []string // tool results that came back, in order
	schema  bool     // the answer must hold to a JSON schema
	stream  bool
	refused string // why a real company would answer 400
}

// said is what the company answers.
type said struct {
	status int // 0 is 200
	pieces []string
	calls  []call
	end    ending
}

type call struct{ id, name, arguments string }

// ending is how a stream ends after its first piece.
type ending int

const (
	whole  ending = iota
	failed        // an error event
	cut           // the connection breaks
	held          // silence, until the gate opens or the client leaves
)

// What every company counts: 20 tokens of prompt, 4 of them from its cache, and 10 of
// answer, 3 of them reasoning.
const (
	promptTokens, cachedTokens          = 20, 4
	outputTokens, reasoningTokens       = 10, 3
	cost                                = 0.0000364 // 16 at $1, 4 at $0.1 and 10 at $2 per million
	firstWords, lastWords               = "Hello, ", "wörld. 👋"
	retryAfterSeconds                   = "7"
	hiddenWords                         = "operator-only detail of a failure"
	longestRequest                int64 = 4 << 20
)

// answer decides what is said: by the shape of the request, or by words in its text.
func (a asked) answer(wire string) said {
	switch {
	case a.refused != "":
		return said{status: 400}
	case len(a.results) > 0:
		return said{pieces: []string{"It is ", canary.Bare(strings.Join(a.results, " and "))}}
	case len(a.tools) > 1:
		return said{pieces: []string{"Let me look."}, calls: []call{
			{"call_one", a.tools[0], `{"city":"Paris"}`}, {"call_two", a.tools[1], `{"city":"Zürich"}`}}}
	case a.schema:
		return said{pieces: []string{`{"na`, `me":"dot"}`}}
	case a.image != "":
		return said{pieces: []string{"I see ", a.image}}
	}
	s := said{pieces: []string{firstWords, lastWords}}
	var at string
	if n, _ := fmt.Sscanf(a.text, "status %d at %s", &s.status, &at); n == 2 && at != wire {
		s.status = 0
	}
	switch {
	case strings.HasPrefix(a.text, "fail inside"):
		s.end = failed
	case strings.HasPrefix(a.text, "cut"):
		s.end = cut
	case strings.HasPrefix(a.text, "hold"):
		s.end = held
	}
	return s
}

func newUpstream() *upstream {
	u := &upstream{left: make(chan string, 64), gate: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /openai/v1/chat/completions", u.openAI)
	mux.HandleFunc("POST /responses/v1/responses", u.responses)
	mux.HandleFunc("POST /anthropic/v1/messages", u.anthropic)
	mux.HandleFunc("POST /gemini/v1beta/models/{call}", u.gemini)
	mux.HandleFunc("POST /cohere/v2/chat", u.cohere)
	mux.HandleFunc("POST /ollama/api/chat", u.ollama)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		u.wrong("the gateway asked for %s %s", r.Method, r.URL)
		http.NotFound(w, r)
	})
	u.Server = httptest.NewServer(mux)
	return u
}

// wrong notes a request that a real company would have refused.
func (u *upstream) wrong(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.faults = append(u.faults, fmt.Errorf(format, args...))
}

// wronged is everything noted.
func (u *upstream) wronged() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return errors.Join(u.faults...)
}

// check notes what the wires have in common: who asks, and whether a 400 is deserved.
func (u *upstream) check(wire string, r *http.Request, a *asked, header, credential string) {
	if got := canary.Bare(r.Header.Get(header)); got != credential {
		u.wrong("%s: %s is %q, not the operator's credential", wire, header, got)
	}
	for name, values := range r.Header {
		if strings.Contains(strings.Join(values, " "), "sk-or-v1-") {
			u.wrong("%s: the client's key was sent on in %s", wire, name)
		}
	}
	if a.refused != "" {
		u.wrong("%s: %s", wire, a.refused)
	}
}

// stream writes the frames of one answer; piece makes the frame of a piece of text.
func (u *upstream) stream(w http.ResponseWriter, r *http.Request, wire string, s said, begin string, piece func(string) string, failure string, rest func() string) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	flush := http.NewResponseController(w).Flush
	write := func(frame string) {
		w.Write([]byte(frame)) // a gateway that left is noticed by its context
		flush()
	}
	write(begin)
	for i, text := range s.pieces {
		write(piece(text))
		if i > 0 {
			continue
		}
		switch s.end {
		case failed:
			write(failure)
			return
		case cut:
			panic(http.ErrAbortHandler)
		case held:
			select {
			case <-u.gate:
			case <-r.Context().Done():
				u.left <- wire
				return
			}
		}
	}
	write(rest())
}

// awaitLeft waits until an upstream has seen its client leave: that of a route, or any.
func (u *upstream) awaitLeft(t *testing.T, model string) {
	t.Helper()
	select {
	case wire := <-u.left:
		if model != "" && model != "e2e/"+wire {
			t.Errorf("the client of %s was to leave, that of %s left", model, wire)
		}
	case <-time.After(patience):
		t.Errorf("a call upstream goes on without its client %s", model)
	}
}

// open lets one held stream go on.
func (u *upstream) open(t *testing.T) {
	t.Helper()
	select {
	case u.gate <- struct{}{}:
	case <-time.After(patience):
		t.Fatal("no stream is held")
	}
}
