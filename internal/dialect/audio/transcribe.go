package audio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sse"
)

// TranscriptionsAdapter calls POST /audio/transcriptions (OpenAI API reference, "Create
// transcription"), always with a form. Fields of the client's form without a name here go
// on as they came.
type TranscriptionsAdapter struct{ Quirks TranscriptionQuirks }

// TranscriptionQuirks are a vendor's deviations.
type TranscriptionQuirks struct {
	Verbose  bool // tells how long the audio is in verbose_json only, which is then always asked for (Whisper at Groq)
	NoFormat bool // has one format and refuses response_format (Mistral)
}

// Dialect is llm.OpenAITranscriptions.
func (*TranscriptionsAdapter) Dialect() llm.Dialect { return llm.OpenAITranscriptions }

// Failure classifies an answer that is not 2xx.
func (*TranscriptionsAdapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return failure(status, h, body)
}

// EncodeRequest writes a form around the client's audio.
func (a *TranscriptionsAdapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.OpenAITranscriptions {
		return dialect.Call{}, nil, fault.Wrap(fault.Internal, fmt.Errorf("a %s request reached the transcription adapter", req.From))
	}
	in := hearOf(req)
	f := dialect.NewForm(in.Audio, []byte(to.Model))
	f.Add("model", "", "", []byte(to.Model))
	name := in.Filename
	if name == "" {
		name = "audio"
	}
	f.Add("file", name, in.MIME, in.Audio)
	text := func(name, v string) {
		if v != "" {
			f.Add(name, "", "", []byte(v))
		}
	}
	text("language", in.Language)
	text("prompt", in.Prompt)
	text("temperature", string(in.Temperature))
	for _, s := range in.Stamps {
		text("timestamp_granularities[]", s)
	}
	losses := openaichat.MoreLosses(nil, in.Extra, "a form has no such field")
	switch want := in.Want; {
	case a.Quirks.NoFormat && want == "verbose_json":
		losses = append(losses, llm.Loss{Path: "response_format", Why: "the provider has one format"})
	case a.Quirks.NoFormat:
	case a.Quirks.Verbose && !req.Stream:
		text("response_format", "verbose_json")
	default:
		text("response_format", want)
	}
	if req.Stream {
		text("stream", "true")
	}
	for _, x := range in.Form {
		f.Add(x.Path, "", "", x.Value)
	}
	return dialect.Call{Method: "POST", Path: "/audio/transcriptions", Header: dialect.Header{"Content-Type": {f.ContentType()}}, Body: f.Close()}, losses, nil
}

// Events hands a transcript on: its frames, or the body as the End's frame.
func (a *TranscriptionsAdapter) Events(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		if r.Stream && isType(r.Header, "text/event-stream") {
			a.stream(r.Body, yield)
			return
		}
		var doc rawjson.Doc
		root, err := openaichat.ReadWhole(r, &doc)
		switch {
		case err != nil:
		case root.Get("text").Kind() != rawjson.String:
			err = openaichat.Broken("The provider answered without a transcript", nil)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		ev := llm.Event{Kind: llm.Start, Model: root.Get("model").Str()}
		if !yield(&ev, nil) {
			return
		}
		frame := root.Raw()
		if a.Quirks.Verbose && hearOf(req).Want != "verbose_json" {
			frame = append(append([]byte(`{"text":`), root.Get("text").Raw()...), '}')
		}
		ev = llm.Event{Kind: llm.End, Usage: usageOf(root), Frame: frame, Content: true, Size: int64(root.Get("text").StrLen())}
		yield(&ev, nil)
	}
}

// stream reads frames until the one that says the transcript is done. Its text goes with
// the End, which gets the cost.
func (a *TranscriptionsAdapter) stream(body io.Reader, yield func(*llm.Event, error) bool) {
	rd := sse.NewReader(body, dialect.MaxFrame)
	defer rd.Close()
	var doc rawjson.Doc
	var buf []byte
	for {
		f, err := rd.Next()
		switch {
		case errors.Is(err, io.EOF):
			err = openaichat.Broken("The provider's stream ended before its end mark", io.ErrUnexpectedEOF)
		case err != nil:
			err = openaichat.Cut(err)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		data := bytes.TrimSpace(f.Data)
		if len(data) == 0 || string(data) == "[DONE]" {
			continue
		}
		if err := doc.Parse(data); err != nil || doc.Root().Kind() != rawjson.Object {
			yield(nil, openaichat.Broken("The provider sent a frame that is not JSON", err))
			return
		}
		root := doc.Root()
		kind := root.Get("type").Str()
		// Mistral's names differ in their first word (API reference, "Audio transcriptions").
		if rest, ok := strings.CutPrefix(kind, "transcription."); ok {
			kind = "transcript." + rest
		}
		switch {
		case kind == "error" || !root.Get("error").IsNull():
			yield(nil, openaichat.FrameFailure(root))
			return
		case kind == "transcript.text.done" || kind == "transcript.done":
			ev := llm.Event{Kind: llm.End, Usage: usageOf(root), Frame: typed(&doc, "transcript.text.done"), Content: true}
			yield(&ev, nil)
			return
		}
		delta := root.Get("delta")
		if !delta.Exists() {
			delta = root.Get("text")
		}
		buf = append(append(append(buf[:0], "data: "...), typed(&doc, kind)...), "\n\n"...)
		ev := llm.Event{Kind: llm.Frame, Frame: buf, Content: delta.StrLen() > 0, Size: int64(delta.StrLen())}
		if !yield(&ev, nil) {
			return
		}
	}
}

// typed is a frame's JSON under OpenAI's name for its type.
func typed(doc *rawjson.Doc, kind string) []byte {
	root := doc.Root()
	v := root.Get("type")
	if v.Is(kind) || !v.Exists() {
		return root.Raw()
	}
	var p rawjson.Patch
	p.Set(v, rawjson.AppendString(nil, kind))
	if text := root.Get("text"); kind == "transcript.text.delta" && text.Exists() && !root.Get("delta").Exists() {
		for k := range root.Members() {
			if k.Is("text") {
				p.Set(k, []byte(`"delta"`))
			}
		}
	}
	return p.Apply(nil, doc.Source())
}

// usageOf reads OpenAI's two kinds of usage, Mistral's, and the duration of verbose_json.
func usageOf(root rawjson.Node) *llm.Usage {
	u := root.Get("usage")
	n := func(v rawjson.Node) int64 { return max(v.Int64(), 0) }
	r := &llm.Usage{Cost: openaichat.ReportedCost(u)}
	in, details := n(u.Get("input_tokens")), u.Get("input_token_details")
	r.Output = n(u.Get("output_tokens"))
	if d := u.Get("prompt_tokens_details"); u.Get("prompt_tokens").Exists() { // Mistral's prompt is without its audio
		in, details = n(u.Get("prompt_tokens"))+n(d.Get("audio_tokens")), d
		r.Output = n(u.Get("completion_tokens"))
		if total := n(u.Get("total_tokens")); total > 0 && total < in+r.Output {
			in = max(total-r.Output, 0)
		}
	}
	r.AudioInput = min(n(details.Get("audio_tokens")), in)
	r.Input = in - r.AudioInput
	for _, s := range []rawjson.Node{u.Get("seconds"), u.Get("prompt_audio_seconds"), root.Get("duration")} {
		if f, ok := s.Float(); ok && f > 0 && f < 1e9 && r.AudioMillis == 0 {
			r.AudioMillis = int64(math.Ceil(f * 1000))
		}
	}
	if r.AudioMillis+r.Prompt()+r.Output == 0 {
		return new(llm.Usage)
	}
	r.State, r.Raw = llm.UsageReported, append([]byte(nil), u.Raw()...)
	return r
}

var _ dialect.Adapter = (*TranscriptionsAdapter)(nil)
