package responses

import (
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func TestDecodeHead(t *testing.T) {
	t.Parallel()
	r := mustDecode(t, `{"model":"m/x","input":[{"role":"user","content":[{"type":"input_text","text":"what?"},{"type":"input_image","image_url":"https://a.example/x.png"}]}],
		"instructions":"be brief","stream":true,"max_output_tokens":99,"temperature":0.5,"top_p":null,"tools":[{"type":"function","name":"f","parameters":{}}],"tool_choice":"auto",
		"reasoning":{"effort":"high","summary":"auto"},"text":{"format":{"type":"json_schema","name":"a","schema":{"type":"object"}},"verbosity":"low"},
		"include":["reasoning.encrypted_content"],"service_tier":"flex","prompt_cache_key":"k","user":"u","store":false,"provider":{"order":["p"]},"models":["m/y"],"previous_response_id":null}`)
	if r.Model != "m/x" || !r.Stream || r.MaxOutput != 99 || r.ServiceTier != "flex" || r.CacheKey != "k" || r.User != "u" || r.Routing.Order[0] != "p" || r.Models[0] != "m/y" {
		t.Errorf("%+v", r)
	}
	if want := llm.NeedTools | llm.NeedImages | llm.NeedReasoning | llm.NeedJSONSchema; r.Needs != want {
		t.Errorf("needs %b, want %b", r.Needs, want)
	}
	if r.Size.Images != 1 || r.Size.Messages != 1 || r.Size.Text == 0 {
		t.Errorf("%+v", r.Size)
	}
	c := mustConverse(t, r)
	if len(c.Messages) != 2 || c.Messages[0].Role != llm.System || c.Messages[1].Parts[1].Media.URL != "https://a.example/x.png" || c.Format.Name != "a" || c.Verbosity != "low" || len(c.Extra) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for body, param := range map[string]string{
		`{"model":"m"}`:                          "input",
		`{"input":"x"}`:                          "model",
		`{"model":"m","input":7}`:                "input",
		`{"model":"m","input":[7]}`:              "input[0]",
		`{"model":"m","input":[{"type":""}]}`:    "input[0].type",
		`{"model":"m","input":[{"role":"bot"}]}`: "input[0].role",
		`{"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]}`:  "input[0].content[0].text",
		`{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}`: "input[0].content[0].image_url",
		`{"model":"m","input":[{"type":"function_call","name":"f"}]}`:                "input[0].call_id",
		`{"model":"m","input":[{"type":"function_call","call_id":"c"}]}`:             "input[0].name",
		`{"model":"m","input":[{"type":"item_reference","id":"x"}]}`:                 "input[0]",
		`{"model":"m","input":[]}`:                                                                     "input",
		`{"model":"m","input":"x","store":"yes"}`:                                                      "store",
		`{"model":"m","input":"x","top_k":0.5}`:                                                        "top_k",
		`{"model":"m","input":"x","tool_choice":{"type":"function"}}`:                                  "tool_choice.name",
		`{"model":"m","input":"x","background":true}`:                                                  "background",
		`{"model":"m","input":"x","previous_response_id":"resp_1"}`:                                    "previous_response_id",
		`{"model":"m","input":"x","conversation":"c"}`:                                                 "conversation",
		`{"model":"m","input":"x","temperature":3}`:                                                    "temperature",
		`{"model":"m","input":"x","max_output_tokens":0}`:                                              "max_output_tokens",
		`{"model":"m","input":"x","tools":[{"type":"function"}]}`:                                      "tools[0].name",
		`{"model":"m","input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"x"},7]}]}`: "tools[0].tools[1]",
		`{"model":"m","input":"x","tools":[{"type":"openrouter:web_search"}]}`:                         "tools[0].type",
		`{"model":"m","input":"x","tool_choice":"perhaps"}`:                                            "tool_choice",
		`{"model":"m","input":"x","text":{"format":{"type":"json_schema"}}}`:                           "text.format.schema",
		`{"model":"m","input":"x","reasoning":{"effort":"much"}}`:                                      "reasoning.effort",
		`{"model":"m","input":"x","preset":"p"}`:                                                       "preset",
	} {
		_, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		e := fault.As(err)
		if err == nil || e.Param != param || e.HTTPStatus() >= 500 && e.HTTPStatus() != 501 {
			t.Errorf("%s: %v, param %q, want %q", body, err, e.Param, param)
		}
	}
}

// The events of a stream come in the API's order, and its last says what they said.
func TestStreamIsLegal(t *testing.T) {
	t.Parallel()
	req := mustDecode(t, `{"model":"m","stream":true,"input":"x","tools":[{"type":"function","name":"f"},{"type":"custom","name":"patch"},{"type":"namespace","name":"mcp__fs","tools":[{"type":"function","name":"read"}]}]}`)
	stream := render(t, req, llm.Event{Kind: llm.Start},
		think(llm.ReasoningDetail{Type: llm.ReasoningText, Text: "hm", Format: llm.FormatAnthropic}),
		think(llm.ReasoningDetail{Type: llm.ReasoningText, Signature: "sig", Format: llm.FormatAnthropic}),
		think(llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: "sum", ID: "rs_9", Format: llm.FormatOpenAI, Index: 1}),
		think(llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "blob", ID: "rs_9", Format: llm.FormatOpenAI, Index: 1}),
		text("one "), text("two"),
		llm.Event{Kind: llm.AnnotationDelta, Raw: []byte(`{"type":"url_citation","url_citation":{"url":"u","start_index":0,"end_index":3}}`)},
		begins(0, "c0", "f", `{"a"`), begins(1, "c1", "patch", `{"input":"*** `), argues(0, `:1}`), argues(1, `Begin"}`), begins(2, "c2", "mcp__fs__read", ""),
		stops(llm.FinishTools), ends())
	evs := frames(t, stream)
	var order []string
	for _, e := range evs {
		order = append(order, strings.TrimPrefix(e.Get("type").Str(), "response."))
	}
	want := "created in_progress " +
		"output_item.added content_part.added reasoning_text.delta reasoning_text.done content_part.done output_item.done " +
		"output_item.added reasoning_summary_part.added reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done output_item.done " +
		"output_item.added content_part.added output_text.delta output_text.delta output_text.annotation.added output_text.done content_part.done output_item.done " +
		"output_item.added function_call_arguments.delta output_item.added function_call_arguments.delta " +
		"function_call_arguments.done output_item.done custom_tool_call_input.delta custom_tool_call_input.done output_item.done " +
		"output_item.added function_call_arguments.done output_item.done completed"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r := evs[len(evs)-1].Get("response")
	var items []rawjson.Node
	for it := range r.Get("output").Elems() {
		items = append(items, it)
	}
	done := map[int64]string{}
	for _, e := range evs {
		if e.Get("type").Is("response.output_item.done") {
			done[e.Get("output_index").Int64()] = string(e.Get("item").Raw())
		}
	}
	for i, it := range items {
		if done[int64(i)] != string(it.Raw()) {
			t.Errorf("item %d ended as %s and is %s", i, done[int64(i)], it.Raw())
		}
	}
	if items[1].Get("id").Str() != "rs_9" || items[1].Get("encrypted_content").Str() != "blob" {
		t.Errorf("the provider's own reasoning is %s", items[1].Raw())
	}
	if c := items[4]; !c.Get("type").Is("custom_tool_call") || c.Get("input").Str() != "*** Begin" || c.Get("name").Str() != "patch" {
		t.Errorf("the freeform call is %s", c.Raw())
	}
	if c := items[5]; c.Get("namespace").Str() != "mcp__fs" || c.Get("name").Str() != "read" || c.Get("arguments").Str() != "{}" {
		t.Errorf("the call in a namespace is %s", c.Raw())
	}
	if u := r.Get("usage"); u.Get("input_tokens").Int64() != 10 || u.Get("output_tokens").Int64() != 6 || u.Get("total_tokens").Int64() != 16 ||
		u.At("input_tokens_details", "cached_tokens").Int64() != 3 || u.At("output_tokens_details", "reasoning_tokens").Int64() != 2 {
		t.Errorf("usage %s", u.Raw())
	}
}

// A body and the last event of a stream are the same object.
func TestBodyIsTheStreamsEnd(t *testing.T) {
	t.Parallel()
	for _, events := range [][]llm.Event{
		{text("hello"), stops(llm.FinishStop), ends()},
		{{Kind: llm.RefusalDelta, Text: "no"}, stops(llm.FinishFilter), ends()},
		{text("a"), {Kind: llm.LogprobsDelta, Raw: []byte(`{"content":[{"token":"a","logprob":-1}],"refusal":null}`)}, stops(llm.FinishLength), ends()},
		{begins(0, "c", "f", `{"a":`), stops(llm.FinishLength), ends()},
		{{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, URL: "data:image/png;base64,aGk="}}, stops(llm.FinishStop), ends()},
		{stops(llm.FinishStop), ends()},
	} {
		body := render(t, mustDecode(t, `{"model":"m","input":"x"}`), events...)
		evs := frames(t, render(t, mustDecode(t, `{"model":"m","input":"x","stream":true}`), events...))
		if got := string(evs[len(evs)-1].Get("response").Raw()); got != body {
			t.Errorf("stream %s\nbody   %s", got, body)
		}
	}
}

func TestFailEndsAStream(t *testing.T) {
	t.Parallel()
	req := mustDecode(t, `{"model":"m","input":"x","stream":true}`)
	w := Surface{}.Encode(req, &dialect.Answer{GenerationID: "gen-1"})
	out, err := w.Event(nil, &llm.Event{Kind: llm.TextDelta, Text: "half"})
	if err != nil {
		t.Fatal(err)
	}
	evs := frames(t, string(w.KeepAlive(w.Fail(out, fault.New(fault.Overloaded, "")))))
	last := evs[len(evs)-1]
	if !last.Get("type").Is("response.failed") || !last.At("response", "status").Is("failed") || !last.At("response", "error", "code").Is("rate_limit_exceeded") {
		t.Errorf("%s", last.Raw())
	}
	if it := parsed(t, string(last.At("response", "output").Raw())); it.Len() != 1 || !strings.Contains(string(it.Raw()), `"status":"incomplete"`) {
		t.Errorf("%s", it.Raw())
	}
}

// An answer that the model ended with an error is never told as whole.
func TestErrorsAreNoEnd(t *testing.T) {
	t.Parallel()
	w := Surface{}.Encode(mustDecode(t, `{"model":"m","input":"x"}`), &dialect.Answer{})
	if _, err := w.Event(nil, &llm.Event{Kind: llm.Stop, Finish: llm.FinishError, Native: "MALFORMED_FUNCTION_CALL"}); err == nil || fault.As(err).Kind != fault.Broken {
		t.Errorf("%v", err)
	}
}
