package dialect

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// vertexTier is where Vertex AI is told the tier of a call
// (https://cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo).
const vertexTier = "X-Vertex-Ai-Llm-Shared-Request-Type"

// StandardTier takes a tier that has a price of its own, priority or flex, out of a call, under the
// names that wires have for it, and reports whether it was there.
func StandardTier(call *Call) (was bool, err error) {
	if priced(Get(call.Header, vertexTier)) {
		delete(call.Header, vertexTier)
		was = true
	}
	body, err := Rebody(call.Body, func(name string, v rawjson.Node) bool {
		if v.Kind() == rawjson.Object { // Bedrock's
			v = v.Get("type")
		}
		gone := (name == "service_tier" || name == "serviceTier" || name == "speed") && priced(v.Str())
		was = was || gone
		return gone
	})
	if err == nil && was {
		call.Body = body
	}
	return was, err
}

func priced(tier string) bool {
	return strings.EqualFold(tier, "priority") || strings.EqualFold(tier, "fast") || strings.EqualFold(tier, "flex")
}
