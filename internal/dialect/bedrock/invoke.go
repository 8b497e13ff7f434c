package bedrock

import (
	"bytes"
	"encoding/base64"
	"io"
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
	return dialect.Wrap(inner, dialect.Wrapping{
		Call:    invoke,
		Body:    func(r io.Reader) io.Reader { return &unwrapped{src: r} },
		Failure: failure,
	})
}

func invoke(req *llm.Request, to dialect.Target, call *dialect.Call, losses []llm.Loss) ([]llm.Loss, error) {
	body, err := inBody(call)
	if err != nil {
		return nil, err
	}
	*call = dialect.Call{
		Method: "POST", Path: path(to.Model, "invoke"), Body: body,
		Header: dialect.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
	}
	if req.Stream {
		call.Path = path(to.Model, "invoke-with-response-stream")
		call.Header["Accept"] = []string{"application/vnd.amazon.eventstream"}
		call.Header["X-Amzn-Bedrock-Accept"] = []string{"application/json"}
	}
	switch t := req.ServiceTier; t { // https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html
	case "flex", "priority", "reserved":
		call.Header["X-Amzn-Bedrock-Service-Tier"] = []string{t}
		losses = slices.DeleteFunc(losses, func(l llm.Loss) bool { return l.Path == "service_tier" })
	}
	return losses, nil
}

// inBody is the inner call's body as it goes here, with more members.
func inBody(call *dialect.Call, add ...dialect.Member) ([][]byte, error) {
	add = append(add, dialect.Member{Name: "anthropic_version", JSON: `"` + version + `"`})
	asked := splitBetas(call.Header["Anthropic-Beta"])
	add = append(add, betaMember(asked)...)
	all := asked
	body, err := dialect.Rebody(call.Body, func(name string, v rawjson.Node) bool {
		if name == "anthropic_beta" {
			for b := range v.Elems() {
				all = append(all, b.Str())
			}
			return true
		}
		return name == "model" || name == "stream" || name == "service_tier"
	}, add...)
	if all = splitBetas(all); err != nil || len(all) == len(asked) {
		return body, err
	}
	return dialect.Rebody(body, func(string, rawjson.Node) bool { return false }, betaMember(all)...)
}

func betaMember(betas []string) []dialect.Member {
	if len(betas) == 0 {
		return nil
	}
	var w rawjson.Writer
	w.Strs(betas)
	return []dialect.Member{{Name: "anthropic_beta", JSON: string(w.B)}}
}

// failure classifies what Bedrock says; where the model's own error comes through, the
// inner adapter knows it.
func failure(inner dialect.Adapter, status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	if d.Parse(bytes.TrimSpace(body)) == nil && d.Root().Get("error").Kind() == rawjson.Object {
		return inner.Failure(status, h, body)
	}
	return Converse{}.Failure(status, h, body)
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
	body, err := inBody(&call, dialect.Member{Name: "max_tokens", JSON: "1"}) // a body of InvokeModel needs one
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
		var d rawjson.Doc
		if _, err := dialect.ParseBody(&d, r.Header, r.Body); err != nil {
			yield(nil, err)
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
