package manage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

func TestExplainRouting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/routing/explain", `{"model":"openai/gpt-5:floor","provider":{"ignore":["acme"],"zdr":false},"key":"`+string(account.HashKey(inferenceKey))+`","max_tokens":100,"top_a":0.5}`)
	if got.status != 200 || got.at("data", "asked") != "openai/gpt-5:floor" || got.at("data", "refusal") != nil {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	for path, want := range map[string]any{
		"endpoint": "openai/openai/gpt-5", "provider_name": "OpenAI", "model": "openai/gpt-5", "max_cost": json.Number("0.0010325"), "refusal": nil,
	} {
		if v := got.at("data", "steps", 0, path); v != want {
			t.Errorf("%s is %v, want %v", path, v, want)
		}
	}
	if v := got.at("data", "steps", 0, "losses", 0, "path"); v != "top_a" {
		t.Errorf("loss %v: %s", v, got.raw)
	}
	if v := got.at("data", "policy", "rules", 0); v.(map[string]any)["rule"] != "ignored_providers" || v.(map[string]any)["from"] != "request" {
		t.Errorf("rule %v", v)
	}
	if got.at("data", "decision", "dropped", 0, "reason") != "ignored_providers" || got.at("data", "decision", "seed") != json.Number("7") {
		t.Errorf("decision %v", got.at("data", "decision"))
	}
}

func TestExplainRoutingOfWhatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/routing/explain", `{"model":"openai/gpt-5","provider":{"only":["nokey"]},"workspace_id":"team"}`)
	if got.status != 200 || len(got.at("data", "steps").([]any)) != 0 || got.at("data", "refusal", "status") != json.Number("404") {
		t.Errorf("%d %s", got.status, got.raw)
	}
	for body, says := range map[string]string{
		`{"model":"no/such"}`:                "not in the catalogue",
		`{"model":"openai/gpt-5","key":"x"}`: "hash of an inference key",
		`{"model":"openai/gpt-5","key":"` + string(account.HashKey(managementKey)) + `"}`: "hash of an inference key",
		`{"model":"openai/gpt-5","workspace_id":"x"}`:                                     "id of a workspace",
		`{"model":"openai/gpt-5","workspace_id":"team","key":"x"}`:                        "cannot be given beside key",
		`{"model":"openai/gpt-5","messages":[]}`:                                          "messages",
		`[]`:                                                                              "JSON object",
		`{"model":`:                                                                       "not valid",
	} {
		if got := h.call(managementKey, "POST", "/routing/explain", body); got.status/100 != 4 || !strings.Contains(got.message(), says) {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
}

// A person who sees their own keys only learns nothing of others'.
func TestExplainRoutingOfSomebodyElsesKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.as(h.session(account.Developer), "POST", "/routing/explain", `{"model":"openai/gpt-5","key":"`+string(account.HashKey(inferenceKey))+`"}`)
	if got.status != 400 {
		t.Errorf("%d %s", got.status, got.raw)
	}
}
