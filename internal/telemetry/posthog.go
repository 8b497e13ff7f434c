package telemetry

import (
	"encoding/hex"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// posthogBody is the body of a call of PostHog (https://posthog.com/docs/api/capture).
type posthogBody struct {
	Key   string         `json:"api_key"`
	Batch []posthogEvent `json:"batch"`
}

type posthogEvent struct {
	ID         string         `json:"uuid"` // the same however often it is sent
	Event      string         `json:"event"`
	Timestamp  string         `json:"timestamp"`
	Properties map[string]any `json:"properties"`
}

// captures writes an event for each request
// (https://posthog.com/docs/llm-analytics/installation/manual-capture).
func captures(get func(string) string) writer {
	return func(t *Target, d *account.Destination, events []Event) ([]Call, error) {
		b := posthogBody{Key: get("apiKey"), Batch: []posthogEvent{}}
		for i := range events {
			b.Batch = append(b.Batch, capture(events[i], d))
		}
		return []Call{{t.URL, jsonType, marshalled(b)}}, nil
	}
}

func capture(e Event, d *account.Destination) posthogEvent {
	r := e.Record
	trace, span := idsOf(r)
	p := metadata(facts(e, d))
	for name, v := range map[string]any{
		"$ai_trace_id": hex.EncodeToString(trace), "$ai_span_id": hex.EncodeToString(span), "$ai_span_name": valid(operation(r) + " " + r.Asked),
		"$ai_model": valid(modelOf(r)), "$ai_provider": r.Provider, "$ai_latency": seconds(r.GenerationMS), "$ai_is_error": failed(r), "$ai_stream": r.Streamed,
		"$ai_input_tokens": r.Usage.Prompt(), "$ai_output_tokens": r.Usage.Completion(), "$ai_cache_reporting_exclusive": false,
		"$ai_cache_read_input_tokens": r.Usage.CacheRead, "$ai_cache_creation_input_tokens": r.Usage.CacheWrites(),
	} {
		p[name] = v
	}
	if r.Session != "" {
		p["$ai_session_id"] = valid(r.Session)
	}
	if r.Finish != "" {
		p["$ai_stop_reason"] = string(r.Finish)
	}
	if r.Streamed {
		p["$ai_time_to_first_token"] = seconds(r.LatencyMS)
	}
	if failed(r) {
		p["$ai_error"] = valid(why(r))
	}
	if d.Cost {
		p["$ai_total_cost_usd"] = r.Cost
	}
	if e.Said != nil {
		p["$ai_input"], p["$ai_output_choices"] = turns(asked(e.Said.Input)), turns(answered(e))
	}
	out := posthogEvent{ID: uuid(trace), Event: "$ai_generation", Timestamp: r.Created.UTC().Format(time.RFC3339Nano), Properties: p}
	if r.API == "embeddings" {
		out.Event = "$ai_embedding"
	}
	p["distinct_id"], p["$process_person_profile"] = out.ID, false // nobody, and so no person is made of it
	if who := r.User; d.Identity && who != "" {
		p["distinct_id"], p["$process_person_profile"] = valid(who), true
	}
	return out
}

// uuid is 16 bytes as a UUID of version 8 (RFC 9562, section 5.8).
func uuid(b []byte) string {
	u := [16]byte(b)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
