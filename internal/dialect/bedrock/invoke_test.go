package bedrock

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// chunks is a stream of a vendor's events.
func chunks(events ...string) string {
	var list []string
	for _, e := range events {
		list = append(list, `chunk {"bytes":"`+base64.StdEncoding.EncodeToString([]byte(e))+`","p":"abc"}`)
	}
	return frames(list...)
}

var (
	vendorStart = `{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":4,"output_tokens":1}}}`
	vendorText  = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}`
	vendorStop  = `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}`
	vendorEnd   = `{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":4}}`
	vendorWhole = `{"type":"message","id":"msg_1","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":4,"output_tokens":2}}`
	vendorTrace = []string{"start msg_1", `text "Hi"`, "stop stop end_turn", "end reported in=4 out=2"}
)

func TestInvokeEvents(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"a stream", chunks(vendorStart, vendorText, vendorStop, vendorEnd), vendorTrace},
		{"line breaks and another order within", chunks(vendorStart, "{\n  \"index\": 0,\r\n\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}", vendorStop, vendorEnd), vendorTrace},
		{"a frame that is no chunk", frames(`initial-response {}`) + chunks(vendorStart, vendorText, vendorStop, vendorEnd), vendorTrace},
		{"a whole message", vendorWhole, vendorTrace},
		{"an exception", chunks(vendorStart, vendorText) + frames(`!throttlingException {"message":"slow"}`), []string{"start msg_1", `text "Hi"`, "error 429 rate_limit_exceeded"}},
		{"the vendor's own error", chunks(vendorStart, `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`), []string{"start msg_1", "error 503 provider_overloaded"}},
		{"a chunk without bytes", frames(`chunk {}`), []string{"error 502 provider_unavailable"}},
		{"a chunk that is no base64", frames(`chunk {"bytes":"?"}`), []string{"error 502 provider_unavailable"}},
		{"no end", chunks(vendorStart, vendorText, vendorStop), []string{"start msg_1", `text "Hi"`, "error 502 provider_unavailable"}},
		{"nothing", "", []string{"error 502 provider_unavailable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(c.body), iotest.OneByteReader(strings.NewReader(c.body))} {
				if got := trace(NewInvoke(anthropic.Adapter{}), src, ""); !slices.Equal(got, c.want) {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			}
		})
	}
}

func TestInvokeCutEverywhere(t *testing.T) {
	for _, body := range []string{chunks(vendorStart, vendorText, vendorStop, vendorEnd), vendorWhole} {
		for i := range body {
			got := trace(NewInvoke(anthropic.Adapter{}), strings.NewReader(body[:i]), "")
			if last := got[len(got)-1]; last != "error 502 provider_unavailable" {
				t.Fatalf("cut at byte %d of %d: %s", i, len(body), last)
			}
		}
	}
}

// fake is an inner adapter that gives what a test wants and echoes what it reads.
type fake struct {
	dialect llm.Dialect
	body    []string
	header  dialect.Header
	losses  []llm.Loss
	err     error
}

func (f fake) Dialect() llm.Dialect { return f.dialect }

func (f fake) EncodeRequest(*llm.Request, dialect.Target) (dialect.Call, []llm.Loss, error) {
	c := dialect.Call{Method: "POST", Path: "/v1/messages", Header: f.header}
	for _, b := range f.body {
		c.Body = append(c.Body, []byte(b))
	}
	return c, f.losses, f.err
}

func (f fake) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		b, err := io.ReadAll(r.Body)
		yield(&llm.Event{Kind: llm.TextDelta, Text: string(b)}, err)
	}
}

func (f fake) Failure(status int, _ dialect.Header, _ []byte) *fault.Error {
	return fault.New(fault.Refused, "inner")
}

type fakeRelay struct{ fake }

func (f fakeRelay) Frames(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		b, err := io.ReadAll(r.Body)
		yield(&llm.Event{Kind: llm.Frame, Frame: b}, err)
	}
}

func TestInvokeRequest(t *testing.T) {
	for _, c := range []struct {
		name   string
		inner  fake
		req    llm.Request
		path   string
		body   string
		tier   string
		losses int
	}{
		{"whole", fake{body: []string{`{"model":"x","max_`, `tokens":5,"stream":false, "messages":[ ]}`}}, llm.Request{}, "/model/m%3A0/invoke", `{"max_tokens":5, "messages":[ ],"anthropic_version":"bedrock-2023-05-31"}`, "", 0},
		{"stream and betas", fake{body: []string{`{"messages":[],"anthropic_beta":["b","c"],"anthropic_version":"z","stream":true}`}, header: dialect.Header{"Anthropic-Beta": {"a, b", "a"}, "Anthropic-Version": {"2023-06-01"}}},
			llm.Request{Stream: true}, "/model/m%3A0/invoke-with-response-stream", `{"messages":[],"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["a","b","c"]}`, "", 0},
		{"tier", fake{body: []string{`{"service_tier":"auto","messages":[]}`}, losses: []llm.Loss{{Path: "service_tier"}, {Path: "n"}}},
			llm.Request{ServiceTier: "flex"}, "/model/m%3A0/invoke", `{"messages":[],"anthropic_version":"bedrock-2023-05-31"}`, "flex", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.inner.dialect = llm.Anthropic
			a := NewInvoke(c.inner)
			if _, relays := a.(dialect.Relay); relays || a.Dialect() != llm.Anthropic {
				t.Error("it relays what the inner adapter does not, or speaks another dialect")
			}
			call, losses, err := a.EncodeRequest(&c.req, dialect.Target{Model: "m:0"})
			if err != nil || call.Path != c.path || string(bytes.Join(call.Body, nil)) != c.body || len(losses) != c.losses {
				t.Errorf("%s %s %v %v", call.Path, bytes.Join(call.Body, nil), losses, err)
			}
			if call.Header["Anthropic-Beta"] != nil || call.Header["Anthropic-Version"] != nil || dialect.Get(call.Header, "X-Amzn-Bedrock-Service-Tier") != c.tier {
				t.Errorf("headers %v", call.Header)
			}
		})
	}
	wrong := fault.Bad("messages", "no")
	if _, _, err := NewInvoke(fake{err: wrong}).EncodeRequest(&llm.Request{}, dialect.Target{}); !errors.Is(err, wrong) {
		t.Errorf("the inner error became %v", err)
	}
	if _, _, err := NewInvoke(fake{body: []string{"{"}}).EncodeRequest(&llm.Request{}, dialect.Target{}); fault.Of(err) != fault.Internal {
		t.Errorf("a body that is no JSON: %v", err)
	}
}

func TestInvokeRelay(t *testing.T) {
	r, ok := NewInvoke(fakeRelay{fake{dialect: llm.Anthropic}}).(dialect.Relay)
	if !ok {
		t.Fatal("it does not relay")
	}
	want := "event: message_start\ndata: " + vendorStart + "\n\n" + "event: message_stop\ndata: " + vendorEnd + "\n\n"
	for ev, err := range r.Frames(nil, replyOf(chunks(vendorStart, vendorEnd))) {
		if err != nil || string(ev.Frame) != want {
			t.Errorf("%s %v", ev.Frame, err)
		}
	}
	for ev, err := range r.Frames(nil, replyOf(vendorWhole)) {
		if err != nil || string(ev.Frame) != vendorWhole {
			t.Errorf("%s %v", ev.Frame, err)
		}
	}
	for _, err := range r.Frames(nil, replyOf(chunks(vendorStart)[:40])) {
		if fault.Of(err) != fault.Broken {
			t.Errorf("cut: %v", err)
		}
	}
}

func TestInvokeFailure(t *testing.T) {
	a := NewInvoke(fake{dialect: llm.Anthropic})
	if e := a.Failure(400, nil, []byte(`{"type":"error","error":{"type":"x"}}`)); e.Public != "inner" {
		t.Errorf("the vendor's error is %v", e)
	}
	if e := a.Failure(403, dialect.Header{"X-Amzn-Errortype": {"AccessDeniedException"}}, []byte(`{"message":"m"}`)); e.Kind != fault.Credential {
		t.Errorf("Bedrock's error is %v", e)
	}
}

func TestCountTokens(t *testing.T) {
	a := NewInvoke(fake{dialect: llm.AnthropicCount, body: []string{`{"model":"x","messages":[]}`}})
	call, _, err := a.EncodeRequest(&llm.Request{}, dialect.Target{Model: "m"})
	inner := base64.StdEncoding.EncodeToString([]byte(`{"messages":[],"max_tokens":1,"anthropic_version":"bedrock-2023-05-31"}`))
	if want := `{"input":{"invokeModel":{"body":"` + inner + `"}}}`; err != nil || call.Path != "/model/m/count-tokens" || string(bytes.Join(call.Body, nil)) != want {
		t.Errorf("%s %s %v", call.Path, bytes.Join(call.Body, nil), err)
	}
	for body, want := range map[string]string{
		`{"inputTokens":18}`: `text "{\"input_tokens\":18}"`, `{}`: "error 502 provider_unavailable The provider's count has no number", `{"inputTokens":`: "error 502 provider_unavailable",
	} {
		if got := trace(a, strings.NewReader(body), ""); fmt.Sprint(got) != fmt.Sprint([]string{want}) {
			t.Errorf("%s is read as %q", body, got)
		}
	}
	if e := a.Failure(400, nil, []byte(`{"message":"The provided model doesn't support counting tokens."}`)); e.Kind != fault.Refused {
		t.Errorf("%v", e)
	}
}

// FuzzInvoke: whatever is in the frames, the answer ends once and is classified.
func FuzzInvoke(f *testing.F) {
	f.Add([]byte(vendorStart), []byte(vendorEnd))
	f.Add([]byte("{\n}"), []byte(`{"type":"a\nb"}`))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		ended := false
		for _, err := range NewInvoke(anthropic.Adapter{}).Events(&llm.Request{}, replyOf(chunks(string(one), string(two), vendorEnd))) {
			if ended {
				t.Fatal("something after an error")
			}
			if err != nil && fault.Of(err) == fault.Internal {
				t.Fatal(err)
			}
			ended = err != nil
		}
	})
}
