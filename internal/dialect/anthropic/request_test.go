package anthropic

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

// request names what the conversation leaves unnamed: message i is m<i>, its part j p<j>.
func request(c *llm.Conversation) *llm.Request {
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
	return &llm.Request{Choices: 1, Conversation: func() (*llm.Conversation, error) { return c, nil }}
}

func text(s string) llm.Part { return llm.Part{Kind: llm.TextPart, Text: s} }

func by(role llm.Role, parts ...llm.Part) llm.Message { return llm.Message{Role: role, Parts: parts} }

func call(id, name, args string) llm.Part {
	return llm.Part{Kind: llm.CallPart, Call: &llm.ToolCall{ID: id, Name: name, Args: args, Type: "function"}}
}

func result(id string, parts ...llm.Part) llm.Message {
	return by(llm.ToolRole, llm.Part{Kind: llm.ResultPart, Result: &llm.ToolResult{CallID: id, Parts: parts}})
}

func thought(typ, text, data, signature, format string, index int64) llm.Part {
	return llm.Part{Kind: llm.ReasoningPart, Reasoning: &llm.ReasoningDetail{Type: typ, Text: text, Data: data, Signature: signature, Format: format, Index: index}}
}

func media(kind llm.PartKind, m llm.Media) llm.Part { return llm.Part{Kind: kind, Media: &m} }

func marked(p llm.Part, ttl string) llm.Part { p.Cache = &llm.CacheMark{TTL: ttl}; return p }

// encode is the body without what every request has, and the paths of the losses.
func encode(t *testing.T, req *llm.Request, to dialect.Target) (string, []string) {
	t.Helper()
	if to.Model == "" {
		to.Model = "c"
	}
	c, losses, err := (Adapter{}).EncodeRequest(req, to)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Join(c.Body, nil)
	if !rawjson.Valid(body) {
		t.Fatalf("not JSON: %s", body)
	}
	var paths []string
	for _, l := range losses {
		paths = append(paths, l.Path)
	}
	return strings.TrimPrefix(string(body), `{"model":"c","max_tokens":8192`), paths
}

const hi = `,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]`

type requestCase struct {
	conv   llm.Conversation
	head   func(*llm.Request)
	to     dialect.Target
	want   string
	losses []string
}

func run(t *testing.T, cases map[string]requestCase) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.conv.Messages == nil {
				c.conv.Messages = []llm.Message{by(llm.User, text("hi"))}
			}
			req := request(&c.conv)
			if c.head != nil {
				c.head(req)
			}
			for range 2 { // the next attempt reads the request again
				body, losses := encode(t, req, c.to)
				if body != c.want {
					t.Errorf("\n got %s\nwant %s", body, c.want)
				}
				if !slices.Equal(losses, c.losses) {
					t.Errorf("losses %q, want %q", losses, c.losses)
				}
			}
		})
	}
}

func TestMessages(t *testing.T) {
	const sig, ant = "c2ln", llm.FormatAnthropic
	run(t, map[string]requestCase{
		"system first and late, neighbours merged": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.System, text("be")), by(llm.Developer, text("brief")), by(llm.User, text("a")), by(llm.User, text("b")), by(llm.Assistant, text("c")), by(llm.System, text("late")), by(llm.User, text("d"))}},
			want: `,"system":[{"type":"text","text":"be"},{"type":"text","text":"brief"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"c"}]},{"role":"user","content":[{"type":"text","text":"late"},{"type":"text","text":"d"}]}]}`, losses: []string{"m5.role"},
		},
		"system alone": {conv: llm.Conversation{Messages: []llm.Message{by(llm.System, text("hi"))}}, want: hi + `}`, losses: []string{"m0.role"}},
		"blank text says nothing": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi"), text(" \n")), by(llm.Assistant, text(""))}}, want: hi + `}`,
		},
		"prefill": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi")), by(llm.Assistant, text("[ "), text("1, \n"))}},
			want: `,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":[{"type":"text","text":"[ "},{"type":"text","text":"1,"}]}]}`, losses: []string{"m1.p1"},
		},
		"calls and results in one turn": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi")), by(llm.Assistant, text("wait"), call("a", "f", `{"x": 1}`), call("b", "g", ""), call("c:1", "h", "oops")),
				result("a", text("1")), by(llm.System, text("note")), result("b", media(llm.ImagePart, llm.Media{Data: "iVBORw0KGgo", MIME: "image/jpeg"})), result("c:1"), by(llm.User, text("go on"))}},
			want: `,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":[{"type":"text","text":"wait"},{"type":"tool_use","id":"a","name":"f","input":{"x": 1}},{"type":"tool_use","id":"b","name":"g","input":{}},{"type":"tool_use","id":"c1_3qzy5w8crhtrf","name":"h","input":{"arguments":"oops"}}]},` +
				`{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1"}]},{"type":"tool_result","tool_use_id":"b","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo"}}]},{"type":"tool_result","tool_use_id":"c1_3qzy5w8crhtrf"},{"type":"text","text":"note"},{"type":"text","text":"go on"}]}]}`,
			losses: []string{"m1.p3", "m3.role"},
		},
		"a failed tool, calls from before ids": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi")), by(llm.Assistant, call("", "f", "{}")),
				by(llm.ToolRole, llm.Part{Kind: llm.ResultPart, Result: &llm.ToolResult{Error: true, Parts: []llm.Part{text("no")}}})}},
			want: `,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"no"}],"is_error":true}]}]}`,
		},
		"reasoning goes back first, in pieces or whole": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi")), by(llm.Assistant,
				thought(llm.ReasoningText, "let", "", "", ant, 0), thought(llm.ReasoningText, " me", "", "", ant, 0), thought(llm.ReasoningText, "", "", sig, ant, 0),
				thought(llm.ReasoningEncrypted, "", "ZGF0YQ==", "", ant, 1), text("so"), thought(llm.ReasoningText, "and", "", sig, ant, 2)), by(llm.User, text("?"))}},
			want: `,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"let me","signature":"c2ln"},{"type":"redacted_thinking","data":"ZGF0YQ=="},{"type":"thinking","thinking":"and","signature":"c2ln"},{"type":"text","text":"so"}]},{"role":"user","content":[{"type":"text","text":"?"}]}]}`,
		},
		"reasoning that cannot go back": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi")), by(llm.Assistant, thought(llm.ReasoningText, "no signature", "", "", ant, 0), thought(llm.ReasoningText, "plain", "", "", llm.FormatUnknown, 0),
				thought(llm.ReasoningEncrypted, "", "ZA==", "", llm.FormatGemini, 0), thought(llm.ReasoningSummary, "s", "", "", ant, 0), thought(llm.ReasoningText, "end", "", "", ant, 1), text("so")),
				by(llm.User, text("?")), by(llm.Assistant, thought(llm.ReasoningText, "alone", "", sig, ant, 0))}},
			want:   `,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":[{"type":"text","text":"so"}]},{"role":"user","content":[{"type":"text","text":"?"}]}]}`,
			losses: []string{"m1.p1", "m1.p2", "m1.p3", "m1.p0", "m1.p4", "m3.p0"},
		},
		"members without a place": {
			conv: llm.Conversation{Messages: []llm.Message{{Role: llm.User, Name: "bob", Extra: []llm.Field{{Path: "m0.x"}}, Parts: []llm.Part{{Text: "hi", Extra: []llm.Field{{Path: "m0.p0.y"}}}}}}},
			want: hi + `}`, losses: []string{"m0.name", "m0.x", "m0.p0.y"},
		},
	})
}

func TestMedia(t *testing.T) {
	one := func(body string) string {
		return `,"messages":[{"role":"user","content":[{` + body + `}]}]}`
	}
	of := func(p llm.Part) llm.Conversation {
		return llm.Conversation{Messages: []llm.Message{by(llm.User, p)}}
	}
	run(t, map[string]requestCase{
		"image by URL":           {conv: of(media(llm.ImagePart, llm.Media{URL: "https://a.example/i", Detail: "high"})), want: one(`"type":"image","source":{"type":"url","url":"https://a.example/i"}`), losses: []string{"m0.p0.detail"}},
		"image by label":         {conv: of(media(llm.ImagePart, llm.Media{Data: "AAAA", MIME: "image/jpg"})), want: one(`"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AAAA"}`)},
		"image sent as a file":   {conv: of(media(llm.FilePart, llm.Media{Data: "R0lGODdh", Filename: "a.bin"})), want: one(`"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODdh"}`)},
		"PDF":                    {conv: of(media(llm.FilePart, llm.Media{Data: "JVBERi0", Filename: "a.pdf"})), want: one(`"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0"},"title":"a.pdf"`)},
		"PDF by URL":             {conv: of(media(llm.FilePart, llm.Media{URL: "https://a.example/a.pdf"})), want: one(`"type":"document","source":{"type":"url","url":"https://a.example/a.pdf"}`)},
		"text document, marked":  {conv: of(marked(media(llm.FilePart, llm.Media{Data: "aMOp", MIME: "text/markdown", Filename: "a.md"}), "1h")), want: one(`"type":"document","source":{"type":"text","media_type":"text/plain","data":"hé"},"title":"a.md","cache_control":{"type":"ephemeral","ttl":"1h"}`)},
		"file of the provider's": {conv: of(media(llm.FilePart, llm.Media{FileID: "file_1"})), want: one(`"type":"document","source":{"type":"file","file_id":"file_1"}`)},
		"what it cannot take": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi"), media(llm.AudioPart, llm.Media{Data: "A"}), media(llm.VideoPart, llm.Media{URL: "https://a.example/v"}), media(llm.FilePart, llm.Media{FileID: "file-1"}),
				media(llm.FilePart, llm.Media{}), media(llm.FilePart, llm.Media{Data: "gICA", MIME: "application/zip"}), media(llm.ImagePart, llm.Media{URL: "data:,x"}))}},
			want: hi + `}`, losses: []string{"m0.p1", "m0.p2", "m0.p3", "m0.p4", "m0.p5", "m0.p6"},
		},
	})
}

func TestCacheMarks(t *testing.T) {
	run(t, map[string]requestCase{
		"everywhere": {
			conv: llm.Conversation{CacheAll: &llm.CacheMark{}, Tools: []llm.Tool{{Name: "f", Cache: &llm.CacheMark{TTL: "5m"}}}, Messages: []llm.Message{by(llm.System, marked(text("be"), "2h")), by(llm.User, text("hi")), by(llm.Assistant, call("a", "f", "")), result("a", marked(text("1"), ""))}},
			want: `,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral","ttl":"5m"}}],"system":[{"type":"text","text":"be","cache_control":{"type":"ephemeral"}}]` + hi[:len(hi)-1] + `,{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"1"}],"cache_control":{"type":"ephemeral"}}]}],"cache_control":{"type":"ephemeral"}}`, losses: []string{"m0.p0.cache_control.ttl"},
		},
		"the last four of six": {
			conv: llm.Conversation{Messages: []llm.Message{by(llm.User, marked(text("1"), ""), marked(text("2"), ""), marked(text("3"), ""), marked(text("4"), ""), marked(text("5"), ""), marked(text("6"), ""))}},
			want: `,"messages":[{"role":"user","content":[{"type":"text","text":"1"},{"type":"text","text":"2"},{"type":"text","text":"3","cache_control":{"type":"ephemeral"}},{"type":"text","text":"4","cache_control":{"type":"ephemeral"}},{"type":"text","text":"5","cache_control":{"type":"ephemeral"}},{"type":"text","text":"6","cache_control":{"type":"ephemeral"}}]}]}`, losses: []string{"m0.p0.cache_control", "m0.p1.cache_control"},
		},
	})
}

func TestTools(t *testing.T) {
	f := []llm.Tool{{Name: "f", Description: "d", Schema: []byte(`{"properties":{"x":{}}}`), Strict: ptr(true)}}
	const tools = `,"tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{"x":{}}},"strict":true}]` + hi
	run(t, map[string]requestCase{
		"one":         {conv: llm.Conversation{Tools: f}, want: tools + `}`},
		"auto":        {conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "auto"}}, want: tools + `,"tool_choice":{"type":"auto"}}`},
		"none":        {conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "none"}, ParallelToolCalls: ptr(false)}, want: tools + `,"tool_choice":{"type":"none"}}`},
		"required":    {conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "required"}, ParallelToolCalls: ptr(false)}, want: tools + `,"tool_choice":{"type":"any","disable_parallel_tool_use":true}}`},
		"one of them": {conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "function", Name: "f"}, ParallelToolCalls: ptr(true)}, want: tools + `,"tool_choice":{"type":"tool","name":"f"}}`},
		"serial":      {conv: llm.Conversation{Tools: f, ParallelToolCalls: ptr(false)}, want: tools + `,"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}`},
		"forced while thinking": {
			conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "required"}}, head: func(r *llm.Request) { r.Reasoning = &llm.Reasoning{MaxTokens: 2000} },
			want: tools + `,"tool_choice":{"type":"auto"},"thinking":{"type":"enabled","budget_tokens":2000}}`, losses: []string{"tool_choice"},
		},
		"a choice without tools": {conv: llm.Conversation{ToolChoice: llm.ToolChoice{Mode: "required"}}, want: hi + `}`, losses: []string{"tool_choice"}},
		"an unknown choice":      {conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "allowed_tools"}}, want: tools + `,"tool_choice":{"type":"auto"}}`, losses: []string{"tool_choice"}},
		"the provider's own": {
			conv: llm.Conversation{Tools: []llm.Tool{{Name: "bash_20250124", Native: []byte(`{"type":"bash_20250124","name":"bash"}`)}, {Name: "custom", Native: []byte(`{}`)}}},
			want: `,"tools":[{"type":"bash_20250124","name":"bash"}]` + hi + `}`, losses: []string{"t1"},
		},
		"search": {
			conv: llm.Conversation{WebSearch: []byte(`{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Bern","country":"CH"}}}`)},
			want: `,"tools":[{"type":"web_search_20250305","name":"web_search","user_location":{"type":"approximate","city":"Bern","country":"CH"}}]` + hi + `}`, losses: []string{"web_search_options.search_context_size"},
		},
		"search asked for twice": {
			conv: llm.Conversation{WebSearch: []byte(`{}`), Tools: []llm.Tool{{Name: "web_search", Native: []byte(`{"type":"web_search"}`)}, {Name: "web_search_preview", Native: []byte(`{"type":"web_search_preview"}`)}}},
			want: `,"tools":[{"type":"web_search_20250305","name":"web_search"}]` + hi + `}`,
		},
	})
}

func TestParameters(t *testing.T) {
	run(t, map[string]requestCase{
		"sampling": {
			conv: llm.Conversation{Temperature: ptr(.5), TopP: ptr(1.0), TopK: ptr[int64](40), Stop: []string{"END", " "}},
			want: hi + `,"temperature":0.5,"top_k":40,"stop_sequences":["END"]}`, losses: []string{"stop"},
		},
		"too hot":                             {conv: llm.Conversation{Temperature: ptr(1.7), TopP: ptr(.9)}, want: hi + `,"temperature":1}`, losses: []string{"temperature", "top_p"}},
		"top_p":                               {conv: llm.Conversation{TopP: ptr(.9), TopK: ptr[int64](0)}, want: hi + `,"top_p":0.9}`},
		"while thinking":                      {conv: llm.Conversation{Temperature: ptr(.5), TopP: ptr(.9), TopK: ptr[int64](40)}, head: func(r *llm.Request) { r.Reasoning = &llm.Reasoning{MaxTokens: 2000} }, want: hi + `,"thinking":{"type":"enabled","budget_tokens":2000}}`, losses: []string{"temperature", "top_p", "top_k"}},
		"schema":                              {conv: llm.Conversation{Format: llm.Format{Kind: "json_schema", Name: "n", Schema: []byte(`{"type":"object"}`)}}, want: hi + `,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}}`},
		"json_object":                         {conv: llm.Conversation{Format: llm.Format{Kind: "json_object"}}, want: hi + `}`, losses: []string{"response_format"}},
		"grammar":                             {conv: llm.Conversation{Format: llm.Format{Kind: "grammar"}}, want: hi + `}`, losses: []string{"response_format"}},
		"verbosity":                           {conv: llm.Conversation{Verbosity: "low"}, want: hi + `,"output_config":{"effort":"low"}}`},
		"verbosity of a model without effort": {conv: llm.Conversation{Verbosity: "low"}, to: dialect.Target{Reasoning: dialect.ReasoningStyle{Budget: true}}, want: hi + `}`, losses: []string{"verbosity"}},
		"user and tier": {
			head: func(r *llm.Request) { r.User, r.ServiceTier, r.Stream = "bob", "default", true },
			want: `,"stream":true` + hi + `,"service_tier":"standard_only","metadata":{"user_id":"81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9"}}`,
		},
		"priority": {head: func(r *llm.Request) { r.ServiceTier = "priority" }, want: hi + `,"service_tier":"auto"}`},
		"flex":     {head: func(r *llm.Request) { r.ServiceTier = "flex" }, want: hi + `}`, losses: []string{"service_tier"}},
		"everything else": {
			conv: llm.Conversation{Logprobs: true, TopLogprobs: ptr[int64](1), LogitBias: []byte("{}"), FrequencyPenalty: ptr(1.), PresencePenalty: ptr(1.), RepetitionPenalty: ptr(2.), MinP: ptr(.1), TopA: ptr(.1), Seed: ptr[int64](1),
				Audio: []byte("{}"), Modalities: []string{"text", "audio"}, Prediction: []byte("{}"), Metadata: []byte("{}"), Extra: []llm.Field{{Path: "weird"}}},
			head: func(r *llm.Request) { r.Choices = 2 },
			want: hi + `}`, losses: []string{"n", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "repetition_penalty", "min_p", "top_a", "seed", "audio", "modalities", "prediction", "metadata", "weird"},
		},
		"penalties that do nothing": {conv: llm.Conversation{FrequencyPenalty: ptr(0.), PresencePenalty: ptr(0.), RepetitionPenalty: ptr(1.), Modalities: []string{"text"}}, want: hi + `}`},
	})
}

// TestModelsThatDecideThemselves: from Claude Opus 4.7 on, what steers sampling is refused.
func TestModelsThatDecideThemselves(t *testing.T) {
	own, both := dialect.ReasoningStyle{Adaptive: true}, dialect.ReasoningStyle{Adaptive: true, Budget: true}
	f := []llm.Tool{{Name: "f"}}
	const tools = `,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]` + hi
	run(t, map[string]requestCase{
		"sampling":              {to: dialect.Target{Reasoning: own}, conv: llm.Conversation{Temperature: ptr(.5), TopP: ptr(.9), TopK: ptr[int64](40)}, want: hi + `}`, losses: []string{"temperature", "top_p", "top_k"}},
		"the defaults":          {to: dialect.Target{Reasoning: own}, conv: llm.Conversation{Temperature: ptr(1.), TopP: ptr(1.), TopK: ptr[int64](0), Stop: []string{"END"}}, want: hi + `,"stop_sequences":["END"]}`},
		"a budget is taken too": {to: dialect.Target{Reasoning: both}, conv: llm.Conversation{Temperature: ptr(.5), TopK: ptr[int64](40)}, want: hi + `,"temperature":0.5,"top_k":40}`},
		"a forced call":         {to: dialect.Target{Reasoning: own}, conv: llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "required"}}, want: tools + `,"tool_choice":{"type":"any"}}`},
	})
	req := request(&llm.Conversation{Tools: f, ToolChoice: llm.ToolChoice{Mode: "required"}, Messages: []llm.Message{by(llm.User, text("hi"))}})
	body, losses := encode(t, req, dialect.Target{Model: "claude-fable-5", Reasoning: own})
	if !strings.HasSuffix(body, `,"tool_choice":{"type":"auto"}}`) || !slices.Equal(losses, []string{"tool_choice"}) {
		t.Errorf("a model that always thinks: %s %q", body, losses)
	}
}

// TestLateSystem: newer models take a system message between a user's turn and the
// assistant's, nowhere else.
func TestLateSystem(t *testing.T) {
	const head = `{"model":"claude-opus-4-8","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"a"}`
	sys := func(parts ...llm.Part) llm.Message { return by(llm.System, parts...) }
	for name, c := range map[string]struct {
		after  []llm.Message
		want   string
		losses []string
	}{
		"last":            {[]llm.Message{sys(text("s"))}, `]},{"role":"system","content":[{"type":"text","text":"s"}]}]}`, nil},
		"joined":          {[]llm.Message{sys(text("s")), by(llm.Developer, marked(text("t"), "")), by(llm.Assistant, text("b"))}, `]},{"role":"system","content":[{"type":"text","text":"s"},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":[{"type":"text","text":"b"}]}]}`, nil},
		"before the user": {[]llm.Message{sys(text("s")), by(llm.User, text("c"))}, `,{"type":"text","text":"s"},{"type":"text","text":"c"}]}]}`, []string{"m1.role"}},
		"after the assistant": {[]llm.Message{by(llm.Assistant, text("b")), sys(text("s")), by(llm.User, text("c"))},
			`]},{"role":"assistant","content":[{"type":"text","text":"b"}]},{"role":"user","content":[{"type":"text","text":"s"},{"type":"text","text":"c"}]}]}`, []string{"m2.role"}},
		"text only": {[]llm.Message{sys(text("s"), media(llm.ImagePart, llm.Media{Data: "AAAA"}))}, `]},{"role":"system","content":[{"type":"text","text":"s"}]}]}`, []string{"m1.p1"}},
	} {
		req := request(&llm.Conversation{Messages: append([]llm.Message{by(llm.User, text("a"))}, c.after...)})
		body, losses := encode(t, req, dialect.Target{Model: "claude-opus-4-8", Reasoning: dialect.ReasoningStyle{Adaptive: true}})
		if body != head+c.want || !slices.Equal(losses, c.losses) {
			t.Errorf("%s:\n got %s %q\nwant %s %q", name, body, losses, head+c.want, c.losses)
		}
	}
}

func TestMaxTokens(t *testing.T) {
	for name, c := range map[string]struct {
		asked int64
		to    dialect.Target
		want  string
	}{
		"asked":                   {100, dialect.Target{}, `100`},
		"more than it can":        {9000, dialect.Target{MaxOutput: 4096}, `4096`},
		"not asked":               {0, dialect.Target{}, `8192`},
		"not asked, small model":  {0, dialect.Target{MaxOutput: 4096}, `4096`},
		"not asked, large model":  {0, dialect.Target{MaxOutput: 64_000}, `32000`},
		"credit ends":             {9000, dialect.Target{Clamp: 50, MaxOutput: 4096}, `50`},
		"credit ends, none asked": {0, dialect.Target{Clamp: 50}, `50`},
	} {
		req := request(&llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi"))}})
		req.MaxOutput = c.asked
		c.to.Model = "m"
		if body, losses := encode(t, req, c.to); !strings.HasPrefix(body, `{"model":"m","max_tokens":`+c.want+`,`) || losses != nil {
			t.Errorf("%s: %s %q", name, body, losses)
		}
	}
}

func TestThinking(t *testing.T) {
	adaptive := dialect.ReasoningStyle{Adaptive: true, Efforts: []string{"low", "medium", "high", "max"}}
	for name, c := range map[string]struct {
		r         *llm.Reasoning
		asked     int64
		to        dialect.Target
		last      []llm.Message
		verbosity string
		want      string // max_tokens, thinking, output_config
		losses    []string
	}{
		"a share of the output":     {r: &llm.Reasoning{Effort: "high"}, asked: 10_000, want: `10000 {"type":"enabled","budget_tokens":8000} `},
		"enabled is medium":         {r: &llm.Reasoning{Enabled: ptr(true)}, asked: 10_000, want: `10000 {"type":"enabled","budget_tokens":5000} `},
		"at most 128000":            {r: &llm.Reasoning{Effort: "max"}, asked: 200_000, want: `200000 {"type":"enabled","budget_tokens":128000} `},
		"explicit":                  {r: &llm.Reasoning{MaxTokens: 3000}, asked: 10_000, want: `10000 {"type":"enabled","budget_tokens":3000} `},
		"at least 1024":             {r: &llm.Reasoning{MaxTokens: 10}, asked: 10_000, want: `10000 {"type":"enabled","budget_tokens":1024} `},
		"the output must exceed it": {r: &llm.Reasoning{MaxTokens: 3000}, asked: 500, want: `3500 {"type":"enabled","budget_tokens":3000} `, losses: []string{"max_tokens"}},
		"raised as far as it can":   {r: &llm.Reasoning{MaxTokens: 9000}, asked: 500, to: dialect.Target{MaxOutput: 4000}, want: `4000 {"type":"enabled","budget_tokens":3800} `, losses: []string{"reasoning.max_tokens", "max_tokens"}},
		"raised as far as credit":   {r: &llm.Reasoning{Effort: "low"}, asked: 500, to: dialect.Target{Clamp: 1030}, want: `1030 {"type":"enabled","budget_tokens":1024} `, losses: []string{"max_tokens"}},
		"no room":                   {r: &llm.Reasoning{Effort: "low"}, asked: 500, to: dialect.Target{Clamp: 1024}, want: `500  `, losses: []string{"reasoning"}},
		"off":                       {r: &llm.Reasoning{Effort: "none"}, asked: 500, want: `500  `},
		"only a wish not to see it": {r: &llm.Reasoning{Exclude: true}, asked: 500, want: `500  `},
		"a model that does not":     {r: &llm.Reasoning{Effort: "low"}, asked: 500, to: dialect.Target{Model: "claude-3-5-haiku-latest"}, want: `500  `, losses: []string{"reasoning"}},
		"adaptive":                  {r: &llm.Reasoning{Effort: "xhigh", Summary: "detailed"}, asked: 500, to: dialect.Target{Reasoning: adaptive}, want: `500 {"type":"adaptive","display":"summarized"} {"effort":"high"}`, losses: []string{"reasoning.summary"}},
		"adaptive, least":           {r: &llm.Reasoning{Effort: "minimal", Exclude: true}, asked: 500, to: dialect.Target{Reasoning: adaptive}, want: `500 {"type":"adaptive","display":"omitted"} {"effort":"low"}`},
		"adaptive, by tokens":       {r: &llm.Reasoning{MaxTokens: 8000}, asked: 10_000, to: dialect.Target{Reasoning: adaptive}, want: `10000 {"type":"adaptive","display":"summarized"} {"effort":"high"}`},
		"adaptive, far more tokens": {r: &llm.Reasoning{MaxTokens: 80_000}, asked: 10, to: dialect.Target{Reasoning: dialect.ReasoningStyle{Adaptive: true}}, want: `10 {"type":"adaptive","display":"summarized"} {"effort":"xhigh"}`},
		"adaptive, off":             {r: &llm.Reasoning{Enabled: ptr(false)}, asked: 500, to: dialect.Target{Reasoning: adaptive}, want: `500 {"type":"disabled"} `},
		"adaptive, also verbose":    {r: &llm.Reasoning{Effort: "low"}, asked: 500, verbosity: "high", to: dialect.Target{Reasoning: adaptive}, want: `500 {"type":"adaptive","display":"summarized"} {"effort":"high"}`, losses: []string{"reasoning.effort"}},
		"adaptive, as verbose":      {r: &llm.Reasoning{Effort: "low"}, asked: 500, verbosity: "low", to: dialect.Target{Reasoning: adaptive}, want: `500 {"type":"adaptive","display":"summarized"} {"effort":"low"}`},
		"cannot be switched off":    {r: &llm.Reasoning{Effort: "none"}, asked: 500, to: dialect.Target{Model: "claude-opus-5-5", Reasoning: adaptive}, want: `500  `, losses: []string{"reasoning"}},
		"before a given beginning":  {r: &llm.Reasoning{Effort: "low"}, asked: 500, last: []llm.Message{by(llm.Assistant, text("x"))}, want: `500  `, losses: []string{"reasoning"}},
	} {
		t.Run(name, func(t *testing.T) {
			conv := llm.Conversation{Messages: append([]llm.Message{by(llm.User, text("hi"))}, c.last...), Verbosity: c.verbosity}
			req := request(&conv)
			req.Reasoning, req.MaxOutput = c.r, c.asked
			body, losses := encode(t, req, c.to)
			var d rawjson.Doc
			if err := d.Parse([]byte(body)); err != nil {
				t.Fatal(err)
			}
			got := string(d.Root().Get("max_tokens").Raw()) + " " + string(d.Root().Get("thinking").Raw()) + " " + string(d.Root().Get("output_config").Raw())
			if got != c.want || !slices.Equal(losses, c.losses) {
				t.Errorf("got %s %q\nwant %s %q", got, losses, c.want, c.losses)
			}
		})
	}
}

func TestCall(t *testing.T) {
	conv := &llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi"), media(llm.ImagePart, llm.Media{FileID: "file_1"}), media(llm.ImagePart, llm.Media{FileID: "file_2"}))},
		Tools: []llm.Tool{{Name: "memory_20250818", Native: []byte(`{"type":"memory_20250818","name":"memory"}`)}}}
	c, _, err := (Adapter{}).EncodeRequest(request(conv), dialect.Target{Model: "c"})
	if err != nil || c.Method != "POST" || c.Path != "/v1/messages" || dialect.Get(c.Header, "Anthropic-Version") != "2023-06-01" || dialect.Get(c.Header, "Content-Type") != "application/json" {
		t.Errorf("%+v %v", c, err)
	}
	if beta := dialect.Get(c.Header, "Anthropic-Beta"); beta != "context-management-2025-06-27,files-api-2025-04-14" {
		t.Errorf("betas %q", beta)
	}
	conv = &llm.Conversation{Messages: []llm.Message{by(llm.User, text("hi"))}}
	if c, _, _ = (Adapter{}).EncodeRequest(request(conv), dialect.Target{Model: "c"}); len(c.Header) != 2 {
		t.Errorf("headers %v", c.Header)
	}
}

func TestNothingToSay(t *testing.T) {
	_, _, err := (Adapter{}).EncodeRequest(request(&llm.Conversation{Messages: []llm.Message{by(llm.User, text(" "))}}), dialect.Target{Model: "c"})
	if e := fault.As(err); e.Kind != fault.Invalid || e.Param != "messages" {
		t.Errorf("%v", err)
	}
	want := errors.New("x")
	req := &llm.Request{Conversation: func() (*llm.Conversation, error) { return nil, want }}
	if _, _, err := (Adapter{}).EncodeRequest(req, dialect.Target{}); err != want {
		t.Errorf("%v", err)
	}
}
