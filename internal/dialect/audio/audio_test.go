package audio

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func decode(t testing.TB, s dialect.Surface, contentType, body string) *llm.Request {
	t.Helper()
	req, err := s.DecodeRequest(dialect.Inbound{Header: dialect.Header{"Content-Type": {contentType}}, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

type heard struct {
	out, mime string
	usage     *llm.Usage
	failed    string // what the client gets when it breaks off
}

func answer(s dialect.Surface, a dialect.Adapter, req *llm.Request, contentType string, body io.Reader) (heard, error) {
	an := &dialect.Answer{GenerationID: "gen-1", Model: "x/y", Provider: "Alpha"}
	enc := s.Encode(req, an)
	var out []byte
	var h heard
	r := dialect.Reply{Status: 200, Body: body, Stream: req.Stream, Header: dialect.Header{"Content-Type": {contentType}}}
	for ev, err := range a.Events(req, r) {
		if err == nil && ev.Kind == llm.End {
			h.usage = ev.Usage
		}
		if err == nil {
			out, err = enc.Event(out, ev)
		}
		if err != nil {
			h.failed = string(enc.Fail(nil, fault.As(err)))
			h.out = string(out)
			return h, err
		}
	}
	h.out, h.mime = string(out), an.ContentType
	return h, nil
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSpeechRequests(t *testing.T) {
	mistral := &SpeechAdapter{SpeechQuirks{Only: []string{}}}
	for _, c := range []struct {
		a          *SpeechAdapter
		body, want string
		lost       int
	}{
		{&SpeechAdapter{}, `{"model":"m","input":"hé","voice":"alloy","speed":1.5,"provider":{"options":{}},"user":"u"}`, `{"model":"up","input":"hé","voice":"alloy","speed":1.5,"response_format":"pcm"}`, 0},
		{&SpeechAdapter{}, `{"model":"m","input":"h","response_format":"mp3","x":1}`, `{"model":"up","input":"h","response_format":"mp3","x":1}`, 0},
		{mistral, `{"model":"m","input":"h","voice":"v","response_format":null,"speed":2,"instructions":"slow"}`, `{"model":"up","input":"h","voice":"v","response_format":"pcm"}`, 2},
	} {
		req := decode(t, Speech{}, "application/json", c.body)
		call, losses, err := c.a.EncodeRequest(req, dialect.Target{Model: "up"})
		if err != nil || len(losses) != c.lost || call.Path != "/audio/speech" || !req.Stream {
			t.Fatalf("%s: %v %v", c.body, err, losses)
		}
		sameJSON(t, string(bytes.Join(call.Body, nil)), c.want)
	}
	if r := decode(t, Speech{}, "", `{"model":"m","input":"hé😀"}`); r.Size.Characters != 3 {
		t.Errorf("%d characters", r.Size.Characters)
	}
	clone := decode(t, Speech{}, "", `{"model":"m","input":"h","input_references":[{"type":"text","text":"t"}]}`)
	if _, _, err := (&SpeechAdapter{}).EncodeRequest(clone, dialect.Target{}); err == nil || fault.As(err).Kind != fault.Refused {
		t.Errorf("a voice to clone: %v", err)
	}
}

func TestSpeechRefuses(t *testing.T) {
	for body, param := range map[string]string{
		`{"model":"m"}`:                                       "input",
		`{"model":"m","input":""}`:                            "input",
		`{"input":"x"}`:                                       "model",
		`{"model":"m","input":1}`:                             "input",
		`{"model":"m","input":"x","voice":""}`:                "voice",
		`{"model":"m","input":"x","speed":"fast"}`:            "speed",
		`{"model":"m","input":"x","stream_format":"sse"}`:     "stream_format",
		`{"model":"m","input":"x","input_references":"text"}`: "input_references",
	} {
		_, err := Speech{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != param {
			t.Errorf("%s: %v, param %q, want %q", body, err, e.Param, param)
		}
	}
}

func TestSpeechAnswers(t *testing.T) {
	req := decode(t, Speech{}, "", `{"model":"m","input":"h","response_format":"mp3"}`)
	long := strings.Repeat("\x00\xff", 50_000)
	for _, c := range []struct{ mime, up, wantMIME, want string }{
		{"audio/mpeg", long, "audio/mpeg", long},
		{"audio/wav", "x", "audio/wav", "x"},
		{"application/octet-stream", "x", "audio/mpeg", "x"},
		{"application/json", `{"audio_data":"` + base64.StdEncoding.EncodeToString([]byte(long)) + `"}`, "audio/mpeg", long},
	} {
		h, err := answer(Speech{}, &SpeechAdapter{}, req, c.mime, strings.NewReader(c.up))
		if err != nil || h.out != c.want || h.mime != c.wantMIME || h.usage.State != llm.UsageMissing {
			t.Errorf("%s: %v, %d bytes of %s, usage %+v", c.mime, err, len(h.out), h.mime, h.usage)
		}
	}
	for _, c := range []struct{ mime, up string }{{"audio/mpeg", ""}, {"application/json", `{"audio_data":""}`}, {"application/json", `{"audio_data":"!"}`}, {"application/json", `{"error":{"message":"x"}}`}, {"text/html", "<p>"}} {
		if h, err := answer(Speech{}, &SpeechAdapter{}, req, c.mime, strings.NewReader(c.up)); err == nil || fault.As(err).HTTPStatus() < 500 || h.failed != "" {
			t.Errorf("%s %q: %v, %q", c.mime, c.up, err, h.failed)
		}
	}
	// Audio that breaks off is an error, and what the client has is nothing more than that.
	h, err := answer(Speech{}, &SpeechAdapter{}, req, "audio/mpeg", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if err == nil || h.out != "abc" || h.failed != "" {
		t.Errorf("%v %+v", err, h)
	}
}

const boundary = "xXx"

func formBody(fields ...string) string {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		b.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + fields[i] + "\"")
		if fields[i] == "file" {
			b.WriteString("; filename=\"a.wav\"\r\nContent-Type: audio/wav")
		}
		b.WriteString("\r\n\r\n" + fields[i+1] + "\r\n")
	}
	return b.String() + "--" + boundary + "--\r\n"
}

const formType = "multipart/form-data; boundary=" + boundary

func TestTranscriptionRequests(t *testing.T) {
	inForm := formBody("model", "m", "file", "RIFF\r\n--x", "language", "en", "prompt", "P", "temperature", "0.20", "response_format", "json", "timestamp_granularities[]", "word", "timestamp_granularities[]", "segment", "diarize", "true", "stream", "false", "provider", `{"zdr":true}`)
	req := decode(t, Transcriptions{}, formType, inForm)
	if req.Model != "m" || req.Stream || !req.Routing.ZDR || req.Size.AudioMillis < 1 {
		t.Errorf("%+v", req)
	}
	for _, c := range []struct {
		q    TranscriptionQuirks
		want string
		lost int
	}{
		{TranscriptionQuirks{}, "model=up file=RIFF\r\n--x language=en prompt=P temperature=0.20 timestamp_granularities[]=word timestamp_granularities[]=segment response_format=json diarize=true", 0},
		{TranscriptionQuirks{Verbose: true}, "model=up file=RIFF\r\n--x language=en prompt=P temperature=0.20 timestamp_granularities[]=word timestamp_granularities[]=segment response_format=verbose_json diarize=true", 0},
		{TranscriptionQuirks{NoFormat: true}, "model=up file=RIFF\r\n--x language=en prompt=P temperature=0.20 timestamp_granularities[]=word timestamp_granularities[]=segment diarize=true", 0},
	} {
		if got, lost := sent(t, &TranscriptionsAdapter{c.q}, req); got != c.want || len(lost) != c.lost {
			t.Errorf("%+v: sent %q, want %q; lost %v", c.q, got, c.want, lost)
		}
	}
	inJSON := decode(t, Transcriptions{}, "application/json", `{"model":"m","input_audio":{"data":"data:audio/wav;base64,UklGRg==","format":"wav"},"language":"en","stream":true,"x":1}`)
	got, lost := sent(t, &TranscriptionsAdapter{}, inJSON)
	if got != "model=up file=RIFF language=en stream=true" || len(lost) != 1 || lost[0].Path != "x" {
		t.Errorf("sent %q, lost %v", got, lost)
	}
}

// sent is the fields of a form as an upstream reads it.
func sent(t *testing.T, a *TranscriptionsAdapter, req *llm.Request) (string, []llm.Loss) {
	t.Helper()
	call, losses, err := a.EncodeRequest(req, dialect.Target{Model: "up"})
	if err != nil {
		t.Fatal(err)
	}
	fields, err := dialect.ReadForm(dialect.Get(call.Header, "Content-Type"), bytes.Join(call.Body, nil))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range fields {
		out = append(out, f.Name+"="+string(f.Value))
	}
	return strings.Join(out, " "), losses
}

func TestTranscriptionRefuses(t *testing.T) {
	for _, c := range []struct{ mime, body, param string }{
		{"application/json", `{"model":"m"}`, "file"},
		{"application/json", `{"model":"m","input_audio":{"data":"!","format":"wav"}}`, "input_audio.data"},
		{"application/json", `{"model":"m","input_audio":{"data":"AAAA"}}`, "input_audio.format"},
		{"application/json", `{"input_audio":{"data":"AAAA","format":"wav"}}`, "model"},
		{formType, formBody("model", "m"), "file"},
		{formType, formBody("file", "x"), "model"},
		{formType, formBody("model", "m", "file", "x", "response_format", "srt"), "response_format"},
		{formType, formBody("model", "m", "file", "x", "temperature", "2"), "temperature"},
		{formType, formBody("model", "m", "file", "x", "temperature", "hot"), "temperature"},
		{formType, formBody("model", "m", "file", "x", "stream", "maybe"), "stream"},
		{formType, formBody("model", "m", "file", "x", "timestamp_granularities[]", "letter"), "timestamp_granularities"},
		{formType, formBody("model", "m", "file", "x")[:60], ""},
		{"multipart/form-data", "x", ""},
	} {
		_, err := Transcriptions{}.DecodeRequest(dialect.Inbound{Header: dialect.Header{"Content-Type": {c.mime}}, Body: []byte(c.body)})
		if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != c.param {
			t.Errorf("%s %.300s: %v, param %q, want %q", c.mime, c.body, err, e.Param, c.param)
		}
	}
}

const free = `"cost":0,"is_byok":false,"cost_details":{"upstream_inference_cost":0,"upstream_inference_prompt_cost":0,"upstream_inference_completions_cost":0}`

func TestTranscripts(t *testing.T) {
	req := decode(t, Transcriptions{}, formType, formBody("model", "m", "file", "x"))
	for _, c := range []struct {
		name     string
		q        TranscriptionQuirks
		up, want string
		usage    llm.Usage
	}{
		{"tokens", TranscriptionQuirks{}, `{"text":"hi","x":1,"usage":{"type":"tokens","total_tokens":49,"input_tokens":37,"input_token_details":{"text_tokens":2,"audio_tokens":35},"output_tokens":12}}`,
			`{"text":"hi","x":1,"usage":{"total_tokens":49,"input_tokens":37,"input_token_details":{"text_tokens":2,"audio_tokens":35},"output_tokens":12,` + free + `}}`, llm.Usage{State: llm.UsageReported, Input: 2, AudioInput: 35, Output: 12}},
		{"tokens, of which kind is not told", TranscriptionQuirks{}, `{"text":"hi","usage":{"total_tokens":49,"input_tokens":37,"output_tokens":12}}`,
			`{"text":"hi","usage":{"total_tokens":49,"input_tokens":37,"output_tokens":12,` + free + `}}`, llm.Usage{State: llm.UsageReported, Input: 37, Output: 12}},
		{"duration", TranscriptionQuirks{}, `{"text":"hi","usage":{"type":"duration","seconds":9.2}}`, `{"text":"hi","usage":{"seconds":9.2,` + free + `}}`, llm.Usage{State: llm.UsageReported, AudioMillis: 9200}},
		{"verbose for who wants json", TranscriptionQuirks{Verbose: true}, `{"task":"transcribe","duration":3.51,"text":"hi","segments":[]}`, `{"text":"hi","usage":{"seconds":3.51,` + free + `}}`, llm.Usage{State: llm.UsageReported, AudioMillis: 3510}},
		{"Mistral", TranscriptionQuirks{}, `{"text":"hi","usage":{"prompt_audio_seconds":3,"prompt_tokens":5,"total_tokens":400,"completion_tokens":20,"prompt_tokens_details":{"audio_tokens":375}}}`,
			`{"text":"hi","usage":{"seconds":3,"total_tokens":400,"input_tokens":380,"input_token_details":{"text_tokens":5,"audio_tokens":375},"output_tokens":20,` + free + `}}`, llm.Usage{State: llm.UsageReported, Input: 5, AudioInput: 375, Output: 20, AudioMillis: 3000}},
		{"nothing counted", TranscriptionQuirks{}, `{"text":""}`, `{"text":"","usage":{"usage_state":"missing",` + free + `}}`, llm.Usage{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := answer(Transcriptions{}, &TranscriptionsAdapter{c.q}, req, "application/json", strings.NewReader(c.up))
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, h.out, c.want)
			if u := h.usage; u.State != c.usage.State || u.Input != c.usage.Input || u.AudioInput != c.usage.AudioInput || u.Output != c.usage.Output || u.AudioMillis != c.usage.AudioMillis {
				t.Errorf("usage %+v, want %+v", u, c.usage)
			}
			for i := range c.up {
				if _, err := answer(Transcriptions{}, &TranscriptionsAdapter{c.q}, req, "application/json", strings.NewReader(c.up[:i])); err == nil {
					t.Fatalf("cut at %d: taken for whole", i)
				}
			}
		})
	}
}

func TestStreamedTranscripts(t *testing.T) {
	req := decode(t, Transcriptions{}, formType, formBody("model", "m", "file", "x", "stream", "true"))
	want := `data: {"type":"transcript.text.delta","delta":"Ru"}

data: {"type":"transcript.text.delta","delta":"by"}

data: {"type":"transcript.text.done","text":"Ruby","usage":{"total_tokens":3,"input_tokens":1,"output_tokens":2,` + free + `}}

data: [DONE]

`
	for _, up := range []string{
		"data: {\"type\":\"transcript.text.delta\",\"delta\":\"Ru\"}\r\n\r\ndata: {\"type\":\"transcript.text.delta\",\"delta\":\"by\"}\n\ndata: {\"type\":\"transcript.text.done\",\"text\":\"Ruby\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}\n\n",
		"event: transcription.text.delta\ndata: {\"type\":\"transcription.text.delta\",\"text\":\"Ru\"}\n\n: c\n\ndata: {\"type\":\"transcription.text.delta\",\"text\":\"by\"}\n\ndata: {\"type\":\"transcription.done\",\"text\":\"Ruby\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}\n\n",
	} {
		h, err := answer(Transcriptions{}, &TranscriptionsAdapter{}, req, "text/event-stream", strings.NewReader(up))
		if err != nil || h.out != want {
			t.Errorf("%v\ngot  %s\nwant %s", err, h.out, want)
		}
		for i := range len(up) - 2 { // the last line's end is not needed
			h, err := answer(Transcriptions{}, &TranscriptionsAdapter{}, req, "text/event-stream", strings.NewReader(up[:i]))
			if err == nil && h.out != want {
				t.Fatalf("cut at %d: taken for whole", i)
			}
			if err != nil && !strings.Contains(h.failed, `"type":"error"`) {
				t.Fatalf("cut at %d ends with %q", i, h.failed)
			}
		}
	}
	h, err := answer(Transcriptions{}, &TranscriptionsAdapter{}, req, "application/json", strings.NewReader(`{"text":"Ruby"}`))
	if err != nil || !strings.HasPrefix(h.out, `data: {"type":"transcript.text.done","text":"Ruby","usage":{"usage_state":"missing"`) {
		t.Errorf("%v %s", err, h.out)
	}
	if _, err := answer(Transcriptions{}, &TranscriptionsAdapter{}, req, "text/event-stream", strings.NewReader("data: {\"type\":\"error\",\"error\":{\"message\":\"x\",\"code\":\"rate_limit\"}}\n\n")); err == nil || fault.As(err).Kind != fault.Overloaded {
		t.Errorf("an error inside: %v", err)
	}
}

func TestLongest(t *testing.T) {
	wav := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00"), make([]byte, 32_000)...)
	if got := longest(wav); got < 1000 || got > 1010 {
		t.Errorf("a second of WAV is %d ms", got)
	}
	if got := longest(make([]byte, 500)); got != 1000 {
		t.Errorf("500 bytes of anything are %d ms", got)
	}
}

func TestRecordings(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for _, api := range []string{"openai.audio-speech", "mistral.audio-speech", "openrouter.audio-speech", "openai.audio-transcriptions", "mistral.audio-transcriptions", "openrouter.audio-transcriptions"} {
		files, err := filepath.Glob(filepath.Join(folder, api, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no recordings of %s: %v", api, err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var r struct {
				Request struct {
					Headers map[string]string
					Body    json.RawMessage
					Base64  []byte `json:"body_base64"`
				}
				Response struct {
					Headers map[string]string
					Body    json.RawMessage
					SSE     string
					Base64  []byte `json:"body_base64"`
				}
			}
			if err := json.Unmarshal(raw, &r); err != nil {
				t.Fatal(err)
			}
			var s dialect.Surface = Speech{}
			var a dialect.Adapter = &SpeechAdapter{}
			if strings.HasSuffix(api, "transcriptions") {
				s, a = Transcriptions{}, &TranscriptionsAdapter{}
			}
			req := decode(t, s, r.Request.Headers["content-type"], string(r.Request.Body)+string(r.Request.Base64))
			if _, _, err := a.EncodeRequest(req, dialect.Target{Model: "up"}); err != nil {
				t.Error(err)
			}
			h, err := answer(s, a, req, r.Response.Headers["content-type"], strings.NewReader(string(r.Response.Body)+r.Response.SSE+string(r.Response.Base64)))
			if err != nil || len(h.out) == 0 {
				t.Errorf("%s: %v", file, err)
			}
			if strings.HasSuffix(api, "transcriptions") && (h.usage.State != llm.UsageReported || !strings.Contains(h.out, "developer happiness")) {
				t.Errorf("%s: %+v %s", file, h.usage, h.out)
			}
		}
	}
}

func FuzzSpeech(f *testing.F) {
	f.Add([]byte(`{"model":"m","input":"h","voice":"v","speed":2,"user":"u","response_format":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := Speech{}.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			return
		}
		for _, a := range []*SpeechAdapter{{}, {SpeechQuirks{Only: []string{}}}} {
			if call, _, err := a.EncodeRequest(req, dialect.Target{Model: "up"}); err == nil && !rawjson.Valid(bytes.Join(call.Body, nil)) {
				t.Fatalf("%q", bytes.Join(call.Body, nil))
			}
		}
	})
}

func FuzzTranscription(f *testing.F) {
	f.Add([]byte(formBody("model", "m", "file", "RIFF", "stream", "true", "x[]", "1")), formType, "data: {\"type\":\"transcription.text.delta\",\"text\":\"a\"}\n\ndata: {\"type\":\"transcript.text.done\",\"usage\":{\"seconds\":1}}\n\n")
	f.Add([]byte(`{"model":"m","input_audio":{"data":"UklGRg==","format":"wav"}}`), "application/json", `{"text":"a","usage":{"input_tokens":5}}`)
	f.Fuzz(func(t *testing.T, body []byte, mime, up string) {
		req, err := Transcriptions{}.DecodeRequest(dialect.Inbound{Header: dialect.Header{"Content-Type": {mime}}, Body: body})
		if err != nil {
			return
		}
		a := &TranscriptionsAdapter{}
		call, _, err := a.EncodeRequest(req, dialect.Target{Model: "up"})
		if err != nil {
			t.Fatal(err)
		}
		fields, err := dialect.ReadForm(dialect.Get(call.Header, "Content-Type"), bytes.Join(call.Body, nil))
		if err != nil || len(fields) < 2 || !bytes.Equal(fields[1].Value, hearOf(req).Audio) {
			t.Fatalf("%v: the upstream reads %v of %q", err, fields, bytes.Join(call.Body, nil))
		}
		kind := "application/json"
		if req.Stream {
			kind = "text/event-stream"
		}
		if h, err := answer(Transcriptions{}, a, req, kind, strings.NewReader(up)); err == nil && !req.Stream && !rawjson.Valid([]byte(h.out)) {
			t.Fatalf("%q", h.out)
		}
	})
}

// Audio passes in pieces, whose number alone decides about memory.
func BenchmarkSpeech(b *testing.B) {
	req := decode(b, Speech{}, "", `{"model":"m","input":"h"}`)
	a, data := &SpeechAdapter{}, strings.Repeat("x", 1<<20)
	run := func() {
		for _, err := range a.Events(req, dialect.Reply{Body: strings.NewReader(data), Header: dialect.Header{"Content-Type": {"audio/pcm"}}}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	if n := testing.AllocsPerRun(20, run); n > 20 {
		b.Errorf("%.0f allocations", n)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		run()
	}
}
