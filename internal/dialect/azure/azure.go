// Package azure is what Azure OpenAI and Azure AI Foundry change about OpenAI's dialects
// (https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference): where a call goes,
// by the provider's base URL, and how the content filter refuses. It signs nothing: that
// is package provider's.
//
// Three shapes of URL are known. Below …/openai/v1 calls are addressed as at OpenAI; below
// …/openai each model is a deployment with a path of its own and the version of the API in
// the query; below …/models (Foundry's model inference) there is the version only.
//
// Start with New.
package azure

import (
	"bytes"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// DefaultVersion is the version of the API where none is configured: the last general one
// of those with a date.
const DefaultVersion = "2024-10-21"

// Shape is how calls are addressed below a base URL.
type Shape uint8

// The shapes of URL.
const (
	V1          Shape = iota // /openai/v1/chat/completions
	Deployments              // /openai/deployments/{deployment}/chat/completions?api-version=…
	Models                   // /models/chat/completions?api-version=…
)

// ShapeOf tells the shape from a base URL's path.
func ShapeOf(path string) Shape {
	path = strings.TrimRight(path, "/")
	switch {
	case strings.HasSuffix(path, "/models"):
		return Models
	case strings.HasSuffix(path, "/openai"):
		return Deployments
	}
	return V1
}

// New is an adapter of one of OpenAI's dialects on Azure. It is a dialect.Relay when the
// inner adapter is one. version is the API's, "" the default: none for V1.
func New(inner dialect.Adapter, shape Shape, version string) dialect.Adapter {
	if version == "" && shape != V1 {
		version = DefaultVersion
	}
	return dialect.Wrap(inner, dialect.Wrapping{
		Call: func(_ *llm.Request, to dialect.Target, call *dialect.Call, losses []llm.Loss) ([]llm.Loss, error) {
			path, query, _ := strings.Cut(call.Path, "?")
			if shape == Deployments && deployed(path) {
				path = "/deployments/" + dialect.EscapeSegment(to.Model, "") + path
			}
			if version != "" {
				if query != "" {
					query += "&"
				}
				query += "api-version=" + dialect.EscapeSegment(version, "")
			}
			if call.Path = path; query != "" {
				call.Path += "?" + query
			}
			return losses, nil
		},
		Failure: failure,
	})
}

// deployed reports whether an operation is a deployment's. Responses are the resource's,
// which finds the deployment by the body's model.
func deployed(path string) bool { return !strings.HasPrefix(path, "/responses") }

// failure adds what Azure says that OpenAI does not: which filters refused a prompt, and
// that a deployment is not there, which is the operator's mistake and not the client's.
func failure(inner dialect.Adapter, status int, h dialect.Header, body []byte) *fault.Error {
	e := inner.Failure(status, h, body)
	var d rawjson.Doc
	if d.Parse(bytes.TrimSpace(body)) != nil {
		return e
	}
	said := d.Root().Get("error")
	switch code := said.Get("code"); {
	case code.Is("DeploymentNotFound") || code.Is("OperationNotSupported") && status == 404:
		return &fault.Error{Kind: fault.Broken, Status: 404, Type: "not_found", Public: "The provider does not have this model", ProviderCode: code.Str(), Err: e.Err}
	case code.Is("content_filter"):
		e.Kind = fault.Moderated
		if reasons := filtered(said.Get("innererror")); len(reasons) > 0 {
			metadata := map[string]any{"reasons": reasons}
			for k, v := range e.Metadata {
				metadata[k] = v
			}
			e.Metadata = metadata
		}
	}
	return e
}

// filtered are the names of the filters that refused
// (https://learn.microsoft.com/en-us/azure/ai-foundry/openai/concepts/content-filter).
func filtered(inner rawjson.Node) (names []string) {
	for _, key := range []string{"content_filter_result", "content_filter_results"} {
		for k, v := range inner.Get(key).Members() {
			if v.Get("filtered").Bool() && len(names) < 32 {
				names = append(names, dialect.Clip(k.Str(), 64))
			}
		}
	}
	return names
}
