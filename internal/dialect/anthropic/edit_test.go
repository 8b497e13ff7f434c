package anthropic

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A user's name stays here on the way to a provider of the same dialect too.
func TestUserIsHashedInPlace(t *testing.T) {
	req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","max_tokens":5,"metadata":{"x":1,"user_id":"jo@example.org"},"messages":[{"role":"user","content":"hi"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	call, _, err := (&Adapter{}).EncodeRequest(req, dialect.Target{Model: "up"})
	if err != nil {
		t.Fatal(err)
	}
	body := string(bytes.Join(call.Body, nil))
	if strings.Contains(body, "jo@") || !strings.Contains(body, `"metadata":{"x":1,"user_id":"`+hashed("jo@example.org")+`"}`) {
		t.Error(body)
	}
}

// Where content filters look at answers, thinking that lost its signature to them does not go
// back; elsewhere the client's bytes go as they are.
func TestUnsignedThinkingOfWatchedConversations(t *testing.T) {
	const body = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":""}, {"type":"text","text":"b"},{"type":"thinking","thinking":"y","signature":"s"}]},{"role":"user","content":"c"}]}`
	for _, watched := range []bool{false, true} {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		req.Watched = watched
		call, losses, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		sent := string(bytes.Join(call.Body, nil))
		want := strings.Replace(body, `{"type":"thinking","thinking":"x","signature":""}, `, "", 1)
		if !watched {
			want = body
		}
		if sent != want || (len(losses) > 0) != watched {
			t.Errorf("watched %t: %s, losses %v", watched, sent, losses)
		}
	}
}

// An unset option that speaks to the gateway goes, and is no loss.
func TestUnsetPlugins(t *testing.T) {
	req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","max_tokens":5,"plugins":null,"messages":[{"role":"user","content":"hi"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	call, losses, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "m"})
	if body := string(bytes.Join(call.Body, nil)); err != nil || len(losses) > 0 || strings.Contains(body, "plugins") {
		t.Error(body, losses, err)
	}
}

// What is fast costs more: it is asked for and billed as the priority tier.
func TestSpeed(t *testing.T) {
	for speed, want := range map[string]string{`"fast"`: "fast", `"standard"`: "standard", `null`: "standard"} {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","speed":` + speed + `,"messages":[{"role":"user","content":"hi"}]}`)})
		if err != nil || req.Fast != (want == "fast") || req.Fast != (req.Tier() == "fast") {
			t.Errorf("%s: %q %v", speed, req.Tier(), err)
		}
		var d rawjson.Doc
		if err := d.Parse([]byte(`{"speed":` + speed + `,"output_tokens":1,"service_tier":"standard"}`)); err != nil {
			t.Fatal(err)
		}
		var c counts
		var u llm.Usage
		c.read(d.Root())
		if c.fill(&u); u.ServiceTier != want {
			t.Errorf("%s: %q", speed, u.ServiceTier)
		}
	}
}

// Of an answer that passes, a client learns what it cost and how it was routed; all else is the
// provider's bytes.
func TestAnswersThatPassSayWhatTheyCost(t *testing.T) {
	const (
		start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":3}}   }\n\n"
		delta = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":%s}%s }\n\n"
		ping  = "event: ping\ndata: {\"type\": \"ping\"}\n\n"
		stop  = "event: message_stop\ndata: {\"type\":\"message_stop\"%s}\n\n"
		whole = `{"model":"m","content":[],"stop_reason":"end_turn", "usage":{"input_tokens":3,"output_tokens":5,"cost":9%s}%s}`
	)
	for name, c := range map[string]struct{ streams, in, want string }{
		"a stream": {"true", start + fmt.Sprintf(delta, "1", "") + fmt.Sprintf(delta, "5", `,"x":1`) + ping + fmt.Sprintf(stop, ""),
			start + fmt.Sprintf(delta, "1", "") + ping + fmt.Sprintf(delta, `5,"cost":0.25,"is_byok":false`, `,"x":1`) + fmt.Sprintf(stop, `,"openrouter_metadata":{"a":1}`)},
		"a message": {"false", fmt.Sprintf(whole, "", ""), strings.Replace(fmt.Sprintf(whole, `,"is_byok":false`, `,"openrouter_metadata":{"a":1}`), `"cost":9`, `"cost":0.25`, 1)},
	} {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","stream":` + c.streams + `,"messages":[{"role":"user","content":"hi"}]}`)})
		if err != nil {
			t.Fatal(err)
		}
		a := &dialect.Answer{}
		enc := Surface{}.Encode(req, a)
		var got []byte
		for ev, err := range (Adapter{}).Frames(req, dialect.Reply{Body: strings.NewReader(c.in), Stream: req.Stream}) {
			if err != nil {
				t.Fatal(name, err)
			}
			if ev.Kind == llm.End {
				a.Charged, a.Meta = &dialect.Charge{Cost: money.Dollar / 4}, []byte(`{"a":1}`)
			}
			got, _ = enc.Event(got, ev)
		}
		if string(got) != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// What another vendor's model thought does not go to the provider, which would refuse it; nor does it
// think on from calls that have lost their thinking.
func TestForeignThinkingStays(t *testing.T) {
	packed := dialect.Pack(&llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "d", Format: llm.FormatOpenAI})
	const (
		head = `{"model":"m","max_tokens":9000,"thinking":`
		on   = `{"type":"enabled","budget_tokens":2000}`
		call = `{"type":"tool_use","id":"c","name":"f","input":{}}`
		own  = `{"type":"thinking","thinking":"x","signature":"c2ln"}`
		mid  = `,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[`
		tail = `]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"ok"}]}]}`
	)
	signed := `{"type":"thinking","thinking":"y","signature":"` + packed + `"},`
	redacted := `{"type":"redacted_thinking","data":"` + packed + `"},`
	for name, c := range map[string]struct{ in, want, lost string }{
		"calls of its own":       {head + on + mid + own + `,` + call + tail, head + on + mid + own + `,` + call + tail, ""},
		"calls of another":       {head + on + mid + signed + redacted + call + tail, head + `{"type":"disabled"}` + mid + call + tail, "messages[1].content thinking"},
		"without thinking":       {head + `null` + mid + signed + call + tail, head + `null` + mid + call + tail, "messages[1].content"},
		"some of it is its own":  {head + on + mid + redacted + own + `,` + call + tail, head + on + mid + own + `,` + call + tail, "messages[1].content"},
		"no thinking to be lost": {head + on + mid + call + tail, head + on + mid + call + tail, ""},
		"words of another":       {head + on + mid + signed + `{"type":"text","text":"b"}` + tail, head + on + mid + `{"type":"text","text":"b"}` + tail, "messages[1].content"},
	} {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(c.in)})
		if err != nil {
			t.Fatal(err)
		}
		call, losses, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "m"})
		var lost []string
		for _, l := range losses {
			lost = append(lost, l.Path)
		}
		if got := string(bytes.Join(call.Body, nil)); err != nil || got != c.want || strings.Join(lost, " ") != c.lost {
			t.Errorf("%s:\n%s\nwant\n%s\nlost %q, %v", name, got, c.want, lost, err)
		}
	}
}
