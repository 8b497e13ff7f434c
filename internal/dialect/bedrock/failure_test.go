package bedrock

import (
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func replyOf(body string) dialect.Reply {
	return dialect.Reply{Status: 200, Body: strings.NewReader(body)}
}

func TestFailure(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		class  string
		body   string
		kind   fault.Kind
		http   int
		public string
	}{
		{"a mistake", 400, "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/", `{"message":"The provided model identifier is invalid."}`, fault.Refused, 400, "The provider refused the request: The provided model identifier is invalid."},
		{"too long", 400, "ValidationException", `{"message":"The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length."}`, fault.TooLong, 400, ""},
		{"no class in the header", 400, "", `{"__type":"com.amazon#ThrottlingException","message":"slow"}`, fault.Overloaded, 429, ""},
		{"no class at all", 400, "", `{"message":"This model doesn't support the s3Uri field."}`, fault.Refused, 400, "The provider refused the request: This model doesn't support the s3Uri field."},
		{"throttled", 429, "ThrottlingException", `{"message":"Too many requests"}`, fault.Overloaded, 429, ""},
		{"quota with 400", 400, "ServiceQuotaExceededException", `{"message":"q"}`, fault.Overloaded, 429, ""},
		{"not ready", 429, "ModelNotReadyException", `{"message":"q"}`, fault.Overloaded, 429, ""},
		{"unavailable", 503, "ServiceUnavailableException", `{"message":"q"}`, fault.Overloaded, 503, ""},
		{"model's error", 424, "ModelErrorException", `{"message":"q"}`, fault.Broken, 502, ""},
		{"model too slow", 408, "ModelTimeoutException", `{"message":"q"}`, fault.TimedOut, 504, ""},
		{"no access", 403, "AccessDeniedException", `{"message":"You don't have access to the model with the specified model ID."}`, fault.Credential, 502, ""},
		{"old token", 400, "ExpiredTokenException", `{"message":"expired"}`, fault.Credential, 502, ""},
		{"bad signature", 403, "InvalidSignatureException", `{"message":"x"}`, fault.Credential, 502, ""},
		{"no such model", 404, "ResourceNotFoundException", `{"message":"Could not find it"}`, fault.Refused, 404, ""},
		{"a proxy's page", 502, "", `<html>`, fault.Broken, 502, ""},
		{"too large", 413, "", ``, fault.Refused, 413, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := dialect.Header{"X-Amzn-Errortype": {c.class}, "Retry-After": {"3"}}
			e := Converse{}.Failure(c.status, h, []byte(c.body))
			if e.Kind != c.kind || e.HTTPStatus() != c.http || e.RetryAfter != 3*time.Second {
				t.Errorf("%v, HTTP %d, after %v", e, e.HTTPStatus(), e.RetryAfter)
			}
			if c.public != "" && e.Quote != c.public {
				t.Errorf("says %q", e.Quote)
			}
			if e.Kind != fault.Refused && e.Kind != fault.TooLong && e.Quote != "" {
				t.Errorf("tells the client %q", e.Quote)
			}
		})
	}
}

func FuzzFailure(f *testing.F) {
	f.Add(400, "ValidationException:x", []byte(`{"message":"prompt is too long"}`))
	f.Add(200, "", []byte(`{"__type":"a#b"}`))
	f.Fuzz(func(t *testing.T, status int, class string, body []byte) {
		e := Converse{}.Failure(status, dialect.Header{"X-Amzn-Errortype": {class}}, body)
		if e == nil || e.Kind == fault.Internal || e.HTTPStatus() < 400 || e.HTTPStatus() > 599 {
			t.Fatalf("status %d gives %+v", status, e)
		}
	})
}

// FuzzEvents checks the order of events and that nothing follows an end or an error. The
// payloads are framed anew, so that what is fuzzed passes the checksums.
func FuzzEvents(f *testing.F) {
	f.Add("messageStart {}\ncontentBlockDelta {\"delta\":{\"text\":\"a\"}}\nmessageStop {}\nmetadata {\"usage\":{}}")
	f.Add("contentBlockStart {\"start\":{\"toolUse\":{}}}\ncontentBlockDelta {\"delta\":{\"toolUse\":{\"input\":\"a\"},\"reasoningContent\":{\"text\":\"b\"}}}\n!x {}")
	f.Add(`{"output":{"message":{"content":[{"text":"a"},{"toolUse":{}}]}},"stopReason":"x"}`)
	f.Fuzz(func(t *testing.T, script string) {
		body := script
		if !strings.HasPrefix(script, "{") {
			body = frames(strings.Split(script, "\n")...)
		}
		started, stopped, ended, calls := false, false, false, 0
		for ev, err := range (Converse{}).Events(nil, replyOf(body)) {
			if ended {
				t.Fatal("an event after the end")
			}
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatalf("not classified: %v", err)
				}
				ended = true
				continue
			}
			if (ev.Kind == llm.Start) == started || stopped && ev.Kind != llm.End {
				t.Fatalf("event %d while started is %t and stopped is %t", ev.Kind, started, stopped)
			}
			started = true
			switch ev.Kind {
			case llm.ToolStart:
				if ev.Tool.Index != calls {
					t.Fatalf("call %d after %d", ev.Tool.Index, calls)
				}
				calls++
			case llm.ToolDelta:
				if ev.Tool.Index >= calls {
					t.Fatalf("arguments of call %d of %d", ev.Tool.Index, calls)
				}
			case llm.Stop:
				stopped = true
			case llm.End:
				u := ev.Usage
				ended = true
				for _, n := range []int64{u.Input, u.CacheRead, u.CacheWrite, u.CacheWrite5m, u.CacheWrite1h, u.Output} {
					if n < 0 {
						t.Fatalf("a negative count in %+v", u)
					}
				}
			}
		}
		if !ended {
			t.Fatal("no end")
		}
	})
}
