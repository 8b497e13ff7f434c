package simup

import (
	"strings"
	"testing"
)

// hello is the question of the shape tests, and said what chat answers to it in 4 tokens.
const said = "This is Amber, a"

func TestOpenAIWholeShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","max_tokens":4,"messages":[{"role":"user","content":"Hello"}]}`)
	id, _ := value(t, g.body, "id").(string)
	if !strings.HasPrefix(id, "chatcmpl-") || len(id) != 38 {
		t.Errorf("id is %q", id)
	}
	want := `{"id":"` + id + `","object":"chat.completion","created":1772600767,"model":"chat","choices":[{"index":0,"message":{"role":"assistant","content":"` + said + `","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":4,"total_tokens":6,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_5d1a0d2a6e"}`
	if c := compact(t, g.body); g.status != 200 || c != want {
		t.Errorf("status %d\n got %s\nwant %s", g.status, c, want)
	}
	if !strings.HasPrefix(g.body, "{\n  \"id\": ") {
		t.Errorf("not indented as the real one: %.40q", g.body)
	}
	for _, h := range []string{"X-Request-Id", "Openai-Version", "Openai-Processing-Ms", "X-Ratelimit-Reset-Tokens", "X-Ratelimit-Remaining-Requests"} {
		if g.header.Get(h) == "" {
			t.Errorf("no header %s", h)
		}
	}
}

func TestOpenAIStreamShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","max_tokens":4,"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"messages":[{"role":"user","content":"Hello"}]}`)
	id, _ := value(t, datas(g.body)[0], "id").(string)
	head := `data: {"id":"` + id + `","object":"chat.completion.chunk","created":1772600767,"model":"chat","service_tier":"default","system_fingerprint":"fp_5d1a0d2a6e","choices":[`
	chunk := func(delta, finish string) string {
		return head + `{"index":0,"delta":` + delta + `,"logprobs":null,"finish_reason":` + finish + `}],"usage":null}` + "\n\n"
	}
	want := chunk(`{"role":"assistant","content":"","refusal":null}`, "null") + chunk(`{"content":"This"}`, "null") +
		chunk(`{"content":" is"}`, "null") + chunk(`{"content":" Amber,"}`, "null") + chunk(`{"content":" a"}`, "null") +
		chunk(`{}`, `"length"`) +
		head + `],"usage":{"prompt_tokens":2,"completion_tokens":4,"total_tokens":6,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}` + "\n\n" +
		"data: [DONE]\n\n"
	if g.body != want {
		t.Errorf("\n got %s\nwant %s", g.body, want)
	}
	if ct := g.header.Get("Content-Type"); ct != "text/event-stream; charset=utf-8" {
		t.Errorf("content type %q", ct)
	}
}

func TestOpenAIStreamTellsUsageOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","stream":true,"messages":[{"role":"user","content":"Hello"}]}`)
	if strings.Contains(g.body, "usage") || !strings.Contains(g.body, `"obfuscation":"`) {
		t.Errorf("want no usage but padding in %s", g.body)
	}
}

func TestAnthropicWholeShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, messages, `{"model":"chat","max_tokens":4,"messages":[{"role":"user","content":"Hello"}]}`)
	id, _ := value(t, g.body, "id").(string)
	want := `{"model":"chat","id":"` + id + `","type":"message","role":"assistant","content":[{"type":"text","text":"` + said + `"}],"stop_reason":"max_tokens","stop_sequence":null,"usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":4,"service_tier":"standard"}}`
	if g.status != 200 || g.body != want || !strings.HasPrefix(id, "msg_01") {
		t.Errorf("status %d\n got %s\nwant %s", g.status, g.body, want)
	}
	if h := g.header; h.Get("Request-Id") == "" || h.Get("Anthropic-Ratelimit-Tokens-Reset") != "2026-03-04T05:06:07Z" {
		t.Errorf("headers %v", h)
	}
}

func TestAnthropicStreamShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, messages, `{"model":"chat","max_tokens":3,"stream":true,"messages":[{"role":"user","content":"Hello"}]}`)
	id, _ := value(t, datas(g.body)[0], "message", "id").(string)
	var b strings.Builder
	for _, line := range strings.SplitAfter(g.body, "\n") { // without the padding before the last brace
		if strings.HasPrefix(line, "data:") {
			line = strings.TrimRight(strings.TrimSuffix(line, "}\n"), " ") + "}\n"
		}
		b.WriteString(line)
	}
	want := `event: message_start
data: {"type":"message_start","message":{"model":"chat","id":"` + id + `","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"This"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" is"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" Ambe"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}}

event: message_stop
data: {"type":"message_stop"}

`
	if b.String() != want {
		t.Errorf("\n got %s\nwant %s", b.String(), want)
	}
}

func TestGeminiWholeShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, generate, `{"contents":[{"role":"user","parts":[{"text":"Hello"}]}],"generationConfig":{"maxOutputTokens":4}}`)
	id, _ := value(t, g.body, "responseId").(string)
	want := `{"candidates":[{"content":{"parts":[{"text":"` + said + `"}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":4,"totalTokenCount":6,"promptTokensDetails":[{"modality":"TEXT","tokenCount":2}]},"modelVersion":"chat","responseId":"` + id + `"}`
	if c := compact(t, g.body); g.status != 200 || c != want {
		t.Errorf("status %d\n got %s\nwant %s", g.status, c, want)
	}
}

func TestGeminiStreamShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, streamSSE, `{"contents":[{"parts":[{"text":"Hello"}]}],"generationConfig":{"maxOutputTokens":12}}`)
	id, _ := value(t, datas(g.body)[0], "responseId").(string)
	tail := `,"modelVersion": "chat","responseId": "` + id + `"}` + "\r\n\r\n"
	want := `data: {"candidates": [{"content": {"parts": [{"text": "This is Amber, a demo provider built into"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 2,"candidatesTokenCount": 11,"totalTokenCount": 13,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 2}]}` + tail +
		`data: {"candidates": [{"content": {"parts": [{"text": " Dragom"}],"role": "model"},"finishReason": "MAX_TOKENS","index": 0}],"usageMetadata": {"promptTokenCount": 2,"candidatesTokenCount": 12,"totalTokenCount": 14,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 2}]}` + tail
	if g.body != want {
		t.Errorf("\n got %q\nwant %q", g.body, want)
	}
}

func TestGeminiArrayShape(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, "v1beta/models/chat:streamGenerateContent", `{"contents":[{"parts":[{"text":"Hello"}]}],"generationConfig":{"maxOutputTokens":12}}`)
	if !strings.HasPrefix(g.body, "[{\n  \"candidates\"") || !strings.Contains(g.body, "}\n,\r\n{") || !strings.HasSuffix(g.body, "}\n]") {
		t.Errorf("not the array's frame: %q", g.body)
	}
	if got := value(t, g.body, 1, "candidates", 0, "finishReason"); got != "MAX_TOKENS" {
		t.Errorf("the last element ends with %v", got)
	}
	if ct := g.header.Get("Content-Type"); ct != "application/json; charset=UTF-8" {
		t.Errorf("content type %q", ct)
	}
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const open, ant, gem = `{"model":"chat","messages":[{"role":"user","content":"x"}]}`, `{"model":"chat","max_tokens":9,"messages":[{"role":"user","content":"x"}]}`, `{"contents":[{"parts":[{"text":"x"}]}]}`
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		status     int
		want       string
	}{
		"openai key":      {"/locked/" + chat, open, []string{"Authorization", "Bearer wrong"}, 401, `{"error":{"message":"Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`},
		"openai model":    {chat, strings.Replace(open, "chat", "none", 1), nil, 404, "{\"error\":{\"message\":\"The model `none` does not exist or you do not have access to it.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\"}}"},
		"openai invalid":  {chat, `{"model":"chat","messages":[]}`, nil, 400, `{"error":{"message":"Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.","type":"invalid_request_error","param":"messages","code":"empty_array"}}`},
		"openai 500":      {chat, open, []string{"X-Sim-Fault", "status=500"}, 500, `{"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}`},
		"anthropic key":   {"/locked/" + messages, ant, []string{"X-Api-Key", "wrong"}, 401, `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"ID"}`},
		"anthropic model": {messages, strings.Replace(ant, "chat", "none", 1), nil, 404, `{"type":"error","error":{"type":"not_found_error","message":"model: none"},"request_id":"ID"}`},
		"anthropic limit": {messages, `{"model":"chat","messages":[{"role":"user","content":"x"}]}`, nil, 400, `{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":"ID"}`},
		"anthropic 529":   {messages, ant, []string{"X-Sim-Fault", "status=529"}, 529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"ID"}`},
		"gemini key":      {"/locked/" + generate, gem, []string{"X-Goog-Api-Key", "wrong"}, 400, `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}},{"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"en-US","message":"API key not valid. Please pass a valid API key."}]}}`},
		"gemini unknown":  {generate, `{"contents":[{"parts":[{"text":"x"}]}],"provider":{}}`, nil, 400, `{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"provider\": Cannot find field.","status":"INVALID_ARGUMENT"}}`},
		"gemini role":     {generate, `{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}`, nil, 400, `{"error":{"code":400,"message":"Please use a valid role: user, model.","status":"INVALID_ARGUMENT"}}`},
		"gemini 503":      {generate, gem, []string{"X-Sim-Fault", "status=503"}, 503, `{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			g := r.post(t, c.path, c.body, c.headers...)
			want := strings.ReplaceAll(c.want, `"ID"`, `"`+g.header.Get("Request-Id")+`"`)
			if got := compact(t, g.body); g.status != c.status || got != want {
				t.Errorf("status %d, want %d\n got %s\nwant %s", g.status, c.status, got, want)
			}
		})
	}
}

func TestRateLimitBodies(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	r.Server.Fault("amber", "chat", Fault{Status: 429, RetryAfter: 3}, 3)
	g := r.post(t, chat, `{"model":"chat","messages":[{"role":"user","content":"x"}]}`)
	if g.status != 429 || g.header.Get("Retry-After") != "3" || value(t, g.body, "error", "code") != "rate_limit_exceeded" {
		t.Errorf("openai: %d %v %s", g.status, g.header, g.body)
	}
	g = r.post(t, messages, `{"model":"chat","max_tokens":9,"messages":[{"role":"user","content":"x"}]}`)
	if g.status != 429 || g.header.Get("Retry-After") != "3" || value(t, g.body, "error", "type") != "rate_limit_error" {
		t.Errorf("anthropic: %d %v %s", g.status, g.header, g.body)
	}
	g = r.post(t, generate, `{"contents":[{"parts":[{"text":"x"}]}]}`)
	if g.status != 429 || g.header.Get("Retry-After") != "" || value(t, g.body, "error", "details", 1, "retryDelay") != "3s" {
		t.Errorf("gemini: %d %v %s", g.status, g.header, g.body)
	}
}

func TestOtherPaths(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	if g := r.post(t, "v1/messages/count_tokens", `{"model":"chat","messages":[{"role":"user","content":"Hello"}]}`); g.body != `{"input_tokens":2}` {
		t.Errorf("count_tokens: %s", g.body)
	}
	if g := r.post(t, "v1beta/models/chat:countTokens", `{"contents":[{"parts":[{"text":"Hello"}]}]}`); g.body != `{"totalTokens":2}` {
		t.Errorf("countTokens: %s", g.body)
	}
	for path, want := range map[string][]any{"v1/models": {"data", 1, "id"}, "v1beta/models": {"models", 1, "name"}} {
		resp, err := client.Get(r.URL + "/amber/" + path)
		if err != nil {
			t.Fatal(err)
		}
		b := read(t, resp)
		if got, _ := value(t, b, want...).(string); !strings.HasSuffix(got, "thinker") {
			t.Errorf("%s: %s", path, b)
		}
	}
	if n := len(r.Server.Invoice()); n != 0 {
		t.Errorf("%d lines for what costs nothing", n)
	}
	for _, path := range []string{"/nobody/v1/messages", "v1/embeddings", "v1beta/models/chat:predict"} {
		if g := r.post(t, path, "{}"); g.status != 404 {
			t.Errorf("%s: status %d", path, g.status)
		}
	}
}
