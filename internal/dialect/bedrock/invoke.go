package bedrock

import (
	"bytes"
	"encoding/base64"
	"iter"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// version is what a body of Anthropic's says here
// (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html).
const version = "bedrock-2023-05-31"

// NewInvoke carries the calls of an adapter of Anthropic's dialect through InvokeModel, and
// of its count of tokens through CountTokens. The result is a dialect.Relay when the inner
// adapter is one.
//
// The declared edits of a body: model and stream go, they are in the path; the version of
// the API comes in, and the header anthropic-beta as anthropic_beta; service_tier becomes
// a header.
func NewInvoke(inner dialect.Adapter) dialect.Adapter {
	if inner.Dialect() == llm.AnthropicCount {
		return countTokens{inner}
	}
	if r, ok := inner.(dialect.Relay); ok {
		return relayInvoke{invoke{inner}, r}
	}
	return invoke{inner}
}

type invoke struct{ inner dialect.Adapter }

func (i invoke) Dialect() llm.Dialect { return i.inner.Dialect() }

func (i invoke) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	call, losses, err := i.inner.EncodeRequest(req, to)
	if err != nil {
		return dialect.Call{}, nil, err
	}
	body, err := inBody(&call, nil)
	if err != nil {
		return dialect.Call{}, nil, err
	}
	out := dialect.Call{
		Method: "POST", Path: path(to.Model, "invoke"), Body: body,
		Header: dialect.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	}
	if req.Stream {
		out.Path = path(to.Model, "invoke-with-response-stream")
		out.Header["Accept"] = []string{"application/vnd.amazon.eventstream"}
		out.Header["X-Amzn-Bedrock-Accept"] = []string{"application/json"}
	}
	switch t := req.ServiceTier; t { // https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html
	case "flex", "priority", "reserved":
		out.Header["X-Amzn-Bedrock-Service-Tier"] = []string{t}
		losses = slices.DeleteFunc(losses, func(l llm.Loss) bool { return l.Path == "service_tier" })
	}
	return out, losses, nil
}

// moved are the members that have another place here.
func moved(name string) bool {
	return name == "model" || name == "stream" || name == "anthropic_version" || name == "anthropic_beta" || name == "service_tier"
}

// inBody is the inner call's body as it goes here, with more members where they are
// missing.
func inBody(call *dialect.Call, missing map[string]string) ([][]byte, error) {
	src := bytes.Join(call.Body, nil)
	var d rawjson.Doc
	if err := d.Parse(src); err != nil {
		return nil, fault.Wrap(fault.Internal, err) // the inner adapter's mistake
	}
	root := d.Root()
	betas := splitBetas(call.Header["Anthropic-Beta"])
	for b := range root.Get("anthropic_beta").Elems() {
		if s := b.Str(); s != "" && !slices.Contains(betas, s) {
			betas = append(betas, s)
		}
	}
	var p rawjson.Patch
	p.Remove(root, func(key rawjson.Node) bool { return moved(string(key.Bytes())) })
	p.Append(root, "anthropic_version", []byte(`"`+version+`"`))
	if len(betas) > 0 {
		var w rawjson.Writer
		w.Strs(betas)
		p.Append(root, "anthropic_beta", w.B)
	}
	for name, value := range missing {
		if !root.Get(name).Exists() {
			p.Append(root, name, []byte(value))
		}
	}
	return p.Segments(src), nil
}

func (i invoke) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	r.Body = &unwrapped{src: r.Body}
	return i.inner.Events(req, r)
}

// Failure classifies what Bedrock says; where the model's own error comes through, the
// inner adapter knows it.
func (i invoke) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	if d.Parse(bytes.TrimSpace(body)) == nil && d.Root().Get("error").Kind() == rawjson.Object {
		return i.inner.Failure(status, h, body)
	}
	return Converse{}.Failure(status, h, body)
}

// relayInvoke is an invoke whose inner adapter hands frames on.
type relayInvoke struct {
	invoke
	relay dialect.Relay
}

func (i relayInvoke) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	r.Body = &unwrapped{src: r.Body}
	return i.relay.Frames(req, r)
}

// countTokens asks how many tokens a body of Anthropic's has
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html).
type countTokens struct{ inner dialect.Adapter }

func (c countTokens) Dialect() llm.Dialect { return c.inner.Dialect() }

func (c countTokens) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	call, losses, err := c.inner.EncodeRequest(req, to)
	if err != nil {
		return dialect.Call{}, nil, err
	}
	body, err := inBody(&call, map[string]string{"max_tokens": "1"}) // a body of InvokeModel needs one
	if err != nil {
		return dialect.Call{}, nil, err
	}
	b := append([]byte(`{"input":{"invokeModel":{"body":"`), base64.StdEncoding.EncodeToString(bytes.Join(body, nil))...)
	return dialect.Call{
		Method: "POST", Path: path(to.Model, "count-tokens"), Body: [][]byte{append(b, `"}}}`...)},
		Header: dialect.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	}, losses, nil
}

// Events reads {"inputTokens"}, which the inner adapter knows as {"input_tokens"}.
func (c countTokens) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		raw, err := readAll(r.Body)
		var d rawjson.Doc
		if err == nil {
			err = d.Parse(raw)
		}
		if err != nil {
			yield(nil, broken(err))
			return
		}
		n, ok := d.Root().Get("inputTokens").Int()
		if !ok {
			yield(nil, fault.New(fault.Broken, "The provider's count has no number"))
			return
		}
		var w rawjson.Writer
		w.Open('{')
		w.Key("input_tokens").Int(n)
		w.Close('}')
		r.Body = bytes.NewReader(w.B)
		for ev, err := range c.inner.Events(req, r) {
			if !yield(ev, err) {
				return
			}
		}
	}
}

func (c countTokens) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return Converse{}.Failure(status, h, body)
}
