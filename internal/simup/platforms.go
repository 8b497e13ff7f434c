package simup

import (
	"net/http"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// vertexClaude is Messages on Google's Vertex AI:
// …/publishers/anthropic/models/{model}:rawPredict. The version is in the body, where the
// original has the model.
type vertexClaude struct{ anthropic }

func (vertexClaude) key(r *http.Request) string { return openAI{}.key(r) }

func (w vertexClaude) decode(a *ask, body rawjson.Node) *refusal {
	if body.Get("model").Exists() {
		return invalid("model: Extra inputs are not permitted")
	}
	if a.version = body.Get("anthropic_version").Str(); a.version != "vertex-2023-10-16" {
		return invalid("anthropic_version: Field required")
	}
	return w.anthropic.decode(a, body)
}

// vertexGemini is generateContent there.
type vertexGemini struct{ gemini }

func (vertexGemini) key(r *http.Request) string { return openAI{}.key(r) }

// azure is chat completions of Azure OpenAI: …/openai/deployments/{model}/chat/completions.
type azure struct{ openAI }

func (azure) key(r *http.Request) string { return r.Header.Get("Api-Key") }

// platform finds what clouds have at paths of their own.
func (v *visit) platform(path string) bool {
	if rest, ok := strings.CutPrefix(path, "openai/deployments/"); ok {
		v.model, ok = strings.CutSuffix(rest, "/chat/completions")
		v.wire = azure{}
		return ok && v.r.URL.Query().Get("api-version") != ""
	}
	if rest, ok := strings.CutPrefix(path, "model/"); ok {
		at := strings.LastIndexByte(rest, '/')
		if at < 0 {
			return false
		}
		v.wire, v.model, v.ask.stream = converse{}, rest[:at], rest[at:] == "/converse-stream"
		return v.ask.stream || rest[at:] == "/converse"
	}
	_, rest, ok := strings.Cut(path, "/publishers/")
	publisher, rest, named := strings.Cut(rest, "/models/")
	switch {
	case !ok || !named || !strings.HasPrefix(path, "v1/projects/"):
		return false
	case publisher == "google":
		return v.generates(vertexGemini{}, rest)
	}
	model, method, _ := strings.Cut(rest, ":")
	v.wire, v.model, v.ask.stream = vertexClaude{}, model, method == "streamRawPredict"
	return publisher == "anthropic" && (v.ask.stream || method == "rawPredict")
}
