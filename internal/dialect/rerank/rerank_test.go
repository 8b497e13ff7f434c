package rerank

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func decode(t testing.TB, body string) *llm.Request {
	t.Helper()
	req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func answer(a *Adapter, req *llm.Request, body string) (string, *llm.Usage, error) {
	an := &dialect.Answer{GenerationID: "gen-1", Model: "x/y", Provider: "Alpha"}
	enc := Surface{}.Encode(req, an)
	var out []byte
	var usage *llm.Usage
	for ev, err := range a.Events(req, dialect.Reply{Status: 200, Body: strings.NewReader(body)}) {
		if err != nil {
			return string(enc.Fail(nil, fault.As(err))), nil, err
		}
		if ev.Kind == llm.End {
			usage = ev.Usage
		}
		if out, err = enc.Event(out, ev); err != nil {
			return "", nil, err
		}
	}
	return string(out), usage, nil
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

func TestDecodeRefuses(t *testing.T) {
	for body, param := range map[string]string{
		`{"model":"m","documents":["a"]}`:                           "query",
		`{"model":"m","query":"q"}`:                                 "documents",
		`{"model":"m","query":"q","documents":[]}`:                  "documents",
		`{"model":"m","query":"q","documents":"a"}`:                 "documents",
		`{"model":"m","query":"q","documents":["a",1]}`:             "documents[1]",
		`{"model":"m","query":"q","documents":[{"title":"t"}]}`:     "documents[0]",
		`{"query":"q","documents":["a"]}`:                           "model",
		`{"model":"m","query":"q","documents":["a"],"top_n":0}`:     "top_n",
		`{"model":"m","query":"q","documents":["a"],"stream":true}`: "stream",
	} {
		_, err := Surface{}.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != param {
			t.Errorf("%s: %v, param %q, want %q", body, err, e.Param, param)
		}
	}
}

func TestRequests(t *testing.T) {
	body := `{"model":"m","query":"q","documents":["a",{"text":"b"}],"top_n":2,"provider":{"zdr":true},"max_tokens_per_doc":null}`
	for _, c := range []struct {
		q          Quirks
		path, want string
	}{
		{Quirks{}, "/v2/rerank", `{"model":"up","query":"q","documents":["a","b"],"top_n":2,"max_tokens_per_doc":null}`},
		{Quirks{Path: "/rerank", TopK: true}, "/rerank", `{"model":"up","query":"q","documents":["a","b"],"top_k":2,"max_tokens_per_doc":null}`},
		{Quirks{Path: "/rerank", Objects: true}, "/rerank", `{"model":"up","query":"q","documents":["a",{"text":"b"}],"top_n":2,"max_tokens_per_doc":null}`},
	} {
		call, losses, err := (&Adapter{c.q}).EncodeRequest(decode(t, body), dialect.Target{Model: "up"})
		if err != nil || call.Path != c.path || len(losses) != 0 {
			t.Fatalf("%+v: %v %s %v", c.q, err, call.Path, losses)
		}
		sameJSON(t, string(bytes.Join(call.Body, nil)), c.want)
	}
	image := decode(t, `{"model":"m","query":"q","documents":[{"image":"https://x.example/a.png"}]}`)
	if image.Needs != llm.NeedImages {
		t.Errorf("needs %b", image.Needs)
	}
	if _, _, err := (&Adapter{}).EncodeRequest(image, dialect.Target{Model: "up"}); err == nil || fault.As(err).Kind != fault.Refused {
		t.Errorf("an image where there are only texts: %v", err)
	}
}

const free = `"cost":0,"is_byok":false,"cost_details":{"upstream_inference_cost":0,"upstream_inference_prompt_cost":0,"upstream_inference_completions_cost":0}`

func TestAnswers(t *testing.T) {
	req := decode(t, `{"model":"m","query":"q","documents":["a",{"text":"b","image":"https://x.example/b.png"}]}`)
	for _, c := range []struct{ up, usage string }{
		{`{"id":"1","results":[{"index":1,"relevance_score":0.90},{"index":0,"relevance_score":1e-3}],"meta":{"billed_units":{"search_units":1}}}`, `"search_units":1,`},
		{`{"object":"list","data":[{"relevance_score":0.90,"index":1},{"relevance_score":1e-3,"index":0}],"model":"r","usage":{"total_tokens":43}}`, `"total_tokens":43,`},
		{`{"results":[{"index":1,"relevance_score":0.90},{"index":0,"relevance_score":1e-3}]}`, `"usage_state":"missing",`},
	} {
		got, _, err := answer(&Adapter{}, req, c.up)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, got, `{"id":"gen-1","model":"x/y","provider":"Alpha","results":[{"index":1,"relevance_score":0.90,"document":{"text":"b","image":"https://x.example/b.png"}},{"index":0,"relevance_score":1e-3,"document":{"text":"a"}}],"usage":{`+c.usage+free+`}}`)
		if !strings.Contains(got, "0.90") || !strings.Contains(got, "1e-3") {
			t.Errorf("a score was written anew: %s", got)
		}
		for i := range c.up {
			if _, _, err := answer(&Adapter{}, req, c.up[:i]); err == nil {
				t.Fatalf("cut at %d: taken for whole", i)
			}
		}
	}
}

func TestAnswersThatAreNotWhole(t *testing.T) {
	req := decode(t, `{"model":"m","query":"q","documents":["a","b"],"top_n":1}`)
	for _, up := range []string{
		`{}`, `{"results":[]}`, `{"results":[{"index":2,"relevance_score":1}]}`, `{"results":[{"index":-1,"relevance_score":1}]}`, `{"results":[{"index":0}]}`,
		`{"results":[{"index":0,"relevance_score":"1"}]}`, `{"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1}]}`, `{"error":"x"}`,
	} {
		if out, _, err := answer(&Adapter{}, req, up); err == nil || fault.As(err).HTTPStatus() < 500 {
			t.Errorf("%s: %v %s", up, err, out)
		}
	}
}

// The bound of search units is never below what the vendor's rule counts.
func TestSearchUnitsAreBounded(t *testing.T) {
	for _, c := range []struct {
		docs, size int
		want       int64
	}{{1, 10, 1}, {100, 10, 1}, {101, 10, 2}, {100, 600, 2}, {1, 100_000, 3}} {
		docs := strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("a", c.size)+`",`, c.docs), ",")
		if r := decode(t, `{"model":"m","query":"q","documents":[`+docs+`]}`); r.Size.Searches != c.want {
			t.Errorf("%d documents of %d bytes: %d units, want %d", c.docs, c.size, r.Size.Searches, c.want)
		}
	}
}

func TestRecordings(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for api, a := range map[string]*Adapter{"cohere.rerank-v2": {}, "voyage.rerank": {Quirks{Path: "/rerank", TopK: true}}, "openrouter.rerank": {Quirks{Path: "/rerank", Objects: true}}} {
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
				Model    string
				Request  struct{ Body json.RawMessage }
				Response struct{ Body json.RawMessage }
			}
			if err := json.Unmarshal(raw, &r); err != nil {
				t.Fatal(err)
			}
			req := decode(t, strings.Replace(string(r.Request.Body), `"top_k"`, `"top_n"`, 1))
			call, _, err := a.EncodeRequest(req, dialect.Target{Model: req.Model})
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, string(bytes.Join(call.Body, nil)), string(r.Request.Body))
			out, u, err := answer(a, req, string(r.Response.Body))
			if err != nil || u.State != llm.UsageReported || !rawjson.Valid([]byte(out)) {
				t.Errorf("%s: %v %+v", file, err, u)
			}
		}
	}
}

func FuzzRerank(f *testing.F) {
	f.Add([]byte(`{"model":"m","query":"q","documents":["a",{"text":"b"}],"top_n":2,"top_k":1,"user":"u"}`), `{"results":[{"index":1,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}}`)
	f.Fuzz(func(t *testing.T, body []byte, up string) {
		req, err := Surface{}.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			return
		}
		if req.Size.Searches < 1 {
			t.Fatalf("%d search units", req.Size.Searches)
		}
		for _, a := range []*Adapter{{}, {Quirks{TopK: true, Objects: true}}} {
			if call, _, err := a.EncodeRequest(req, dialect.Target{Model: "up"}); err == nil && !rawjson.Valid(bytes.Join(call.Body, nil)) {
				t.Fatalf("%q", bytes.Join(call.Body, nil))
			}
			if out, _, err := answer(a, req, up); err == nil && !rawjson.Valid([]byte(out)) {
				t.Fatalf("%q", out)
			}
		}
	})
}

func BenchmarkRerank(b *testing.B) {
	req := decode(b, `{"model":"m","query":"q","documents":["a","b","c"]}`)
	up := `{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.8},{"index":2,"relevance_score":0.1}],"meta":{"billed_units":{"search_units":1}}}`
	run := func() {
		if _, _, err := answer(&Adapter{}, req, up); err != nil {
			b.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, run); n > 40 {
		b.Errorf("%.0f allocations", n)
	}
	for b.Loop() {
		run()
	}
}
