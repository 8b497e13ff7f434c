package manage

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/health"
)

const paused = "openai/openai/gpt-5"

// ill pauses an endpoint by a run of failures.
func (h *house) ill(endpoint string) {
	for range 5 {
		h.Health.Observe(health.Outcome{Endpoint: endpoint, At: noon, Kind: fault.Broken, Status: 500})
	}
}

func TestSystem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ill(paused)
	h.ill("nokey/nokey/tiny") // nobody could call it
	got := h.call(managementKey, "GET", "/system", "")
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	for _, c := range []struct {
		room, name string
		want       any
	}{
		{"catalog", "models", json.Number("5")}, {"catalog", "models_usable", json.Number("3")},
		{"catalog", "endpoints", json.Number("8")}, {"catalog", "endpoints_usable", json.Number("5")},
		{"catalog", "providers_connected", json.Number("2")},
		{"store", "kind", "sqlite"}, {"store", "writable", true}, {"store", "archive_bytes", json.Number("4096")}, {"store", "open_holds", json.Number("0")},
	} {
		if v := got.at("data", c.room, c.name); v != c.want {
			t.Errorf("%s of %s is %v, want %v", c.name, c.room, v, c.want)
		}
	}
	out := got.at("data", "endpoints_out").([]any)
	if len(out) != 1 || got.at("data", "endpoints_out", 0, "endpoint") != paused || got.at("data", "endpoints_out", 0, "state") != "paused" ||
		got.at("data", "endpoints_out", 0, "until") != "2026-03-04T12:00:30Z" {
		t.Errorf("out are %v", out)
	}
	if got.at("data", "uptime_seconds") != json.Number("3600") || got.at("data", "requests_in_flight") != json.Number("3") {
		t.Error(got.raw)
	}
}

func TestHealthOfEndpoints(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ill(paused)
	for range 10 {
		h.Health.Observe(health.Outcome{Endpoint: "acme/openai/gpt-5", At: noon, OK: true, Status: 200, TTFT: 200 * time.Millisecond, Duration: time.Second, OutputTokens: 50})
	}
	rows := func(key string) map[any]map[string]any {
		got := h.call(key, "GET", "/health/endpoints", "")
		by := map[any]map[string]any{}
		for _, r := range got.at("data").([]any) {
			row := r.(map[string]any)
			by[row["endpoint"]] = row
		}
		return by
	}
	mine, anybodys := rows(inferenceKey), rows("")
	if len(mine) != 5 || len(anybodys) != 5 {
		t.Fatalf("%d and %d endpoints", len(mine), len(anybodys))
	}
	if r := mine[paused]; r["state"] != "paused" || r["until"] != "2026-03-04T12:00:30Z" || r["uptime_last_5m"] != nil {
		t.Errorf("%v", r)
	}
	if r := mine["acme/openai/gpt-5"]; r["state"] != "normal" || r["until"] != nil || r["uptime_last_1d"] != json.Number("100") || r["latency_last_5m"] == nil || r["throughput_last_30m"] == nil {
		t.Errorf("%v", r)
	}
	if r := anybodys["acme/openai/gpt-5"]; r["uptime_last_1d"] != json.Number("100") || r["latency_last_5m"] != nil {
		t.Errorf("%v", r)
	}
}
