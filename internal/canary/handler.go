package canary

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

// requests counts those of the whole process: no two have one canary.
var requests atomic.Int64

// Handler puts canaries into requests for h and looks for them in its answers: that to a
// prompt may have this prompt in it and no other, any other answer none. A message of a
// WebSocket is a request, and whatever comes back over it an answer to those before. A key may
// be in the answer to what made it, a cookie's value where the cookie is set. What a workspace
// or a client had kept is for those who may see it.
func Handler(t testing.TB, h http.Handler) http.Handler {
	f := &front{TB: t, gateway: h}
	t.Cleanup(f.count)
	return f
}

// front stands before a gateway under test.
type front struct {
	testing.TB
	gateway         http.Handler
	spoken, answers atomic.Int64
}

func (f *front) count() {
	if n := f.spoken.Load(); n > 0 {
		f.Attr(Planted, fmt.Sprint(n))
	}
	if n := f.answers.Load(); n > 0 {
		f.Attr(LookedFor, fmt.Sprint(n))
	}
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	own := ""
	season(r)
	switch {
	case upgrades(r):
		f.relay(w, r)
		return
	case r.Method == http.MethodGet:
	case strings.Contains(r.URL.Path, "/presets/"): // what it says becomes a setting
	case asks.MatchString(r.URL.Path):
		own = f.prompt()
		rewrite(r, func(body []byte) []byte { return speak(body, own) })
	default:
		rewrite(r, hide)
	}
	tee := &tee{ResponseWriter: w}
	f.gateway.ServeHTTP(tee, r)
	f.judge(r, tee.text(), own)
}

// prompt is the canary of one more request.
func (f *front) prompt() string {
	f.spoken.Add(1)
	return Said(int(requests.Add(1)))
}

// asks are the paths of requests that say something to a model.
var asks = regexp.MustCompile(`/(chat/completions|completions|responses|messages|messages/count_tokens|embeddings|rerank|audio/\w+|images|images/\w+)$|:\w+$`)

// shows are the paths of what was kept for those who ask there, by their own doing.
var shows = regexp.MustCompile(`/generation/content$|/responses/[^/]+`)

// judge looks through an answer to what had these canaries of its own.
func (f *front) judge(r *http.Request, answer []byte, owns ...string) {
	f.Helper()
	f.answers.Add(1)
	asked := false
	for _, own := range owns {
		if own == "" {
			continue
		}
		asked = true
		answer = bytes.ReplaceAll(answer, []byte(own), nil)
		answer = bytes.ReplaceAll(answer, []byte(strings.TrimSuffix(own, promptStem)), nil) // a quotation that was shortened
	}
	for _, find := range Look(answer) {
		switch {
		case find.Kind == Key && r.Method == http.MethodPost:
		case find.Kind == Prompt && shows.MatchString(r.URL.Path):
		case find.Kind == Prompt && asked && find.Form != "plain": // its own, as base64
		default:
			f.Errorf("the answer to %s %s has %s", r.Method, r.URL.Path, find)
		}
	}
}

// tee keeps what is answered.
type tee struct {
	http.ResponseWriter
	answer bytes.Buffer
}

const maxAnswer = 8 << 20

func (t *tee) Write(p []byte) (int, error) {
	if t.answer.Len() < maxAnswer {
		t.answer.Write(p)
	}
	return t.ResponseWriter.Write(p)
}

// text is all that was answered, but for the values of the cookies that it sets.
func (t *tee) text() []byte {
	return append([]byte(fmt.Sprintln(withoutCookies(t.Header()))), t.answer.Bytes()...)
}

// Unwrap is for http.ResponseController.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (t *tee) Flush() { _ = http.NewResponseController(t.ResponseWriter).Flush() }

// rewrite changes a request's body; one without a length stays without. One that does not come
// to its end stays as it is: those are tests of framing.
func rewrite(r *http.Request, change func([]byte) []byte) {
	if r.Body == nil || r.ContentLength == 0 {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		return
	}
	body = change(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.ContentLength < 0 {
		return
	}
	r.ContentLength = int64(len(body))
	if r.Header.Get("Content-Length") != "" {
		r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// Texts of requests, in JSON and in forms, and secrets in settings. Group 1 is before the
// place where the canary goes, group 2 after it.
var (
	inJSON = regexp.MustCompile(`("(?:content|text|input|prompt|instructions|query|system)"\s*:\s*\[?\s*"\s*(?:[^"\\\s]|\\.)(?:[^"\\]|\\.)*)(")`)
	inForm = regexp.MustCompile(`(name="prompt"\r\n\r\n[^\r]+)(\r\n)`)
	hash   = regexp.MustCompile(`^[0-9a-f]{64}$`) // names an API key, and is none
	secret = regexp.MustCompile(`("(?:key|password|current|new|client_secret|secretKey|api_key|apiKey)"\s*:\s*")([A-Za-z0-9 _-]{6,})(")`)
)

// goesOn is a request that brings back what a model said, which must come back as it was.
var goesOn = regexp.MustCompile(`"(assistant|tool|functionResponse|function_call|reasoning|functionCall|tool_result)"`)

// speak adds a prompt's canary to every text of a request, or to the first one of a
// conversation that goes on.
func speak(body []byte, canary string) []byte {
	with := []byte("${1} " + canary + "${2}")
	if !goesOn.Match(body) {
		return inForm.ReplaceAll(inJSON.ReplaceAll(body, with), with)
	}
	first := inJSON.FindIndex(body)
	if first == nil {
		return body
	}
	return append(inJSON.ReplaceAll(body[:first[1]:first[1]], with), body[first[1]:]...)
}

// hide puts a canary into every secret of a setting.
func hide(body []byte) []byte {
	return secret.ReplaceAllFunc(body, func(m []byte) []byte {
		g := secret.FindSubmatch(m)
		if hash.Match(g[2]) {
			return m
		}
		return []byte(string(g[1]) + Hidden(string(g[2])) + string(g[3]))
	})
}
