package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

const canary = "canary-6f1d2c"

// TestBadInput: a clear 4xx in the envelope, nothing charged, nothing of it in the log.
func TestBadInput(t *testing.T) {
	before := credits(t)
	const path = "/api/v1/chat/completions"
	chat := func(extra string) string {
		return `{"model":"e2e/openai","messages":[{"role":"user","content":"` + canary + `"}]` + extra + `}`
	}
	for name, tc := range map[string]struct {
		method, path, key, body string
		want                    int
	}{
		"malformed":        {"POST", path, house.key, `{"model":"` + canary, 400},
		"wrong type":       {"POST", path, house.key, `{"model":"e2e/openai","messages":"` + canary + `"}`, 400},
		"unknown model":    {"POST", path, house.key, `{"model":"no/` + canary + `","messages":[{"role":"user","content":"x"}]}`, 400},
		"oversized":        {"POST", path, house.key, chat(`,"x":"` + strings.Repeat("y", 1<<20) + `"`), 413},
		"bad utf-8":        {"POST", path, house.key, "{\"model\":\"e2e/openai\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}", 400},
		"no key":           {"POST", path, "", chat(""), 401},
		"wrong key":        {"POST", path, "sk-or-v1-" + canary, chat(""), 401},
		"management key":   {"POST", path, house.management, chat(""), 403},
		"wrong method":     {"GET", path, house.key, "", 405},
		"unknown path":     {"POST", "/api/v1/chat", house.key, chat(""), 404},
		"not built":        {"POST", "/api/v1/embeddings", house.key, chat(""), 501},
		"absurd limit":     {"POST", path, house.key, chat(`,"max_tokens":1e99`), 400},
		"absurd n":         {"POST", path, house.key, chat(`,"n":1000000000`), 400},
		"absurd header":    {"POST", path, strings.Repeat("x", 100_000), chat(""), 431},
		"keys, inference":  {"GET", "/api/v1/keys", house.key, "", 403},
		"bad key creation": {"POST", "/api/v1/keys", house.management, `{"name":7}`, 400},
	} {
		got, _, body := raw(t, tc.method, tc.path, tc.key, tc.body)
		var e struct {
			Error struct {
				Code     int
				Message  string
				Metadata struct {
					Type string `json:"error_type"`
				}
			}
		}
		if got != tc.want {
			t.Errorf("%s: %d %s", name, got, body)
			continue
		}
		if got == 431 { // answered before there is a request
			continue
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error.Code != tc.want || e.Error.Message == "" || e.Error.Metadata.Type == "" {
			t.Errorf("%s: %s %v", name, body, err)
		}
	}
	if after := credits(t); after != before {
		t.Errorf("bad input was charged: %s, then %s", before, after)
	}
	if log := house.log.String(); strings.Contains(log, canary) {
		t.Errorf("the log quotes a request: %s", log)
	}
	if got, _, body := raw(t, "GET", "/healthz", "", ""); got != 200 {
		t.Errorf("%d %s", got, body)
	}
}

// TestGeneration: an answer's header leads to its record.
func TestGeneration(t *testing.T) {
	_, h, _ := raw(t, "POST", "/api/v1/chat/completions", house.key, `{"model":"e2e/anthropic","messages":[{"role":"user","content":"Hello"}]}`)
	got, _, body := raw(t, "GET", "/api/v1/generation?id="+h.Get("X-Generation-Id"), house.key, "")
	var g struct {
		Data struct {
			Model, Provider_name string
			Total_cost           float64
		}
	}
	if err := json.Unmarshal([]byte(body), &g); err != nil || got != 200 || g.Data.Model != "e2e/anthropic" || g.Data.Provider_name != "Sim Anthropic" || g.Data.Total_cost <= 0 {
		t.Errorf("%d %s %v", got, body, err)
	}
}
