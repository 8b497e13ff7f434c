package telemetry

import (
	"encoding/hex"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// The body of a call of Datadog's LLM Observability
// (https://docs.datadoghq.com/llm_observability/instrumentation/api/).
type (
	datadogBody struct {
		Data datadogData `json:"data"`
	}
	datadogData struct {
		Type       string         `json:"type"`
		Attributes datadogPayload `json:"attributes"`
	}
	datadogPayload struct {
		App   string        `json:"ml_app"`
		Tags  []string      `json:"tags"`
		Spans []datadogSpan `json:"spans"`
	}
	datadogSpan struct {
		Name     string             `json:"name"`
		ID       string             `json:"span_id"`
		Trace    string             `json:"trace_id"`
		Parent   string             `json:"parent_id"`
		Start    int64              `json:"start_ns"`
		Duration int64              `json:"duration"` // nanoseconds
		Status   string             `json:"status"`
		Session  string             `json:"session_id,omitempty"`
		Meta     datadogMeta        `json:"meta"`
		Metrics  map[string]float64 `json:"metrics,omitempty"`
	}
	datadogMeta struct {
		Kind     string         `json:"kind"`
		Error    *datadogError  `json:"error,omitempty"`
		Input    *datadogTalk   `json:"input,omitempty"`
		Output   *datadogTalk   `json:"output,omitempty"`
		Metadata map[string]any `json:"metadata"`
	}
	datadogError struct {
		Type    string `json:"type,omitempty"`
		Message string `json:"message"`
	}
	datadogTalk struct {
		Messages []turn `json:"messages,omitempty"` // of spans of the kind llm
		Value    string `json:"value,omitempty"`
	}
)

// datadogSpans writes a span for each request; one of the kind llm has no children, so calls
// of endpoints are not told.
func datadogSpans(get func(string) string) writer {
	return func(t *Target, d *account.Destination, events []Event) ([]Call, error) {
		p := datadogPayload{App: get("mlApp"), Tags: []string{"service:" + serviceValue}, Spans: []datadogSpan{}}
		for i := range events {
			p.Spans = append(p.Spans, datadogSpanOf(events[i], d))
		}
		return []Call{{t.URL, jsonType, marshalled(datadogBody{datadogData{"span", p}})}}, nil
	}
}

func datadogSpanOf(e Event, d *account.Destination) datadogSpan {
	r := e.Record
	trace, span := idsOf(r)
	s := datadogSpan{
		Name: valid(operation(r) + " " + r.Asked), ID: hex.EncodeToString(span), Trace: hex.EncodeToString(trace), Parent: "undefined",
		Start: r.Created.UnixNano(), Duration: int64(millis(r.GenerationMS)), Status: rowStatus(e), Session: valid(r.Session),
		Meta: datadogMeta{Kind: datadogKind(r), Metadata: metadata(facts(e, d))},
	}
	s.Meta.Metadata["model_name"], s.Meta.Metadata["model_provider"] = valid(modelOf(r)), r.Provider
	if failed(r) {
		s.Meta.Error = &datadogError{Message: valid(why(r))}
		if r.Error != nil {
			s.Meta.Error.Type = r.Error.Type
		}
	}
	if s.Meta.Kind == "llm" {
		s.Metrics = map[string]float64{"input_tokens": float64(r.Usage.Prompt()), "output_tokens": float64(r.Usage.Completion()), "total_tokens": float64(r.Usage.Prompt() + r.Usage.Completion())}
		if r.Streamed {
			s.Metrics["time_to_first_token"] = seconds(r.LatencyMS)
		}
	}
	if e.Said != nil {
		s.Meta.Input, s.Meta.Output = datadogTalkOf(asked(e.Said.Input), s.Meta.Kind), datadogTalkOf(answered(e), s.Meta.Kind)
	}
	return s
}

func datadogKind(r *generation.Record) string {
	switch r.API {
	case "completions":
		return "llm"
	case "embeddings":
		return "embedding"
	}
	return "task"
}

func datadogTalkOf(list []message, kind string) *datadogTalk {
	switch said := turns(list); {
	case list == nil:
		return nil
	case kind == "llm":
		return &datadogTalk{Messages: said}
	default:
		var texts []string
		for _, t := range said {
			texts = append(texts, t.Content)
		}
		return &datadogTalk{Value: strings.Join(texts, "\n")}
	}
}

// metadata are attributes as texts, numbers and flags, which is all that there may be.
func metadata(l list) map[string]any {
	out := map[string]any{}
	for _, kv := range l {
		v := plain(kv.Value)
		if many, is := v.([]any); is {
			v = many[0] // finish reasons, of which a request has one
		}
		out[kv.Key] = v
	}
	return out
}
