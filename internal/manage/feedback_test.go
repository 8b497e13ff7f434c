package manage

import (
	"fmt"
	"strings"
	"testing"
)

func TestFeedback(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(record(), 0)
	for body, param := range map[string]string{
		`{"category":"other"}`:                            "generation_id",
		`{"generation_id":"gen-1"}`:                       "category",
		`{"generation_id":"gen-1","category":"rudeness"}`: "category",
		fmt.Sprintf(`{"generation_id":"gen-1","category":"other","comment":%q}`, strings.Repeat("x", 1001)): "comment",
	} {
		if got := h.call(managementKey, "POST", "/generation/feedback", body); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%.80s: %s", body, got.raw)
		}
	}
	h.ok("POST", "/generation/feedback", `{"generation_id":"gen-1","category":"latency"}`)
	h.ok("POST", "/generation/feedback", `{"generation_id":"chatcmpl-1","category":"formatting","comment":"No table"}`)
	got := h.call(inferenceKey, "GET", "/generation?id=gen-1", "")
	if got.at("data", "dragoman", "feedback", "category") != "formatting" || got.at("data", "dragoman", "feedback", "comment") != "No table" {
		t.Error(got.raw)
	}
	if log := h.ok("GET", "/audit?limit=1", "").raw; !strings.Contains(log, `"generation.feedback"`) || strings.Contains(log, "No table") {
		t.Error(log)
	}
}
