package audio

import (
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Speech is the client's side of POST /audio/speech (reference §3.6). The answer is audio
// as it comes: a request always streams.
type Speech struct{}

// Dialect is llm.OpenAISpeech.
func (Speech) Dialect() llm.Dialect { return llm.OpenAISpeech }

// defaultFormat is what a request gets that names no format.
const defaultFormat = "pcm"

func speakOf(req *llm.Request) *llm.SpeakInput {
	in, _ := req.Input.(*llm.SpeakInput)
	if in == nil {
		in = new(llm.SpeakInput)
	}
	return in
}

// DecodeRequest reads a request for speech. Unset options may be null.
func (Speech) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	doc, root, err := field.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	input := &llm.SpeakInput{Format: defaultFormat}
	r := &llm.Request{From: llm.OpenAISpeech, Raw: in.Body, Doc: doc, Choices: 1, Input: input, Stream: true}
	for k, v := range root.Members() {
		name := k.Str()
		known, err := field.Head(r, name, v)
		switch {
		case known || err != nil || v.IsNull():
		case name == "input":
			input.Text, err = field.Str(name, v, 1<<20)
		case name == "voice" && v.Kind() == rawjson.String:
			if input.Voice = v.Str(); input.Voice == "" {
				err = field.Bad(name, v, "the name of a voice")
			}
		case name == "response_format":
			input.Format, err = field.Str(name, v, 32)
		case name == "speed":
			input.Speed, err = v.Raw(), field.Number(name, v, 0.1, 10)
		case name == "instructions":
			input.Instructions, err = field.Str(name, v, 1<<16)
			r.Size.Text += int64(v.StrLen())
		case name == "stream_format" && !v.Is("audio"):
			err = fault.Bad(name, "stream_format must be audio: speech is sent as raw audio here")
		case name == "input_references":
			err = field.Want(name, v, rawjson.Array)
			r.Needs |= llm.NeedAudioIn
			input.Extra = append(input.Extra, llm.Field{Path: name, Value: v.Raw()})
		default:
			input.Extra = append(input.Extra, llm.Field{Path: name, Value: v.Raw()})
		}
		if err != nil {
			return nil, err
		}
	}
	if input.Text == "" {
		return nil, fault.Bad("input", "input is missing or empty; send the text to speak")
	}
	r.Size.Text += int64(len(input.Text))
	r.Size.Characters = int64(utf8.RuneCountInString(input.Text))
	return r, field.Finish(r, in.Header)
}

// Encode starts an answer of raw audio.
func (Speech) Encode(req *llm.Request, a *dialect.Answer) dialect.Encoder {
	if a.ContentType = mimes[speakOf(req).Format]; a.ContentType == "" {
		a.ContentType = "application/octet-stream"
	}
	return &sound{a}
}

// EncodeError is the envelope of all OpenAI routes (reference §1.5).
func (Speech) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}

type sound struct{ a *dialect.Answer }

func (s *sound) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.Start:
		if ev.MIME != "" {
			s.a.ContentType = ev.MIME
		}
	case llm.BytesDelta:
		return append(dst, ev.Raw...), nil
	}
	return dst, nil
}

// Fail appends nothing: raw audio has no end but the connection's.
func (*sound) Fail(dst []byte, _ *fault.Error) []byte { return dst }

// KeepAlive appends nothing.
func (*sound) KeepAlive(dst []byte) []byte { return dst }
