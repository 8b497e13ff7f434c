package embeddings

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestDecodeRefuses(t *testing.T) {
	for body, param := range map[string]string{
		`{"model":"m"}`:                          "input",
		`{"input":"x"}`:                          "model",
		`{"model":"m","input":""}`:               "input",
		`{"model":"m","input":[]}`:               "input",
		`{"model":"m","input":7}`:                "input",
		`{"model":"m","input":["a",1]}`:          "input[1]",
		`{"model":"m","input":[1,"a"]}`:          "input[1]",
		`{"model":"m","input":[[1,-2]]}`:         "input[0][1]",
		`{"model":"m","input":[[]]}`:             "input[0]",
		`{"model":"m","input":["a",""]}`:         "input[1]",
		`{"model":"m","input":[{"content":[]}]}`: "input[0].content",
		`{"model":"m","input":[{"content":[{"type":"image_url","image_url":{}}]}]}`: "input[0].content[0].image_url.url",
		`{"model":"m","input":[{"content":[{"type":"smell"}]}]}`:                    "input[0].content[0].type",
		`{"model":"m","input":"x","dimensions":0}`:                                  "dimensions",
		`{"model":"m","input":"x","encoding_format":"x"}`:                           "encoding_format",
		`{"model":"m","input":"x","stream":true}`:                                   "stream",
		`{"model":"m","input":"x","provider":{"sort":"x"}}`:                         "provider.sort",
	} {
		_, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != param {
			t.Errorf("%s: %v, param %q, want %q", body, err, e.Param, param)
		}
	}
}

func TestRequests(t *testing.T) {
	openAI := &OpenAI{Quirks: Quirks{Strict: true}}
	voyage := &OpenAI{Quirks: Quirks{Dimensions: "output_dimension", NoUser: true, NoFloat: true, ShortTypes: true}}
	gem := GeminiSurface{Model: "gemini-embedding-001"}
	batch := GeminiSurface{Model: "gemini-embedding-001", Batch: true}
	for _, c := range []struct {
		name       string
		s          dialect.Surface
		a          dialect.Adapter
		body, path string
		want       string
		lost       []string
	}{
		{"in place", Surface{}, openAI, `{"model":"openai/e", "input":["a","b"],"dimensions":3,"user":"u","provider":{"zdr":true},"session_id":"s"}`, "/embeddings",
			`{"model":"up","input":["a","b"],"dimensions":3,"user":"0bfe935e70c321c7ca3afc75ce0d0ca2f98b5422e008bb31c00c6d7f1f1c0ad6"}`, nil},
		{"unknown fields pass", Surface{}, &OpenAI{}, `{"model":"m","input":"a","input_type":"query","x":{"y":1.50}}`, "/embeddings", `{"model":"up","input":"a","input_type":"query","x":{"y":1.50}}`, nil},
		{"a strict provider", Surface{}, openAI, `{"model":"m","input":"a","input_type":"search_query","x":1}`, "/embeddings", `{"model":"up","input":"a"}`, []string{"input_type", "x"}},
		{"one text part is a text", Surface{}, openAI, `{"model":"m","input":[{"content":[{"type":"text","text":"a\u00e9"}]}]}`, "/embeddings", `{"model":"up","input":["aé"]}`, nil},
		{"tokens", Surface{}, openAI, `{"model":"m","input":[[1,2],[3]]}`, "/embeddings", `{"model":"up","input":[[1,2],[3]]}`, nil},
		{"Voyage's words", Surface{}, voyage, `{"model":"m","input":"a","input_type":"search_query","dimensions":8,"encoding_format":"float","user":"u"}`, "/embeddings",
			`{"model":"up","input":"a","input_type":"query","output_dimension":8}`, []string{"user"}},
		{"to Cohere", Surface{}, &Cohere{}, `{"model":"m","input":["a","b"],"dimensions":256,"input_type":"search_query","truncate":"END","x":1}`, "/v2/embed",
			`{"model":"up","texts":["a","b"],"input_type":"search_query","embedding_types":["float"],"output_dimension":256,"truncate":"END"}`, []string{"x"}},
		{"images to Cohere", Surface{}, &Cohere{}, `{"model":"m","input":[{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]}`, "/v2/embed",
			`{"model":"up","inputs":[{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"input_type":"search_document","embedding_types":["float"]}`, nil},
		{"to Ollama", Surface{}, &Ollama{}, `{"model":"m","input":"a","input_type":"query","keep_alive":"5m"}`, "/api/embed", `{"model":"up","input":["a"],"keep_alive":"5m"}`, []string{"input_type"}},
		{"to Gemini, one", Surface{}, &Gemini{}, `{"model":"m","input":"a","input_type":"search_document","dimensions":8}`, "/v1beta/models/up:embedContent",
			`{"model":"models/up","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT","outputDimensionality":8}`, nil},
		{"to Gemini, two", Surface{}, &Gemini{}, `{"model":"m","input":["a","b"]}`, "/v1beta/models/up:batchEmbedContents",
			`{"requests":[{"model":"models/up","content":{"parts":[{"text":"a"}]}},{"model":"models/up","content":{"parts":[{"text":"b"}]}}]}`, nil},
		{"images to Gemini", Surface{}, &Gemini{}, `{"model":"m","input":[{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]}`, "/v1beta/models/up:embedContent",
			`{"model":"models/up","content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}}`, nil},
		{"Gemini in place", gem, &Gemini{}, `{"content":{"parts":[{"text":"a"}]},"title":"T", "x":1}`, "/v1beta/models/up:embedContent", `{"content":{"parts":[{"text":"a"}]},"title":"T","x":1}`, nil},
		{"a batch in place", batch, &Gemini{}, `{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"taskType":"CLUSTERING"}]}`, "/v1beta/models/up:batchEmbedContents",
			`{"requests":[{"model":"models/up","content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"taskType":"CLUSTERING","model":"models/up"}]}`, nil},
		{"Gemini to OpenAI", batch, openAI, `{"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING","outputDimensionality":4},{"content":{"parts":[{"text":"b"}]}}]}`, "/embeddings",
			`{"model":"up","input":["a","b"],"dimensions":4,"encoding_format":"float"}`, []string{"requests[1]", "taskType"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := decode(t, c.s, c.body)
			call, body, losses := encode(t, c.a, req, "up")
			if call.Path != c.path || call.Method != "POST" {
				t.Errorf("%s %s, want %s", call.Method, call.Path, c.path)
			}
			sameJSON(t, body, c.want)
			var lost []string
			for _, l := range losses {
				lost = append(lost, l.Path)
			}
			if !slices.Equal(lost, c.lost) {
				t.Errorf("lost %v, want %v", lost, c.lost)
			}
		})
	}
}

// An input that the vendor's wire cannot hold refuses the endpoint: a vector of something
// else would be worse.
func TestUnsupportedInputs(t *testing.T) {
	tokens := `{"model":"m","input":[1,2]}`
	image := `{"model":"m","input":[{"content":[{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]}]}`
	audio := `{"model":"m","input":[{"content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}}]}]}`
	for _, c := range []struct {
		a    dialect.Adapter
		body string
	}{
		{&Gemini{}, tokens}, {&Cohere{}, tokens}, {&Ollama{}, tokens}, {&Ollama{}, image}, {&Gemini{}, image}, {&Cohere{}, audio}, {&OpenAI{Quirks: Quirks{Strict: true}}, image},
	} {
		_, _, err := c.a.EncodeRequest(decode(t, Surface{}, c.body), dialect.Target{Model: "up"})
		if e := fault.As(err); err == nil || e.Kind != fault.Refused || e.Param == "" {
			t.Errorf("%T %s: %v", c.a, c.body, err)
		}
	}
}

const cost = `"cost":0.00000014,"is_byok":false,"cost_details":{"upstream_inference_cost":0,"upstream_inference_prompt_cost":0,"upstream_inference_completions_cost":0}`

func TestAnswers(t *testing.T) {
	two := `{"model":"m","input":["a","b"]}`
	for _, c := range []struct {
		name    string
		s       dialect.Surface
		a       dialect.Adapter
		req, up string
		want    string
		usage   llm.Usage
	}{
		{"relayed", Surface{}, &OpenAI{}, two,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,-1e-3]},{"object":"embedding","index":1,"embedding":[1,2]}],"model":"e","usage":{"prompt_tokens":7,"total_tokens":7},"x":1}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,-1e-3]},{"object":"embedding","index":1,"embedding":[1,2]}],"model":"e","x":1,"id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":7,"total_tokens":7,` + cost + `}}`,
			llm.Usage{State: llm.UsageReported, Input: 7}},
		{"base64 for who asked for numbers", Surface{}, &OpenAI{}, `{"model":"m","input":"a"}`, `{"data":[{"embedding":"AACAPwAAAL8=","index":0}],"usage":{"total_tokens":3}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1,-0.5]}],"model":"x/y","id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":3,"total_tokens":3,` + cost + `}}`, llm.Usage{State: llm.UsageReported, Input: 3}},
		{"numbers for who asked for base64", Surface{}, &OpenAI{}, `{"model":"m","input":"a","encoding_format":"base64"}`, `{"data":[{"embedding":[1,-0.5],"index":0}]}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAL8="}],"model":"x/y","id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":0,"total_tokens":0,"usage_state":"missing",` + cost + `}}`, llm.Usage{}},
		{"signed bytes", Surface{}, &OpenAI{Quirks: Quirks{Bytes: true}}, `{"model":"m","input":"a"}`, `{"data":[{"embedding":"AH//gA==","index":0}],"usage":{"prompt_tokens":1}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0,127,-1,-128]}],"model":"x/y","id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":1,"total_tokens":1,` + cost + `}}`, llm.Usage{State: llm.UsageReported, Input: 1}},
		{"Cohere", Surface{}, &Cohere{}, two, `{"id":"i","embeddings":{"float":[[0.10],[2e-2]]},"meta":{"billed_units":{"input_tokens":3,"image_tokens":0}}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10]},{"object":"embedding","index":1,"embedding":[2e-2]}],"model":"x/y","id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":3,"total_tokens":3,` + cost + `}}`, llm.Usage{State: llm.UsageReported, Input: 3}},
		{"Ollama", Surface{}, &Ollama{}, two, `{"model":"n","embeddings":[[1],[2]],"prompt_eval_count":2}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]},{"object":"embedding","index":1,"embedding":[2]}],"model":"x/y","id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":2,"total_tokens":2,` + cost + `}}`, llm.Usage{State: llm.UsageReported, Input: 2}},
		{"Gemini with an image", Surface{}, &Gemini{}, `{"model":"m","input":"a"}`, `{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":261,"promptTokenDetails":[{"modality":"IMAGE","tokenCount":258},{"modality":"TEXT","tokenCount":3}]}}`,
			`{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"x/y","id":"gen-1","provider":"Alpha","usage":{"prompt_tokens":261,"total_tokens":261,"prompt_tokens_details":{"text_tokens":3,"image_tokens":258},` + cost + `}}`,
			llm.Usage{State: llm.UsageReported, Input: 3, ImageInput: 258}},
		{"Gemini relayed", GeminiSurface{Model: "g"}, &Gemini{}, `{"content":{"parts":[{"text":"a"}]}}`, `{"embedding":{"values":[1.0]}}`, `{"embedding":{"values":[1.0]}}`, llm.Usage{}},
		{"OpenAI to Gemini, out of order", GeminiSurface{Model: "g", Batch: true}, &OpenAI{}, `{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]}`,
			`{"data":[{"embedding":[2],"index":1},{"embedding":[1],"index":0}],"usage":{"prompt_tokens":4}}`, `{"embeddings":[{"values":[1]},{"values":[2]}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}`, llm.Usage{State: llm.UsageReported, Input: 4}},
		{"OpenAI to Gemini, one", GeminiSurface{Model: "g"}, &OpenAI{}, `{"content":{"parts":[{"text":"a"}]}}`, `{"data":[{"embedding":[2.50]}]}`, `{"embedding":{"values":[2.50]}}`, llm.Usage{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := decode(t, c.s, c.req)
			got, u, err := answer(c.s, c.a, req, c.up)
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, got, c.want)
			if u.State != c.usage.State || u.Input != c.usage.Input || u.ImageInput != c.usage.ImageInput {
				t.Errorf("usage %+v, want %+v", u, c.usage)
			}
			for i := range c.up { // cut anywhere, it is no answer
				if _, _, err := answer(c.s, c.a, req, c.up[:i]); err == nil {
					t.Fatalf("cut at %d: taken for whole", i)
				}
			}
		})
	}
}

// An estimate is marked in OpenAI's shape; Gemini's has no mark, and so no count.
func TestEstimatesAreNotShownAsCounts(t *testing.T) {
	estimate := &llm.Usage{State: llm.UsageEstimated, Input: 4}
	for _, c := range []struct {
		s         dialect.Surface
		req, want string
	}{
		{Surface{}, `{"model":"m","input":"a"}`, `"usage":{"prompt_tokens":4,"total_tokens":4,"usage_state":"estimated"`},
		{GeminiSurface{Model: "g"}, `{"content":{"parts":[{"text":"a"}]}}`, `{"embedding":{"values":[1]}}`},
	} {
		enc := c.s.Encode(decode(t, c.s, c.req), &dialect.Answer{GenerationID: "gen-1", Charged: &dialect.Charge{}})
		var out []byte
		var err error
		for _, ev := range []*llm.Event{{Kind: llm.VectorDelta, Raw: []byte("[1]")}, {Kind: llm.End, Usage: estimate}} {
			if out, err = enc.Event(out, ev); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(string(out), c.want) {
			t.Errorf("%s lacks %s", out, c.want)
		}
	}
}

func TestAnswersThatAreNotWhole(t *testing.T) {
	req := decode(t, Surface{}, `{"model":"m","input":["a","b"]}`)
	for _, c := range []struct {
		a  dialect.Adapter
		up string
	}{
		{&OpenAI{}, `{"data":[{"embedding":[1],"index":0}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1],"index":0},{"embedding":[1],"index":0}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1],"index":0},{"embedding":[1],"index":2}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1],"index":-1},{"embedding":[1],"index":1}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1],"index":0},{"embedding":[],"index":1}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1],"index":0},{"embedding":["1"],"index":1}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1]},{"embedding":"!!!!"}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1]},{"embedding":"AAA="}]}`},
		{&OpenAI{}, `{"data":[{"embedding":[1]},{"embedding":"AADAfw=="}]}`}, // NaN
		{&OpenAI{}, `{"error":{"message":"overloaded"}}`},
		{&OpenAI{}, `[]`},
		{&Cohere{}, `{"embeddings":{"float":[[1]]}}`},
		{&Cohere{}, `{"embeddings":{"float":[[1],[]]}}`},
		{&Ollama{}, `{"embeddings":[[1],[null]]}`},
		{&Gemini{}, `{"embeddings":[{"values":[1]}]}`},
		{&Gemini{}, `{}`},
	} {
		if out, _, err := answer(Surface{}, c.a, req, c.up); err == nil || fault.As(err).HTTPStatus() < 500 {
			t.Errorf("%T %s: %v %s", c.a, c.up, err, out)
		}
	}
}

func TestSizeIsWhatTheInputHolds(t *testing.T) {
	r := decode(t, Surface{}, `{"model":"m","input":[{"content":[{"type":"text","text":"abc"},{"type":"image_url","image_url":{"url":"https://x.example/i.png"}},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA"}}]}]}`)
	if s := r.Size; s.Text != 3 || s.Images != 1 || s.Audio != 4 || s.Files != 1 || s.FileData != 4 || r.Needs != llm.NeedImages|llm.NeedAudioIn|llm.NeedFiles {
		t.Errorf("%+v, needs %b", s, r.Needs)
	}
	if r := decode(t, Surface{}, `{"model":"m","input":[1,2,3]}`); r.Size.Tokens != 3 {
		t.Errorf("%+v", r.Size)
	}
}

func TestFailure(t *testing.T) {
	for status, want := range map[int]fault.Kind{401: fault.Credential, 404: fault.Refused, 429: fault.Overloaded, 500: fault.Broken} {
		for _, a := range []dialect.Adapter{&OpenAI{}, &Gemini{}, &Cohere{}, &Ollama{}} {
			if e := a.Failure(status, nil, []byte(`{"message":"no such model"}`)); e.Kind != want {
				t.Errorf("%T %d: %v", a, status, e.Kind)
			}
		}
	}
	e := fault.New(fault.NoKey, "no key")
	if got := string(GeminiSurface{}.EncodeError(nil, e, nil)); got != `{"error":{"code":401,"message":"no key","status":"UNAUTHENTICATED"}}` {
		t.Error(got)
	}
	if got := string(Surface{}.EncodeError(nil, e, nil)); !strings.Contains(got, `"code":401`) {
		t.Error(got)
	}
}

func TestVectorsKeepEveryFloat(t *testing.T) {
	text := "AACAPwAAAL8BAAAAAACAgP//f38=" // 1, -0.5, the least and the largest
	numbers, err := decodeVector(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	back, err := encodeVector(nil, numbers)
	if err != nil || string(back) != `"`+text+`"` {
		t.Errorf("%s became %s (%v)", text, back, err)
	}
	if _, err := encodeVector(nil, []byte(`[1e99]`)); !errors.Is(err, errVector) {
		t.Errorf("a number over float32: %v", err)
	}
}
