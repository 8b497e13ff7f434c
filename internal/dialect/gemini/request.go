package gemini

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// EncodeRequest writes the conversation as a generateContent call. The path is below the
// host: "/v1beta/models/{model}:generateContent", or ":streamGenerateContent?alt=sse".
// A request of this dialect is the client's own bytes with the edits that edit declares.
// The error is a *fault.Error about the client's request.
func (Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From == llm.Gemini {
		call, losses := edit(req, to, method(req))
		return call, losses, nil
	}
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	e := encoder{req: req, conv: conv, to: to, model: identify(to.Model)}
	e.w.B = to.Room(len(req.Raw) + 256)
	if err := e.body(); err != nil {
		return dialect.Call{}, nil, err
	}
	return dialect.Call{
		Method: "POST",
		Path:   path(to.Model, method(req)),
		Header: dialect.JSON(),
		Body:   [][]byte{e.w.B},
	}, e.losses, nil
}

// encoder is the state of one EncodeRequest.
type encoder struct {
	req    *llm.Request
	conv   *llm.Conversation
	to     dialect.Target
	model  model
	w      rawjson.Writer
	losses []llm.Loss

	role  string            // of the content that is open, "" none
	turn  []string          // ids of the calls of the last model turn, in order
	names map[string]string // tool of each call id so far

	onlySystem bool // no other turn: the system's text went as the user's
}

func (e *encoder) lose(path, why string) {
	e.losses = append(e.losses, llm.Loss{Path: path, Why: why})
}

func (e *encoder) body() error {
	e.w.Open('{')
	if err := e.contents(); err != nil {
		return err
	}
	e.systemInstruction()
	e.tools()
	e.extras()
	e.generationConfig()
	switch t := e.req.ServiceTier; t {
	case "", "auto", "default", "standard":
	case "flex", "priority": // https://ai.google.dev/gemini-api/docs/priority-inference
		e.w.Key("serviceTier").Str(t)
	default:
		e.lose("service_tier", "the provider has no tier of that name")
	}
	e.w.Close('}')
	return nil
}

// forwarded are fields of Google's own that clients send in either spelling.
var forwarded = map[string]string{
	"safety_settings": "safetySettings", "safetySettings": "safetySettings",
	"cached_content": "cachedContent", "cachedContent": "cachedContent",
}

func (e *encoder) extras() {
	c := e.conv
	for _, f := range c.Extra {
		switch name := forwarded[f.Path]; {
		case name != "":
			e.w.Key(name).Raw(f.Value)
		case f.Path == "image_config": // in generationConfig
		default:
			e.lose(f.Path, dialect.NoParameter)
		}
	}
	lacks.Tell(e.req, c, e.lose)
	if c.CacheAll != nil {
		e.lose("cache_control", lossCache)
	}
}

// lacks are the parameters that the wire has no place for.
var lacks = dialect.NewLacks("min_p", "top_a", "repetition_penalty", "logit_bias", "prediction", "verbosity", "metadata", "user", "prompt_cache_key",
	"response_format.json_schema.description")

const lossCache = "the provider caches implicitly and takes no cache marks"

// path escapes what stands in for the model. A resource name keeps its collection.
func path(name, method string) string {
	collection := "models/"
	for _, c := range []string{"models/", "tunedModels/"} {
		if rest, ok := strings.CutPrefix(name, c); ok {
			collection, name = c, rest
		}
	}
	return "/v1beta/" + collection + escape(name) + method
}

func method(req *llm.Request) string {
	if req.Stream {
		return ":streamGenerateContent?alt=sse"
	}
	return ":generateContent"
}

// escape is percent-encoding of one path segment (RFC 3986 §2.3).
func escape(s string) string {
	const digits = "0123456789ABCDEF"
	var out []byte
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~@", c) >= 0 {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(out)
}

// model is what a model's name tells about its wire.
type model struct {
	name  string
	major int // 2 for gemini-2.5-pro; 3 for an alias of the latest; 0 for another family
}

func identify(name string) model {
	m := model{name: name[strings.LastIndexByte(name, '/')+1:]}
	rest, ok := strings.CutPrefix(m.name, "gemini-")
	switch {
	case !ok:
	case rest != "" && rest[0] >= '0' && rest[0] <= '9':
		for i := 0; i < len(rest) && i < 3 && rest[i] >= '0' && rest[i] <= '9'; i++ {
			m.major = m.major*10 + int(rest[i]-'0')
		}
	case strings.HasSuffix(rest, "-latest"):
		m.major = 3
	}
	return m
}

// signs reports whether the model refuses a function call in history without a signature
// (https://ai.google.dev/gemini-api/docs/thought-signatures).
func (m model) signs() bool { return m.major >= 3 }

// bad is an error of the client's request.
func bad(path, why string) error { return fault.Bad(path, path+" "+why) }
