package anthropic

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func asks(t testing.TB, extra string) *llm.Request {
	t.Helper()
	req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"a/b","max_tokens":9,"messages":[{"role":"user","content":"hi"}]` + extra + `}`)})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func written(t testing.TB, req *llm.Request, events ...llm.Event) string {
	t.Helper()
	enc := Surface{}.Encode(req, &dialect.Answer{GenerationID: "gen-1", Model: "served", Provider: "P"})
	var out []byte
	for i := range events {
		var err error
		if out, err = enc.Event(out, &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

var said5 = []llm.Event{
	{Kind: llm.Start, ID: "x"},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: "hm", Format: llm.FormatAnthropic}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Signature: "sig", Format: llm.FormatAnthropic}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "d", ID: "rs", Format: llm.FormatOpenAI, Index: 1}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: "so", ID: "rs", Format: llm.FormatOpenAI, Index: 2}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: "!", ID: "rs", Format: llm.FormatOpenAI, Index: 2}},
	{Kind: llm.TextDelta, Text: "Let me \"see\"."},
	{Kind: llm.ToolStart, Tool: llm.ToolRef{ID: "t1", Name: "f"}},
	{Kind: llm.ToolDelta, Text: `{"a":1}`},
	{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: 1, ID: "t2", Name: "g"}, Text: "{}"},
	{Kind: llm.Stop, Finish: llm.FinishTools},
	{Kind: llm.End, Usage: &llm.Usage{State: llm.UsageReported, Input: 7, CacheRead: 2, CacheWrite5m: 3, Output: 4, Reasoning: 1}},
}

// The package's own adapter reads what its surface writes, streamed or not.
func TestWrittenIsRead(t *testing.T) {
	for _, extra := range []string{"", `,"stream":true`} {
		out := written(t, asks(t, extra), said5...)
		h := hear(out)
		if h.err != nil || h.text.String() != `Let me "see".` || h.thoughts.String() != "hmso!" || len(h.calls) != 2 || h.calls[0].Args != `{"a":1}` || h.calls[1].Args != "{}" || h.stops[0] != "tool_use" {
			t.Errorf("heard %+v from %s", h, out)
		}
		if u := h.usage; u.Input != 7 || u.CacheRead != 2 || u.CacheWrite != 3 || u.Completion() != 5 {
			t.Errorf("usage %+v", u)
		}
		if !strings.Contains(out, `"model":"a/b"`) || !strings.HasPrefix(h.opaque.String(), "sigdragoman.1.") || strings.Count(h.opaque.String(), "dragoman.1.") != 2 {
			t.Errorf("opaque %s of %s", h.opaque.String(), out)
		}
		if extra != "" {
			for cut := range len(out) - 2 {
				if h := hear(out[:cut]); h.err == nil {
					t.Fatalf("cut at byte %d is taken for whole", cut)
				}
			}
		}
	}
}

func TestFail(t *testing.T) {
	e := fault.New(fault.Overloaded, "busy")
	const want = `{"type":"error","error":{"type":"rate_limit_error","message":"busy","error_type":"rate_limit_exceeded"},"request_id":"g"}`
	e.Generation = "g"
	enc := Surface{}.Encode(asks(t, `,"stream":true`), &dialect.Answer{GenerationID: "g"})
	if got := string(enc.Fail(nil, e)); got != "event: error\ndata: "+want+"\n\n" {
		t.Error(got)
	}
	if got := string(enc.KeepAlive(nil)); got != "event: ping\ndata: {\"type\":\"ping\"}\n\n" {
		t.Error(got)
	}
	if got := string(Surface{}.EncodeError(nil, e, nil)); got != want {
		t.Error(got)
	}
	e.Generation, e.Availability = "", &fault.Availability{Code: "capacity_exhausted", Retryable: true, RequestedModels: []string{"a/b"}, DocsURL: "d"}
	because := strings.Replace(want, `"g"`, "null", 1)
	because = strings.Replace(because, `"rate_limit_exceeded"`, `"rate_limit_exceeded","availability":{"code":"capacity_exhausted","retryable":true,"requested_models":["a/b"],"docs_url":"d"}`, 1)
	if got := string(Surface{}.EncodeError(nil, e, nil)); got != because {
		t.Error(got)
	}
}

// Requests pass but for the declared edits, hashes compared.
func TestRequestsPassUnchanged(t *testing.T) {
	for _, body := range []string{
		`{"model":"MODEL","max_tokens":5,"messages":[{"role":"user","content":"a"}],"x":1,"x":2}`,
		"{\r\n\t\"model\" : \"MODEL\",\r\n \"max_tokens\":5,\"big\":123456789012345678901234567890.5e+300,\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9\\/\\ud83d\\ude00\"}]}\r\n",
		`{"messages":[{"role":"user","content":[{"type":"new","k":null},{"type":"text","text":"x","cache_control":{"type":"ephemeral"},"odd":[]}]}],"model":"MODEL","max_tokens":5,"mcp_servers":[],"context_management":{"edits":[]},"stream":true}`,
	} {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(strings.Replace(body, "MODEL", "a/b", 1))})
		if err != nil {
			t.Fatal(err)
		}
		call, losses, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "c"})
		got := bytes.Join(call.Body, nil)
		if err != nil || len(losses) > 0 || sha256.Sum256(got) != sha256.Sum256([]byte(strings.Replace(body, "MODEL", "c", 1))) {
			t.Errorf("%s became %s (%v, %v)", body, got, losses, err)
		}
	}
	call, _, _ := Adapter{}.EncodeRequest(asks(t, `,"provider":{},"session_id":"s"`), dialect.Target{Model: "c", Clamp: 3})
	if got := string(bytes.Join(call.Body, nil)); got != `{"model":"c","max_tokens":3,"messages":[{"role":"user","content":"hi"}]}` {
		t.Error(got)
	}
}

// Frames pass but for the model; cut anywhere, the answer is an error.
func TestFramesPassUnchanged(t *testing.T) {
	body := ": hi\r\n\r\n" + stream(begin, `{"type":"ping"}`, starts(0, `{"type":"thinking","thinking":"","signature":""}`), goesOn(0, `{"type":"signature_delta","signature":"s\u002b"}`), ends(0), `{"type":"weather","n":1e999}`, because("end_turn"), stopped)
	req := asks(t, `,"stream":true`)
	relayed := func(body string) (string, *llm.Usage, error) {
		enc := Surface{}.Encode(req, new(dialect.Answer))
		var out []byte
		var u *llm.Usage
		for ev, err := range (Adapter{}).Frames(req, dialect.Reply{Body: strings.NewReader(body)}) {
			if err != nil {
				return "", nil, err
			}
			out, _ = enc.Event(out, ev)
			if ev.Kind == llm.End {
				c := *ev.Usage
				u = &c
			}
		}
		return string(out), u, nil
	}
	out, u, err := relayed(body)
	if err != nil || out != strings.Replace(body, "claude-x", "a/b", 1) || u.State != llm.UsageReported || u.Input != 10 || u.Output != 5 {
		t.Errorf("%v %+v\n%s", err, u, out)
	}
	for cut := range len(body) - 2 {
		if _, _, err := relayed(body[:cut]); fault.Of(err) != fault.Broken {
			t.Fatalf("cut at byte %d: %v", cut, err)
		}
	}
	one := whole(`[{"type":"text","text":"\u0041"}]`, "end_turn", `{"input_tokens":1,"output_tokens":2}`)
	req = asks(t, "")
	if out, u, err := relayed(one); err != nil || out != strings.Replace(one, "claude-x", "a/b", 1) || u.Completion() != 2 {
		t.Errorf("%v %s", err, out)
	}
}

func TestFramesOfRecordings(t *testing.T) {
	eachRecording(t, func(t *testing.T, r *recording) {
		if r.Response.Status != 200 {
			return
		}
		body, want := r.wire(), hear(r.wire())
		req := &llm.Request{From: llm.Anthropic, Model: "a/b", Stream: r.Response.SSE != ""}
		for ev, err := range (Adapter{}).Frames(req, dialect.Reply{Body: strings.NewReader(body)}) {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Kind == llm.End && (ev.Usage.Prompt() != want.usage.Prompt() || ev.Usage.Completion() != want.usage.Completion()) {
				t.Errorf("usage %+v, want %+v", ev.Usage, want.usage)
			}
		}
	})
}
