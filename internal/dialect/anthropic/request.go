package anthropic

import (
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// version is the API's only one (https://docs.anthropic.com/en/api/versioning).
var version = []string{"2023-06-01"} // of all calls

// EncodeRequest writes the conversation as a call of /v1/messages; a request of this
// dialect is the client's own bytes with the edits that edit declares. The error is a
// *fault.Error about the client's request.
func (Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From == llm.Anthropic {
		call, losses := edit(req, to, "/v1/messages")
		return call, losses, nil
	}
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	e := encoder{req: req, conv: conv, to: to, ids: dialect.CallIDs{Fit: fitID}, betas: slices.Clone(req.Header["Anthropic-Beta"])}
	e.w.B = to.Room(len(req.Raw) + 256)
	if err := e.body(); err != nil {
		return dialect.Call{}, nil, err
	}
	h := dialect.JSON()
	h["Anthropic-Version"] = version
	if len(e.betas) > 0 {
		h["Anthropic-Beta"] = []string{strings.Join(e.betas, ",")}
	}
	return dialect.Call{Method: "POST", Path: "/v1/messages", Header: h, Body: [][]byte{e.w.B}}, e.losses, nil
}

// Raised makes an Adapter a dialect.Raiser. A request of this dialect goes up with its own limit.
func (Adapter) Raised(req *llm.Request, to dialect.Target) int64 {
	if req.From == llm.Anthropic {
		return 0
	}
	return claude.Raised(req, &to)
}

// fitID is an id of a call in the letters that the wire accepts.
func fitID(id string) string { return dialect.PlainID(id, 0) }

// encoder is the state of one EncodeRequest.
type encoder struct {
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	w      rawjson.Writer
	losses []llm.Loss
	betas  []string

	think     claude.Thinking
	maxTokens int64
	hasTools  bool
	skipMarks int // cache marks still to drop: the wire takes few

	role string // of the message that is open, "" none
	ids  dialect.CallIDs

	args []byte      // of the call being written
	doc  rawjson.Doc // of args
}

func (e *encoder) lose(path, why string) {
	e.losses = append(e.losses, llm.Loss{Path: path, Why: why})
}

// beta asks for a feature that the API has behind a header.
func (e *encoder) beta(name string) {
	if !slices.Contains(e.betas, name) {
		e.betas = append(e.betas, name)
	}
}

// body writes what a cache mark covers in the order in which the provider caches it:
// tools, system, messages.
func (e *encoder) body() error {
	e.planThinking()
	whole := 0
	if e.conv.CacheAll != nil {
		whole = 1
	}
	e.skipMarks = dialect.TooManyMarks(e.conv, whole)
	e.w.Open('{')
	e.w.Key("model").Str(e.to.Model)
	e.w.Key("max_tokens").Int(e.maxTokens)
	if e.req.Stream {
		e.w.Key("stream").Word("true")
	}
	e.tools()
	lead := e.conv.Lead()
	e.system(lead)
	if err := e.messages(lead); err != nil {
		return err
	}
	if e.conv.CacheAll != nil {
		e.w.Key("cache_control")
		e.cacheControl(e.conv.CacheAll, "cache_control")
	}
	e.toolChoice()
	e.think.Write(&e.w, e.req.Reasoning != nil && e.req.Reasoning.Exclude)
	e.outputConfig()
	e.sampling()
	e.serviceTier()
	if e.req.User != "" { // never sent raw
		e.w.Key("metadata").Open('{')
		e.w.Key("user_id").Str(hashed(e.req.User))
		e.w.Close('}')
	}
	e.unsupported()
	e.w.Close('}')
	return nil
}

// serviceTier maps the tiers of the API to whether the provider may use capacity that the
// operator has reserved (https://docs.anthropic.com/en/api/service-tiers).
func (e *encoder) serviceTier() {
	switch t := e.req.ServiceTier; t {
	case "":
	case "auto", "priority":
		e.w.Key("service_tier").Str("auto")
	case "default", "standard", "standard_only":
		e.w.Key("service_tier").Str("standard_only")
	default:
		e.lose("service_tier", "the provider has no tier of that name")
	}
}

// lacks are the parameters that the wire has no place for.
var lacks = dialect.NewLacks("n", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "repetition_penalty", "min_p", "top_a", "seed",
	"audio", "modalities", "prediction", "metadata", "prompt_cache_key", "response_format.json_schema.description")

func (e *encoder) unsupported() {
	lacks.Tell(e.req, e.conv, e.lose)
	for _, f := range e.conv.Extra {
		e.lose(f.Path, dialect.NoParameter)
	}
}

// bad is an error of the client's request.
func bad(path, why string) error { return fault.Bad(path, path+" "+why) }
