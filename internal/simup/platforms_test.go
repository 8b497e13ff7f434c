package simup

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/eventstream"
)

const (
	converseTools = `"toolConfig":{"tools":[{"toolSpec":{"name":"ping","inputSchema":{"json":{"type":"object"}}}}]},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024}},`
	claudeTools   = `"anthropic_version":"vertex-2023-10-16","max_tokens":4000,"tools":[{"name":"ping","input_schema":{"type":"object"}}],`
	onVertex      = "v1/projects/p/locations/l/publishers/"
)

// What only one platform insists on is refused where it is missing.
func TestPlatformsRefuse(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const call = `{"role":"user","content":[{"text":"ping"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"ping","input":{}}}]}`
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"converse asks":              {"model/thinker/converse", `{` + converseTools + `"messages":[{"role":"user","content":[{"text":"hello"}]}]}`, 200, `"reasoningContent"`},
		"converse calls":             {"model/thinker/converse", `{` + converseTools + `"messages":[{"role":"user","content":[{"text":"ping"}]}]}`, 200, `"stopReason":"tool_use"`},
		"converse refuses":           {"model/thinker/converse", `{"messages":[{"role":"user","content":[{"text":"x [[sim:refuse]]"}]}]}`, 200, `"content":[]}},"stopReason":"content_filtered"`},
		"two of the user":            {"model/chat/converse", `{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"user","content":[{"text":"y"}]}]}`, 400, "must alternate"},
		"a call without its result":  {"model/chat/converse", `{"messages":[` + call + `,{"role":"user","content":[{"text":"y"}]}]}`, 400, "Expected toolResult blocks at messages.2.content for the following Ids: a"},
		"a result without a call":    {"model/chat/converse", `{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"x"}]}}]}]}`, 400, "exceeds the number of toolUse blocks"},
		"an error that says nothing": {"model/chat/converse", `{"messages":[` + call + `,{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[],"status":"error"}}]}]}`, 400, "cannot be empty when status value is error"},
		"a call without its thought": {"model/thinker/converse", `{` + converseTools + `"messages":[` + call + `,{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"x"}]}}]}]}`, 400, "Expected `thinking`"},
		"a wrong signature":          {"model/chat/converse", `{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"a","signature":"b"}}},{"text":"c"}]},{"role":"user","content":[{"text":"y"}]}]}`, 400, "Invalid `signature`"},
		"an unknown member":          {"model/chat/converse", `{"seed":1,"messages":[{"role":"user","content":[{"text":"x"}]}]}`, 400, "extraneous key [seed]"},
		"claude on vertex":           {onVertex + "anthropic/models/chat:rawPredict", `{` + claudeTools + `"messages":[{"role":"user","content":"ping"}]}`, 200, `"stop_reason":"tool_use"`},
		"with a model":               {onVertex + "anthropic/models/chat:rawPredict", `{"model":"x",` + claudeTools + `"messages":[{"role":"user","content":"ping"}]}`, 400, "model: Extra inputs"},
		"without a version":          {onVertex + "anthropic/models/chat:rawPredict", `{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}`, 400, "anthropic_version"},
		"gemini on vertex":           {onVertex + "google/models/chat:generateContent", `{"contents":[{"parts":[{"text":"x"}]}]}`, 200, "candidates"},
		"azure":                      {"openai/deployments/chat/chat/completions?api-version=2024-10-21", `{"messages":[{"role":"user","content":"x"}]}`, 200, "chat.completion"},
		"azure without a version":    {"openai/deployments/chat/chat/completions", `{"messages":[{"role":"user","content":"x"}]}`, 404, ""},
		"mistral thinks":             {"mistral/v1/chat/completions", `{"model":"thinker","reasoning_effort":"high","messages":[{"role":"user","content":"x"}]}`, 200, `"type": "thinking"`},
		"a member it does not know":  {"mistral/v1/chat/completions", `{"model":"chat","stream_options":{},"messages":[{"role":"user","content":"x"}]}`, 422, "stream_options"},
		"a role it does not know":    {"mistral/v1/chat/completions", `{"model":"chat","messages":[{"role":"developer","content":"x"}]}`, 422, "developer"},
		"a long id":                  {"mistral/v1/chat/completions", `{"model":"chat","messages":[{"role":"assistant","tool_calls":[{"id":"call_1","function":{"name":"f","arguments":"{}"}}]}]}`, 400, "with a length of 9"},
		"a user after a tool":        {"mistral/v1/chat/completions", `{"model":"chat","messages":[{"role":"assistant","tool_calls":[{"id":"abcdefghi","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"abcdefghi","content":"x"},{"role":"user","content":"y"}]}`, 400, "Unexpected role 'user' after role 'tool'"},
	} {
		if g := r.post(t, c.path, c.body); g.status != c.status || !strings.Contains(g.body, c.says) {
			t.Errorf("%s: %d %s", name, g.status, g.body)
		}
	}
}

// A stream of Converse tells what the whole answer tells, in frames whose checksums hold.
func TestConverseStream(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	body := `{` + converseTools + `"messages":[{"role":"user","content":[{"text":"ping [[sim:tools=2,in-turns]]"}]}]}`
	g := r.post(t, "model/thinker/converse-stream", body)
	frames := eventstream.NewReader(strings.NewReader(g.body), 1<<20)
	order := ""
	for {
		m, err := frames.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e := m.Event(); !bytes.HasSuffix(e, []byte("Delta")) {
			order += string(e) + " "
		}
	}
	const want = "messageStart contentBlockStop contentBlockStart contentBlockStart contentBlockStop contentBlockStop messageStop metadata "
	if order != want {
		t.Errorf("%s, want %s", order, want)
	}
}

// Calls come in turns in every dialect that numbers them.
func TestCallsInTurns(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const say = `ping [[sim:tools=2,in-turns]]`
	const schema = `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`
	for name, c := range map[string]struct{ path, body, key string }{
		"openai":    {chat, `{"model":"chat","stream":true,"messages":[{"role":"user","content":"` + say + `"}],"tools":[{"type":"function","function":{"name":"ping","parameters":` + schema + `}}]}`, `"tool_calls":[{"index":`},
		"anthropic": {messages, `{"model":"chat","max_tokens":99,"stream":true,"messages":[{"role":"user","content":"` + say + `"}],"tools":[{"name":"ping","input_schema":` + schema + `}]}`, `"content_block_delta","index":`},
		"responses": {"v1/responses", `{"model":"chat","stream":true,"input":"` + say + `","tools":[{"type":"function","name":"ping","parameters":` + schema + `}]}`, `"output_index":`},
	} {
		turns := ""
		for _, d := range datas(r.post(t, c.path, c.body).body) {
			if _, rest, ok := strings.Cut(d, c.key); ok && rest[0] >= '0' && rest[0] <= '9' {
				turns += rest[:1]
			}
		}
		if !strings.Contains(turns, "0101") {
			t.Errorf("%s: pieces come in the order %s", name, turns)
		}
	}
}

// A refusal is what each dialect has for it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	const say = `x [[sim:refuse]]`
	for name, c := range map[string]struct{ path, body, says string }{
		"openai":            {chat, `{"model":"chat","messages":[{"role":"user","content":"` + say + `"}]}`, `"refusal": "I’m sorry`},
		"openai stream":     {chat, `{"model":"chat","stream":true,"messages":[{"role":"user","content":"` + say + `"}]}`, `"delta":{"refusal":"I’m`},
		"anthropic":         {messages, `{"model":"chat","max_tokens":99,"messages":[{"role":"user","content":"` + say + `"}]}`, `"stop_reason":"refusal"`},
		"gemini":            {generate, `{"contents":[{"parts":[{"text":"` + say + `"}]}]}`, `"finishReason": "SAFETY"`},
		"responses":         {"v1/responses", `{"model":"chat","input":"` + say + `"}`, `"type": "refusal"`},
		"responses, stream": {"v1/responses", `{"model":"chat","stream":true,"input":"` + say + `"}`, `"type":"response.refusal.delta"`},
		"mistral":           {"mistral/v1/chat/completions", `{"model":"chat","messages":[{"role":"user","content":"` + say + `"}]}`, `"content": "I’m sorry`},
	} {
		if g := r.post(t, c.path, c.body); g.status != 200 || !strings.Contains(g.body, c.says) {
			t.Errorf("%s: %d %s", name, g.status, g.body)
		}
	}
}
