package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fakeGateway translates with this package's own extraction, so that everything but the
// translation is tested: server, requests, strict reading, comparison. spoil may damage
// the answer; a body that holds refuse is not taken.
type fakeGateway struct {
	upstream *Upstream
	apis     map[string]string // api by family
	spoil    func(r *Result)
	trusting bool // takes a stream without its end for whole
	relay    bool // hands the upstream's bytes on
	refuse   string
}

func (g *fakeGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var req struct {
		Model  string `json:"model"`
		Stream bool   `json:"stream"`
	}
	if json.Unmarshal(body, &req) != nil {
		writeError(w, 400, "invalid_request")
		return
	}
	if g.refuse != "" && bytes.Contains(body, []byte(g.refuse)) {
		writeError(w, 400, "invalid_request")
		return
	}
	lane := strings.TrimPrefix(req.Model, "replay/")
	body = bytes.Replace(body, []byte(req.Model), []byte("upstream"), 1)
	resp, err := http.Post(g.upstream.LaneURL(lane)+"/v1/call", "application/json", bytes.NewReader(body))
	if err != nil {
		writeError(w, 502, "provider_unavailable")
		return
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	api := g.apis[lane[:strings.LastIndex(lane, "-")]]
	x := &Exchange{API: api, Stream: req.Stream, Status: resp.StatusCode, Body: answer}
	x.Wire, _ = WireOf(api)
	x.SSE = strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream")
	got := Expect(x)
	if f := got.Failure; f != nil {
		writeError(w, f.Statuses[0], append(f.Types, "server")[0])
		return
	}
	if err != nil || !got.Whole && !g.trusting {
		writeError(w, 502, "provider_unavailable")
		return
	}
	if g.spoil != nil {
		g.spoil(got)
	}
	switch {
	case g.relay:
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.Write(answer)
	case req.Stream:
		w.Header().Set("Content-Type", "text/event-stream")
		writeStream(w, got)
	default:
		writeBody(w, got)
	}
}

func writeError(w http.ResponseWriter, status int, kind string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":"no","metadata":{"error_type":%q}}}`, status, kind)
}

type object = map[string]any

func head(kind string) object {
	return object{"id": "gen-1", "object": kind, "created": 1, "model": "m"}
}

func content(c *Choice, stream bool) object {
	m := object{"role": "assistant", "content": c.Text, "reasoning": c.Reasoning}
	if c.Refusal != "" {
		m["refusal"] = c.Refusal
	}
	if c.Images > 0 {
		m["images"] = make([]object, c.Images)
	}
	var calls []object
	for i, t := range c.Tools {
		id := t.ID
		if id == "" {
			id = fmt.Sprint("call_", i)
		}
		call := object{"id": id, "type": "function", "function": object{"name": t.Name, "arguments": t.Arguments}}
		if stream {
			call["index"] = i
		}
		calls = append(calls, call)
	}
	if calls != nil {
		m["tool_calls"] = calls
	}
	return m
}

func usageObject(u *Usage) object {
	if u == nil {
		u = &Usage{}
	}
	return object{
		"prompt_tokens": u.Prompt, "completion_tokens": u.Completion, "total_tokens": u.Prompt + u.Completion,
		"prompt_tokens_details":     object{"cached_tokens": u.CacheRead, "cache_write_tokens": u.CacheWrite},
		"completion_tokens_details": object{"reasoning_tokens": u.Reasoning},
	}
}

func finishOf(c *Choice) string {
	switch {
	case c.Finish != "":
		return c.Finish
	case len(c.Tools) > 0:
		return "tool_calls"
	}
	return "stop"
}

func writeBody(w io.Writer, r *Result) {
	h := head("chat.completion")
	h["system_fingerprint"] = nil
	h["usage"] = usageObject(r.Usage)
	choices := []object{}
	for _, c := range r.Choices {
		choices = append(choices, object{"index": c.Index, "message": content(c, false), "finish_reason": finishOf(c)})
	}
	if r.Blocked {
		choices = append(choices, object{"index": 0, "message": object{"content": ""}, "finish_reason": "content_filter"})
	}
	h["choices"] = choices
	json.NewEncoder(w).Encode(h)
}

func writeStream(w io.Writer, r *Result) {
	send := func(extra object) {
		h := head("chat.completion.chunk")
		for k, v := range extra {
			h[k] = v
		}
		data, _ := json.Marshal(h)
		fmt.Fprintf(w, ": OPENROUTER PROCESSING\n\ndata: %s\n\n", data)
	}
	for _, c := range r.Choices {
		send(object{"choices": []object{{"index": c.Index, "delta": content(c, true), "finish_reason": nil}}})
		send(object{"choices": []object{{"index": c.Index, "delta": object{}, "finish_reason": finishOf(c)}}})
	}
	send(object{"choices": []object{}, "usage": usageObject(r.Usage)})
	io.WriteString(w, "data: [DONE]\n\n")
}

// newRunner starts an upstream and the fake gateway before it.
func newRunner(t *testing.T, g *fakeGateway, xs []*Exchange) *Runner {
	t.Helper()
	up, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { up.Close() })
	g.upstream = up
	g.apis = map[string]string{}
	for _, x := range xs {
		g.apis[family(x)] = x.API
	}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	return &Runner{Gateway: Connect(srv.URL, "key"), Upstream: up, Lanes: 4, Seed: 7}
}
