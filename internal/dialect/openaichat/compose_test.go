package openaichat

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func ptr[T any](v T) *T { return &v }

// foreign is a request of another dialect. It names what the conversation leaves unnamed:
// message i is m<i>, its part j p<j>.
func foreign(c *llm.Conversation) *llm.Request {
	for i := range c.Messages {
		m := &c.Messages[i]
		m.Path = "m" + string(rune('0'+i))
		for j := range m.Parts {
			m.Parts[j].Path = m.Path + ".p" + string(rune('0'+j))
		}
	}
	for i := range c.Tools {
		c.Tools[i].Path = "t" + string(rune('0'+i))
	}
	return &llm.Request{From: llm.Anthropic, Choices: 1, Conversation: func() (*llm.Conversation, error) { return c, nil }}
}

func textPart(s string) llm.Part { return llm.Part{Kind: llm.TextPart, Text: s} }

func by(role llm.Role, parts ...llm.Part) llm.Message { return llm.Message{Role: role, Parts: parts} }

func invoke(id, name, args string) llm.Part {
	return llm.Part{Kind: llm.CallPart, Call: &llm.ToolCall{ID: id, Name: name, Args: args, Type: "function"}}
}

func outcome(id string, parts ...llm.Part) llm.Message {
	return by(llm.ToolRole, llm.Part{Kind: llm.ResultPart, Result: &llm.ToolResult{CallID: id, Parts: parts}})
}

func thought(d llm.ReasoningDetail) llm.Part { return llm.Part{Kind: llm.ReasoningPart, Reasoning: &d} }

func attach(kind llm.PartKind, m llm.Media) llm.Part { return llm.Part{Kind: kind, Media: &m} }

func marked(p llm.Part, ttl string) llm.Part { p.Cache = &llm.CacheMark{TTL: ttl}; return p }

const hi = `"messages":[{"role":"user","content":"hi"}]`

type composeCase struct {
	conv   llm.Conversation
	head   func(*llm.Request)
	q      Quirks
	to     dialect.Target
	want   string // without {"model":"up", and the last bracket
	losses string
}

func runCompose(t *testing.T, cases map[string]composeCase) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.conv.Messages == nil {
				c.conv.Messages = []llm.Message{by(llm.User, textPart("hi"))}
			}
			req := foreign(&c.conv)
			if c.head != nil {
				c.head(req)
			}
			c.to.Model = "up"
			for range 2 { // a request is encoded again for the next attempt
				call, losses, err := (&Adapter{Quirks: c.q}).EncodeRequest(req, c.to)
				if err != nil {
					t.Fatal(err)
				}
				body := bytes.Join(call.Body, nil)
				if !rawjson.Valid(body) {
					t.Fatalf("not JSON: %s", body)
				}
				var paths []string
				for _, l := range dialect.Spell(req.From, losses) { // as the client is told
					paths = append(paths, l.Path)
				}
				if got, want := string(body), `{"model":"up",`+c.want+`}`; got != want {
					t.Errorf("\n got %s\nwant %s", got, want)
				}
				if got := strings.Join(paths, " "); got != c.losses {
					t.Errorf("losses %q, want %q", got, c.losses)
				}
			}
		})
	}
}

var signedThought = llm.ReasoningDetail{Type: llm.ReasoningText, Text: "why", Signature: "sig", Format: llm.FormatAnthropic}

var toolLoop = []llm.Message{
	by(llm.System, textPart("be brief")),
	by(llm.User, textPart("rain?")),
	by(llm.Assistant, thought(signedThought), textPart("let me see"), invoke("a", "f", `{"x":1}`), invoke("b", "f", "")),
	by(llm.User, textPart("and now")),
	{Role: llm.ToolRole, Parts: []llm.Part{
		{Kind: llm.ResultPart, Result: &llm.ToolResult{CallID: "a", Name: "f", Parts: []llm.Part{textPart("yes"), textPart("no")}}},
		{Kind: llm.ResultPart, Result: &llm.ToolResult{CallID: "b", Name: "f", Error: true, Parts: []llm.Part{textPart("broke")}}}}},
	by(llm.Assistant, textPart("it rains")),
	by(llm.User, textPart("thanks")),
}

func TestComposeMessages(t *testing.T) {
	const (
		before = `"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"rain?"},{"role":"assistant",`
		calls  = `"content":"let me see","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},`
		after  = `{"role":"tool","tool_call_id":"a","content":"yes\n\nno"},{"role":"tool","tool_call_id":"b","content":"broke"},{"role":"user","content":"and now"},{"role":"assistant","content":"it rains"},{"role":"user","content":"thanks"}]`
	)
	png := attach(llm.ImagePart, llm.Media{Data: "QQ==", MIME: "image/png", Detail: "low"})
	png.Path = "img"
	runCompose(t, map[string]composeCase{
		"tools": {conv: llm.Conversation{Messages: toolLoop}, q: Quirks{Strict: true}, want: before + calls + after, losses: "m2.p0 m4.p1.is_error"},
		"reasoning_content": {conv: llm.Conversation{Messages: toolLoop}, q: Quirks{ReasoningContent: true},
			want: before + `"reasoning_content":"why",` + calls + after, losses: "m2.p0 m4.p1.is_error"},
		"reasoning_details": {conv: llm.Conversation{Messages: toolLoop}, q: Quirks{NativeReasoning: true},
			want:   before + `"reasoning_details":[{"type":"reasoning.text","text":"why","signature":"sig","format":"anthropic-claude-v1","index":0}],` + calls + after,
			losses: "m4.p1.is_error"},
		"thinking parts": {conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q")), by(llm.Assistant, thought(llm.ReasoningDetail{Type: llm.ReasoningText, Text: "why"}), textPart("a")), by(llm.User, textPart("q"))}},
			q:    Quirks{Strict: true, ThinkingParts: true},
			want: `"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"why"}]},{"type":"text","text":"a"}]},{"role":"user","content":"q"}]`},
		"Google's signature": {conv: llm.Conversation{Messages: []llm.Message{by(llm.Assistant, thought(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "S", ID: "a", Format: llm.FormatGemini}), invoke("a", "f", "{}")), outcome("a", textPart("1"))}},
			q:    Quirks{GoogleSignatures: true},
			want: `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"S"}}}]},{"role":"tool","tool_call_id":"a","content":"1"}]`},
		"short ids": {conv: llm.Conversation{Messages: []llm.Message{by(llm.Assistant, invoke("toolu_1", "f", "{}"), invoke("abcdefghi", "f", "{}")), outcome("toolu_1", textPart("1")), outcome("abcdefghi", textPart("2"))}},
			q: Quirks{ShortCallIDs: true},
			want: `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"` + callID("toolu_1", true) + `","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"abcdefghi","type":"function","function":{"name":"f","arguments":"{}"}}]},` +
				`{"role":"tool","tool_call_id":"` + callID("toolu_1", true) + `","content":"1"},{"role":"tool","tool_call_id":"abcdefghi","content":"2"}]`},
		"no ids": {conv: llm.Conversation{Messages: []llm.Message{by(llm.Assistant, invoke("", "f", "x")), outcome("", textPart("1"))}},
			want:   `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"arguments\":\"x\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"1"}]`,
			losses: "m0.p0"},
		"image in a result": {conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q")), by(llm.Assistant, invoke("a", "f", "{}")), outcome("a", textPart("see"), png), by(llm.User, textPart("q"))}},
			want:   `"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"see"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}}]},{"role":"user","content":"q"}]`,
			losses: "img"},
		"a turn after tools": {conv: llm.Conversation{Messages: []llm.Message{by(llm.Assistant, invoke("a", "f", "{}")), by(llm.User, textPart("q")), outcome("a", textPart("1")), by(llm.Assistant, invoke("b", "f", "{}")), outcome("b", textPart("2"))}},
			q: Quirks{TurnAfterTools: true},
			want: `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"assistant","content":"OK."},{"role":"user","content":"q"},` +
				`{"role":"assistant","content":null,"tool_calls":[{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"b","content":"2"}]`},
		"media": {conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q"), png, attach(llm.ImagePart, llm.Media{URL: "https://x/y.png"}),
			attach(llm.AudioPart, llm.Media{Data: "QQ==", MIME: "audio/mpeg"}), attach(llm.FilePart, llm.Media{Data: "JVBERi0=", MIME: "application/pdf", Filename: "a.pdf"}),
			attach(llm.FilePart, llm.Media{Data: "aGV5", MIME: "text/plain", Filename: "n"}), attach(llm.VideoPart, llm.Media{URL: "https://x/v.mp4"}),
			attach(llm.FilePart, llm.Media{FileID: "file-1"}), attach(llm.FilePart, llm.Media{FileID: "file_1"}), attach(llm.ImagePart, llm.Media{}))}},
			want: `"messages":[{"role":"user","content":[{"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ==","detail":"low"}},{"type":"image_url","image_url":{"url":"https://x/y.png"}},` +
				`{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},{"type":"text","text":"n:\n\nhey"},` +
				`{"type":"video_url","video_url":{"url":"https://x/v.mp4"}},{"type":"file","file":{"file_id":"file-1"}}]}]`,
			losses: "m0.p8 m0.p9"},
		"marks are kept": {conv: llm.Conversation{Messages: []llm.Message{by(llm.System, marked(textPart("s"), "1h")), by(llm.User, textPart("a"), marked(textPart("b"), ""))},
			Tools: []llm.Tool{{Name: "f", Cache: &llm.CacheMark{}}}}, q: Quirks{CacheMarks: true},
			want: `"messages":[{"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}],` +
				`"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}},"cache_control":{"type":"ephemeral"}}]`},
		"marks that the provider needs none of": {conv: llm.Conversation{Messages: []llm.Message{by(llm.System, marked(textPart("s"), "1h")), by(llm.User, textPart("a"), marked(textPart("b"), ""))}},
			want: `"messages":[{"role":"system","content":"s"},{"role":"user","content":"a\n\nb"}]`, losses: "m0.p0.cache_control.ttl"},
		"neighbours become one turn": {conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q")), by(llm.Assistant, thought(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "D"})), by(llm.Assistant, invoke("a", "f", "{}")), by(llm.Assistant, invoke("b", "f", "{}")), outcome("a"), outcome("b", textPart("2"))}},
			want:   `"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":""},{"role":"tool","tool_call_id":"b","content":"2"}]`,
			losses: "m1.p0"},
		"prefill": {conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q")), by(llm.Assistant, textPart("I"))}},
			want: `"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"I"}]`, losses: "m1.p0"},
		"prefix": {conv: llm.Conversation{Messages: []llm.Message{by(llm.User, textPart("q")), by(llm.Assistant, textPart("I"))}}, q: Quirks{Prefix: true},
			want: `"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"I","prefix":true}]`},
		"what only the client's own company can do": {conv: llm.Conversation{Messages: []llm.Message{by(llm.Developer, textPart("d")), {Role: llm.User, Name: "bob", Parts: []llm.Part{textPart("q"), {Kind: llm.NativePart, Native: &llm.Native{Type: "x"}}}}, by(llm.Assistant, llm.Part{Kind: llm.NativePart, Native: &llm.Native{Type: "y"}}, llm.Part{Kind: llm.RefusalPart, Text: "no"}), by(llm.User, textPart("q"))}},
			q:    Quirks{NoDeveloperRole: true},
			want: `"messages":[{"role":"system","content":"d"},{"role":"user","name":"bob","content":[{"type":"text","text":"q"}]},{"role":"assistant","content":"no"},{"role":"user","content":"q"}]`, losses: "m1.p1 m2.p0"},
	})
}

func TestComposeParameters(t *testing.T) {
	all := llm.Conversation{
		Temperature: ptr(.5), TopP: ptr(.9), MinP: ptr(.1), TopA: ptr(.2), FrequencyPenalty: ptr(1.), PresencePenalty: ptr(-1.), RepetitionPenalty: ptr(1.1),
		TopK: ptr(int64(3)), Seed: ptr(int64(7)), Stop: []string{"1", "2", "3", "4", "5"}, Logprobs: true, TopLogprobs: ptr(int64(2)), LogitBias: []byte(`{"5":1}`),
		Modalities: []string{"text", "audio"}, Audio: []byte(`{"voice":"v"}`), Prediction: []byte(`{"type":"content"}`), Verbosity: "max", WebSearch: []byte(`{}`), Metadata: []byte(`{"k":"v"}`),
		CacheAll: &llm.CacheMark{}, Extra: []llm.Field{{Path: "zebra"}},
	}
	head := func(r *llm.Request) {
		r.Choices, r.MaxOutput, r.ServiceTier, r.CacheKey, r.User, r.Stream = 2, 500, "standard_only", "k", "bob", true
	}
	const core = `"n":2,"temperature":0.5,"top_p":0.9,`
	const tail = `"stop":["1","2","3","4"],"logprobs":true,"top_logprobs":2,"logit_bias":{"5":1},"service_tier":"default","verbosity":"high","prompt_cache_key":"k",` +
		`"user":"81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9","modalities":["text","audio"],"audio":{"voice":"v"},"prediction":{"type":"content"},`
	style := func(s dialect.ReasoningStyle) dialect.Target { return dialect.Target{Reasoning: s} }
	effort := style(dialect.ReasoningStyle{Effort: true, Efforts: []string{"low", "high"}})
	think := func(r llm.Reasoning) func(*llm.Request) { return func(q *llm.Request) { q.Reasoning = &r } }
	runCompose(t, map[string]composeCase{
		"all": {conv: all, head: head, to: dialect.Target{MaxOutput: 100},
			want:   hi + `,"max_tokens":100,` + core + `"min_p":0.1,"top_a":0.2,"frequency_penalty":1,"presence_penalty":-1,"repetition_penalty":1.1,"top_k":3,"seed":7,` + tail + `"stream":true,"stream_options":{"include_usage":true}`,
			losses: "web_search_options stop_sequences output_config.effort metadata zebra"},
		"strict": {conv: all, head: head, q: Quirks{Strict: true, MaxTokens: "max_completion_tokens", NoStreamOptions: true, Seed: "random_seed", Refuses: []string{"user"}}, to: dialect.Target{Clamp: 64},
			want:   hi + `,"max_completion_tokens":64,` + core + `"frequency_penalty":1,"presence_penalty":-1,"random_seed":7,` + strings.Replace(tail, `"user":"81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9",`, "", 1) + `"stream":true`,
			losses: "web_search_options min_p top_a repetition_penalty top_k stop_sequences output_config.effort metadata.user_id metadata zebra"},
		"tools": {conv: llm.Conversation{Tools: []llm.Tool{{Name: "f", Description: "d", Schema: []byte(`{"properties":{}}`), Strict: ptr(true)}, {Name: "web_search", Native: []byte(`{}`)}}, ToolChoice: llm.ToolChoice{Mode: "function", Name: "f"}, ParallelToolCalls: ptr(false)},
			want:   hi + `,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":true}}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false`,
			losses: "t1"},
		"search": {conv: llm.Conversation{Tools: []llm.Tool{{Name: "web_search_20250305", Native: []byte(`{"type":"web_search_20250305","name":"web_search","max_uses":5,"user_location":{"type":"approximate","city":"Bern"},"search_context_size":"low"}`)}}}, q: Quirks{WebSearch: true},
			want: hi + `,"web_search_options":{"user_location":{"type":"approximate","approximate":{"city":"Bern"}},"search_context_size":"low"}`, losses: "t0.max_uses"},
		"a choice without tools": {conv: llm.Conversation{ToolChoice: llm.ToolChoice{Mode: "required"}, ParallelToolCalls: ptr(false)}, want: hi, losses: "tool_choice"},
		"schema": {conv: llm.Conversation{Format: llm.Format{Kind: "json_schema", Schema: []byte(`{"type":"object"}`), Strict: ptr(true)}},
			want: hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}}`},
		"any JSON":   {conv: llm.Conversation{Format: llm.Format{Kind: "json_object"}}, want: hi + `,"response_format":{"type":"json_object"}`},
		"grammar":    {conv: llm.Conversation{Format: llm.Format{Kind: "grammar"}}, want: hi, losses: "output_config.format"},
		"effort":     {head: think(llm.Reasoning{Effort: "xhigh"}), to: effort, want: hi + `,"reasoning_effort":"high"`},
		"budget":     {head: think(llm.Reasoning{MaxTokens: 6000}), to: effort, want: hi + `,"reasoning_effort":"low"`},
		"no effort":  {head: think(llm.Reasoning{Effort: "high"}), want: hi, losses: "thinking"},
		"off":        {head: think(llm.Reasoning{Effort: "none"}), to: style(dialect.ReasoningStyle{Effort: true}), want: hi + `,"reasoning_effort":"none"`},
		"off unsaid": {head: think(llm.Reasoning{Effort: "none"}), want: hi},
		"their own":  {head: think(llm.Reasoning{MaxTokens: 2000, Summary: "auto"}), q: Quirks{NativeReasoning: true}, want: hi + `,"reasoning":{"max_tokens":2000,"summary":"auto"}`},
		"a model that takes no sampling": {conv: llm.Conversation{Temperature: ptr(1.), TopP: ptr(.9), Stop: []string{"x"}, Seed: ptr(int64(7))}, q: Quirks{Strict: true}, to: dialect.Target{Parameters: []string{"seed"}},
			want: hi + `,"seed":7`, losses: "top_p stop_sequences"},
		"switched on":            {head: think(llm.Reasoning{Effort: "high"}), q: Quirks{ThinkingType: true}, want: hi + `,"thinking":{"type":"enabled"}`, losses: "thinking"},
		"switched on in degrees": {head: think(llm.Reasoning{Effort: "high"}), q: Quirks{ThinkingType: true}, to: effort, want: hi + `,"thinking":{"type":"enabled"},"reasoning_effort":"high"`},
		"simply switched on":     {head: think(llm.Reasoning{Enabled: ptr(true)}), q: Quirks{ThinkingType: true}, want: hi + `,"thinking":{"type":"enabled"}`},
		"switched off":           {head: think(llm.Reasoning{Effort: "none"}), q: Quirks{ThinkingType: true}, to: effort, want: hi + `,"thinking":{"type":"disabled"}`},
		"Alibaba's switch":       {head: think(llm.Reasoning{MaxTokens: 2000}), q: Quirks{EnableThinking: true}, want: hi + `,"enable_thinking":true,"thinking_budget":2000`},
		"simply enabled":         {head: think(llm.Reasoning{Enabled: ptr(true)}), q: Quirks{NativeReasoning: true}, want: hi + `,"reasoning":{"enabled":true}`},
	})
}

func TestComposeWantsMedia(t *testing.T) {
	conv := &llm.Conversation{Messages: []llm.Message{by(llm.User, attach(llm.FilePart, llm.Media{URL: "https://x/a.pdf"}), attach(llm.AudioPart, llm.Media{URL: "https://x/a.mp3"}))}}
	req := foreign(conv)
	_, _, err := (&Adapter{}).EncodeRequest(req, dialect.Target{Model: "up"})
	wants, ok := errors.AsType[*dialect.Wants](err)
	if !ok || !slices.Equal(wants.URLs, []string{"https://x/a.pdf", "https://x/a.mp3"}) {
		t.Fatalf("%v", err)
	}
	req.Fetched = map[string]*llm.Media{"https://x/a.pdf": {Data: "JVBERi0=", MIME: "application/pdf"}, "https://x/a.mp3": {Data: "QQ==", MIME: "audio/mpeg"}}
	call, losses, err := (&Adapter{}).EncodeRequest(req, dialect.Target{Model: "up"})
	if want := `{"model":"up","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}}]}]}`; err != nil || string(call.Body[0]) != want || losses != nil {
		t.Errorf("%s %v %v", call.Body, losses, err)
	}
}

func TestComposeRefusesNothing(t *testing.T) {
	_, _, err := (&Adapter{}).EncodeRequest(foreign(&llm.Conversation{Messages: []llm.Message{by(llm.Assistant)}}), dialect.Target{Model: "up"})
	if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != "messages" {
		t.Errorf("%v", err)
	}
}
