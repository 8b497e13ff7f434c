package audio

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// SpeechAdapter calls POST /audio/speech (OpenAI API reference, "Create speech"). The
// answer is audio, or a JSON object with it in base64 (Mistral).
//
// The declared edits of a request: `model`; what speaks to the gateway goes; the format is
// written out when the client named none, since vendors' defaults differ.
type SpeechAdapter struct{ Quirks SpeechQuirks }

// SpeechQuirks are a vendor's deviations.
type SpeechQuirks struct {
	Only    []string // the optional fields it knows; nil passes all
	Cloning bool     // takes input_references
}

// Dialect is llm.OpenAISpeech.
func (*SpeechAdapter) Dialect() llm.Dialect { return llm.OpenAISpeech }

// Failure classifies an answer that is not 2xx.
func (*SpeechAdapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return failure(status, h, body)
}

// EncodeRequest edits the client's bytes.
func (a *SpeechAdapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.OpenAISpeech {
		return dialect.Call{}, nil, fault.Wrap(fault.Internal, fmt.Errorf("a %s request reached the speech adapter", req.From))
	}
	in, root, p := speakOf(req), req.Doc.Root(), new(rawjson.Patch)
	if !root.Get("input_references").IsNull() && !a.Quirks.Cloning {
		return dialect.Call{}, nil, &fault.Error{Kind: fault.Refused, Param: "input_references", Public: "The provider cannot clone a voice; leave input_references out or choose another model"}
	}
	var losses []llm.Loss
	openaichat.EditHead(p, root, to.Model, func(name string) bool {
		switch {
		case name == "user":
			return true
		case name == "input" || name == "voice" || name == "response_format" || a.Quirks.Only == nil:
			return false
		}
		for _, known := range a.Quirks.Only {
			if name == known {
				return false
			}
		}
		switch name {
		case "provider", "models", "session_id", "trace", "metadata", "usage", "debug", "route", "preset":
		default:
			if !root.Get(name).IsNull() {
				losses = append(losses, llm.Loss{Path: name, Why: "the provider takes no " + name})
			}
		}
		return true
	})
	if f := root.Get("response_format"); !f.Exists() {
		p.Append(root, "response_format", rawjson.AppendString(nil, in.Format))
	} else if f.IsNull() {
		p.Set(f, rawjson.AppendString(nil, in.Format))
	}
	return dialect.Call{Method: "POST", Path: "/audio/speech", Header: dialect.JSON(), Body: p.Segments(req.Raw)}, losses, nil
}

// piece is how much audio an event holds at most.
const piece = 32 << 10

// Events reads audio as it comes.
func (a *SpeechAdapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		switch {
		case isType(r.Header, "application/json"):
			inJSON(req, r, yield)
		case strings.HasPrefix(dialect.Get(r.Header, "Content-Type"), "text/"):
			yield(nil, openaichat.Broken("The provider answered with text instead of audio", nil))
		default:
			asBytes(req, r, yield)
		}
	}
}

func asBytes(req *llm.Request, r dialect.Reply, yield func(*llm.Event, error) bool) {
	ev := llm.Event{Kind: llm.Start, MIME: dialect.Get(r.Header, "Content-Type")}
	if !strings.HasPrefix(ev.MIME, "audio/") {
		ev.MIME = mimes[speakOf(req).Format]
	}
	if !yield(&ev, nil) {
		return
	}
	buf := make([]byte, piece)
	total := 0
	for {
		n, err := r.Body.Read(buf)
		if total += n; total > dialect.MaxBody {
			yield(nil, openaichat.Broken(fmt.Sprintf("The provider's audio is longer than %d MiB", dialect.MaxBody>>20), nil))
			return
		}
		if n > 0 {
			ev = llm.Event{Kind: llm.BytesDelta, Raw: buf[:n], Size: int64(n)}
			if !yield(&ev, nil) {
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF) && total == 0:
			yield(nil, openaichat.Broken("The provider answered without audio", err))
			return
		case errors.Is(err, io.EOF):
			ev = llm.Event{Kind: llm.End, Usage: new(llm.Usage)}
			yield(&ev, nil)
			return
		case err != nil:
			yield(nil, openaichat.Cut(err))
			return
		}
	}
}

// inJSON reads {"audio_data":"…"} (Mistral API reference, "Speech").
func inJSON(req *llm.Request, r dialect.Reply, yield func(*llm.Event, error) bool) {
	var doc rawjson.Doc
	root, err := openaichat.ReadWhole(r, &doc)
	if err != nil {
		yield(nil, err)
		return
	}
	data, err := base64.StdEncoding.DecodeString(root.Get("audio_data").Str())
	if err != nil || len(data) == 0 {
		yield(nil, openaichat.Broken("The provider answered without audio", err))
		return
	}
	ev := llm.Event{Kind: llm.Start, MIME: mimes[speakOf(req).Format]}
	if !yield(&ev, nil) {
		return
	}
	for len(data) > 0 {
		n := min(piece, len(data))
		ev = llm.Event{Kind: llm.BytesDelta, Raw: data[:n], Size: int64(n)}
		if !yield(&ev, nil) {
			return
		}
		data = data[n:]
	}
	ev = llm.Event{Kind: llm.End, Usage: new(llm.Usage)}
	yield(&ev, nil)
}

var _ dialect.Adapter = (*SpeechAdapter)(nil)
