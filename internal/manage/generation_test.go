package manage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func record() *generation.Record {
	return &generation.Record{
		ID: "gen-1", Created: noon, Account: "default", Workspace: workspace, Key: "hash", API: "completions",
		Asked: "gpt-5", Model: "openai/gpt-5", Endpoint: "openai/openai/gpt-5", Provider: "OpenAI", Upstream: "chatcmpl-1", Streamed: true,
		Finish: llm.FinishStop, Native: "stop", Outcome: generation.Completed, UsageState: "reported",
		Usage: llm.Usage{Input: 10, CacheRead: 5, Output: 20, Reasoning: 7},
		Lines: []generation.ChargeLine{{Class: "input", Units: 10, Price: 1_250_000_000}},
		Cost:  1_500_001, List: 1_500_001, LatencyMS: 250, GenerationMS: 1200,
		Attempts: []generation.Attempt{
			{Endpoint: "acme/openai/gpt-5", Provider: "Acme AI", Model: "openai/gpt-5", Status: 503, Kind: "overloaded", StartMS: 2, EndMS: 40, Loss: 3},
			{Endpoint: "openai/openai/gpt-5", Provider: "OpenAI", Model: "openai/gpt-5", Status: 200, StartMS: 41, FirstMS: 250, EndMS: 1200, UpstreamID: "chatcmpl-1"},
		},
		Decision: &generation.Decision{Catalog: "abc", Health: 3, Seed: 1<<64 - 1, Steps: []generation.Chosen{{Endpoint: "openai/openai/gpt-5", Reasons: []string{"balanced"}}}, Dropped: []generation.Dropped{{Endpoint: "nokey/openai/gpt-5", Reason: "not_live"}}},
		Lost:     []llm.Loss{{Path: "top_k", Why: "no such setting"}},
		Referer:  "https://app.test/page?x=1", UserAgent: "test/1",
	}
}

func TestGeneration(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(record(), 0)
	got := h.call(inferenceKey, "GET", "/generation?id=gen-1", "")
	for path, want := range map[string]any{
		"id": "gen-1", "upstream_id": "chatcmpl-1", "model": "openai/gpt-5", "provider_name": "OpenAI", "api_type": "completions",
		"usage": json.Number("0.001500001"), "total_cost": json.Number("0.001500001"), "upstream_inference_cost": nil, "is_byok": false,
		"tokens_prompt": json.Number("15"), "native_tokens_cached": json.Number("5"), "tokens_completion": json.Number("27"), "native_tokens_reasoning": json.Number("7"),
		"latency": json.Number("250"), "generation_time": json.Number("1200"), "finish_reason": "stop", "streamed": true, "cancelled": false,
		"origin": "https://app.test", "http_referer": "https://app.test/page?x=1", "created_at": "2026-03-04T12:00:00Z", "session_id": nil,
	} {
		if v := got.at("data", path); v != want {
			t.Errorf("%s is %v, want %v", path, v, want)
		}
	}
	if got.at("data", "provider_responses", 0, "status") != json.Number("503") || got.at("data", "provider_responses", 0, "latency") != json.Number("38") || got.at("data", "provider_responses", 1, "latency") != json.Number("209") {
		t.Errorf("attempts %v", got.at("data", "provider_responses"))
	}
	ours := func(path ...any) any { return got.at(append([]any{"data", "dragoman"}, path...)...) }
	if ours("asked") != "gpt-5" || ours("attempts", 0, "kind") != "overloaded" || ours("decision", "dropped", 0, "reason") != "not_live" ||
		ours("losses", 0, "path") != "top_k" || ours("lines", 0, "price") != "0.00000125" || ours("outcome") != "completed" {
		t.Errorf("dragoman: %s", got.raw)
	}
	if again := h.call(managementKey, "GET", "/generation?id=chatcmpl-1", ""); again.raw != got.raw {
		t.Errorf("by the upstream's id: %s", again.raw)
	}
}

func TestGenerationOfAFailure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(&generation.Record{ID: "gen-2", Created: noon, Account: "default", Asked: "x/y", Outcome: generation.Failed, BYOK: true, List: money.Dollar,
		Error: &generation.Failure{Status: 404, Type: "not_found", Message: "no"}}, 0)
	got := h.call(inferenceKey, "GET", "/generation?id=gen-2", "")
	if got.at("data", "model") != "x/y" || got.at("data", "finish_reason") != nil || got.at("data", "latency") != nil || got.at("data", "upstream_inference_cost") != json.Number("1") || got.at("data", "dragoman", "error", "status") != json.Number("404") {
		t.Error(got.raw)
	}
}

func TestGenerationIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	foreign := record()
	foreign.Account = "other"
	if err := h.store.OpenAccount(t.Context(), "other", true); err != nil {
		t.Fatal(err)
	}
	h.settle(foreign, 0)
	for _, target := range []string{"/generation?id=gen-1", "/generation?id=chatcmpl-1", "/generation?id=gen-none"} {
		if got := h.call(inferenceKey, "GET", target, ""); got.status != 404 || strings.Contains(got.raw, "OpenAI") {
			t.Errorf("%s: %d %s", target, got.status, got.raw)
		}
	}
	if got := h.call(inferenceKey, "GET", "/generation", ""); got.status != 400 || got.at("error", "param") != "id" {
		t.Errorf("without id: %s", got.raw)
	}
}
