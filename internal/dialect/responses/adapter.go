package responses

import (
	"iter"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls an upstream's POST /responses. The zero Adapter is for OpenAI.
//
// The declared edits of a request in this API: `model`; `store` is false; `user` and
// `safety_identifier` are hashed; what speaks to the gateway is taken out; a limit is set
// where credit ends; reasoning that is not encrypted, or another vendor's, is taken out,
// since nothing is stored that it could refer to; and a model that reasons is asked for
// `reasoning.encrypted_content`. Of an answer: its last event, or its whole body, gets what
// it cost, and a response object the members that it lacks of those that all have.
type Adapter struct {
	Format string // of the provider's encrypted reasoning; "": openai-responses-v1
}

// Dialect is llm.OpenAIResponses.
func (*Adapter) Dialect() llm.Dialect { return llm.OpenAIResponses }

func (a *Adapter) format() string {
	if a.Format == "" {
		return llm.FormatOpenAI
	}
	return a.Format
}

// EncodeRequest edits the client's bytes when it speaks this API, else writes the
// conversation. The error is a *fault.Error about the client's request.
func (a *Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	call := dialect.Call{Method: "POST", Path: "/responses", Header: dialect.JSON()}
	if req.From == llm.OpenAIResponses {
		e := editor{req: req, to: to}
		call.Body = e.edit()
		return call, e.losses, nil
	}
	conv, err := req.Conversation()
	if err != nil {
		return dialect.Call{}, nil, err
	}
	e := encoder{req: req, conv: conv, to: to, format: a.format()}
	e.w.B = to.Room(len(req.Raw) + 256)
	e.body()
	call.Body = [][]byte{e.w.B}
	return call, e.losses, nil
}

// Events reads an event stream or a whole response. A client of this API gets Frames.
func (a *Adapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	if req.Relays(llm.OpenAIResponses) {
		return a.Frames(req, r)
	}
	return func(yield func(*llm.Event, error) bool) {
		x := answer{Teller: dialect.NewTeller(yield), format: a.format(), doc: rawjson.Lend()}
		defer x.doc.Free()
		x.Close(x.read(r))
	}
}

// Failure classifies an answer that is not 2xx. Its shapes are those of chat completions.
func (*Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return new(openaichat.Adapter).Failure(status, h, body)
}
