package bedrock

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/claude"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// EncodeRequest writes the conversation as a call of Converse or ConverseStream. The error
// is a *fault.Error about the client's request.
func (Converse) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	e := encoder{req: req, conv: conv, to: to, family: familyOf(to.Model), ids: dialect.CallIDs{Fit: fitID}}
	e.w.B = to.Room(len(req.Raw) + 256)
	err = e.body()
	if wants := e.wants.Err(); wants != nil {
		err = wants
	}
	if err != nil {
		return dialect.Call{}, nil, err
	}
	call := dialect.Call{
		Method: "POST", Path: path(to.Model, "converse"),
		Header: dialect.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}},
		Body:   [][]byte{e.w.B},
	}
	if req.Stream {
		call.Path = path(to.Model, "converse-stream")
		call.Header["Accept"] = []string{"application/vnd.amazon.eventstream"}
	}
	return call, e.losses, nil
}

// Raised makes Converse a dialect.Raiser.
func (Converse) Raised(req *llm.Request, to dialect.Target) int64 {
	if !IsClaude(to.Model) {
		return 0
	}
	return claude.Raised(req, &to)
}

// maxID is how long an id of a call may be
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
const maxID = 64

func fitID(id string) string { return dialect.PlainID(id, maxID) }

// encoder is the state of one EncodeRequest.
type encoder struct {
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	family family
	w      rawjson.Writer
	losses []llm.Loss
	wants  dialect.Wants

	think     claude.Thinking
	maxTokens int64 // 0 the provider's default
	skipMarks int   // cache marks still to drop: the wire takes few

	role  string   // of the message that is open, "" none
	texts int      // blocks of text in it
	files []string // paths of the documents in it
	docs  int      // documents so far
	ids   dialect.CallIDs

	args []byte      // of the call being written
	doc  rawjson.Doc // of args
}

func (e *encoder) lose(path, why string) {
	e.losses = append(e.losses, llm.Loss{Path: path, Why: why})
}

// body writes what a cache mark covers in the order in which the provider caches it:
// tools, system, messages.
func (e *encoder) body() error {
	e.planThinking()
	e.skipMarks = dialect.TooManyMarks(e.conv, 0)
	e.w.Open('{')
	e.toolConfig()
	lead := e.conv.Lead()
	e.system(lead)
	if err := e.messages(lead); err != nil {
		return err
	}
	e.inference()
	e.additional()
	e.outputConfig()
	e.serviceTier()
	e.extras()
	lacks.Tell(e.req, e.conv, e.lose)
	e.w.Close('}')
	return nil
}

// serviceTier maps the tiers of the API to Bedrock's
// (https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html).
func (e *encoder) serviceTier() {
	switch t := e.req.ServiceTier; t {
	case "", "auto", "default", "standard", "standard_only":
	case "flex", "priority", "reserved":
		e.w.Key("serviceTier").Open('{')
		e.w.Key("type").Str(t)
		e.w.Close('}')
	default:
		e.lose("service_tier", "the provider has no tier of that name")
	}
}

// forwarded are fields of Converse's own that clients send in either spelling.
var forwarded = map[string]string{
	"guardrailConfig": "guardrailConfig", "guardrail_config": "guardrailConfig",
	"performanceConfig": "performanceConfig", "performance_config": "performanceConfig",
	"requestMetadata": "requestMetadata", "request_metadata": "requestMetadata",
}

// additionalFields is the field of Converse that holds what only one model knows.
const additionalFields = "additionalModelRequestFields"

func isAdditional(path string) bool {
	return path == additionalFields || path == "additional_model_request_fields"
}

func (e *encoder) extras() {
	var sent []string
	for _, f := range e.conv.Extra {
		name := forwarded[f.Path]
		switch {
		case isAdditional(f.Path): // see additional
		case name == "" || slices.Contains(sent, name):
			e.lose(f.Path, dialect.NoParameter)
		default:
			sent = append(sent, name)
			e.w.Key(name).Raw(f.Value)
		}
	}
}

// lacks are the parameters that the wire has no place for.
var lacks = dialect.NewLacks("n", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "repetition_penalty", "min_p", "top_a", "seed",
	"audio", "modalities", "prediction", "metadata", "verbosity", "user", "cache_control", "prompt_cache_key")

// bad is an error of the client's request.
func bad(path, why string) error { return fault.Bad(path, path+" "+why) }
