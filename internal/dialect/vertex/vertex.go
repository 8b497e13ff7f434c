// Package vertex is what Google's Vertex AI changes about the dialects spoken on it
// (https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest): Gemini's, which
// Google AI Studio speaks too, Anthropic's through rawPredict, and chat completions for
// open models. A provider's base URL ends in projects/{project}/locations/{location};
// calls are addressed below it. The package signs nothing: that is package provider's.
//
// Start with New.
package vertex

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// New is an adapter of a dialect on Vertex. It is a dialect.Relay when the inner adapter is
// one. ok is false for a dialect that Vertex does not speak.
func New(inner dialect.Adapter) (a dialect.Adapter, ok bool) {
	w := dialect.Wrapping{Failure: failure}
	switch inner.Dialect() {
	case llm.Gemini, llm.GeminiCount, llm.GeminiEmbed:
		w.Call = generate
	case llm.Anthropic:
		w.Call = rawPredict
	case llm.AnthropicCount:
		w.Call = count
	case llm.OpenAIChat:
		w.Call = openAPI
	default:
		return nil, false
	}
	return dialect.Wrap(inner, w), true
}

// Serves reports whether a model is called in a dialect here: Claude in Anthropic's,
// models named publisher/model in chat completions, but for Google's own, the others in
// Gemini's.
func Serves(d llm.Dialect, model string) bool {
	publisher, name, named := strings.Cut(model, "/")
	claude := strings.Contains(name+publisher, "claude")
	open := named && !claude && publisher != "google" && publisher != "endpoints"
	switch d {
	case llm.Anthropic, llm.AnthropicCount:
		return claude
	case llm.OpenAIChat:
		return open
	}
	return !claude && !open
}

// resource is where a model is: below its publisher, or a tuned one at its endpoint. "@"
// before a version stays as it is, like in Google's own clients.
func resource(publisher, model string) string {
	if id, ok := strings.CutPrefix(model, "endpoints/"); ok {
		return "/endpoints/" + dialect.EscapeSegment(id, "")
	}
	model = model[strings.LastIndexByte(model, '/')+1:]
	return "/publishers/" + publisher + "/models/" + dialect.EscapeSegment(model, "@")
}

// generate keeps the method of the inner call, and moves the tier of service to the headers
// that have it here (https://cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo).
func generate(req *llm.Request, to dialect.Target, call *dialect.Call, losses []llm.Loss) ([]llm.Loss, error) {
	path, query, _ := strings.Cut(call.Path, "?")
	method := path[max(strings.LastIndexByte(path, ':'), 0):]
	call.Path = resource("google", to.Model) + method
	if query != "" {
		call.Path += "?" + query
	}
	switch req.ServiceTier {
	case "flex", "priority":
		call.Header["X-Vertex-Ai-Llm-Request-Type"] = []string{"shared"}
		call.Header["X-Vertex-Ai-Llm-Shared-Request-Type"] = []string{req.ServiceTier}
	}
	if req.ServiceTier == "" && method != ":countTokens" {
		return losses, nil
	}
	var add []dialect.Member
	body, err := dialect.Rebody(call.Body, func(name string, v rawjson.Node) bool {
		if name == "generateContentRequest" { // a count's, whose members stand at the top here
			for k, m := range v.Members() {
				if !k.Is("model") {
					add = append(add, dialect.Member{Name: k.Str(), JSON: string(m.Raw())})
				}
			}
			return true
		}
		return name == "serviceTier" || name == "service_tier"
	})
	if err == nil && len(add) > 0 {
		call.Body, err = dialect.Rebody([][]byte{[]byte("{}")}, func(string, rawjson.Node) bool { return false }, add...)
		return losses, err
	}
	call.Body = body
	return losses, err
}

// version is what a body of Anthropic's says here
// (https://docs.anthropic.com/en/api/claude-on-vertex-ai).
const version = `"vertex-2023-10-16"`

// rawPredict has the model in the path and the version of the API in the body. The header
// anthropic-beta stays.
func rawPredict(req *llm.Request, to dialect.Target, call *dialect.Call, losses []llm.Loss) (_ []llm.Loss, err error) {
	tier := false
	call.Body, err = dialect.Rebody(call.Body, func(name string, _ rawjson.Node) bool {
		tier = tier || name == "service_tier"
		return name == "model" || name == "service_tier"
	}, dialect.Member{Name: "anthropic_version", JSON: version})
	if tier {
		losses = append(losses, llm.Loss{Path: "service_tier", Why: "the provider has no tiers for this model"})
	}
	delete(call.Header, "Anthropic-Version")
	call.Path = resource("anthropic", to.Model) + ":rawPredict"
	if req.Stream {
		call.Path = resource("anthropic", to.Model) + ":streamRawPredict"
	}
	return losses, err
}

// count has the model in the body and its own place
// (https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens).
func count(_ *llm.Request, to dialect.Target, call *dialect.Call, losses []llm.Loss) (_ []llm.Loss, err error) {
	model := to.Model[strings.LastIndexByte(to.Model, '/')+1:]
	call.Body, err = dialect.Rebody(call.Body, func(string, rawjson.Node) bool { return false },
		dialect.Member{Name: "model", JSON: string(rawjson.AppendString(nil, model))})
	delete(call.Header, "Anthropic-Version")
	call.Path = "/publishers/anthropic/models/count-tokens:rawPredict"
	return losses, err
}

func openAPI(_ *llm.Request, _ dialect.Target, call *dialect.Call, losses []llm.Loss) ([]llm.Loss, error) {
	call.Path = "/endpoints/openapi" + call.Path
	return losses, nil
}

// projects are the names of the operator's project in what Google says.
var projects = regexp.MustCompile(`projects/[^/\s"'` + "`" + `]+`)

// failure keeps the operator's project from the client. Answers of rawPredict that come
// from Google and not from the model have Google's shape, which says a word where
// Anthropic's says a type.
func failure(inner dialect.Adapter, status int, h dialect.Header, body []byte) *fault.Error {
	body = projects.ReplaceAll(body, []byte("projects/…"))
	if d := inner.Dialect(); d != llm.Anthropic && d != llm.AnthropicCount {
		return inner.Failure(status, h, body)
	}
	var d rawjson.Doc
	if d.Parse(bytes.TrimSpace(body)) != nil {
		return inner.Failure(status, h, body)
	}
	root := d.Root()
	for first := range root.Elems() { // streams that fail answer an array
		root = first
		break
	}
	e := root.Get("error")
	if e.Get("status").IsNull() || !e.Get("type").IsNull() {
		return inner.Failure(status, h, body)
	}
	var w rawjson.Writer
	w.Open('{')
	w.Key("error").Open('{')
	w.Key("type").Str(e.Get("status").Str())
	w.Key("message").Str(e.Get("message").Str())
	w.Word("}}")
	return inner.Failure(status, h, w.B)
}
