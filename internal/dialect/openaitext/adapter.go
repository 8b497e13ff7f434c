package openaitext

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls POST /completions of a provider that has it. It takes requests of its own
// dialect only: a conversation is no prompt.
//
// The declared edits of a request: `model`; `user` is hashed; what speaks to the gateway
// goes, and what a strict provider does not know; `stream_options.include_usage` is set
// when it streams; a limit is set where credit ends. Of an answer: `usage` moves into one
// last chunk, `object` is the API's, an id, model, created, index or finish_reason that is
// missing is added.
type Adapter struct {
	Strict bool // answers 400 to fields it does not know
}

// Dialect is llm.OpenAIText.
func (*Adapter) Dialect() llm.Dialect { return llm.OpenAIText }

// Failure classifies an answer that is not 2xx.
func (*Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return (*openaichat.Adapter)(nil).Failure(status, h, body)
}

// OpenAIServes reports whether OpenAI answers completions for a model: its models that do
// are older than chat (platform.openai.com, model endpoint compatibility).
func OpenAIServes(model string) bool {
	return strings.Contains(model, "instruct") || strings.Contains(model, "davinci") || strings.Contains(model, "babbage")
}

// fields are the members of OpenAI's own request (API reference, "Create completion").
var fields = []string{"model", "prompt", "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "n",
	"presence_penalty", "seed", "stop", "stream", "stream_options", "suffix", "temperature", "top_p", "user"}

// gateways are members that ask something of the gateway which it does not do here.
var gateways = []string{"reasoning", "include_reasoning", "plugins", "transforms", "response_format", "cache_control"}

// silent are members whose work the gateway has done by now.
var silent = []string{"provider", "models", "route", "session_id", "trace", "metadata", "usage", "debug", "structured_outputs"}

// EncodeRequest edits the client's bytes in place.
func (a *Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.OpenAIText {
		return dialect.Call{}, nil, &fault.Error{Kind: fault.Refused, Public: "This endpoint completes prompts and holds no conversations"}
	}
	var losses []llm.Loss
	p, root := new(rawjson.Patch), req.Doc.Root()
	lose := func(name, why string) {
		if !root.Get(name).IsNull() { // an unset option is no loss
			losses = append(losses, llm.Loss{Path: name, Why: why})
		}
	}
	openaichat.EditHead(p, root, to.Model, func(name string) bool {
		switch {
		case name == "stream_options" && !req.Stream, slices.Contains(silent, name):
			return true
		case slices.Contains(gateways, name):
			lose(name, "completions have no such parameter")
			return true
		case a.Strict && !slices.Contains(fields, name):
			lose(name, "the provider refuses fields it does not know")
			return true
		}
		return false
	})
	lose("metadata", "the provider would take it only with a stored answer")
	if to.Clamp > 0 && (root.Get("max_tokens").IsNull() || req.MaxOutput > to.Clamp) {
		p.Put(root, "max_tokens", strconv.AppendInt(nil, to.Clamp, 10))
	}
	if o := root.Get("stream_options"); req.Stream && o.Kind() == rawjson.Object {
		p.Put(o, "include_usage", []byte("true"))
	} else if req.Stream {
		p.Put(root, "stream_options", []byte(`{"include_usage":true}`))
	}
	return dialect.Call{
		Method: "POST", Path: "/completions",
		Header: dialect.JSON(),
		Body:   p.Segments(req.Raw),
	}, losses, nil
}
