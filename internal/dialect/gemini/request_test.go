package gemini

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func ptr[T any](v T) *T { return &v }

func request(c *llm.Conversation) *llm.Request {
	for i := range c.Messages {
		m := &c.Messages[i]
		if m.Path == "" {
			m.Path = "m" + string(rune('0'+i))
		}
		for j := range m.Parts {
			if m.Parts[j].Path == "" {
				m.Parts[j].Path = m.Path + ".p" + string(rune('0'+j))
			}
		}
	}
	return &llm.Request{Choices: 1, Conversation: func() (*llm.Conversation, error) { return c, nil }}
}

func says(role llm.Role, text string) llm.Message {
	return llm.Message{Role: role, Parts: []llm.Part{{Kind: llm.TextPart, Text: text}}}
}

func calls(parts ...llm.Part) llm.Message { return llm.Message{Role: llm.Assistant, Parts: parts} }

func call(id, name, args string) llm.Part {
	return llm.Part{Kind: llm.CallPart, Call: &llm.ToolCall{ID: id, Name: name, Args: args, Type: "function"}}
}

func result(id, text string) llm.Message {
	return llm.Message{Role: llm.ToolRole, Parts: []llm.Part{{Kind: llm.ResultPart, Result: &llm.ToolResult{CallID: id, Parts: []llm.Part{{Kind: llm.TextPart, Text: text}}}}}}
}

func signed(id, data string) llm.Part {
	return llm.Part{Kind: llm.ReasoningPart, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: data, ID: id, Format: llm.FormatGemini}}
}

// encode is the body and the paths of the losses.
func encode(t *testing.T, req *llm.Request, to dialect.Target) (string, []string) {
	t.Helper()
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
	return string(body), paths
}

const hi = `"contents":[{"role":"user","parts":[{"text":"hi"}]}]`

func TestEncodeRequest(t *testing.T) {
	user := []llm.Message{says(llm.User, "hi")}
	fn := []llm.Tool{{Name: "f", Description: "d", Schema: []byte(`{"$schema":"x","type":"object"}`), Path: "tools[0]"}}
	const decl = `"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object"}}]}]`
	cases := map[string]struct {
		conv   llm.Conversation
		head   func(*llm.Request)
		to     dialect.Target
		want   string
		losses []string
	}{
		"system and merged roles": {
			conv: llm.Conversation{Messages: []llm.Message{says(llm.System, "be"), says(llm.Developer, "brief"), says(llm.User, "a"), says(llm.User, "b"), says(llm.Assistant, "c"), says(llm.System, "late"), says(llm.User, "d")}},
			want: `{"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]},{"role":"model","parts":[{"text":"c"}]},{"role":"user","parts":[{"text":"d"}]}],"systemInstruction":{"parts":[{"text":"be"},{"text":"brief"},{"text":"late"}]}}`, losses: []string{"m5"},
		},
		"system alone": {
			conv: llm.Conversation{Messages: []llm.Message{says(llm.System, "hi")}}, want: `{` + hi + `}`, losses: []string{"m0.role"},
		},
		"media": {
			conv: llm.Conversation{Messages: []llm.Message{{Role: llm.User, Parts: []llm.Part{
				{Kind: llm.ImagePart, Media: &llm.Media{Data: "iVBORw0KGgoAA", Detail: "high"}},
				{Kind: llm.ImagePart, Media: &llm.Media{URL: "https://x.example/a.webp?b=1"}},
				{Kind: llm.VideoPart, Media: &llm.Media{URL: "https://youtu.be/x"}},
				{Kind: llm.FilePart, Media: &llm.Media{Data: "AAAA", MIME: "application/pdf"}},
				{Kind: llm.FilePart, Media: &llm.Media{FileID: "files/abc"}},
				{Kind: llm.FilePart, Media: &llm.Media{FileID: "file-openai"}},
				{Kind: llm.AudioPart, Media: &llm.Media{Data: "BBBB", MIME: "audio/wav"}},
			}}}},
			want:   `{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAA"}},{"fileData":{"mimeType":"image/webp","fileUri":"https://x.example/a.webp?b=1"}},{"fileData":{"mimeType":"video/mp4","fileUri":"https://youtu.be/x"}},{"inlineData":{"mimeType":"application/pdf","data":"AAAA"}},{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}},{"inlineData":{"mimeType":"audio/wav","data":"BBBB"}}]}]}`,
			losses: []string{"m0.p0.detail", "m0.p5"},
		},
		"parallel results in the order of the calls": {
			conv: llm.Conversation{Messages: []llm.Message{says(llm.User, "hi"), calls(call("own1", "f", `{"x":1}`), call("gem_r_1", "g", `broken`)),
				result("gem_r_1", `[1]`), result("own1", `{"ok":true}`), says(llm.User, "go")}},
			to:     dialect.Target{Model: "gemini-2.5-pro"},
			want:   `{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"own1","name":"f","args":{"x":1}}},{"functionCall":{"name":"g","args":{"arguments":"broken"}}}]},{"role":"user","parts":[{"functionResponse":{"id":"own1","name":"f","response":{"ok":true}}},{"functionResponse":{"name":"g","response":{"result":[1]}}},{"text":"go"}]}]}`,
			losses: []string{"m1.p1"},
		},
		"results that are no objects, errors and images": {
			conv: llm.Conversation{Messages: []llm.Message{says(llm.User, "hi"), calls(call("a", "f", `{}`), call("b", "f", `{}`)), result("a", "sunny"),
				{Role: llm.ToolRole, Parts: []llm.Part{{Kind: llm.ResultPart, Result: &llm.ToolResult{CallID: "b", Error: true, Parts: []llm.Part{{Kind: llm.TextPart, Text: `{"e":1}`}, {Kind: llm.ImagePart, Media: &llm.Media{Data: "/9j/"}}}}}}}}},
			to:   dialect.Target{Model: "gemini-2.5-pro"},
			want: `{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}},{"functionCall":{"id":"b","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"result":"sunny"}}},{"functionResponse":{"id":"b","name":"f","response":{"error":{"e":1}}}},{"inlineData":{"mimeType":"image/jpeg","data":"/9j/"}}]}]}`,
		},
		"tools": {
			conv:   llm.Conversation{Messages: user, Tools: append(slices.Clone(fn), llm.Tool{Name: "computer_use", Native: []byte(`{}`), Path: "tools[1]"}, llm.Tool{Name: "g", Strict: ptr(true), Path: "tools[2]"}), ToolChoice: llm.ToolChoice{Mode: "function", Name: "g"}, ParallelToolCalls: ptr(false), WebSearch: []byte(`{}`)},
			want:   `{` + hi + `,` + decl[:len(decl)-3] + `,{"name":"g","parametersJsonSchema":{"type":"object","properties":{}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"]}}}`,
			losses: []string{"tools[2].function.strict", "tools[1]", "web_search_options", "parallel_tool_calls"},
		},
		"tool choice none":        {conv: llm.Conversation{Messages: user, Tools: fn, ToolChoice: llm.ToolChoice{Mode: "none"}}, want: `{` + hi + `,` + decl + `,"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}}`},
		"tool choice required":    {conv: llm.Conversation{Messages: user, Tools: fn, ToolChoice: llm.ToolChoice{Mode: "required"}}, want: `{` + hi + `,` + decl + `,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}}`},
		"required without tools":  {conv: llm.Conversation{Messages: user, ToolChoice: llm.ToolChoice{Mode: "required"}}, want: `{` + hi + `}`, losses: []string{"tool_choice"}},
		"web search":              {conv: llm.Conversation{Messages: user, WebSearch: []byte(`{"search_context_size":"low"}`)}, want: `{` + hi + `,"tools":[{"googleSearch":{}}]}`, losses: []string{"web_search_options.search_context_size"}},
		"code execution":          {conv: llm.Conversation{Messages: user, Tools: []llm.Tool{{Name: "code_interpreter", Native: []byte(`{}`)}, {Name: "web_search_preview", Native: []byte(`{}`)}}}, want: `{` + hi + `,"tools":[{"googleSearch":{}},{"codeExecution":{}}]}`},
		"json object":             {conv: llm.Conversation{Messages: user, Format: llm.Format{Kind: "json_object"}}, want: `{` + hi + `,"generationConfig":{"responseMimeType":"application/json"}}`},
		"json schema":             {conv: llm.Conversation{Messages: user, Format: llm.Format{Kind: "json_schema", Schema: []byte(`{"type":"object","$schema":"y"}`)}}, want: `{` + hi + `,"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}}`},
		"json beside tools":       {conv: llm.Conversation{Messages: user, Tools: fn, Format: llm.Format{Kind: "json_object"}}, to: dialect.Target{Model: "gemini-2.5-pro"}, want: `{` + hi + `,` + decl + `}`, losses: []string{"response_format"}},
		"json beside tools in 3":  {conv: llm.Conversation{Messages: user, Tools: fn, Format: llm.Format{Kind: "json_object"}}, to: dialect.Target{Model: "gemini-3-flash-preview"}, want: `{` + hi + `,` + decl + `,"generationConfig":{"responseMimeType":"application/json"}}`},
		"grammar":                 {conv: llm.Conversation{Messages: user, Format: llm.Format{Kind: "grammar"}}, want: `{` + hi + `}`, losses: []string{"response_format"}},
		"image output":            {conv: llm.Conversation{Messages: user, Modalities: []string{"text", "image"}, Extra: []llm.Field{{Path: "image_config", Value: []byte(`{"aspect_ratio":"16:9","x":1}`)}}}, want: `{` + hi + `,"generationConfig":{"responseModalities":["TEXT","IMAGE"],"imageConfig":{"aspectRatio":"16:9"}}}`, losses: []string{"image_config.x"}},
		"speech":                  {conv: llm.Conversation{Messages: user, Modalities: []string{"text", "audio"}, Audio: []byte(`{"voice":"Kore","format":"wav"}`)}, want: `{` + hi + `,"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}}}`, losses: []string{"audio.format"}},
		"text modality":           {conv: llm.Conversation{Messages: user, Modalities: []string{"text"}}, want: `{` + hi + `}`},
		"google's own fields":     {conv: llm.Conversation{Messages: user, Extra: []llm.Field{{Path: "safety_settings", Value: []byte(`[{"category":"A"}]`)}, {Path: "other", Value: []byte(`1`)}}}, want: `{` + hi + `,"safetySettings":[{"category":"A"}]}`, losses: []string{"other"}},
		"tier":                    {conv: llm.Conversation{Messages: user}, head: func(r *llm.Request) { r.ServiceTier = "flex" }, want: `{` + hi + `,"serviceTier":"flex"}`},
		"a tier of another house": {conv: llm.Conversation{Messages: user}, head: func(r *llm.Request) { r.ServiceTier = "scale" }, want: `{` + hi + `}`, losses: []string{"service_tier"}},
		"sampling": {
			conv: llm.Conversation{Messages: user, Temperature: ptr(0.5), TopP: ptr(1.0), TopK: ptr(int64(3)), Seed: ptr(int64(7)), Stop: []string{"\n"}, PresencePenalty: ptr(-1.0), FrequencyPenalty: ptr(0.0), Logprobs: true, TopLogprobs: ptr(int64(2))},
			head: func(r *llm.Request) { r.MaxOutput, r.Choices = 100, 2 },
			want: `{` + hi + `,"generationConfig":{"temperature":0.5,"topP":1,"topK":3,"maxOutputTokens":100,"stopSequences":["\n"],"candidateCount":2,"seed":7,"presencePenalty":-1,"frequencyPenalty":0,"responseLogprobs":true,"logprobs":2}}`,
		},
		"clamp":          {conv: llm.Conversation{Messages: user}, head: func(r *llm.Request) { r.MaxOutput = 100 }, to: dialect.Target{Clamp: 40}, want: `{` + hi + `,"generationConfig":{"maxOutputTokens":40}}`},
		"clamp alone":    {conv: llm.Conversation{Messages: user}, to: dialect.Target{Clamp: 40}, want: `{` + hi + `,"generationConfig":{"maxOutputTokens":40}}`},
		"model's limit":  {conv: llm.Conversation{Messages: user}, head: func(r *llm.Request) { r.MaxOutput = 100 }, to: dialect.Target{MaxOutput: 64}, want: `{` + hi + `,"generationConfig":{"maxOutputTokens":64}}`},
		"what it lacks":  {conv: llm.Conversation{Messages: user, MinP: ptr(.1), TopA: ptr(.1), RepetitionPenalty: ptr(1.1), LogitBias: []byte(`{}`), Prediction: []byte(`{}`), Verbosity: "low", Metadata: []byte(`{}`), CacheAll: &llm.CacheMark{}}, want: `{` + hi + `}`, losses: []string{"min_p", "top_a", "repetition_penalty", "logit_bias", "prediction", "verbosity", "metadata", "cache_control"}},
		"marks of parts": {conv: llm.Conversation{Messages: []llm.Message{{Role: llm.User, Name: "bob", Parts: []llm.Part{{Text: "hi", Cache: &llm.CacheMark{}, Extra: []llm.Field{{Path: "x"}}}}}}}, want: `{` + hi + `}`, losses: []string{"m0.name", "x", "m0.p0.cache_control"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			req := request(&c.conv)
			if c.head != nil {
				c.head(req)
			}
			got, losses := encode(t, req, c.to)
			if got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if !slices.Equal(losses, c.losses) {
				t.Errorf("losses %q, want %q", losses, c.losses)
			}
			if again, _ := encode(t, req, c.to); again != got {
				t.Errorf("a second attempt differs: %s", again)
			}
		})
	}
}

func TestThinking(t *testing.T) {
	cases := map[string]struct {
		r     llm.Reasoning
		model string
		style dialect.ReasoningStyle
		max   int64
		want  string
		lost  bool
	}{
		"effort as level":      {llm.Reasoning{Effort: "low"}, "gemini-3-flash-preview", dialect.ReasoningStyle{}, 0, `{"thinkingLevel":"low","includeThoughts":true}`, false},
		"level ends at high":   {llm.Reasoning{Effort: "xhigh"}, "gemini-3-flash-preview", dialect.ReasoningStyle{}, 0, `{"thinkingLevel":"high","includeThoughts":true}`, false},
		"nearest level":        {llm.Reasoning{Effort: "minimal"}, "gemini-3.1-pro-preview", dialect.ReasoningStyle{}, 0, `{"thinkingLevel":"low","includeThoughts":true}`, false},
		"the catalogue's list": {llm.Reasoning{Effort: "medium"}, "gemini-3-pro-preview", dialect.ReasoningStyle{Effort: true, Efforts: []string{"high", "low"}}, 0, `{"thinkingLevel":"high","includeThoughts":true}`, false},
		"budget in 3":          {llm.Reasoning{MaxTokens: 2000}, "gemini-3-flash-preview", dialect.ReasoningStyle{}, 0, `{"thinkingBudget":2000,"includeThoughts":true}`, false},
		"budget as level":      {llm.Reasoning{MaxTokens: 800}, "gemini-3-flash-preview", dialect.ReasoningStyle{Effort: true}, 1000, `{"thinkingLevel":"high","includeThoughts":true}`, false},
		"effort as budget":     {llm.Reasoning{Effort: "high"}, "gemini-2.5-flash", dialect.ReasoningStyle{}, 1000, `{"thinkingBudget":800,"includeThoughts":true}`, false},
		"budget has a range":   {llm.Reasoning{MaxTokens: 99_999}, "gemini-2.5-pro", dialect.ReasoningStyle{}, 0, `{"thinkingBudget":32768,"includeThoughts":true}`, true},
		"enabled":              {llm.Reasoning{Enabled: ptr(true)}, "gemini-2.5-flash", dialect.ReasoningStyle{}, 1000, `{"thinkingBudget":500,"includeThoughts":true}`, false},
		"excluded":             {llm.Reasoning{Effort: "low", Exclude: true}, "gemini-3-flash-preview", dialect.ReasoningStyle{}, 0, `{"thinkingLevel":"low","includeThoughts":false}`, false},
		"mentioned":            {llm.Reasoning{}, "gemini-2.5-flash", dialect.ReasoningStyle{}, 0, `{"includeThoughts":true}`, false},
		"off":                  {llm.Reasoning{Effort: "none"}, "gemini-2.5-flash", dialect.ReasoningStyle{}, 0, `{"thinkingBudget":0}`, false},
		"off in 2.5 Pro":       {llm.Reasoning{Effort: "none"}, "gemini-2.5-pro", dialect.ReasoningStyle{}, 0, `{"thinkingBudget":128}`, true},
		"off in 3":             {llm.Reasoning{Enabled: ptr(false)}, "gemini-3-flash-preview", dialect.ReasoningStyle{}, 0, `{"thinkingLevel":"minimal"}`, true},
		"no thinker":           {llm.Reasoning{Effort: "low"}, "gemini-2.0-flash", dialect.ReasoningStyle{}, 0, ``, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			req := request(&llm.Conversation{Messages: []llm.Message{says(llm.User, "hi")}})
			req.Reasoning, req.MaxOutput = &c.r, c.max
			got, losses := encode(t, req, dialect.Target{Model: c.model, Reasoning: c.style})
			if c.want == "" && strings.Contains(got, "thinking") || !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if (len(losses) > 0) != c.lost {
				t.Errorf("losses %q", losses)
			}
		})
	}
}

func TestPath(t *testing.T) {
	for name, want := range map[string]string{
		"gemini-2.5-pro":        "/v1beta/models/gemini-2.5-pro:generateContent",
		"models/gemini-2.5-pro": "/v1beta/models/gemini-2.5-pro:generateContent",
		"tunedModels/my tune":   "/v1beta/tunedModels/my%20tune:generateContent",
		"a/../b?c":              "/v1beta/models/a%2F..%2Fb%3Fc:generateContent",
	} {
		if got := path(name, ":generateContent"); got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if got := path("m", ":streamGenerateContent?alt=sse"); got != "/v1beta/models/m:streamGenerateContent?alt=sse" {
		t.Errorf("got %s", got)
	}
}

func TestEncodeRequestRefuses(t *testing.T) {
	for name, c := range map[string]llm.Conversation{
		"nothing to answer": {Messages: []llm.Message{says(llm.User, "")}},
		"an orphan result":  {Messages: []llm.Message{says(llm.User, "hi"), result("nobody", "x")}},
	} {
		if _, _, err := (Adapter{}).EncodeRequest(request(&c), dialect.Target{}); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
