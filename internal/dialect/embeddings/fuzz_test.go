package embeddings

import (
	"strconv"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

var adapters = []dialect.Adapter{&OpenAI{}, &OpenAI{Quirks: Quirks{Strict: true, NoUser: true}}, &OpenAI{Quirks: Quirks{Dimensions: "output_dimension", NoFloat: true, ShortTypes: true, Bytes: true}}, &Cohere{}, &Gemini{}, &Ollama{}}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"model":"m","input":["a","b"],"dimensions":3,"user":"u","provider":{}}`))
	f.Add([]byte(`{"model":"m","input":[[1,2]],"encoding_format":"base64","dimensions":1,"dimensions":2,"output_dimension":3}`))
	f.Add([]byte(`{"model":"m","input":[{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]}`))
	f.Add([]byte(`{"content":{"parts":[{"text":"a"}]},"taskType":"X"}`))
	f.Add([]byte(`{"requests":[{"content":{"parts":[{"inline_data":{"mime_type":"image/png","data":"AA=="}}]}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range []dialect.Surface{Surface{}, GeminiSurface{Model: "m"}, GeminiSurface{Model: "m", Batch: true}} {
			req, err := s.DecodeRequest(dialect.Inbound{Body: body})
			if err != nil {
				if k := fault.As(err).Kind; k != fault.Invalid {
					t.Fatalf("%T: %v of kind %v", s, err, k)
				}
				continue
			}
			for _, a := range adapters {
				call, _, err := a.EncodeRequest(req, dialect.Target{Model: "up"})
				if err != nil {
					continue
				}
				if out := join(call.Body); !rawjson.Valid(out) {
					t.Fatalf("%T of %T sends %q", a, s, out)
				}
			}
		}
	})
}

func join(segments [][]byte) (out []byte) {
	for _, s := range segments {
		out = append(out, s...)
	}
	return out
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"object":"list","data":[{"index":0,"embedding":[0.1]},{"index":1,"embedding":"AACAPw=="}],"usage":{"prompt_tokens":7,"usage":1}}`)
	f.Add(`{"embeddings":{"float":[[1],[2]]},"meta":{"billed_units":{"input_tokens":3}}}`)
	f.Add(`{"embeddings":[{"values":[1]},{"values":[2]}],"usageMetadata":{"promptTokenCount":4}}`)
	f.Add(`{"embeddings":[[1],[2]],"prompt_eval_count":2}`)
	f.Fuzz(func(t *testing.T, body string) {
		openAI, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","input":["a","b"]}`)})
		if err != nil {
			t.Fatal(err)
		}
		s := GeminiSurface{Model: "m", Batch: true}
		google, err := s.DecodeRequest(dialect.Inbound{Body: []byte(`{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]}`)})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range adapters {
			for _, c := range []struct {
				s   dialect.Surface
				req *llm.Request
			}{{Surface{}, openAI}, {s, google}} {
				out, u, err := answer(c.s, a, c.req, body)
				if !rawjson.Valid([]byte(out)) && err == nil {
					t.Fatalf("%T: %q", a, out)
				}
				if err == nil && (u == nil || u.Prompt() < 0) {
					t.Fatalf("%T: usage %+v", a, u)
				}
			}
		}
	})
}

// The answer to a batch of ordinary size is handed on with few allocations, whatever its
// number of vectors.
func BenchmarkRelay(b *testing.B) {
	var sb, in strings.Builder
	for i := range 32 {
		if i > 0 {
			sb.WriteByte(',')
			in.WriteByte(',')
		}
		in.WriteString(`"text"`)
		sb.WriteString(`{"object":"embedding","index":` + strconv.Itoa(i) + `,"embedding":[` + strings.Repeat("-0.0107040405,", 1535) + `1]}`)
	}
	body := `{"object":"list","data":[` + sb.String() + `],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}}`
	req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(`{"model":"m","input":[` + in.String() + `]}`)})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	run := func() {
		if _, _, err := answer(Surface{}, &OpenAI{}, req, body); err != nil {
			b.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(10, run); n > 200 {
		b.Errorf("%.0f allocations for 32 vectors", n)
	}
	for b.Loop() {
		run()
	}
}
