package bedrock

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

// encode is the body and the paths of the losses.
func encode(t testing.TB, req *llm.Request, to dialect.Target) (string, []string) {
	t.Helper()
	c, losses, err := (Converse{}).EncodeRequest(req, to)
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
	return string(body), paths
}

const (
	claudeID = "us.anthropic.claude-sonnet-4-20250514-v1:0"
	novaID   = "us.amazon.nova-2-lite-v1:0"
	hello    = `"messages":[{"role":"user","content":[{"text":"Hi"}]}]`
)

func hi() llm.Message { return by(llm.User, text("Hi")) }

func TestRequests(t *testing.T) {
	tool := llm.Tool{Name: "f", Description: "d", Schema: []byte(`{"properties":{}}`), Strict: ptr(true)}
	spec := `{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object","properties":{}}},"strict":true}}`
	for _, c := range []struct {
		name  string
		conv  llm.Conversation
		req   llm.Request
		to    dialect.Target
		want  string
		lost  []string
		model string
	}{
		{name: "the least", conv: llm.Conversation{Messages: []llm.Message{hi()}}, want: `{` + hello + `}`},
		{name: "system and developer", conv: llm.Conversation{Messages: []llm.Message{by(llm.System, text("Be"), text(" ")), by(llm.Developer, text("kind")), hi()}},
			want: `{"system":[{"text":"Be"},{"text":"kind"}],` + hello + `}`},
		{name: "a system message in the middle", conv: llm.Conversation{Messages: []llm.Message{hi(), by(llm.System, text("now"))}},
			want: `{"messages":[{"role":"user","content":[{"text":"Hi"},{"text":"now"}]}]}`, lost: []string{"m1.role"}},
		{name: "sampling", conv: llm.Conversation{Messages: []llm.Message{hi()}, Temperature: ptr(1.5), TopP: ptr(.5), TopK: ptr(int64(7)), Stop: []string{"x", " "}, Seed: ptr(int64(1))},
			req:  llm.Request{MaxOutput: 100, ServiceTier: "flex", User: "u"},
			want: `{` + hello + `,"inferenceConfig":{"maxTokens":100,"temperature":1,"topP":0.5,"stopSequences":["x"]},"serviceTier":{"type":"flex"}}`,
			lost: []string{"temperature", "stop", "top_k", "seed", "user"}},
		{name: "Nova's own place for top_k", model: novaID, conv: llm.Conversation{Messages: []llm.Message{hi()}, TopK: ptr(int64(7))},
			want: `{` + hello + `,"additionalModelRequestFields":{"inferenceConfig":{"topK":7}}}`},
		{name: "Claude takes temperature or top_p", model: claudeID, conv: llm.Conversation{Messages: []llm.Message{hi()}, Temperature: ptr(.5), TopP: ptr(.5), TopK: ptr(int64(7))},
			want: `{` + hello + `,"inferenceConfig":{"maxTokens":8192,"temperature":0.5},"additionalModelRequestFields":{"top_k":7}}`, lost: []string{"top_p"}},
		{name: "tools", conv: llm.Conversation{Messages: []llm.Message{hi()}, Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: "function", Name: "f"}, ParallelToolCalls: ptr(false)},
			want: `{"toolConfig":{"tools":[` + spec + `],"toolChoice":{"tool":{"name":"f"}}},` + hello + `}`, lost: []string{"parallel_tool_calls"}},
		{name: "a call is required", conv: llm.Conversation{Messages: []llm.Message{hi()}, Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: "required"}},
			want: `{"toolConfig":{"tools":[` + spec + `],"toolChoice":{"any":{}}},` + hello + `}`},
		{name: "no call wanted", conv: llm.Conversation{Messages: []llm.Message{hi()}, Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: "none"}}, want: `{` + hello + `}`},
		{name: "calls without tools, and none wanted", conv: llm.Conversation{Messages: []llm.Message{hi(), by(llm.Assistant, call("a.b", "g", "")), result("a.b", text("1"))}, ToolChoice: llm.ToolChoice{Mode: "none"}},
			want: `{"toolConfig":{"tools":[{"toolSpec":{"name":"g","inputSchema":{"json":{"type":"object","properties":{}}}}}]},"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"` + dialect.PlainID("a.b", maxID) + `","name":"g","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"` + dialect.PlainID("a.b", maxID) + `","content":[{"text":"1"}]}}]}]}`,
			lost: []string{"tool_choice"}},
		{name: "a choice without tools", conv: llm.Conversation{Messages: []llm.Message{hi()}, ToolChoice: llm.ToolChoice{Mode: "required"}}, want: `{` + hello + `}`, lost: []string{"tool_choice"}},
		{name: "search", model: novaID, conv: llm.Conversation{Messages: []llm.Message{hi()}, WebSearch: []byte(`{"search_context_size":"low"}`), Tools: []llm.Tool{{Name: "web_search_20250305", Native: []byte(`{"type":"web_search_20250305"}`)}}},
			want: `{"toolConfig":{"tools":[{"systemTool":{"name":"nova_grounding"}}]},` + hello + `}`},
		{name: "search that the model has not", model: claudeID, req: llm.Request{MaxOutput: 5}, conv: llm.Conversation{Messages: []llm.Message{hi()}, WebSearch: []byte(`{}`), Tools: []llm.Tool{{Name: "bash_20250124", Native: []byte(`{}`)}}},
			want: `{` + hello + `,"inferenceConfig":{"maxTokens":5}}`, lost: []string{"t0", "web_search_options"}},
		{name: "a schema", conv: llm.Conversation{Messages: []llm.Message{hi()}, Format: llm.Format{Kind: "json_schema", Name: "n", Description: "d", Schema: []byte(`{"type":"object"}`)}},
			want: `{` + hello + `,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"name":"n","description":"d","schema":"{\"type\":\"object\"}"}}}}}`},
		{name: "JSON without a schema", conv: llm.Conversation{Messages: []llm.Message{hi()}, Format: llm.Format{Kind: "json_object"}}, want: `{` + hello + `}`, lost: []string{"response_format"}},
		{name: "Converse's own fields", conv: llm.Conversation{Messages: []llm.Message{hi()}, Extra: []llm.Field{{Path: "guardrailConfig", Value: []byte(`{"guardrailIdentifier":"g"}`)}, {Path: "additionalModelRequestFields", Value: []byte(`{"a":1,"a":2}`)}, {Path: "zzz", Value: []byte(`1`)}}},
			want: `{` + hello + `,"additionalModelRequestFields":{"a":1},"guardrailConfig":{"guardrailIdentifier":"g"}}`, lost: []string{"zzz"}},
		{name: "images", conv: llm.Conversation{Messages: []llm.Message{by(llm.User, text("See"),
			media(llm.ImagePart, llm.Media{Data: "iVBORw0KGgo=", MIME: "image/jpeg", Detail: "high"}),
			media(llm.ImagePart, llm.Media{URL: "s3://b/k.webp"}), media(llm.ImagePart, llm.Media{URL: "gs://a/x.png"}),
			media(llm.ImagePart, llm.Media{Data: "AAAA", MIME: "image/tiff"}))}},
			want: `{"messages":[{"role":"user","content":[{"text":"See"},{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}},{"image":{"format":"webp","source":{"s3Location":{"uri":"s3://b/k.webp"}}}}]}]}`,
			lost: []string{"m0.p1.detail", "m0.p3", "m0.p4"}},
		{name: "documents, audio and video", conv: llm.Conversation{Messages: []llm.Message{by(llm.User,
			media(llm.FilePart, llm.Media{Data: "JVBERi0=", Filename: "Year's  report_2.pdf"}), media(llm.FilePart, llm.Media{Data: "aGk=", Filename: "x.unknown"}),
			media(llm.FilePart, llm.Media{Data: "/w==", MIME: "application/zip"}),
			media(llm.VideoPart, llm.Media{Data: "AAAA", MIME: "video/mp4"}), media(llm.AudioPart, llm.Media{Data: "AAAA", MIME: "audio/mpeg"}))}},
			want: `{"messages":[{"role":"user","content":[{"document":{"format":"pdf","name":"Year s report 2","source":{"bytes":"JVBERi0="}}},{"document":{"format":"txt","name":"x 2","source":{"bytes":"aGk="}}},{"video":{"format":"mp4","source":{"bytes":"AAAA"}}},{"audio":{"format":"mp3","source":{"bytes":"AAAA"}}},{"text":"Document:"}]}]}`,
			lost: []string{"m0.p2", "m0.p0"}},
		{name: "cache points", model: claudeID, req: llm.Request{MaxOutput: 9}, conv: llm.Conversation{
			Tools:    []llm.Tool{{Name: "f", Cache: &llm.CacheMark{}}},
			Messages: []llm.Message{by(llm.System, marked(text("S"), "1h")), by(llm.User, marked(text("A"), "5m"), marked(text("B"), "9h"), marked(text("C"), ""))}},
			want: `{"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]},"system":[{"text":"S"},{"cachePoint":{"type":"default","ttl":"1h"}}],` +
				`"messages":[{"role":"user","content":[{"text":"A"},{"cachePoint":{"type":"default","ttl":"5m"}},{"text":"B"},{"cachePoint":{"type":"default"}},{"text":"C"},{"cachePoint":{"type":"default"}}]}],"inferenceConfig":{"maxTokens":9}}`,
			lost: []string{"t0.cache_control", "m1.p1.cache_control.ttl"}},
		{name: "no cache points for others", conv: llm.Conversation{Messages: []llm.Message{by(llm.User, marked(text("Hi"), ""))}}, want: `{` + hello + `}`, lost: []string{"m0.p0.cache_control"}},
		{name: "the limit of credit", to: dialect.Target{Clamp: 50, MaxOutput: 70}, conv: llm.Conversation{Messages: []llm.Message{hi()}}, want: `{` + hello + `,"inferenceConfig":{"maxTokens":50}}`},
		{name: "a failed tool and arguments that are no object", conv: llm.Conversation{Tools: []llm.Tool{{Name: "f"}}, Messages: []llm.Message{hi(), by(llm.Assistant, call("", "f", "[1]")),
			by(llm.ToolRole, llm.Part{Kind: llm.ResultPart, Result: &llm.ToolResult{Error: true}})}},
			want: `{"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]},"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"call_1","name":"f","input":{"arguments":"[1]"}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"call_1","content":[],"status":"error"}}]}]}`,
			lost: []string{"m1.p0"}},
		{name: "what has no place", conv: llm.Conversation{Messages: []llm.Message{{Role: llm.User, Name: "n", Parts: []llm.Part{text("Hi"), {Kind: llm.NativePart, Native: &llm.Native{Type: "container_upload"}}}, Extra: []llm.Field{{Path: "m0.x"}}}}, Logprobs: true, CacheAll: &llm.CacheMark{}},
			want: `{` + hello + `}`, lost: []string{"m0.name", "m0.x", "m0.p1", "logprobs", "cache_control"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := request(&c.conv)
			c.req.Choices, c.req.Conversation = 1, req.Conversation
			if c.to.Model = c.model; c.model == "" {
				c.to.Model = "meta.llama3-8b-instruct-v1:0"
			}
			got, lost := encode(t, &c.req, c.to)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			slices.Sort(lost)
			slices.Sort(c.lost)
			if !slices.Equal(lost, c.lost) {
				t.Errorf("lost %q, want %q", lost, c.lost)
			}
		})
	}
}

func TestReasoning(t *testing.T) {
	for _, c := range []struct {
		name, model string
		ask         llm.Reasoning
		to          dialect.Target
		max         int64
		want        string
		lost        []string
	}{
		{name: "a budget", model: claudeID, ask: llm.Reasoning{MaxTokens: 2000}, max: 4000, want: `"inferenceConfig":{"maxTokens":4000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2000}}`},
		{name: "a budget above the limit", model: claudeID, ask: llm.Reasoning{MaxTokens: 2000}, max: 1000, want: `"inferenceConfig":{"maxTokens":3000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2000}}`, lost: []string{"max_tokens"}},
		{name: "an effort", model: claudeID, ask: llm.Reasoning{Effort: "high"}, max: 10000, want: `"inferenceConfig":{"maxTokens":10000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":8000}}`},
		{name: "adaptive", model: claudeID, ask: llm.Reasoning{Effort: "high"}, to: dialect.Target{Reasoning: dialect.ReasoningStyle{Adaptive: true}}, max: 10,
			want: `"inferenceConfig":{"maxTokens":10},"additionalModelRequestFields":{"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}}`},
		{name: "off where it is on by default", model: claudeID, ask: llm.Reasoning{Effort: "none"}, to: dialect.Target{Reasoning: dialect.ReasoningStyle{Adaptive: true}}, max: 10,
			want: `"inferenceConfig":{"maxTokens":10},"additionalModelRequestFields":{"thinking":{"type":"disabled"}}`},
		{name: "no room", model: claudeID, ask: llm.Reasoning{Effort: "low"}, to: dialect.Target{MaxOutput: 900}, max: 900, want: `"inferenceConfig":{"maxTokens":900}`, lost: []string{"reasoning"}},
		{name: "a model from before", model: "anthropic.claude-3-haiku-20240307-v1:0", ask: llm.Reasoning{Effort: "low"}, max: 9, want: `"inferenceConfig":{"maxTokens":9}`, lost: []string{"reasoning"}},
		{name: "Nova 2", model: novaID, ask: llm.Reasoning{Effort: "max"}, want: `"additionalModelRequestFields":{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}`},
		{name: "gpt-oss", model: "openai.gpt-oss-120b-1:0", ask: llm.Reasoning{MaxTokens: 4000}, want: `"additionalModelRequestFields":{"reasoning_effort":"medium"}`, lost: []string{"reasoning.max_tokens"}},
		{name: "gpt-oss cannot stop", model: "openai.gpt-oss-120b-1:0", ask: llm.Reasoning{Effort: "none"}, want: ``, lost: []string{"reasoning"}},
		{name: "Qwen", model: "qwen.qwen3-32b-v1:0", ask: llm.Reasoning{Enabled: ptr(true), Summary: "detailed"}, want: `"additionalModelRequestFields":{"reasoning_config":"medium"}`, lost: []string{"reasoning.summary"}},
		{name: "others", model: "meta.llama3-8b-instruct-v1:0", ask: llm.Reasoning{Effort: "low"}, want: ``, lost: []string{"reasoning"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := request(&llm.Conversation{Messages: []llm.Message{hi()}})
			req.Reasoning, req.MaxOutput, c.to.Model = &c.ask, c.max, c.model
			got, lost := encode(t, req, c.to)
			if want := strings.TrimSuffix("{"+hello+","+c.want, ",") + "}"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if !slices.Equal(lost, c.lost) {
				t.Errorf("lost %q, want %q", lost, c.lost)
			}
		})
	}
}

func TestCall(t *testing.T) {
	req := request(&llm.Conversation{Messages: []llm.Message{hi()}})
	for model, want := range map[string]string{
		claudeID: "/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse",
		"arn:aws:bedrock:us-east-1:012345678901:application-inference-profile/mi1": "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A012345678901%3Aapplication-inference-profile%2Fmi1/converse",
		"a b?\u00e9":   "/model/a%20b%3F%C3%A9/converse",
		"x/../../evil": "/model/x%2F..%2F..%2Fevil/converse",
	} {
		req.Stream = false
		c, _, err := (Converse{}).EncodeRequest(req, dialect.Target{Model: model})
		if err != nil || c.Path != want || c.Method != "POST" {
			t.Errorf("%s %s, %v", c.Method, c.Path, err)
		}
		req.Stream = true
		c, _, err = (Converse{}).EncodeRequest(req, dialect.Target{Model: model})
		if err != nil || c.Path != want+"-stream" || c.Header["Accept"][0] != "application/vnd.amazon.eventstream" {
			t.Errorf("%s %v, %v", c.Path, c.Header, err)
		}
	}
	for _, conv := range []llm.Conversation{{}, {Messages: []llm.Message{by(llm.User, text(" "))}}} {
		_, _, err := (Converse{}).EncodeRequest(request(&conv), dialect.Target{Model: "m"})
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.Invalid || e.Param != "messages" {
			t.Errorf("an empty conversation: %v", err)
		}
	}
}

// TestRoundTrip: the opaque reasoning of five turns with tools goes back as it came.
func TestRoundTrip(t *testing.T) {
	conv := &llm.Conversation{Tools: []llm.Tool{{Name: "f"}}, Messages: []llm.Message{hi()}}
	var want []string
	for turn := range 5 {
		n := string(rune('a' + turn))
		body := frames(begins,
			`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"think"}}}`,
			`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"ing `+n+`"}}}`,
			`contentBlockDelta {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"Ep`+n+`+/="}}}`,
			`contentBlockStop {"contentBlockIndex":0}`,
			`contentBlockDelta {"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"RXU4`+strings.ToUpper(n)+`A=="}}}`,
			`contentBlockStop {"contentBlockIndex":1}`,
			`contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"t`+n+`","name":"f"}}}`,
			`contentBlockDelta {"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"n\": 1.0}"}}}`,
			`contentBlockStop {"contentBlockIndex":2}`, `messageStop {"stopReason":"tool_use"}`, usage)
		m := llm.Message{Role: llm.Assistant}
		for ev, err := range (Converse{}).Events(nil, replyOf(body)) {
			if err != nil {
				t.Fatal(err)
			}
			switch ev.Kind {
			case llm.ReasoningDelta:
				m.Parts = append(m.Parts, llm.Part{Kind: llm.ReasoningPart, Reasoning: ptr(*ev.Reasoning)})
			case llm.ToolStart:
				m.Parts = append(m.Parts, call(ev.Tool.ID, ev.Tool.Name, ev.Text))
			case llm.ToolDelta:
				m.Parts[len(m.Parts)-1].Call.Args += ev.Text
			}
		}
		conv.Messages = append(conv.Messages, m, result("t"+n, text("ok")))
		want = append(want, `{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"thinking `+n+`","signature":"Ep`+n+`+/="}}},{"reasoningContent":{"redactedContent":"RXU4`+strings.ToUpper(n)+`A=="}},{"toolUse":{"toolUseId":"t`+n+`","name":"f","input":{"n": 1.0}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"t`+n+`","content":[{"text":"ok"}]}}]}`)
	}
	body, lost := encode(t, request(conv), dialect.Target{Model: claudeID})
	for i, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("turn %d is not in %s", i, body)
		}
	}
	if len(lost) > 0 {
		t.Errorf("lost %q", lost)
	}
	body, lost = encode(t, request(conv), dialect.Target{Model: novaID})
	if strings.Contains(body, "reasoningContent") || len(lost) != 20 {
		t.Errorf("another model got the reasoning: %s, lost %q", body, lost)
	}
}

func TestReasoningThatCannotGoBack(t *testing.T) {
	conv := &llm.Conversation{Messages: []llm.Message{hi(), by(llm.Assistant,
		thought(llm.ReasoningText, "unsigned", "", "", llm.FormatAnthropic, 0),
		thought(llm.ReasoningText, "signed", "", "s", llm.FormatAnthropic, 1),
		thought(llm.ReasoningSummary, "", "", "", llm.FormatAnthropic, 2),
		thought(llm.ReasoningEncrypted, "", "d", "", llm.FormatOpenAI, 3), text("Yes")),
		hi(), by(llm.Assistant, thought(llm.ReasoningText, "alone", "", "s", llm.FormatAnthropic, 0)), hi()}}
	body, lost := encode(t, request(conv), dialect.Target{Model: claudeID})
	if strings.Count(body, "reasoningContent") != 1 || !strings.Contains(body, `"text":"signed","signature":"s"`) {
		t.Error(body)
	}
	slices.Sort(lost)
	if want := []string{"m1.p0", "m1.p2", "m1.p3", "m3.p0"}; !slices.Equal(lost, want) {
		t.Errorf("lost %q, want %q", lost, want)
	}
}

func FuzzEncodeRequest(f *testing.F) {
	f.Add("Hi", "{}", "name.pdf", claudeID, int64(3))
	f.Add("", "[", "\x00", novaID, int64(-1))
	f.Fuzz(func(t *testing.T, said, args, name, model string, n int64) {
		conv := &llm.Conversation{
			Tools: []llm.Tool{{Name: name, Description: said, Schema: []byte(`{"a":1}`)}},
			Messages: []llm.Message{by(llm.System, text(said)), by(llm.User, marked(text("a"), name), media(llm.FilePart, llm.Media{Data: "aGk=", Filename: name, MIME: said})),
				by(llm.Assistant, thought(llm.ReasoningText, said, "", args, llm.FormatAnthropic, n), call(said, name, args)), result(said, text(args))},
			Stop: []string{said}, TopK: &n,
		}
		req := request(conv)
		req.MaxOutput, req.Reasoning = max(n, 0), &llm.Reasoning{MaxTokens: max(n, 0), Effort: name}
		encode(t, req, dialect.Target{Model: model, MaxOutput: max(n/2, 0)})
	})
}

func TestMediaByURLIsWantedInline(t *testing.T) {
	t.Parallel()
	const address = "https://a.example/x"
	req := request(&llm.Conversation{Messages: []llm.Message{by(llm.User,
		llm.Part{Kind: llm.ImagePart, Media: &llm.Media{URL: address}}, llm.Part{Kind: llm.ImagePart, Media: &llm.Media{URL: address}})}})
	_, _, err := Converse{}.EncodeRequest(req, dialect.Target{Model: "m"})
	if w, ok := errors.AsType[*dialect.Wants](err); !ok || !slices.Equal(w.URLs, []string{address}) {
		t.Fatalf("%v", err)
	}
	req.Fetched = map[string]*llm.Media{address: {Data: "aGk=", MIME: "image/webp"}}
	got, lost := encode(t, req, dialect.Target{Model: "m"})
	if strings.Count(got, `{"image":{"format":"webp","source":{"bytes":"aGk="}}}`) != 2 || len(lost) > 0 {
		t.Errorf("%s, lost %v", got, lost)
	}
}
