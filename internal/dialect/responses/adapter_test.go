package responses

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

var reasoner = dialect.Target{Model: "up", Reasoning: dialect.ReasoningStyle{Effort: true}}

func sent(t *testing.T, req *llm.Request, to dialect.Target) (string, []string) {
	t.Helper()
	call, losses, err := new(Adapter).EncodeRequest(req, to)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, l := range losses {
		paths = append(paths, l.Path)
	}
	slices.Sort(paths)
	return string(bytes.Join(call.Body, nil)), paths
}

// Requests of chat clients, whose losses are told by their own paths.
func TestRequestsOfChatClients(t *testing.T) {
	t.Parallel()
	const hi = `"messages":[{"role":"user","content":"hi"}]`
	const input = `"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]`
	for name, c := range map[string]struct {
		body, want string
		lost       []string
		to         dialect.Target
	}{
		"plain": {body: `{"model":"m",` + hi + `}`, want: `{"model":"up","store":false,` + input + `}`},
		"numbers": {body: `{"model":"m",` + hi + `,"max_tokens":50,"temperature":0.5,"top_p":0.9,"seed":1,"stop":["x"],"n":2,"frequency_penalty":1,"logprobs":true,"top_logprobs":2,"stream":true}`,
			want: `{"model":"up","store":false,"stream":true,` + input + `,"max_output_tokens":50,"temperature":0.5,"top_p":0.9,"top_logprobs":2,"include":["message.output_text.logprobs"]}`,
			lost: []string{"frequency_penalty", "n", "seed", "stop"}},
		"the limit of credit": {body: `{"model":"m",` + hi + `}`, to: dialect.Target{Model: "up", Clamp: 20}, want: `{"model":"up","store":false,` + input + `,"max_output_tokens":20}`},
		"reasoning": {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"low"}}`, to: reasoner,
			want: `{"model":"up","store":false,` + input + `,"include":["reasoning.encrypted_content"],"reasoning":{"effort":"low","summary":"auto"}}`},
		"no reasoning there": {body: `{"model":"m",` + hi + `,"reasoning":{"effort":"low"}}`, want: `{"model":"up","store":false,` + input + `}`, lost: []string{"reasoning"}},
		"tools": {body: `{"model":"m",` + hi + `,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}},{"type":"web_search"}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false}`,
			want: `{"model":"up","store":false,` + input + `,"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":false},{"type":"web_search"}],"tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false}`},
		"a search": {body: `{"model":"m",` + hi + `,"web_search_options":{"search_context_size":"low","user_location":{"type":"approximate","approximate":{"city":"Bern","country":"CH"}},"odd":1}}`,
			want: `{"model":"up","store":false,` + input + `,"tools":[{"type":"web_search","search_context_size":"low","user_location":{"type":"approximate","city":"Bern","country":"CH"}}]}`,
			lost: []string{"web_search_options.odd"}},
		"two searches and a tool of another company": {body: `{"model":"m",` + hi + `,"tools":[{"type":"web_search"},{"type":"code_execution"}],"web_search_options":{}}`,
			want: `{"model":"up","store":false,` + input + `,"tools":[{"type":"web_search"}]}`,
			lost: []string{"tools[1]", "web_search_options"}},
		"schema": {body: `{"model":"m",` + hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}},"verbosity":"low"}`,
			want: `{"model":"up","store":false,` + input + `,"text":{"verbosity":"low","format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object"}}}}`},
		"content": {body: `{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk=","detail":"low"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,aGk="}},{"type":"input_audio","input_audio":{"data":"aGk=","format":"mp3"}},{"type":"video_url","video_url":{"url":"u"}}]}]}`,
			want: `{"model":"up","store":false,"input":[{"type":"message","role":"system","content":[{"type":"input_text","text":"s"}]},{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,aGk=","detail":"low"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,aGk="},{"type":"input_audio","input_audio":{"data":"aGk=","format":"mp3"}}]}]}`,
			lost: []string{"messages[1].content[3]"}},
		"a tool's turn": {body: `{"model":"m","messages":[{"role":"assistant","content":"so","reasoning_details":[{"type":"reasoning.summary","summary":"s","id":"rs_1","format":"openai-responses-v1","index":0},{"type":"reasoning.encrypted","data":"blob","id":"rs_1","format":"openai-responses-v1","index":0},{"type":"reasoning.text","text":"t","signature":"x","format":"anthropic-claude-v1","index":1}],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"ok"}]}`,
			want: `{"model":"up","store":false,"input":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"blob"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"so"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"ok"}]}`,
			lost: []string{"messages[0].reasoning_details[2]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := openaichat.Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			to := c.to
			if to.Model == "" {
				to.Model = "up"
			}
			got, lost := sent(t, req, to)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if !json.Valid([]byte(got)) {
				t.Error("not JSON")
			}
			if !slices.Equal(lost, c.lost) {
				t.Errorf("lost %v, want %v", lost, c.lost)
			}
		})
	}
}

// A client's own bytes stay, but for the declared edits.
func TestEditsInPlace(t *testing.T) {
	t.Parallel()
	const odd = "{ \"model\" : \"m/x\",\r\n \"input\":[{\"role\":\"user\",\"content\":\"h\\u00e9\",\"unknown\":1e400}], \"tools\":[{\"type\":\"web_search\",\"x\":[1,1]}]"
	for _, c := range []struct {
		body, want string
		lost       []string
		to         dialect.Target
	}{
		{odd + `}`, strings.Replace(odd, "m/x", "up", 1) + `,"store":false}`, nil, dialect.Target{Model: "up"}},
		{odd + `,"store":false,"provider":{"order":["p"]}}`, strings.Replace(odd, "m/x", "up", 1) + `,"store":false}`, nil, dialect.Target{Model: "up"}},
		{odd + `,"metadata":{"a":"b"},"store":null}`, strings.Replace(odd, "m/x", "up", 1) + `,"store":false}`, []string{"metadata"}, dialect.Target{Model: "up"}},
		{odd + `}`, strings.Replace(odd, "m/x", "up", 1) + `,"store":false,"max_output_tokens":9,"include":["reasoning.encrypted_content"]}`, nil, dialect.Target{Model: "up", Clamp: 9, Reasoning: reasoner.Reasoning}},
		{odd + `,"include":["message.output_text.logprobs"],"max_output_tokens":80}`, strings.Replace(odd, "m/x", "up", 1) + `,"include":["reasoning.encrypted_content","message.output_text.logprobs"],"max_output_tokens":9,"store":false}`, nil, dialect.Target{Model: "up", Clamp: 9, Reasoning: reasoner.Reasoning}},
		{`{"model":"m","input":[{"type":"reasoning","id":"rs_1","summary":[]},{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"own"},{"role":"user","content":"x"}]}`,
			`{"model":"up","input":[{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"own"},{"role":"user","content":"x"}],"store":false}`, []string{"input[0]"}, dialect.Target{Model: "up"}},
	} {
		got, lost := sent(t, mustDecode(t, c.body), c.to)
		if got != c.want || !slices.Equal(lost, c.lost) {
			t.Errorf("got  %s, lost %v\nwant %s, lost %v", got, lost, c.want, c.lost)
		}
	}
	hashed, _ := sent(t, mustDecode(t, `{"model":"m","input":"x","user":"ann","safety_identifier":"bob"}`), reasoner)
	if strings.Contains(hashed, "ann") || strings.Contains(hashed, "bob") || !strings.Contains(hashed, openaichat.HashUser("bob")) {
		t.Errorf("%s", hashed)
	}
}

// Opaque reasoning of three vendors goes through five turns of a client and comes back as
// it was.
func TestBlobsComeHome(t *testing.T) {
	t.Parallel()
	turn := []llm.Event{
		think(llm.ReasoningDetail{Type: llm.ReasoningText, Text: "first ", Format: llm.FormatAnthropic, Index: 0}),
		think(llm.ReasoningDetail{Type: llm.ReasoningText, Text: "thought", Signature: "sig/+==", Format: llm.FormatAnthropic, Index: 0}),
		think(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "redacted", Format: llm.FormatAnthropic, Index: 1}),
		think(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "thoughtsig", ID: "c0", Format: llm.FormatGemini, Index: 2}),
		think(llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: "in short", ID: "rs_7", Format: llm.FormatOpenAI, Index: 3}),
		think(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "sealed", ID: "rs_7", Format: llm.FormatOpenAI, Index: 3}),
		begins(0, "c0", "f", `{"a":1}`), stops(llm.FinishTools), ends(),
	}
	want := []llm.ReasoningDetail{
		{Type: llm.ReasoningText, Text: "first thought", Signature: "sig/+==", Format: llm.FormatAnthropic},
		{Type: llm.ReasoningEncrypted, Data: "redacted", Format: llm.FormatAnthropic},
		{Type: llm.ReasoningEncrypted, Data: "thoughtsig", ID: "c0", Format: llm.FormatGemini},
		{Type: llm.ReasoningSummary, Summary: "in short", ID: "rs_7", Format: llm.FormatOpenAI},
		{Type: llm.ReasoningEncrypted, Data: "sealed", ID: "rs_7", Format: llm.FormatOpenAI},
	}
	history := `{"role":"user","content":"go"}`
	for range 5 {
		req := mustDecode(t, `{"model":"m","stream":true,"tools":[{"type":"function","name":"f"}],"input":[`+history+`]}`)
		evs := frames(t, render(t, req, turn...))
		for it := range evs[len(evs)-1].At("response", "output").Elems() {
			history += "," + string(it.Raw())
		}
		history += `,{"type":"function_call_output","call_id":"c0","output":"ok"}`
	}
	c := mustConverse(t, mustDecode(t, `{"model":"m","input":[`+history+`]}`))
	turns := 0
	for _, m := range c.Messages {
		if m.Role != llm.Assistant {
			continue
		}
		turns++
		var got []llm.ReasoningDetail
		for _, p := range m.Parts {
			if p.Reasoning != nil {
				got = append(got, *p.Reasoning)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("turn %d\ngot  %+v\nwant %+v", turns, got, want)
		}
	}
	if turns != 5 {
		t.Errorf("%d turns", turns)
	}
}

const aStream = `event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":5,"model":"gpt","status":"in_progress","completed_at":null,"error":null,"frequency_penalty":null,"incomplete_details":null,"instructions":null,"metadata":{},"parallel_tool_calls":true,"presence_penalty":null,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"output":[],"service_tier":"auto"}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","sequence_number":2,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"hm"}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","sequence_number":3,"item_id":"rs_1","output_index":0,"summary_index":1,"delta":"ah"}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"blob","summary":[{"type":"summary_text","text":"hm"},{"type":"summary_text","text":"ah"}]}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":5,"output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":6,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"h\u00e9llo","logprobs":[]}

event: response.output_text.annotation.added
data: {"type":"response.output_text.annotation.added","sequence_number":7,"item_id":"msg_1","output_index":1,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","url":"u","start_index":0,"end_index":5}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":8,"output_index":2,"item":{"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":""}}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","sequence_number":9,"item_id":"fc_1","output_index":2,"delta":"{\"a\""}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":10,"output_index":2,"item":{"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":11,"output_index":3,"item":{"id":"ctc_1","type":"custom_tool_call","call_id":"call_2","name":"patch","input":"a \"b\""}}

event: response.completed
data: {"type":"response.completed","sequence_number":12,"response":{"id":"resp_1","object":"response","created_at":5,"model":"gpt","status":"completed","service_tier":"default","completed_at":null,"error":null,"frequency_penalty":null,"incomplete_details":null,"instructions":null,"metadata":{},"parallel_tool_calls":true,"presence_penalty":null,"temperature":null,"tool_choice":"auto","tools":[],"top_p":null,"output":[],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":6,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":16}}}

`

func TestEventsOfAStream(t *testing.T) {
	t.Parallel()
	evs, err := heardFrom(nil, aStream, true)
	if err != nil {
		t.Fatal(err)
	}
	var said, summary, sealed, note string
	args := map[int]string{}
	names := map[int]string{}
	for _, ev := range evs {
		switch ev.Kind {
		case llm.TextDelta:
			said += ev.Text
		case llm.ReasoningDelta:
			summary += ev.Reasoning.Summary
			sealed += ev.Reasoning.Data
			if ev.Reasoning.ID != "rs_1" || ev.Reasoning.Format != llm.FormatOpenAI {
				t.Errorf("%+v", ev.Reasoning)
			}
		case llm.ToolStart:
			names[ev.Tool.Index] = ev.Tool.ID + " " + ev.Tool.Name
			args[ev.Tool.Index] += ev.Text
		case llm.ToolDelta:
			args[ev.Tool.Index] += ev.Text
		case llm.AnnotationDelta:
			note = string(ev.Raw)
		}
	}
	if said != "héllo" || summary != "hm\n\nah" || sealed != "blob" || note != `{"type":"url_citation","url_citation":{"url":"u","start_index":0,"end_index":5}}` {
		t.Errorf("said %q, summary %q, sealed %q, note %s", said, summary, sealed, note)
	}
	if args[0] != `{"a":1}` || args[1] != `{"input":"a \"b\""}` || names[0] != "call_1 f" || names[1] != "call_2 patch" {
		t.Errorf("%v %v", names, args)
	}
	last, stop := evs[len(evs)-1], evs[len(evs)-2]
	if u := last.Usage; u.State != llm.UsageReported || u.Input != 6 || u.CacheRead != 4 || u.Output != 4 || u.Reasoning != 2 || u.ServiceTier != "default" {
		t.Errorf("%+v", u)
	}
	if stop.Kind != llm.Stop || stop.Finish != llm.FinishTools {
		t.Errorf("%+v", stop)
	}
}

// A stream cut anywhere is an error, for clients of this API and of others.
func TestCutStreams(t *testing.T) {
	t.Parallel()
	whole := strings.LastIndex(aStream, "}\n") + 1 // its last event needs no blank line
	for _, req := range []*llm.Request{{From: llm.OpenAIChat, Stream: true}, mustDecode(t, `{"model":"m","input":"x","stream":true}`)} {
		for n := range aStream[:whole] {
			evs, err := heardFrom(req, aStream[:n], true)
			if err == nil || fault.As(err).Kind != fault.Broken {
				t.Fatalf("%s, cut at %d: %v, %d events", req.From, n, err, len(evs))
			}
		}
		if _, err := heardFrom(req, aStream, true); err != nil {
			t.Errorf("%s: %v", req.From, err)
		}
	}
}

// Frames pass as they are; the last gets what the answer cost.
func TestFramesPass(t *testing.T) {
	t.Parallel()
	req := mustDecode(t, `{"model":"m","input":"x","stream":true}`)
	evs, err := heardFrom(req, aStream, true)
	if err != nil {
		t.Fatal(err)
	}
	got := render(t, req, evs...)
	at := strings.Index(aStream, "event: response.completed")
	if !strings.HasPrefix(got, aStream[:at]) {
		t.Errorf("%s", got)
	}
	last := frames(t, got)[12].Get("response")
	if u := last.Get("usage"); !u.Get("cost").Exists() || u.Get("total_tokens").Int64() != 16 || !last.Get("service_tier").Is("default") {
		t.Errorf("%s", last.Raw())
	}
	end := evs[len(evs)-1]
	if end.Kind != llm.End || end.Finish != llm.FinishTools || end.Usage.CacheRead != 4 || evs[0].ID != "resp_1" {
		t.Errorf("%+v, id %q", end, evs[0].ID)
	}
}

// What strict clients insist on is added where an upstream leaves it out.
func TestResponsesAreComplete(t *testing.T) {
	t.Parallel()
	req := mustDecode(t, `{"model":"m","input":"x","stream":true}`)
	evs, err := heardFrom(req, "data: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"r\"}}\n\ndata: {\"type\":\"response.completed\",\"sequence_number\":1,\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}}\n\n", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range frames(t, render(t, req, evs...)) {
		for _, m := range members {
			if !ev.Get("response").Get(m.name).Exists() {
				t.Errorf("%s is missing in %s", m.name, ev.Raw())
			}
		}
	}
}

func TestFailuresInsideAnAnswer(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]fault.Kind{
		`event: error` + "\n" + `data: {"type":"error","sequence_number":1,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"no"}}` + "\n\n":            fault.Overloaded,
		`data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"no"}}}` + "\n\n":                                                 fault.Broken,
		`data: {"type":"error","code":"rate_limit_exceeded","message":"slow down"}` + "\n\n":                                                                                      fault.Overloaded,
		`data: {"type":"response.failed","response":{"status":"failed","error":{"code":"context_length_exceeded","message":"too long","type":"invalid_request_error"}}}` + "\n\n": fault.TooLong,
		`data: {"object":"chat.completion.chunk","choices":[]}` + "\n\n":                                                                                                          fault.Broken,
		"data: {oops\n\n": fault.Broken,
	} {
		for _, from := range []llm.Dialect{llm.OpenAIChat, llm.OpenAIResponses} {
			_, err := heardFrom(&llm.Request{From: from, Stream: true}, body, true)
			if err == nil || fault.As(err).Kind != kind {
				t.Errorf("%s: %s: %v", from, body, err)
			}
		}
	}
	for _, body := range []string{`{"status":"in_progress","output":[]}`, `{"status":"failed","error":{"message":"x"}}`, `{"error":{"message":"x"}}`, `[]`, `{}`, ``, `{"output":[`} {
		for _, from := range []llm.Dialect{llm.OpenAIChat, llm.OpenAIResponses} {
			if evs, err := heardFrom(&llm.Request{From: from}, body, false); err == nil {
				t.Errorf("%s: %s: %+v", from, body, evs)
			}
		}
	}
}
