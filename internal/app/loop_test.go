package app

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// leg is a wire that the loop is played on.
type leg struct {
	play
	blob   string // what of every turn with calls goes back to the provider
	failed string // how the wire says that a tool failed, "" not at all
	marks  bool   // the wire has marks for the cache
	serial bool   // its calls never come in turns
}

const (
	byEffort = "{effort: true}"
	byBudget = "{budget: true}"
	project  = "/v1/projects/p/locations/l"
)

var legs = map[string]leg{
	"compatible": {play: play{slug: "sim", protocol: "openai.chat", path: "/v1", style: byEffort}, blob: `"tool_calls":[`},
	"openai":     {play: play{slug: "openai", protocol: "openai.chat", path: "/v1", row: ", api_key: k, only: [\"openai.chat:*\"]", style: byEffort, mute: true}, blob: `"tool_calls":[`},
	"azure":      {play: play{slug: "azure", protocol: "openai.chat", path: "/openai", row: `, platform: azure, auth: "header:api-key", api_key: k, quirks: [strict-fields], only: ["openai.chat:*"]`, style: byEffort, mute: true}, blob: `"tool_calls":[`},
	"responses":  {play: play{slug: "sim", protocol: "openai.responses", path: "/v1", style: byEffort}, blob: `"encrypted_content":"`},
	"anthropic":  {play: play{slug: "sim", protocol: "anthropic.messages", style: byBudget}, blob: `"signature":"`, failed: `"is_error":true`, marks: true, serial: true},
	"bedrock":    {play: play{slug: "sim", protocol: "bedrock.converse", row: ", platform: bedrock, region: us-east-1, auth: aws, api_key: k", model: "anthropic.claude-m", style: byBudget}, blob: `"signature":"`, failed: `"status":"error"`, marks: true},
	"claude on vertex": {play: play{slug: "sim", protocol: "anthropic.messages", path: project, row: ", platform: vertex, auth: google, api_key: k", model: "claude-m", style: byBudget},
		blob: `"signature":"`, failed: `"is_error":true`, marks: true, serial: true},
	"gemini":           {play: play{slug: "sim", protocol: "gemini.generateContent", style: byBudget}, blob: `"thoughtSignature":"`, failed: `"response":{"error":"`},
	"gemini on vertex": {play: play{slug: "sim", protocol: "gemini.generateContent", path: project, row: ", platform: vertex, auth: google, api_key: k", model: "gemini-m", style: byBudget}, blob: `"thoughtSignature":"`, failed: `"response":{"error":"`},
	"mistral":          {play: play{slug: "mistral", protocol: "openai.chat", path: "/mistral/v1", row: ", api_key: k", style: byEffort}, blob: `"tool_calls":[`},
	"cohere":           {play: play{slug: "sim", protocol: "cohere.chat", style: byBudget}, blob: `"tool_calls":[`},
	"ollama":           {play: play{slug: "sim", protocol: "ollama.chat", style: byEffort}, blob: `"tool_calls":[`},
}

// What is lost on the way, by client and wire: marks where the provider caches by itself,
// pictures that a tool gave, which go in a message of the user, and that a tool failed, which
// its text says too.
const (
	markLost       = "messages[].content[].cache_control"
	toolMarkLost   = "tools[].cache_control"
	pictureMoved   = "messages[].content[].content[]"
	failureLost    = "messages[].content[].is_error"
	outputMoved    = "input[].output[]"
	geminiFailure  = "contents[].parts[].functionResponse.response.error"
	lateSignature  = "reasoning_details"    // of a text's end: it comes after the text, where agents look for the answer
	budgetAsEffort = "reasoning.max_tokens" // a model that takes words
)

var listed = map[string]map[string][]string{
	"chat": {
		"openai": {markLost}, "azure": {markLost}, "mistral": {markLost}, "responses": {markLost}, "cohere": {markLost},
		"gemini": {markLost}, "gemini on vertex": {markLost}, "ollama": {markLost, budgetAsEffort},
	},
	"messages": {
		"compatible": {pictureMoved, failureLost}, "openai": {pictureMoved, failureLost}, "azure": {pictureMoved, failureLost}, "mistral": {pictureMoved, failureLost},
		"responses": {markLost, failureLost, toolMarkLost}, "cohere": {markLost, pictureMoved, failureLost, toolMarkLost},
		"gemini": {markLost, lateSignature, toolMarkLost}, "gemini on vertex": {markLost, lateSignature, toolMarkLost},
		"ollama": {markLost, failureLost, "thinking.budget_tokens", toolMarkLost},
	},
	"responses": {
		"compatible": {outputMoved}, "openai": {outputMoved}, "azure": {outputMoved}, "mistral": {outputMoved}, "cohere": {outputMoved},
	},
	"gemini": {
		"compatible": {geminiFailure}, "openai": {geminiFailure}, "azure": {geminiFailure}, "mistral": {geminiFailure}, "responses": {geminiFailure}, "cohere": {geminiFailure},
		"ollama": {geminiFailure, "generationConfig.thinkingConfig.thinkingBudget"},
	},
}

// speaker is a client of the loop.
type speaker struct {
	talker func() talker
	marks  bool // it marks what is to be cached
	fails  bool // it can say that a tool failed
	socket bool
}

var speakers = map[string]speaker{
	"chat":             {talker: func() talker { return &chatTalker{tools: loopTools, marks: true} }, marks: true},
	"messages":         {talker: func() talker { return &messagesTalker{tools: loopTools, marks: true} }, marks: true, fails: true},
	"responses":        {talker: func() talker { return &responsesTalker{tools: loopTools} }},
	"responses socket": {talker: func() talker { return &responsesTalker{tools: loopTools} }, socket: true},
	"gemini":           {talker: func() talker { return &geminiTalker{tools: loopTools} }, fails: true},
}

var loopTools = []string{"get_weather", "get_time"}

// A long agent's loop, streamed as agents do: forty turns of thinking and of two calls at
// once whose arguments come in turns, among them failures, pictures, refusals and answers
// that a limit cuts, from every agent's surface to every wire. The simulator refuses what its
// originals refuse. Where client and provider speak one dialect nothing is lost; elsewhere
// what is listed and no more.
func TestLongLoop(t *testing.T) {
	t.Parallel()
	for wire, up := range legs {
		for client, by := range speakers {
			t.Run(client+" before "+wire, func(t *testing.T) {
				t.Parallel()
				s := up.begin(t)
				l := loop{t: t, at: s, serial: up.serial, post: s.streamed(t), lost: map[string]bool{}}
				if by.socket {
					l.post = s.overSocket(t)
				}
				l.run(by.talker())
				l.check(up, by)
				l.compare(client, wire)
			})
		}
	}
}

// The same without streams, for a shorter while.
func TestLoopOfWholeAnswers(t *testing.T) {
	t.Parallel()
	for wire, up := range legs {
		t.Run(wire, func(t *testing.T) {
			t.Parallel()
			s := up.begin(t)
			for client, by := range speakers {
				if by.socket {
					continue
				}
				l := loop{t: t, at: s, serial: up.serial, lost: map[string]bool{}, turns: 10, whole: true}
				l.post = func(path string, body map[string]any) map[string]any {
					out, h := exchange(t, s.app.Handler(), s.key, path, body)
					notes(l.lost, strings.Split(h.Get("X-Dragoman-Dropped"), ","))
					return out
				}
				l.run(by.talker())
				l.compare(client, wire)
			}
		})
	}
}

// loop is one conversation.
type loop struct {
	t      *testing.T
	at     *theatre
	post   poster
	turns  int // 40
	serial bool
	lost   map[string]bool
	whole  bool // its answers are not streamed
}

// picture is the image that a tool gives in a turn.
func picture(turn int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x89PNG\r\n\x1a\n picture %d.", turn))
}

const (
	refusing = 3 // of ten turns
	cutShort = 5
	failing  = 7
	seeing   = 9
)

func (l *loop) run(c talker) {
	if l.turns == 0 {
		l.turns = 40
	}
	ask := func() said {
		return c.ask(l.t, func(path string, body map[string]any) map[string]any {
			out := l.post(path, body)
			meta, _ := out["openrouter_metadata"].(map[string]any)
			dropped, _ := meta["dropped"].([]any)
			for _, d := range dropped {
				notes(l.lost, []string{str(d.(map[string]any), "path")})
			}
			return out
		})
	}
	for turn := range l.turns {
		switch turn % 10 {
		case refusing:
			c.user(fmt.Sprintf("Turn %d: do what is forbidden. [[sim:refuse]]", turn))
			if a := ask(); len(a.calls) > 0 || !strings.Contains(a.text, "cannot help") && !slices.Contains([]string{"content_filter", "refusal", "SAFETY", "incomplete"}, a.finish) {
				l.t.Fatalf("turn %d is not refused: %+v", turn, a)
			}
			continue
		case cutShort:
			c.user(fmt.Sprintf("Turn %d: say much. [[sim:words=1200]]", turn))
			if a := ask(); !slices.Contains([]string{"length", "max_tokens", "incomplete", "MAX_TOKENS"}, a.finish) {
				l.t.Fatalf("turn %d is not cut: %s", turn, a.finish)
			}
			continue
		}
		manner := " [[sim:in-turns]]"
		if l.serial {
			manner = ""
		}
		c.user(fmt.Sprintf("Turn %d: use get_weather and get_time for \"Paris\".%s", turn, manner))
		calls := ask().calls
		if len(calls) != 2 || calls[0].name == calls[1].name || strings.Join(strings.Fields(calls[0].args), "") != `{"city":"Paris"}` || calls[0].args != calls[1].args {
			l.t.Fatalf("turn %d calls %v", turn, calls)
		}
		first := outcome{text: fmt.Sprintf("first of %d", turn), failed: turn%10 == failing}
		if turn%10 == seeing {
			first.image = picture(turn)
		}
		c.results(map[toolCall]outcome{calls[0]: first, calls[1]: {text: fmt.Sprintf("second of %d", turn)}})
		if a := ask(); len(a.calls) > 0 || !strings.Contains(a.text, "first of") && !strings.Contains(a.text, "demo provider") {
			l.t.Fatalf("turn %d goes on: %+v", turn, a)
		}
	}
}

// check looks at what the provider got last, which holds all of the conversation.
func (l *loop) check(up leg, by speaker) {
	l.t.Helper()
	var flat bytes.Buffer
	if err := json.Compact(&flat, []byte(l.at.last())); err != nil {
		l.t.Fatal(err)
	}
	sent := flat.String()
	count := func(what string, want int) {
		l.t.Helper()
		if n := strings.Count(sent, what); n != want {
			l.t.Errorf("the last request holds %d of %d %s", n, want, what)
		}
	}
	calling := 0
	for turn := range l.turns {
		if kind := turn % 10; kind == refusing || kind == cutShort {
			continue
		}
		calling++
		count(fmt.Sprintf("first of %d\"", turn), 1)
		count(fmt.Sprintf("second of %d\"", turn), 1)
		if turn%10 == seeing {
			count(picture(turn), 1)
		}
	}
	if n := strings.Count(sent, up.blob); n < calling {
		l.t.Errorf("the last request holds %d of %d %s", n, calling, up.blob)
	}
	if by.fails && up.failed != "" {
		count(up.failed, l.turns/10)
	}
	lines := l.at.sim.Server.Invoice()
	if cached := lines[len(lines)-1].Cached > 0; up.marks && cached != by.marks {
		l.t.Errorf("the provider had some of the prompt cached: %t", cached)
	}
}

// compare holds what was lost against what is listed.
func (l *loop) compare(client, wire string) {
	l.t.Helper()
	client = strings.TrimSuffix(client, " socket")
	want, got := slices.Clone(listed[client][wire]), slices.Sorted(maps.Keys(l.lost))
	if l.whole { // a signature stands with its text there
		want = slices.DeleteFunc(want, func(path string) bool { return path == lateSignature })
	}
	if !slices.Equal(got, want) {
		l.t.Errorf("%s before %s lost %q, listed are %q", client, wire, got, want)
	}
}

// streamed asks for streams and puts them together.
func (s *theatre) streamed(t *testing.T) poster {
	h := s.app.Handler()
	return func(path string, body map[string]any) map[string]any {
		if rest, ok := strings.CutSuffix(path, ":generateContent"); ok {
			path = rest + ":streamGenerateContent?alt=sse"
		} else {
			body["stream"] = true
		}
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, bytes.NewReader(raw))
		r.Header = s.header()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: %d %.1000s\nthe provider got …%s", path, w.Code, w.Body, s.last()[max(0, len(s.last())-2000):])
		}
		out, err := fold(path, w.Body.String(), events(t, w.Body.String()))
		if err != nil {
			t.Fatalf("%s: %v\n%.2000s", path, err, w.Body)
		}
		return out
	}
}

func (s *theatre) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + s.key}, "Anthropic-Version": {"2023-06-01"}, "X-Openrouter-Metadata": {"enabled"}}
}

// overSocket has one connection, which remembers what was said: only what is new is sent.
func (s *theatre) overSocket(t *testing.T) poster {
	front := httptest.NewServer(s.app.Handler())
	t.Cleanup(front.Close)
	c, _, err := websocket.Dial(t.Context(), front.URL+"/v1/responses", &websocket.DialOptions{HTTPHeader: s.header()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	c.SetReadLimit(1 << 24)
	known, previous := 0, ""
	return func(_ string, body map[string]any) map[string]any {
		body["type"] = "response.create"
		input := body["input"].([]any)
		if known >= len(input) { // the newest question was taken back
			known, previous = 0, ""
		}
		if body["input"] = input[known:]; previous != "" {
			body["previous_response_id"] = previous
		}
		if err := c.Write(t.Context(), websocket.MessageText, []byte(asJSON(body))); err != nil {
			t.Fatal(err)
		}
		var list []map[string]any
		for {
			_, m, err := c.Read(t.Context())
			var ev map[string]any
			if err == nil {
				err = json.Unmarshal(m, &ev)
			}
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, ev)
			if typ := str(ev, "type"); typ == "response.completed" || typ == "response.incomplete" || typ == "response.failed" || typ == "error" {
				break
			}
		}
		out, err := foldResponses(list)
		if err != nil {
			t.Fatal(err)
		}
		previous, known = str(out, "id"), len(input)+len(out["output"].([]any))
		return out
	}
}

// notes takes down paths that an answer reports as dropped, without their numbers.
func notes(lost map[string]bool, paths []string) {
	for _, path := range paths {
		if path = number.ReplaceAllString(strings.TrimSpace(path), "[]"); path != "" {
			lost[path] = true
		}
	}
}

var number = regexp.MustCompile(`\[\d+\]`)
