package telemetry

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	trace "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func anEvent() Event {
	return Event{KeyName: "the key", Email: "ann@example.com",
		Record: &generation.Record{
			ID: "gen-1", Created: noon, Account: "a", Workspace: "w", Member: "ann", Key: "hash", API: "completions", Asked: "gpt-5", Model: "openai/gpt-5",
			Provider: "OpenAI", Endpoint: "openai/openai/gpt-5", Upstream: "chatcmpl-1", Streamed: true, Outcome: generation.Completed, Finish: llm.FinishStop,
			Usage: llm.Usage{Input: 10, CacheRead: 5, Output: 20, Reasoning: 7}, Cost: 1_500_000, LatencyMS: 250, GenerationMS: 1200,
			Session: "s", User: "their user", Title: "the app", Referer: "https://app.test/x", UserAgent: "agent/1",
			Attempts: []generation.Attempt{
				{Endpoint: "acme/gpt-5", Provider: "Acme", Model: "openai/gpt-5", Status: 503, Kind: "overloaded", StartMS: 2, EndMS: 40},
				{Endpoint: "openai/openai/gpt-5", Provider: "OpenAI", Model: "openai/gpt-5", Status: 200, StartMS: 41, FirstMS: 250, EndMS: 1200, UpstreamID: "chatcmpl-1"},
			},
		},
		Said: &transcript.Transcript{Input: []byte(`{"system":"Be brief","messages":[{"role":"user","content":"say \"traceId\":\"AAAA\""},{"role":"user","content":[{"type":"text","text":"and this"},{"type":"image_url"}]}]}`),
			Completion: []byte("hello"), Reasoning: []byte("hm")},
	}
}

// written is the spans of an event as a collector reads them, attributes by name.
func written(t *testing.T, d *account.Destination, e Event) ([]*trace.Span, map[string]string) {
	t.Helper()
	target, err := KindOf("otel-collector").Target(Config{Values: map[string]string{"endpoint": "https://collector.test"}})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := target.Calls(d, []Event{e})
	if err != nil || len(calls) != 1 || calls[0].Type != "application/x-protobuf" || calls[0].URL != target.URL {
		t.Fatal(calls, err)
	}
	var m trace.TracesData
	if err := proto.Unmarshal(calls[0].Body, &m); err != nil {
		t.Fatal(err)
	}
	spans := m.ResourceSpans[0].ScopeSpans[0].Spans
	out := map[string]string{}
	for _, kv := range spans[0].Attributes {
		out[kv.Key] = strings.Trim(fmt.Sprint(kv.Value.GetValue()), "&{}")
	}
	return spans, out
}

func TestSpans(t *testing.T) {
	t.Parallel()
	spans, got := written(t, &account.Destination{}, anEvent())
	for name, want := range map[string]string{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "OpenAI", "gen_ai.request.model": "gpt-5", "gen_ai.response.model": "openai/gpt-5",
		"gen_ai.usage.input_tokens": "15", "gen_ai.usage.output_tokens": "27", "gen_ai.usage.cache_read.input_tokens": "5", "gen_ai.usage.reasoning.output_tokens": "7",
		"gen_ai.conversation.id": "s", "session.id": "s", "dragoman.generation.id": "gen-1", "dragoman.attempts": "2", "dragoman.streamed": "true",
		"gen_ai.input.messages":  `[{"role":"system","parts":[{"type":"text","content":"Be brief"}]},{"role":"user","parts":[{"type":"text","content":"say \"traceId\":\"AAAA\""}]},{"role":"user","parts":[{"type":"text","content":"and this"}]}]`,
		"gen_ai.output.messages": `[{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"text","content":"hello"}],"finish_reason":"stop"}]`,
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, name := range []string{"gen_ai.usage.cost", "user.id", "user.email", "dragoman.key.hash", "dragoman.key.name", "dragoman.external_user", "dragoman.app", "user_agent.original"} {
		if v, there := got[name]; there {
			t.Errorf("%s is %q without being asked for", name, v)
		}
	}
	if len(spans) != 3 || string(spans[1].ParentSpanId) != string(spans[0].SpanId) || string(spans[1].TraceId) != string(spans[2].TraceId) || string(spans[1].SpanId) == string(spans[2].SpanId) {
		t.Errorf("%v", spans)
	}
	if s := spans[1]; s.Status.Code != trace.Status_STATUS_CODE_ERROR || s.EndTimeUnixNano-s.StartTimeUnixNano != 38_000_000 || s.StartTimeUnixNano != uint64(noon.UnixNano())+2_000_000 {
		t.Errorf("a failed attempt: %v", s)
	}
	if spans[0].Status.Code != trace.Status_STATUS_CODE_OK || len(spans[0].TraceId) != 16 || len(spans[0].SpanId) != 8 {
		t.Errorf("%v", spans[0])
	}
}

func TestWhatIsAskedForIsTold(t *testing.T) {
	t.Parallel()
	_, got := written(t, &account.Destination{Cost: true, Identity: true, Context: true, Private: true}, anEvent())
	for name, want := range map[string]string{
		"gen_ai.usage.cost": "0.0015", "user.id": "ann", "user.email": "ann@example.com", "dragoman.key.hash": "hash", "dragoman.key.name": "the key",
		"dragoman.external_user": "their user", "dragoman.app": "the app", "dragoman.origin": "https://app.test", "user_agent.original": "agent/1",
		"gen_ai.input.messages": "", "gen_ai.output.messages": "",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

// JSON has ids in hexadecimal, and leaves what looks like one in a text as it is.
func TestJSON(t *testing.T) {
	t.Parallel()
	e := anEvent()
	e.Record.Attempts = nil
	e.Record.Session = "bad \xff text"
	body, mediaType, err := encode(&Target{JSON: true, Resource: map[string]string{"model_id": "m"}}, &account.Destination{}, []Event{e})
	if err != nil || mediaType != "application/json" {
		t.Fatal(err)
	}
	var m struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []struct{ Key string } }
			ScopeSpans []struct {
				Spans []struct {
					TraceID, SpanID string
					Attributes      []struct {
						Key   string
						Value struct{ StringValue string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	s := m.ResourceSpans[0].ScopeSpans[0].Spans[0]
	if len(s.TraceID) != 32 || len(s.SpanID) != 16 || strings.Trim(s.TraceID+s.SpanID, "0123456789abcdef") != "" {
		t.Errorf("ids %q %q", s.TraceID, s.SpanID)
	}
	for _, a := range s.Attributes {
		if a.Key == "gen_ai.input.messages" && !strings.Contains(a.Value.StringValue, `\"traceId\":\"AAAA\"`) {
			t.Errorf("a text was changed: %s", a.Value.StringValue)
		}
	}
	if len(m.ResourceSpans[0].Resource.Attributes) != 2 {
		t.Errorf("resource %+v", m.ResourceSpans[0].Resource)
	}
	if body, _, err := encode(&Target{JSON: true}, &account.Destination{}, nil); err != nil || string(body) != "{}" {
		t.Errorf("a test is %s, %v", body, err)
	}
}

// Where each kind's traces go, and by what it knows its caller.
func TestTargets(t *testing.T) {
	t.Parallel()
	values := map[string]string{"url": "https://hooks.test/x", "endpoint": "", "publicKey": "pk", "secretKey": "sk", "apiKey": "key", "projectId": "p1", "spaceKey": "space", "modelId": "m",
		"instanceId": "12", "licenseKey": "license", "workspace": "ws", "projectName": "p2", "dsn": "https://public@o1.ingest.sentry.io/5", "otlpEndpoint": "https://o1.ingest.sentry.io/api/5/integration/otlp/v1/traces", "entity": "team", "project": "p3"}
	for kind, want := range map[string]string{
		"webhook":        "https://hooks.test/x map[X-Own:1]",
		"otel-collector": "https://collector.test:4318/v1/traces map[X-Own:1]",
		"langfuse":       "https://us.cloud.langfuse.com/api/public/otel/v1/traces map[Authorization:Basic cGs6c2s= X-Own:1 x-langfuse-ingestion-version:4]",
		"langsmith":      "https://api.smith.langchain.com/otel/v1/traces map[Langsmith-Project:p3 X-Own:1 x-api-key:key]",
		"braintrust":     "https://api.braintrust.dev/otel/v1/traces map[Authorization:Bearer key X-Own:1 x-bt-parent:project_id:p1]",
		"arize":          "https://otlp.arize.com/v1/traces map[X-Own:1 api_key:key space_id:space]",
		"grafana":        "https://otlp-gateway-prod-us-west-0.grafana.net/otlp/v1/traces map[Authorization:Basic MTI6a2V5 X-Own:1]",
		"newrelic":       "https://otlp.nr-data.net/v1/traces map[X-Own:1 api-key:license]",
		"opik":           "https://www.comet.com/opik/api/v1/private/otel/v1/traces map[Authorization:key Comet-Workspace:ws X-Own:1 projectName:p2]",
		"sentry":         "https://o1.ingest.sentry.io/api/5/integration/otlp/v1/traces map[X-Own:1 x-sentry-auth:sentry sentry_key=public]",
		"weave":          "https://trace.wandb.ai/otel/v1/traces map[X-Own:1 wandb-api-key:key]",
	} {
		c := Config{Values: map[string]string{}, Headers: map[string]string{"X-Own": "1"}}
		for k, v := range values {
			c.Values[k] = v
		}
		if kind == "otel-collector" {
			c.Values["endpoint"] = "https://collector.test:4318"
		}
		got, err := KindOf(kind).Target(c)
		if err != nil || fmt.Sprint(got.URL, " ", got.Header) != want {
			t.Errorf("%s: %s %v %v", kind, got.URL, got.Header, err)
		}
		if kind == "weave" && fmt.Sprint(got.Resource) != "map[wandb.entity:team wandb.project:p3]" {
			t.Errorf("%v", got.Resource)
		}
		shown, err := json.Marshal(KindOf(kind).Shown(c))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range KindOf(kind).Fields {
			if f.Secret && strings.Contains(string(shown), `"`+c.Values[f.Name]+`"`) {
				t.Errorf("%s shows its %s: %s", kind, f.Name, shown)
			}
		}
	}
	if len(Kinds)+len(Unbuilt) != 17 {
		t.Errorf("%d kinds are known of 17", len(Kinds)+len(Unbuilt))
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	e := anEvent()
	rule := func(field, operator, value string) account.RuleGroup {
		return account.RuleGroup{Rules: []account.Rule{{Field: field, Operator: operator, Value: value}}}
	}
	for _, c := range []struct {
		group account.RuleGroup
		want  bool
	}{
		{rule("model", "equals", "openai/gpt-5"), true},
		{rule("model", "not_equals", "openai/gpt-5"), false},
		{rule("model", "regex", "^openai/"), true},
		{rule("model", "starts_with", "anthropic/"), false},
		{rule("provider", "ends_with", "AI"), true},
		{rule("api_key_name", "contains", "key"), true},
		{rule("total_tokens", "gt", "41"), true},
		{rule("total_tokens", "gte", "43"), false},
		{rule("total_cost", "lte", "0.0015"), true},
		{rule("total_cost", "lt", "0.0015"), false},
		{rule("total_cost", "lt", "much"), false},
		{rule("output", "contains", "hello"), true},
		{rule("input", "not_contains", "brief"), false},
		{rule("session_id", "exists", ""), true},
		{rule("finish_reason", "not_exists", ""), false},
		{account.RuleGroup{Any: true, Rules: []account.Rule{{Field: "model", Operator: "equals", Value: "x"}, {Field: "session_id", Operator: "equals", Value: "s"}}}, true},
		{account.RuleGroup{Rules: []account.Rule{{Field: "model", Operator: "equals", Value: "x"}, {Field: "session_id", Operator: "equals", Value: "s"}}}, false},
		{account.RuleGroup{}, true},
	} {
		r := &account.Rules{Groups: []account.RuleGroup{c.group}}
		if err := Check(r); err != nil {
			t.Errorf("%+v: %v", c.group, err)
		}
		if Wanted(&account.Destination{Rules: r}, &e) != c.want {
			t.Errorf("%+v: not %t", c.group, c.want)
		}
		if r.Off = true; !Wanted(&account.Destination{Rules: r}, &e) {
			t.Errorf("%+v: switched off, and chooses", c.group)
		}
	}
	e.Said = nil
	if Wanted(&account.Destination{Rules: &account.Rules{Groups: []account.RuleGroup{rule("output", "exists", "")}}}, &e) {
		t.Error("what was not kept exists")
	}
}
