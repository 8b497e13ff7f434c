package audio

import (
	"encoding/base64"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Transcriptions is the client's side of POST /audio/transcriptions (reference §3.7): JSON
// with base64, or OpenAI's form.
type Transcriptions struct{}

// Dialect is llm.OpenAITranscriptions.
func (Transcriptions) Dialect() llm.Dialect { return llm.OpenAITranscriptions }

func hearOf(req *llm.Request) *llm.TranscribeInput {
	in, _ := req.Input.(*llm.TranscribeInput)
	if in == nil {
		in = new(llm.TranscribeInput)
	}
	return in
}

// DecodeRequest reads a request for a transcript.
func (Transcriptions) DecodeRequest(in dialect.Inbound) (*llm.Request, error) {
	input := new(llm.TranscribeInput)
	d := hearing{in: input, req: &llm.Request{From: llm.OpenAITranscriptions, Raw: in.Body, Choices: 1, Input: input}}
	var err error
	if isType(in.Header, "multipart/form-data") {
		err = d.form(dialect.Get(in.Header, "Content-Type"), in.Body)
	} else {
		err = d.json(in.Body)
	}
	if err != nil {
		return nil, err
	}
	if len(input.Audio) == 0 {
		return nil, fault.Bad("file", "There is no audio; send a form with a file, or JSON with input_audio {data, format}")
	}
	d.req.Size.Audio = int64(len(input.Audio))/3*4 + 4
	d.req.Size.AudioMillis = longest(input.Audio)
	d.req.Size.Text += int64(len(input.Prompt))
	return d.req, field.Finish(d.req, in.Header)
}

type hearing struct {
	req *llm.Request
	in  *llm.TranscribeInput
}

func (d *hearing) json(body []byte) error {
	doc, root, err := field.Parse(body)
	if err != nil {
		return err
	}
	d.req.Doc = doc
	for k, v := range root.Members() {
		if err := d.member(k.Str(), v); err != nil {
			return err
		}
	}
	return nil
}

func (d *hearing) form(contentType string, body []byte) error {
	fields, err := dialect.ReadForm(contentType, body)
	if err != nil {
		return err
	}
	for _, f := range fields {
		name, list := strings.CutSuffix(f.Name, "[]")
		switch {
		case name == "file":
			d.in.Audio, d.in.Filename, d.in.MIME = f.Value, f.Filename, f.MIME
			if i := strings.LastIndexByte(f.Filename, '.'); i >= 0 {
				d.in.Format = strings.ToLower(f.Filename[i+1:])
			}
			continue
		case name == "timestamp_granularities":
			d.in.Stamps = append(d.in.Stamps, string(f.Value))
			continue
		case list || !known[name]:
			d.in.Form = append(d.in.Form, llm.Field{Path: f.Name, Value: f.Value})
			continue
		}
		var doc rawjson.Doc
		if err := doc.Parse(jsonText(name, f.Value)); err != nil {
			return fault.Bad(name, "The field "+name+" of the form is not valid text")
		}
		if err := d.member(name, doc.Root()); err != nil {
			return err
		}
	}
	return d.stamps()
}

// known are the fields that member reads by name.
var known = map[string]bool{
	"model": true, "provider": true, "user": true, "session_id": true, "language": true, "prompt": true,
	"response_format": true, "temperature": true, "stream": true,
}

func (d *hearing) member(name string, v rawjson.Node) error {
	head, err := field.Head(d.req, name, v)
	if head || err != nil || v.IsNull() {
		return err
	}
	switch name {
	case "input_audio":
		return d.audio(v)
	case "language":
		d.in.Language, err = field.Str(name, v, 64)
	case "prompt":
		d.in.Prompt, err = field.Str(name, v, maxValue)
	case "response_format":
		d.in.Want, err = field.OneOf(name, v, []string{"json", "verbose_json"})
	case "temperature":
		d.in.Temperature, err = v.Raw(), field.Number(name, v, 0, 1)
	case "stream":
		d.req.Stream, err = field.Bool(name, v)
	case "timestamp_granularities":
		if d.in.Stamps, err = field.Strs(name, v, 4, 16); err == nil {
			err = d.stamps()
		}
	default:
		d.in.Extra = append(d.in.Extra, llm.Field{Path: name, Value: v.Raw()})
	}
	return err
}

func (d *hearing) stamps() error {
	for _, s := range d.in.Stamps {
		if s != "word" && s != "segment" {
			return fault.Bad("timestamp_granularities", "timestamp_granularities must be word or segment")
		}
	}
	return nil
}

// audio reads {data, format}: base64, with or without the head of a data URL.
func (d *hearing) audio(v rawjson.Node) error {
	data := v.Get("data")
	if err := field.Want("input_audio.data", data, rawjson.String); err != nil {
		return err
	}
	text := data.Str()
	if rest, ok := strings.CutPrefix(text, "data:"); ok {
		_, text, _ = strings.Cut(rest, ",")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 {
		return fault.Bad("input_audio.data", "input_audio.data must be audio in base64")
	}
	format, err := field.Str("input_audio.format", v.Get("format"), 32)
	if err != nil {
		return err
	}
	d.in.Audio, d.in.Format, d.in.Filename, d.in.MIME = raw, format, "audio."+format, mimes[format]
	return nil
}

// EncodeError is the envelope of all OpenAI routes (reference §1.5).
func (Transcriptions) EncodeError(dst []byte, e *fault.Error, meta []byte) []byte {
	return openaichat.Surface{}.EncodeError(dst, e, meta)
}
