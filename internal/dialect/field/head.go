package field

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Head reads a member that requests of every operation have in common; known is false for
// any other. Null is an unset option.
func Head(r *llm.Request, name string, v rawjson.Node) (known bool, err error) {
	switch name {
	case "model", "models", "provider", "route", "user", "session_id", "trace", "metadata":
	default:
		return false, nil
	}
	if v.IsNull() {
		return true, nil
	}
	switch name {
	case "model":
		r.Model, err = Str(name, v, 512)
	case "models":
		r.Models, err = Strs(name, v, 64, 512)
	case "provider":
		err = Routing(r, v)
	case "route":
		err = Route(r, v)
	case "user":
		r.User, err = Str(name, v, 256)
	case "session_id":
		r.Session, err = Str(name, v, 256)
	case "metadata":
		err = Metadata(v)
	case "trace":
		if err = Want(name, v, rawjson.Object); err == nil {
			r.Ignored = append(r.Ignored, llm.Loss{Path: name, Why: "traces are not sent anywhere in this version"})
		}
	}
	return true, err
}

// Finish checks that a model is named and reads what headers say. Keys are canonical.
func Finish(r *llm.Request, h map[string][]string) error {
	if r.Model == "" && len(r.Models) == 0 {
		return fault.Bad("model", "model is missing; send a model slug (GET /models lists them)")
	}
	Headers(r, h)
	return nil
}

// betas are the features of Anthropic's that a client of any API may ask for (reference §1.3).
var betas = []string{"interleaved-thinking-2025-05-14", "structured-outputs-2025-11-13"}

// Headers reads what headers say that requests of every API may have. Keys are canonical.
func Headers(r *llm.Request, h map[string][]string) {
	get := func(key string) string {
		if v := h[key]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	if r.Session == "" {
		r.Session = Truncate(get("X-Session-Id"), 256)
	}
	meta := get("X-Openrouter-Metadata")
	if meta == "" {
		meta = get("X-Openrouter-Experimental-Metadata")
	}
	r.WantsMeta = strings.EqualFold(meta, "enabled")
	for name := range strings.SplitSeq(get("X-Anthropic-Beta"), ",") {
		if name = strings.TrimSpace(name); !slices.Contains(betas, name) {
			continue
		}
		if r.Header == nil {
			r.Header = map[string][]string{}
		}
		r.Header["Anthropic-Beta"] = append(slices.Clip(r.Header["Anthropic-Beta"]), name)
	}
}

// Preset is the error for a preset that nobody has applied: the gateway takes the member out
// when it does.
func Preset(name string) error {
	return fault.Bad(name, "The preset was not applied: the member preset must be written without escapes, in a request to a running gateway")
}
