package simup

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestSameSeedSameAnswers(t *testing.T) {
	t.Parallel()
	play := func(seed uint64) (out []string) {
		c := standard()
		c.Seed = seed
		r := start(t, c)
		for _, path := range []string{chat, messages} {
			for i := range 3 {
				out = append(out, r.post(t, path, fmt.Sprintf(`{"model":"flaky","max_tokens":99,"stream":%t,"messages":[{"role":"user","content":"Question %d"}]}`, i == 1, i)).body)
			}
		}
		return out
	}
	first, again, other := play(7), play(7), play(8)
	same := 0
	for i := range first {
		if first[i] != again[i] {
			t.Errorf("answer %d differs\n%s\n%s", i, first[i], again[i])
		}
		if first[i] == other[i] {
			same++
		}
	}
	if same == len(first) {
		t.Error("another seed changes nothing")
	}
}

func TestFailureRate(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	statuses := map[int]int{}
	for range 200 {
		statuses[r.post(t, messages, `{"model":"flaky","max_tokens":9,"messages":[{"role":"user","content":"x"}]}`).status]++
	}
	if n := statuses[200]; n < 70 || n > 130 || statuses[500] == 0 || statuses[529] == 0 || len(statuses) != 3 {
		t.Errorf("statuses %v; want about half 200, the rest 500 and 529", statuses)
	}
}

const weather = `{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":3},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"],"additionalProperties":false}`

const parisArgs = `{"city":"Paris","days":3,"unit":"celsius"}`

func TestToolCalls(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	ask := func(question, extra string) got {
		return r.post(t, chat, `{"model":"chat",`+extra+`"tools":[{"type":"function","function":{"name":"get_weather","parameters":`+weather+`}},{"type":"function","function":{"name":"ping"}}],"messages":[{"role":"user","content":"`+question+`"}]}`)
	}
	names := func(g got) (out []string) {
		calls, _ := value(t, g.body, "choices", 0, "message", "tool_calls").([]any)
		for i := range calls {
			out = append(out, value(t, g.body, "choices", 0, "message", "tool_calls", i, "function", "name").(string))
		}
		return out
	}
	for _, c := range []struct{ question, extra, want string }{
		{"Hello", "", ""},
		{"use get_weather in Paris", "", "get_weather"},
		{"use get_weather in Paris, then ping", "", "get_weather ping"},
		{"use get_weather in Paris, then ping", `"parallel_tool_calls":false,`, "get_weather"},
		{"use get_weather in Paris", `"tool_choice":"none",`, ""},
		{"Hello", `"tool_choice":"required",`, "get_weather"},
		{"Hello", `"tool_choice":{"type":"function","function":{"name":"ping"}},`, "ping"},
		{"Hello [[sim:tools]]", "", "get_weather"},
		{"Hello [[sim:tools=3]]", "", "get_weather ping get_weather"},
		{"in Paris use get_weather [[sim:tools=2]]", "", "get_weather get_weather"},
	} {
		g := ask(c.question, c.extra)
		if got := strings.Join(names(g), " "); got != c.want {
			t.Errorf("%s %s: calls %q, want %q", c.question, c.extra, got, c.want)
		}
	}
	g := ask("use get_weather in Paris", "")
	if args := value(t, g.body, "choices", 0, "message", "tool_calls", 0, "function", "arguments"); args != parisArgs {
		t.Errorf("arguments %v", args)
	}
	if f := value(t, g.body, "choices", 0, "finish_reason"); f != "tool_calls" || value(t, g.body, "choices", 0, "message", "content") != nil {
		t.Errorf("finish %v in %s", f, g.body)
	}
}

func TestToolCallsStream(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","stream":true,"tools":[{"type":"function","function":{"name":"get_weather","parameters":`+weather+`}}],"messages":[{"role":"user","content":"get_weather for Paris [[sim:tools=2]]"}]}`)
	args := map[float64]string{}
	for _, d := range datas(g.body) {
		if !strings.Contains(d, "tool_calls\":[") {
			continue
		}
		i := value(t, d, "choices", 0, "delta", "tool_calls", 0, "index").(float64)
		args[i] += value(t, d, "choices", 0, "delta", "tool_calls", 0, "function", "arguments").(string)
	}
	if len(args) != 2 || args[0] != parisArgs || args[1] != parisArgs {
		t.Errorf("arguments by index %v", args)
	}

	g = r.post(t, messages, `{"model":"chat","max_tokens":99,"stream":true,"tools":[{"name":"ping","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"ping"}]}`)
	if n := strings.Count(g.body, "input_json_delta"); n != 1 || !strings.Contains(g.body, `"partial_json":""`) {
		t.Errorf("a call without arguments has %d deltas in %s", n, g.body)
	}

	g = r.post(t, streamSSE, `{"tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}],"contents":[{"parts":[{"text":"get_weather for Paris"}]}]}`)
	last := datas(g.body)[len(datas(g.body))-1]
	if args := value(t, last, "candidates", 0, "content", "parts", 0, "functionCall", "args", "city"); args != "Paris" || value(t, last, "candidates", 0, "finishReason") != "STOP" {
		t.Errorf("gemini's call in %s", g.body)
	}
}

func TestAfterToolResultsItAnswers(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","tools":[{"type":"function","function":{"name":"ping"}}],"messages":[{"role":"user","content":"ping [[sim:status=500]]"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"ping","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"pong at noon"}]}`)
	if text, _ := value(t, g.body, "choices", 0, "message", "content").(string); !strings.Contains(text, "pong at noon") {
		t.Errorf("%d %s", g.status, g.body)
	}
	for name, messages := range map[string]string{
		"a result without a call": `[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"a","content":"y"}]`,
		"a call without a result": `[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"p","arguments":"{}"}}]},{"role":"user","content":"y"}]`,
	} {
		if g := r.post(t, chat, `{"model":"chat","messages":`+messages+`}`); g.status != 400 {
			t.Errorf("%s: status %d", name, g.status)
		}
	}
}

func TestStructuredAnswersFit(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const schema = `{"type":"object","properties":{"name":{"type":"string","maxLength":4},"tags":{"type":"array","items":{"$ref":"#/$defs/tag"},"minItems":2},"when":{"type":"string","format":"date"},"score":{"type":"number","exclusiveMaximum":1},"maybe":{"anyOf":[{"type":"null"},{"type":"string"}]}},"required":["name","tags"],"$defs":{"tag":{"const":"a"}}}`
	const want = `{"name":"samp","tags":["a","a"],"when":"2026-01-02","score":0,"maybe":null}`
	for name, text := range map[string]any{
		"openai":    value(t, r.post(t, chat, `{"model":"chat","response_format":{"type":"json_schema","json_schema":{"name":"x","schema":`+schema+`}},"messages":[{"role":"user","content":"go"}]}`).body, "choices", 0, "message", "content"),
		"anthropic": value(t, r.post(t, messages, `{"model":"chat","max_tokens":99,"output_config":{"format":{"type":"json_schema","schema":`+schema+`}},"messages":[{"role":"user","content":"go"}]}`).body, "content", 0, "text"),
		"gemini":    value(t, r.post(t, generate, `{"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":`+schema+`},"contents":[{"parts":[{"text":"go"}]}]}`).body, "candidates", 0, "content", "parts", 0, "text"),
	} {
		if text != want {
			t.Errorf("%s: %v", name, text)
		}
	}
	text := value(t, r.post(t, chat, `{"model":"chat","response_format":{"type":"json_object"},"messages":[{"role":"user","content":"go"}]}`).body, "choices", 0, "message", "content").(string)
	if !json.Valid([]byte(text)) || text[0] != '{' {
		t.Errorf("json_object: %s", text)
	}
}

func TestSelfReferringSchemaEnds(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	text := value(t, r.post(t, chat, `{"model":"chat","response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"child":{"$ref":"#"},"list":{"type":"array","items":{"$ref":"#"}}}}}},"messages":[{"role":"user","content":"go"}]}`).body, "choices", 0, "message", "content").(string)
	if !json.Valid([]byte(text)) || len(text) > 1<<16 {
		t.Errorf("%d bytes, valid %t", len(text), json.Valid([]byte(text)))
	}
}

func TestStopAndLimit(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, messages, `{"model":"chat","max_tokens":99,"stop_sequences":["zzz"," demo"],"messages":[{"role":"user","content":"x"}]}`)
	if value(t, g.body, "content", 0, "text") != "This is Amber, a" || value(t, g.body, "stop_reason") != "stop_sequence" || value(t, g.body, "stop_sequence") != " demo" {
		t.Errorf("anthropic: %s", g.body)
	}
	g = r.post(t, chat, `{"model":"chat","stop":" demo","messages":[{"role":"user","content":"x"}]}`)
	if value(t, g.body, "choices", 0, "message", "content") != "This is Amber, a" || value(t, g.body, "choices", 0, "finish_reason") != "stop" {
		t.Errorf("openai: %s", g.body)
	}
	g = r.post(t, chat, `{"model":"chat","max_tokens":500,"messages":[{"role":"user","content":"x [[sim:words=3000]]"}]}`)
	if value(t, g.body, "usage", "completion_tokens") != 500.0 || value(t, g.body, "choices", 0, "finish_reason") != "length" {
		t.Errorf("limit: %s", g.body)
	}
	g = r.post(t, chat, `{"model":"chat","messages":[{"role":"user","content":"x [[sim:words=3000]]"}]}`)
	if n := len(strings.Fields(value(t, g.body, "choices", 0, "message", "content").(string))); n != 3000 {
		t.Errorf("%d words", n)
	}
}

func TestChoicesAndLogprobs(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","n":3,"max_tokens":4,"logprobs":true,"top_logprobs":2,"messages":[{"role":"user","content":"x"}]}`)
	if value(t, g.body, "choices", 2, "index") != 2.0 || value(t, g.body, "usage", "completion_tokens") != 12.0 {
		t.Errorf("n: %s", g.body)
	}
	if value(t, g.body, "choices", 0, "logprobs", "content", 1, "token") != " is" || len(value(t, g.body, "choices", 0, "logprobs", "content", 1, "top_logprobs").([]any)) != 2 {
		t.Errorf("logprobs: %s", g.body)
	}
	g = r.post(t, chat, `{"model":"thinker","reasoning_effort":"low","logprobs":true,"messages":[{"role":"user","content":"x"}]}`)
	if value(t, g.body, "choices", 0, "logprobs", "content", 0, "token") != "This" {
		t.Errorf("after thoughts: %s", g.body)
	}
	g = r.post(t, chat, `{"model":"chat","n":2,"max_tokens":2,"stream":true,"messages":[{"role":"user","content":"x"}]}`)
	order := ""
	for _, d := range datas(g.body) {
		if d != "[DONE]" {
			order += fmt.Sprint(value(t, d, "choices", 0, "index"))
		}
	}
	if order != "0101010101" { // role, "This", " is", " ", finish
		t.Errorf("choices come in the order %s", order)
	}
}

func TestImagesCount(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, `{"model":"chat","messages":[{"role":"user","content":[{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}`)
	if value(t, g.body, "usage", "prompt_tokens") != 260.0 {
		t.Errorf("openai: %s", g.body)
	}
	g = r.post(t, generate, `{"contents":[{"parts":[{"text":"What?"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}]}`)
	if value(t, g.body, "usageMetadata", "promptTokenCount") != 260.0 || value(t, g.body, "usageMetadata", "promptTokensDetails", 1, "tokenCount") != 258.0 {
		t.Errorf("gemini: %s", g.body)
	}
	if g := r.post(t, chat, `{"model":"slow","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}`); g.status != 400 {
		t.Errorf("a model without eyes answers %d", g.status)
	}
}

func TestContextIsLimited(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	long := strings.Repeat("word ", 100_000)
	if g := r.post(t, chat, `{"model":"chat","messages":[{"role":"user","content":"`+long+`"}]}`); g.status != 400 || value(t, g.body, "error", "code") != "context_length_exceeded" {
		t.Errorf("openai: %d %s", g.status, g.body)
	}
	if g := r.post(t, messages, `{"model":"chat","max_tokens":9,"messages":[{"role":"user","content":"`+long+`"}]}`); !strings.Contains(g.body, "prompt is too long: 125000 tokens > 100000 maximum") {
		t.Errorf("anthropic: %d %s", g.status, g.body)
	}
}

func TestPromptCaching(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	system := strings.Repeat("rule ", 2000) // 2500 tokens
	ask := func(q string) got {
		return r.post(t, chat, `{"model":"chat","messages":[{"role":"system","content":"`+system+`"},{"role":"user","content":"`+q+`"}]}`)
	}
	cached := func(g got) any { return value(t, g.body, "usage", "prompt_tokens_details", "cached_tokens") }
	if a, b := cached(ask("one")), cached(ask("two")); a != 0.0 || b != 2432.0 {
		t.Errorf("openai cached %v, then %v; want 0, then 2500 in steps of 128", a, b)
	}

	ant := func(q string) got {
		return r.post(t, messages, `{"model":"chat","max_tokens":9,"system":[{"type":"text","text":"`+system+`","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"`+q+`"}]}`)
	}
	g := ant("four")
	if value(t, g.body, "usage", "cache_creation", "ephemeral_1h_input_tokens") != 2500.0 || value(t, g.body, "usage", "input_tokens") != 1.0 {
		t.Errorf("anthropic writes: %s", g.body)
	}
	g = ant("five")
	if value(t, g.body, "usage", "cache_read_input_tokens") != 2500.0 || value(t, g.body, "usage", "input_tokens") != 1.0 || value(t, g.body, "usage", "cache_creation_input_tokens") != 0.0 {
		t.Errorf("anthropic reads: %s", g.body)
	}

	gem := `{"systemInstruction":{"parts":[{"text":"` + system + `"}]},"contents":[{"parts":[{"text":"x"}]}]}`
	r.post(t, "v1beta/models/thinker:generateContent", gem)
	g = r.post(t, "v1beta/models/thinker:generateContent", gem)
	if value(t, g.body, "usageMetadata", "cachedContentTokenCount") != 2432.0 || value(t, g.body, "usageMetadata", "promptTokenCount") != 2501.0 {
		t.Errorf("gemini: %s", g.body)
	}
	last := r.Server.Invoice()[4]
	if last.Dialect != "gemini" || last.Prompt != 2501 {
		t.Errorf("invoice: %+v", last)
	}
	if l := r.Server.Invoice()[3]; l.Prompt != 2501 || l.Cached != 2500 || l.CacheWrite != 0 {
		t.Errorf("invoice: %+v", l)
	}
}
