package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A Surface is an API of the gateway that a client may ask through.
type Surface string

// The surfaces.
const (
	Chat      Surface = "chat"
	Messages  Surface = "messages"
	Responded Surface = "responses"
	Generated Surface = "gemini"
)

// Surfaces are all of them.
var Surfaces = []Surface{Chat, Messages, Responded, Generated}

func (s Surface) wire() Wire {
	return map[Surface]Wire{Messages: Anthropic, Responded: Responses, Generated: Gemini}[s]
}

// path is where a request goes.
func (s Surface) path(model string, stream bool) string {
	switch s {
	case Messages:
		return "/api/v1/messages"
	case Responded:
		return "/api/v1/responses"
	case Generated:
		if stream {
			return "/v1beta/models/" + model + ":streamGenerateContent?alt=sse"
		}
		return "/v1beta/models/" + model + ":generateContent"
	}
	return "/api/v1/chat/completions"
}

// Inexpressible says why a surface has no place for an answer, "" when it has.
func Inexpressible(s Surface, x *Exchange, want *Result) string {
	if x.Skip != "" {
		return x.Skip
	}
	if s != Chat && s != Generated && len(want.Choices) > 1 {
		return "more than one choice"
	}
	if s == Messages && slices.ContainsFunc(want.Choices, func(c *Choice) bool { return c.Images > 0 }) {
		return "images in an answer"
	}
	if (s == Messages || s == Responded) && slices.ContainsFunc(want.Choices, func(c *Choice) bool { return c.Audio }) {
		return "audio in an answer"
	}
	if (s == Messages || s == Responded) && slices.ContainsFunc(want.Choices, func(c *Choice) bool { return c.Finish == "error" }) {
		return "an answer that ended with an error"
	}
	return ""
}

// rewrite turns a plain chat request into the surface's own.
func (s Surface) rewrite(chat []byte) ([]byte, error) {
	if s == Chat {
		return chat, nil
	}
	var in struct {
		Model     string `json:"model"`
		Stream    bool   `json:"stream"`
		MaxTokens int64  `json:"max_tokens"`
		N         int    `json:"n"`
		Messages  []struct{ Role, Content string }
		Reasoning map[string]any
		Tools     []struct {
			Function struct {
				Name, Description string
				Parameters        json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(chat, &in); err != nil {
		return nil, fmt.Errorf("plain request: %w", err)
	}
	var system []string
	var turns, tools []any
	for _, m := range in.Messages {
		switch {
		case m.Role == "system":
			system = append(system, m.Content)
		case s == Generated:
			role := map[string]string{"assistant": "model"}[m.Role]
			if role == "" {
				role = "user"
			}
			turns = append(turns, map[string]any{"role": role, "parts": []any{map[string]any{"text": m.Content}}})
		default:
			turns = append(turns, map[string]any{"role": m.Role, "content": m.Content})
		}
	}
	if turns == nil && s == Generated {
		turns = []any{map[string]any{"role": "user", "parts": []any{map[string]any{"text": "Hello"}}}}
	} else if turns == nil {
		turns = []any{map[string]any{"role": "user", "content": "Hello"}}
	}
	for _, t := range in.Tools {
		f := map[string]any{"name": t.Function.Name}
		if t.Function.Description != "" {
			f["description"] = t.Function.Description
		}
		schema := t.Function.Parameters
		if schema == nil {
			schema = json.RawMessage(`{"type":"object"}`)
		}
		f[map[Surface]string{Messages: "input_schema", Responded: "parameters", Generated: "parametersJsonSchema"}[s]] = schema
		if s == Responded {
			f["type"] = "function"
		}
		tools = append(tools, f)
	}
	out := map[string]any{}
	switch s {
	case Messages:
		out = map[string]any{"model": in.Model, "stream": in.Stream, "messages": turns, "max_tokens": max(in.MaxTokens, 4096)}
		if in.Reasoning != nil {
			out["thinking"] = map[string]any{"type": "enabled", "budget_tokens": 1024}
		}
		if system != nil {
			out["system"] = strings.Join(system, "\n")
		}
	case Responded:
		out = map[string]any{"model": in.Model, "stream": in.Stream, "input": turns}
		if in.Reasoning != nil {
			out["reasoning"] = map[string]any{"effort": "medium", "summary": "auto"}
		}
		if system != nil {
			out["instructions"] = strings.Join(system, "\n")
		}
	case Generated:
		gen := map[string]any{}
		if in.Reasoning != nil {
			gen["thinkingConfig"] = map[string]any{"includeThoughts": true}
		}
		if in.N > 1 {
			gen["candidateCount"] = in.N
		}
		out = map[string]any{"contents": turns, "generationConfig": gen}
		if system != nil {
			out["systemInstruction"] = map[string]any{"parts": []any{map[string]any{"text": strings.Join(system, "\n")}}}
		}
		if tools != nil {
			tools = []any{map[string]any{"functionDeclarations": tools}}
		}
	}
	if tools != nil {
		out["tools"] = tools
	}
	return json.Marshal(out)
}

// ObserveOn reads the gateway's answer as a client of the surface does.
func ObserveOn(s Surface, a *Answer, stream bool) *Result {
	if s == Chat {
		return Observe(a, stream)
	}
	x := &Exchange{Wire: s.wire(), Stream: stream, Status: a.Status, Body: a.Body,
		SSE: strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream")}
	if a.Status != http.StatusOK {
		r := &Result{Failure: &Failure{Status: a.Status, Message: errorMessage(a.Body)}}
		root, err := parse(string(a.Body))
		if err != nil || root.At("error", "message").Str() == "" {
			r.Faults = append(r.Faults, "the error body has no error.message")
		}
		return r
	}
	r := Expect(x)
	if r.Failure != nil {
		r.Failure.InStream = true
	}
	if a.Broken != nil && r.Failure == nil {
		// Gemini's stream has no other end for an error that every SDK minds.
		if s != Generated || !bytes.Contains(a.Body, []byte(`{"error":{"code":`)) {
			r.Faults = append(r.Faults, fmt.Sprintf("the connection broke: %v", a.Broken))
		}
		r.Failure = &Failure{Message: "connection broke", InStream: true}
	}
	if stream && !x.SSE {
		r.Faults = append(r.Faults, fmt.Sprintf("a stream was asked for, %q came", a.Header.Get("Content-Type")))
	}
	if !r.Whole && r.Failure == nil {
		r.Faults = append(r.Faults, "neither the protocol's end nor an error")
	}
	return r
}
