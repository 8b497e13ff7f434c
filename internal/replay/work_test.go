package replay

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// workJSON is a recording of work with the path that its request went to.
func workJSON(t *testing.T, api, target, request string, response map[string]any) *Exchange {
	t.Helper()
	x := exchangeJSON(t, api, raw(request), response)
	x.takeTarget(target)
	x.Path = api + "/" + t.Name()
	return x
}

func body(s string) map[string]any { return map[string]any{"body": raw(s)} }

// gave is the gateway's answer as JSON.
func gave(status int, text string) *Answer {
	return &Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(text)}
}

func TestEveryApiOfWorkHasAPlace(t *testing.T) {
	for api, v := range venues {
		if v.work == "" || v.protocol == "" || len(surfacesOf(&Exchange{API: api, Work: WorkOf(api)})) == 0 {
			t.Errorf("%s: %+v", api, v)
		}
		if _, chat := WireOf(api); chat || foreign[api] != "" {
			t.Errorf("%s is in two places", api)
		}
	}
	for api, why := range foreign {
		if WorkOf(api) != Foreign || !strings.HasPrefix(why, "no adapter: ") {
			t.Errorf("%s: %q", api, why)
		}
	}
}

func TestAProviderIsWhereTheRecordedCallWent(t *testing.T) {
	tests := []struct{ api, target, base, provider, model, version string }{
		{"openai.embeddings", "/v1/embeddings", "/v1", "openai", "in-body", ""},
		{"azure.embeddings", "//openai/deployments/d/embeddings?api-version=2023", "/openai", "replay-azure-embeddings-openai", "d", "2023"},
		{"azure.embeddings", "/openai/v1/embeddings", "/openai/v1", "replay-azure-embeddings-openai-v1", "in-body", ""},
		{"openrouter.images", "/api/v1/images", "/api/v1", "openrouter", "in-body", ""},
		{"voyage.rerank", "/v1/rerank", "/v1", "voyageai", "in-body", ""},
		{"cohere.rerank-v2", "/v2/rerank", "", "replay-cohere-rerank-v2", "in-body", ""},
		{"gemini.embedContent", "/v1beta/models/e-1:embedContent", "", "replay-gemini-embedcontent", "e-1", ""},
		{"vertex.countTokens", "/v1/projects/<P>/locations/global/publishers/google/models/g:countTokens", "/v1/projects/P/locations/global",
			"replay-vertex-counttokens-v1-projects-p-locations-global", "g", ""},
		{"bedrock.count-tokens", "/model/anthropic.claude-v1%3A0/count-tokens", "", "replay-bedrock-count-tokens", "anthropic.claude-v1:0", ""},
		{"openai.images", "", "/v1", "openai", "in-body", ""},
	}
	for _, tt := range tests {
		x := workJSON(t, tt.api, tt.target, `{"model":"in-body"}`, body(`{}`))
		got := []string{x.base(), x.provider(), x.upstreamName(), x.Version}
		if want := []string{tt.base, tt.provider, tt.model, tt.version}; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s %s: %q, want %q", tt.api, tt.target, got, want)
		}
	}
}

// twin is a recording and the gateway's right answer to it on a surface.
type twin struct {
	api, request string
	response     map[string]any
	surface      Surface
	answer       string
}

const openAIVectors = `{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.1,-2]},{"object":"embedding","index":1,"embedding":[3,4e-05]}],"usage":{"prompt_tokens":7,"total_tokens":7,"cost":0}}`

// twins have the same vectors as openAIVectors on every wire.
var twins = []twin{
	{"openai.embeddings", `{"input":["a","b"]}`, body(`{"data":[{"index":1,"embedding":[3,4e-05]},{"index":0,"embedding":[0.1,-2]}],"usage":{"prompt_tokens":7,"total_tokens":7}}`), Embeddings, openAIVectors},
	{"cohere.embed-v2", `{"texts":["a","b"]}`, body(`{"embeddings":{"float":[[0.1,-2],[3,4e-05]]},"meta":{"billed_units":{"input_tokens":7}}}`), Embeddings, openAIVectors},
	{"ollama.native-embed", `{"input":["a","b"]}`, body(`{"embeddings":[[0.1,-2],[3,4e-05]],"prompt_eval_count":7}`), Embeddings, openAIVectors},
	{"gemini.batchEmbedContents", `{}`, body(`{"embeddings":[{"values":[0.1,-2]},{"values":[3,4e-05]}],"usageMetadata":{"promptTokenCount":7}}`), Embeddings, openAIVectors},
	{"openai.embeddings", `{}`, body(openAIVectors), GeminiEmbeds, `{"embeddings":[{"values":[0.1,-2]},{"values":[3,4e-05]}],"usageMetadata":{"promptTokenCount":7}}`},
	{"openai.embeddings", `{}`, body(`{"data":[{"embedding":[0.5,-2]}],"usage":{"total_tokens":7}}`), Embeddings64,
		`{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":"AAAAPwAAAMA="}],"usage":{"prompt_tokens":7,"total_tokens":7,"cost":0}}`},
	{"voyage.embeddings", `{}`, body(`{"data":[{"embedding":"AAAAPwAAAMA="}],"usage":{"total_tokens":7}}`), Embeddings,
		`{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5,-2]}],"usage":{"prompt_tokens":7,"total_tokens":7,"cost":0}}`},
	{"perplexity.embeddings", `{}`, body(`{"data":[{"embedding":"AYA="}],"usage":{"total_tokens":7}}`), Embeddings,
		`{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[1,-128]}],"usage":{"prompt_tokens":7,"total_tokens":7,"cost":0}}`},
	{"cohere.rerank-v2", `{"documents":["a","b"]}`, body(`{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}],"meta":{"billed_units":{"search_units":7}}}`), Reranked,
		`{"id":"i","model":"m","provider":"p","results":[{"index":1,"relevance_score":0.9,"document":{"text":"b"}},{"index":0,"relevance_score":0.1,"document":{"text":"a"}}],"usage":{"search_units":7,"cost":0}}`},
	{"voyage.rerank", `{"documents":["a","b"]}`, body(`{"data":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}],"usage":{"total_tokens":7}}`), Reranked,
		`{"id":"i","model":"m","provider":"p","results":[{"index":1,"relevance_score":0.9,"document":{"text":"b"}},{"index":0,"relevance_score":0.1,"document":{"text":"a"}}],"usage":{"total_tokens":7,"cost":0}}`},
	{"anthropic.count_tokens", `{}`, body(`{"input_tokens":7}`), MessageCount, `{"input_tokens":7}`},
	{"bedrock.count-tokens", `{}`, body(`{"inputTokens":7}`), MessageCount, `{"input_tokens":7}`},
	{"gemini.countTokens", `{}`, body(`{"totalTokens":7,"promptTokensDetails":[{"modality":"TEXT","tokenCount":7}]}`), GeminiCount, `{"totalTokens":7, "promptTokensDetails":[{"tokenCount":7,"modality":"TEXT"}]}`},
	{"openai.audio-transcriptions", `{}`, body(`{"text":"hi","usage":{"input_tokens":5,"input_token_details":{"text_tokens":1,"audio_tokens":4},"output_tokens":2,"total_tokens":7}}`), Heard,
		`{"text":"hi","usage":{"input_tokens":5,"input_token_details":{"text_tokens":1,"audio_tokens":4},"output_tokens":2,"total_tokens":7,"cost":0}}`},
	{"mistral.audio-transcriptions", `{}`, body(`{"text":"hi","segments":[{"start":0.1}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":7,"prompt_audio_seconds":3,"prompt_tokens_details":{"audio_tokens":4}}}`), HeardJSON,
		`{"text":"hi","segments":[{"start":0.1}],"usage":{"input_tokens":5,"input_token_details":{"text_tokens":1,"audio_tokens":4},"output_tokens":2,"total_tokens":7,"seconds":3,"cost":0}}`},
	{"openai.images", `{}`, body(`{"created":1,"data":[{"url":"https://7","revised_prompt":"x"}]}`), Drawn, `{"created":1,"data":[{"url":"https://7","revised_prompt":"x"}],"usage":{"input_tokens":0,"cost":0}}`},
	{"openrouter.images", `{}`, body(`{"created":0,"data":[{"b64_json":"iVBORw0K","media_type":"image/png"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"completion_tokens_details":{"image_tokens":2}}}`), DrawnRouter,
		`{"created":0,"data":[{"b64_json":"iVBORw0K","media_type":"image/png"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"completion_tokens_details":{"image_tokens":2},"cost":0}}`},
	{"vllm.completions", `{}`, body(`{"choices":[{"index":0,"text":"a","finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}`), Completed,
		`{"id":"i","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"a","finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}`},
	{"openai.embeddings", `{}`, map[string]any{"status": 404, "body": raw(`{"error":{"message":"no such model"}}`)}, Embeddings, ""},
	{"openai.embeddings", `{}`, map[string]any{"status": 404, "body": raw(`{"error":{"message":"no such model"}}`)}, GeminiEmbeds, ""},
}

// right is the gateway's right answer.
func (w *twin) right() *Answer {
	switch {
	case w.answer != "":
		return gave(200, w.answer)
	case w.surface == GeminiEmbeds:
		return gave(404, `{"error":{"code":404,"message":"no such model","status":"NOT_FOUND"}}`)
	}
	return gave(404, `{"error":{"code":404,"message":"no such model","metadata":{"error_type":"not_found"}}}`)
}

func TestTheRightAnswerIsEqualOnEveryWire(t *testing.T) {
	for i := range twins {
		w := &twins[i]
		x := workJSON(t, w.api, "", w.request, w.response)
		if d := CompareWork(w.surface, x, Produced(x), Received(w.surface, w.right(), false)); len(d) > 0 {
			t.Errorf("%s on %s: %v", w.api, w.surface, d)
		}
	}
}

// TestNoDamageGoesUnseen changes, in each right answer, every place that holds meaning.
func TestNoDamageGoesUnseen(t *testing.T) {
	spoils := [][2]string{{"0.1", "0.10000001"}, {"-2", "2"}, {"4e-05", "4.0e-05"}, {":7", ":8"}, {`"b"`, `"c"`}, {`"hi"`, `"ho"`}, {"0.9", "0.91"},
		{"AAAAPw", "AQAAPw"}, {"1,-128", "1,128"}, {"https://7", "https://8"}, {`"x"`, `"y"`}, {"iVBORw0K", "iVBORw0L"}, {"image/png", "image/jpeg"},
		{`"index":1`, `"index":0`}, {`"text":"a","finish`, `"text":"","finish`}, {"length", "stop"}, {"404", "500"}, {`"values":[0.1,-2]`, `"values":[]`},
		{`"usage":`, `"used":`}, {`"cost":0`, `"cost":0,"usage_state":"estimated"`}, {"{", ""}}
	seen := map[string]bool{}
	for i := range twins {
		w := &twins[i]
		x := workJSON(t, w.api, "", w.request, w.response)
		for _, s := range spoils {
			a := w.right()
			spoiled := strings.Replace(string(a.Body), s[0], s[1], 1)
			if spoiled == string(a.Body) || untold(w, s) {
				continue
			}
			if a.Body = []byte(spoiled); s[0] == "404" {
				a.Status = 500
			}
			seen[s[0]] = true
			if d := CompareWork(w.surface, x, Produced(x), Received(w.surface, a, false)); len(d) == 0 {
				t.Errorf("%s on %s: %s for %s went unseen", w.api, w.surface, s[1], s[0])
			}
		}
	}
	for _, s := range spoils {
		if !seen[s[0]] {
			t.Errorf("no answer has %s", s[0])
		}
	}
}

// untold is a change that a right answer may have: usage that the upstream did not tell may be
// an estimate.
func untold(w *twin, s [2]string) bool {
	return strings.HasPrefix(s[0], `"cost"`) && w.api == "openai.images"
}

func TestEveryUnspokenCountIsAnEstimateOrNone(t *testing.T) {
	x := workJSON(t, "voyage.embeddings", "", `{}`, body(`{"data":[{"embedding":"AAAAPw=="}],"usage":{"total_tokens":0}}`))
	answer := func(usage string) []Diff {
		a := gave(200, `{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"usage":{`+usage+`"cost":0}}`)
		return CompareWork(Embeddings, x, Produced(x), Received(Embeddings, a, false))
	}
	if d := answer(`"prompt_tokens":3,"total_tokens":3,"usage_state":"estimated",`); len(d) > 0 {
		t.Errorf("an estimate that says so: %v", d)
	}
	if d := answer(`"prompt_tokens":3,"total_tokens":3,`); len(d) == 0 {
		t.Error("an estimate that does not say so went unseen")
	}
}

func TestACountThatIsRefusedMayBeEstimated(t *testing.T) {
	x := workJSON(t, "anthropic.count_tokens", "", `{}`, map[string]any{"status": 404, "body": raw(`{"error":{"message":"no"}}`)})
	a := gave(200, `{"input_tokens":4}`)
	if d := CompareWork(MessageCount, x, Produced(x), Received(MessageCount, a, false)); len(d) == 0 {
		t.Error("an invented count went unseen")
	}
	a.Header.Set("X-Dragoman-Count", "estimate")
	if d := CompareWork(MessageCount, x, Produced(x), Received(MessageCount, a, false)); len(d) > 0 {
		t.Errorf("%v", d)
	}
}

func TestSoundIsComparedByItsBytes(t *testing.T) {
	mp3 := base64.StdEncoding.EncodeToString([]byte("ID3 sound"))
	direct := exchangeJSON(t, "openai.audio-speech", nil, map[string]any{"body_base64": mp3, "headers": map[string]string{"content-type": "audio/mpeg"}})
	wrapped := exchangeJSON(t, "mistral.audio-speech", nil, map[string]any{"body": raw(`{"audio_data":"` + mp3 + `"}`), "headers": map[string]string{"content-type": "application/json"}})
	for _, x := range []*Exchange{direct, wrapped} {
		want := Produced(x)
		a := &Answer{Status: 200, Header: http.Header{"Content-Type": {"audio/mpeg"}}, Body: []byte("ID3 sound")}
		if d := CompareWork(Speech, x, want, Received(Speech, a, true)); len(d) > 0 || want.Sound.format() != "mp3" {
			t.Errorf("%s: %v", x.API, d)
		}
		for _, spoiled := range []*Answer{
			{Status: 200, Header: a.Header, Body: []byte("ID3 sounds")},
			{Status: 200, Header: http.Header{"Content-Type": {"audio/pcm"}}, Body: a.Body},
			{Status: 200, Header: a.Header, Body: a.Body, Broken: io.ErrUnexpectedEOF},
		} {
			if d := CompareWork(Speech, x, want, Received(Speech, spoiled, true)); len(d) == 0 {
				t.Errorf("%s: damage went unseen", x.API)
			}
		}
	}
}

func TestStreamsOfWorkAreReadToTheirEnd(t *testing.T) {
	events := []string{`{"type":"transcript.text.delta","delta":"h"}`, `{"type":"transcript.text.delta","delta":"i"}`,
		`{"type":"transcript.text.done","text":"hi","usage":{"input_tokens":5,"output_tokens":2,"total_tokens":7}}`, "[DONE]"}
	heard := exchangeJSON(t, "openai.audio-transcriptions", nil, sse(events...))
	texts := []string{`{"id":"i","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"h","finish_reason":null}]}`,
		`{"id":"i","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"i","finish_reason":"stop"}]}`,
		`{"id":"i","object":"text_completion","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}`, "[DONE]"}
	done := exchangeJSON(t, "openai.completions", nil, sse(texts...))
	for _, tt := range []struct {
		x    *Exchange
		s    Surface
		list []string
	}{{heard, Heard, events}, {done, Completed, texts}} {
		send := func(list ...string) []Diff {
			a := &Answer{Status: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: []byte(sse(list...)["sse"].(string))}
			return CompareWork(tt.s, tt.x, Produced(tt.x), Received(tt.s, a, true))
		}
		if d := send(tt.list...); len(d) > 0 {
			t.Errorf("%s: %v", tt.s, d)
		}
		for i := range tt.list { // each is needed
			if d := send(append(append([]string{}, tt.list[:i]...), tt.list[i+1:]...)...); len(d) == 0 {
				t.Errorf("%s: the lack of %s went unseen", tt.s, tt.list[i])
			}
		}
	}
}

func TestEveryWorkIsAskedForInTheSurfacesWords(t *testing.T) {
	tests := []struct {
		api, target, request string
		surface              Surface
		path                 string
		words                []string
	}{
		{"openai.embeddings", "/v1/embeddings", `{"model":"u","input":"a","encoding_format":"base64"}`, Embeddings, "/api/v1/embeddings", []string{`"encoding_format":"float"`, `"input":"a"`}},
		{"openai.embeddings", "/v1/embeddings", `{"model":"u","input":"a"}`, Embeddings64, "/api/v1/embeddings", []string{`"encoding_format":"base64"`}},
		{"openai.embeddings", "/v1/embeddings", `{"model":"u","input":["a"],"dimensions":8}`, GeminiEmbeds, ":batchEmbedContents", []string{`"outputDimensionality":8`, `"parts":[{"text":"a"}]`}},
		{"gemini.embedContent", "/v1beta/models/u:embedContent", `{"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":8}`, Embeddings, "/api/v1/embeddings", []string{`"input":"a"`, `"input_type":"retrieval_query"`, `"dimensions":8`}},
		{"gemini.batchEmbedContents", "/v1beta/models/u:batchEmbedContents", `{"requests":[{"content":{"parts":[{"text":"a"},{"inline_data":{"mime_type":"image/png","data":"AA=="}}]}}]}`, Embeddings, "/api/v1/embeddings", []string{`data:image/png;base64,AA==`}},
		{"cohere.embed-v2", "/v2/embed", `{"texts":["a"],"input_type":"search_query","output_dimension":8,"truncate":"NONE"}`, Embeddings, "/api/v1/embeddings", []string{`"input":["a"]`, `"dimensions":8`, `"truncate":"NONE"`}},
		{"voyage.rerank", "/v1/rerank", `{"model":"u","query":"q","documents":["a"],"top_k":1}`, Reranked, "/api/v1/rerank", []string{`"top_n":1`}},
		{"bedrock.count-tokens", "", `{"input":{"invokeModel":{"body":"eyJtYXhfdG9rZW5zIjoxLCJtZXNzYWdlcyI6W119"}}}`, MessageCount, "/count_tokens", []string{`"messages":[]`}},
		{"bedrock.count-tokens", "", `{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"a"},{"cachePoint":{}}]}]}}}`, MessageCount, "/count_tokens", []string{`"cache_control":{"type":"ephemeral"}`}},
		{"openai.images", "/v1/images/edits", `{"model":"u","prompt":"p","images":[{"image_url":"https://a"}]}`, Drawn, "/v1/images/edits", []string{`"image_url":"https://a"`}},
		{"openai.images", "/v1/images/edits", `{"model":"u","prompt":"p","images":[{"image_url":"https://a"}]}`, DrawnRouter, "/api/v1/images", []string{`"input_references":[{"image_url":{"url":"https://a"}`}},
		{"openrouter.images", "/api/v1/images", `{"model":"u","prompt":"p","input_references":[{"type":"image_url","image_url":{"url":"https://a"}}]}`, Drawn, "/v1/images/edits", []string{`"images":[{"image_url":"https://a"}]`}},
		{"openai.completions", "", `{"model":"u","prompt":"p"}`, Completed, "/api/v1/completions", []string{`"prompt":"p"`}},
	}
	for _, tt := range tests {
		x := workJSON(t, tt.api, tt.target, tt.request, body(`{}`))
		w, err := wishFor(tt.surface, x, Produced(x))
		if err != nil || !json.Valid(w.body) || !strings.HasSuffix(w.path, tt.path) {
			t.Errorf("%s on %s: %+v, %v", tt.api, tt.surface, w, err)
			continue
		}
		for _, word := range tt.words {
			if !strings.Contains(string(w.body), word) {
				t.Errorf("%s on %s lacks %s: %s", tt.api, tt.surface, word, w.body)
			}
		}
		if strings.Contains(string(w.body), "max_tokens") || strings.Contains(string(w.body), `"u"`) {
			t.Errorf("%s on %s: %s", tt.api, tt.surface, w.body)
		}
	}
}

// formOf is a recording of a transcription.
func formOf(t *testing.T) *Exchange {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range [][2]string{{"model", "u"}, {"stream", "true"}, {"prompt", "say"}, {"timestamp_granularities[]", "word"}} {
		if err := w.WriteField(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("file", "a.wav")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("RIFF"))
	w.Close()
	x := exchangeJSON(t, "openai.audio-transcriptions", nil, body(`{"text":"hi"}`))
	text := base64.StdEncoding.EncodeToString(b.Bytes())
	if err := x.takeForm(map[string]string{"Content-Type": w.FormDataContentType()}, &text); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestAFormIsSentAsAFormAndAsJSON(t *testing.T) {
	x := formOf(t)
	w, err := wishFor(Heard, x, Produced(x))
	if err != nil {
		t.Fatal(err)
	}
	sent := &Exchange{Form: w.body, FormType: w.contentType}
	if got, want := formMembers(sent), formMembers(x); got["model"] != workModel(x)+"\n" || got["file"] != want["file"] || got["prompt"] != "say\n" {
		t.Errorf("%v", got)
	}
	if x.upstreamName() != "u" {
		t.Errorf("the form's model is %s", x.upstreamName())
	}
	w, err = wishFor(HeardJSON, x, Produced(x))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{`"data":"UklGRg=="`, `"format":"wav"`, `"stream":true`, `"prompt":"say"`, `"timestamp_granularities":["word"]`} {
		if !strings.Contains(string(w.body), word) {
			t.Errorf("the JSON lacks %s: %s", word, w.body)
		}
	}
}

func TestACallIsHeldAgainstTheRecordedOne(t *testing.T) {
	x := workJSON(t, "openai.embeddings", "/v1/embeddings", `{"model":"u","input":["a"],"dimensions":null,"user":"me"}`, body(`{}`))
	if d := callDiffs(x, Called{Path: "/v1/embeddings", Body: []byte(`{"input": ["a"],"model":"other","user":"hash"}`)}); len(d) > 0 {
		t.Errorf("%v", d)
	}
	for _, got := range []Called{
		{Path: "/embeddings", Body: x.Request},
		{Path: "/v1/embeddings", Body: []byte(`{"input":["b"]}`)},
		{Path: "/v1/embeddings", Body: []byte(`{"input":["a"],"more":1}`)},
		{Path: "/v1/embeddings", Body: []byte(`{}`)},
	} {
		if d := callDiffs(x, got); len(d) != 1 {
			t.Errorf("%+v: %v", got, d)
		}
	}
	f := formOf(t)
	f.Target = "/v1/audio/transcriptions"
	if d := callDiffs(f, Called{f.Target, f.FormType, f.Form}); len(d) > 0 {
		t.Errorf("%v", d)
	}
	if d := callDiffs(f, Called{f.Target, f.FormType, bytes.Replace(f.Form, []byte("RIFF"), []byte("RAFF"), 1)}); len(d) != 1 {
		t.Errorf("other audio: %v", d)
	}
}

func TestRunReplaysWorkAndCountsWhatIsForeign(t *testing.T) {
	xs := []*Exchange{
		workJSON(t, "openai.embeddings", "/v1/embeddings", `{"model":"u","input":["a","b"]}`, body(openAIVectors)),
		workJSON(t, "cohere.generate-v1", "/v1/generate", `{}`, body(`{}`)),
	}
	up, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { up.Close() })
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a gateway that knows numbers alone
		resp, err := http.Post(up.LaneURL("openai")+"/v1/embeddings", "application/json", r.Body)
		if err != nil {
			writeError(w, 502, "server")
			return
		}
		defer resp.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		io.Copy(w, resp.Body)
	}))
	t.Cleanup(relay.Close)
	r := &Runner{Gateway: Connect(relay.URL, "key"), Upstream: up, Lanes: 2, Seed: 7}
	out := r.Run(context.Background(), xs, false)
	if len(out) != 4 || !out[0].Equal() || out[0].Calls != 1 || out[1].Equal() || out[2].Equal() || out[3].Unsaid == "" {
		for _, o := range out {
			t.Errorf("%+v", o)
		}
	}
	var b strings.Builder
	if err := (&Report{Outcomes: out}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), foreign["cohere.generate-v1"]) {
		t.Errorf("the report does not say what is not expressible:\n%s", b.String())
	}
}

func TestConfigHasAModelForEveryWork(t *testing.T) {
	xs := []*Exchange{
		workJSON(t, "openai.embeddings", "/v1/embeddings", `{"model":"u"}`, body(`{}`)),
		workJSON(t, "openai.images", "/v1/images/edits", `{"model":"v"}`, body(`{}`)),
		workJSON(t, "vertex.embedContent", "/v1/projects/p/locations/l/publishers/google/models/g:embedContent", `{}`, body(`{}`)),
		workJSON(t, "cohere.generate-v1", "/v1/generate", `{}`, body(`{}`)),
	}
	cfg := string(Config(xs, &Upstream{URL: "http://127.0.0.1:9"}, 2, "dir", false))
	for _, want := range []string{
		"slug: openai\n", "protocol: openai.embeddings", "also: [openai.images]", `base_url: "http://127.0.0.1:9/openai/v1"`, "platform: vertex",
		`upstream_model: "u"`, `upstream_model: "v"`, `upstream_model: "g"`, "slug: " + workModel(xs[0]),
	} {
		if !strings.Contains(cfg, want) {
			t.Errorf("the configuration lacks %q:\n%s", want, cfg)
		}
	}
	if strings.Contains(cfg, "generate") {
		t.Errorf("what is foreign is configured:\n%s", cfg)
	}
}
