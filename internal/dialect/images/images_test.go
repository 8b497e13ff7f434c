package images

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func decode(t testing.TB, s Surface, contentType, body string) *llm.Request {
	t.Helper()
	req, err := s.DecodeRequest(dialect.Inbound{Header: dialect.Header{"Content-Type": {contentType}}, Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

type drawnAnswer struct {
	out, failed string
	usage       *llm.Usage
}

func answer(s Surface, req *llm.Request, contentType, body string) (h drawnAnswer, err error) {
	an := &dialect.Answer{GenerationID: "gen-1", Model: "x/y", Provider: "Alpha"}
	enc := s.Encode(req, an)
	var out []byte
	r := dialect.Reply{Status: 200, Body: strings.NewReader(body), Stream: req.Stream, Header: dialect.Header{"Content-Type": {contentType}}}
	for ev, err := range (&Adapter{}).Events(req, r) {
		if err == nil && ev.Kind == llm.End {
			h.usage = ev.Usage
		}
		if err == nil {
			out, err = enc.Event(out, ev)
		}
		if err != nil {
			h.out, h.failed = string(out), string(enc.Fail(nil, fault.As(err)))
			return h, err
		}
	}
	h.out = string(out)
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

const formType = "multipart/form-data; boundary=xXx"

const formBody = "--xXx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n" +
	"--xXx\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\r\n" +
	"--xXx\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\ngreen\r\n" +
	"--xXx\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n2\r\n" +
	"--xXx\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nu\r\n" +
	"--xXx\r\nContent-Disposition: form-data; name=\"provider\"\r\n\r\n{\"zdr\":true}\r\n" +
	"--xXx\r\nContent-Disposition: form-data; name=\"input_fidelity\"\r\n\r\nhigh\r\n--xXx--\r\n"

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		api               API
		mime, body, param string
	}{
		{Generations, "", `{"model":"m"}`, "prompt"},
		{Generations, "", `{"prompt":"p"}`, "model"},
		{Generations, "", `{"model":"m","prompt":"p","n":11}`, "n"},
		{Generations, "", `{"model":"m","prompt":"p","background":"blue"}`, "background"},
		{Generations, "", `{"model":"m","prompt":"p","output_compression":101}`, "output_compression"},
		{Edits, "", `{"model":"m","prompt":"p"}`, "image"},
		{Edits, "", `{"model":"m","prompt":"p","images":[{}]}`, "images[0].image_url"},
		{Edits, formType, strings.Replace(formBody, "\r\n2\r\n", "\r\ntwo\r\n", 1), "n"},
		{Edits, formType, formBody[:200], ""},
		{OpenRouter, "", `{"model":"m","prompt":"p","resolution":"8K"}`, "resolution"},
		{OpenRouter, "", `{"model":"m","prompt":"p","seed":"x"}`, "seed"},
		{OpenRouter, "", `{"model":"m","prompt":"p","input_references":"x"}`, "input_references"},
	} {
		_, err := Surface{c.api}.DecodeRequest(dialect.Inbound{Header: dialect.Header{"Content-Type": {c.mime}}, Body: []byte(c.body)})
		if e := fault.As(err); err == nil || e.Kind != fault.Invalid || e.Param != c.param {
			t.Errorf("%s: %v, param %q, want %q", c.body, err, e.Param, c.param)
		}
	}
}

func TestRequests(t *testing.T) {
	xai, router := Quirks{AsksBytes: true, Ratios: true}, Quirks{OpenRouter: true}
	rich := `{"model":"m","prompt":"p","n":2,"aspect_ratio":"16:9","resolution":"2K","seed":7,"quality":"high","output_format":"webp","output_compression":80,"input_references":[{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}],"stream":true}`
	for _, c := range []struct {
		name       string
		s          API
		q          Quirks
		body, path string
		want       string
		lost       []string
	}{
		{"in place", Generations, Quirks{}, `{"model":"m","prompt":"p","style":"vivid","provider":{"zdr":true}}`, "/images/generations", `{"model":"up","prompt":"p","style":"vivid"}`, nil},
		{"edits in place", Edits, Quirks{}, `{"model":"m","prompt":"p","images":[{"image_url":"https://x.example/a.svg"}]}`, "/images/edits", `{"model":"up","prompt":"p","images":[{"image_url":"https://x.example/a.svg"}]}`, nil},
		{"OpenRouter in place", OpenRouter, router, rich, "/images", strings.Replace(rich, `"m"`, `"up"`, 1), nil},
		{"OpenRouter to OpenAI", OpenRouter, Quirks{}, rich, "/images/edits", `{"model":"up","prompt":"p","n":2,"quality":"high","output_format":"webp","output_compression":80,"stream":true,"images":[{"image_url":"https://x.example/a.png"}]}`, []string{"aspect_ratio", "resolution", "seed"}},
		{"OpenRouter to xAI", OpenRouter, xai, rich, "/images/edits", `{"model":"up","prompt":"p","n":2,"aspect_ratio":"16:9","resolution":"2k","stream":true,"response_format":"b64_json","images":[{"type":"image_url","url":"https://x.example/a.png"}]}`, []string{"quality", "output_format", "output_compression", "seed"}},
		{"OpenRouter to DALL·E, which sends URLs unless it is asked", OpenRouter, Quirks{}, `{"model":"m","prompt":"p","size":"1024x1024"}`, "/images/generations", `{"model":"dall-e-3","prompt":"p","size":"1024x1024","response_format":"b64_json"}`, nil},
		{"OpenAI to DALL·E behind OpenRouter", Generations, router, `{"model":"m","prompt":"p"}`, "/images", `{"model":"dall-e-3","prompt":"p"}`, nil},
		{"DALL·E in place", Generations, Quirks{}, `{"model":"m","prompt":"p"}`, "/images/generations", `{"model":"dall-e-3","prompt":"p"}`, nil},
		{"a tier is no size at OpenAI", OpenRouter, Quirks{}, `{"model":"m","prompt":"p","size":"2K"}`, "/images/generations", `{"model":"up","prompt":"p"}`, []string{"size"}},
		{"OpenAI to OpenRouter", Generations, router, `{"model":"m","prompt":"p","size":"1024x1024","style":"vivid"}`, "/images", `{"model":"up","prompt":"p","size":"1024x1024"}`, []string{"style"}},
		{"edits to OpenRouter", Edits, router, `{"model":"m","prompt":"p","images":[{"image_url":"data:image/png;base64,AA=="}]}`, "/images", `{"model":"up","prompt":"p","input_references":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := "up"
			if strings.Contains(c.want, "dall-e-3") {
				model = "dall-e-3"
			}
			call, losses, err := (&Adapter{c.q}).EncodeRequest(decode(t, Surface{c.s}, "", c.body), dialect.Target{Model: model})
			if err != nil || call.Path != c.path {
				t.Fatalf("%v %s", err, call.Path)
			}
			sameJSON(t, string(bytes.Join(call.Body, nil)), c.want)
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

func TestEditsAsForm(t *testing.T) {
	req := decode(t, Surface{Edits}, formType, formBody)
	if req.Choices != 2 || req.Needs != llm.NeedImages || req.Size.Images != 1 || !req.Routing.ZDR {
		t.Errorf("%+v", req)
	}
	call, losses, err := (&Adapter{}).EncodeRequest(req, dialect.Target{Model: "up"})
	if err != nil || len(losses) > 0 || call.Path != "/images/edits" {
		t.Fatal(err, losses, call.Path)
	}
	fields, err := dialect.ReadForm(dialect.Get(call.Header, "Content-Type"), bytes.Join(call.Body, nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Name+"|"+f.Filename+"|"+f.MIME+"|"+string(f.Value))
	}
	want := []string{"model|||up", "image[]|a.png|image/png|\x89PNG\r\n", "prompt|||green", "n|||2", "user|||0bfe935e70c321c7ca3afc75ce0d0ca2f98b5422e008bb31c00c6d7f1f1c0ad6", "input_fidelity|||high"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if _, _, err := (&Adapter{Quirks{OpenRouter: true}}).EncodeRequest(req, dialect.Target{Model: "up"}); err == nil || fault.As(err).Kind != fault.Refused {
		t.Errorf("a form for an upstream without: %v", err)
	}
}

const free = `"cost":0,"is_byok":false,"cost_details":{"upstream_inference_cost":0,"upstream_inference_prompt_cost":0,"upstream_inference_completions_cost":0}`

func TestAnswers(t *testing.T) {
	up := `{"created":5,"data":[{"b64_json":"iVBORw0KGgo="}],"size":"1024x1024","usage":{"total_tokens":1100,"input_tokens":100,"output_tokens":1000,"input_tokens_details":{"text_tokens":10,"image_tokens":90}}}`
	ask := `{"model":"m","prompt":"p"}`
	tokens := llm.Usage{State: llm.UsageReported, Input: 10, ImageInput: 90, ImageOutput: 1000, Images: 1}
	for _, c := range []struct {
		name          string
		api           API
		ask, up, want string
		usage         llm.Usage
	}{
		{"OpenAI", Generations, ask, up, `{"created":5,"data":[{"b64_json":"iVBORw0KGgo="}],"size":"1024x1024","usage":{"total_tokens":1100,"input_tokens":100,"output_tokens":1000,"input_tokens_details":{"text_tokens":10,"image_tokens":90},` + free + `}}`, tokens},
		{"OpenRouter", OpenRouter, ask, up, `{"created":5,"data":[{"b64_json":"iVBORw0KGgo=","media_type":"image/png"}],"usage":{"prompt_tokens":100,"completion_tokens":1000,"total_tokens":1100,"completion_tokens_details":{"reasoning_tokens":0,"image_tokens":1000},` + free + `}}`, tokens},
		{"images alone are counted", Generations, ask, `{"data":[{"url":"https://x.example/a.jpeg","mime_type":"image/jpeg"}],"usage":{"cost_in_usd_ticks":200000000}}`,
			`{"data":[{"url":"https://x.example/a.jpeg","mime_type":"image/jpeg"}],"usage":{"input_tokens":0,"output_tokens":0,"total_tokens":0,"input_tokens_details":{"text_tokens":0,"image_tokens":0},` + free + `}}`, llm.Usage{State: llm.UsageCounted, Images: 1, Cost: "0.02"}},
		{"text beside the image", OpenRouter, ask, `{"data":[{"b64_json":"/9j/AA=="}],"usage":{"prompt_tokens":5,"completion_tokens":1200,"completion_tokens_details":{"image_tokens":1120,"reasoning_tokens":50}}}`,
			`{"created":0,"data":[{"b64_json":"/9j/AA==","media_type":"image/jpeg"}],"usage":{"prompt_tokens":5,"completion_tokens":1200,"total_tokens":1205,"completion_tokens_details":{"reasoning_tokens":50,"image_tokens":1120},` + free + `}}`,
			llm.Usage{State: llm.UsageReported, Input: 5, ImageOutput: 1120, Reasoning: 50, Output: 30, Images: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := decode(t, Surface{c.api}, "", c.ask)
			h, err := answer(Surface{c.api}, req, "application/json", c.up)
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, h.out, c.want)
			if h.usage.Raw = nil; !reflect.DeepEqual(*h.usage, c.usage) {
				t.Errorf("usage %+v, want %+v", *h.usage, c.usage)
			}
			for i := range c.up {
				if _, err := answer(Surface{c.api}, req, "application/json", c.up[:i]); err == nil {
					t.Fatalf("cut at %d: taken for whole", i)
				}
			}
		})
	}
	for _, c := range []struct {
		api API
		up  string
	}{
		{Generations, `{"data":[]}`}, {Generations, `{"data":[{}]}`}, {Generations, `{}`}, {Generations, `{"data":[{"url":"a"},{"url":"b"}]}`}, {OpenRouter, `{"data":[{"url":"https://x.example/a"}]}`}, {Generations, `{"error":{"message":"x"}}`},
	} {
		if h, err := answer(Surface{c.api}, decode(t, Surface{c.api}, "", ask), "application/json", c.up); err == nil || fault.As(err).HTTPStatus() < 500 {
			t.Errorf("%s: %v %s", c.up, err, h.out)
		}
	}
}

func TestStreams(t *testing.T) {
	up := "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"partial_image_index\":0,\"b64_json\":\"AA==\"}\n\n" +
		"event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"iVBORw0KGgo=\",\"created_at\":5,\"usage\":{\"input_tokens\":3,\"output_tokens\":7}}\n\n"
	req := decode(t, Surface{OpenRouter}, "", `{"model":"m","prompt":"p","stream":true}`)
	h, err := answer(Surface{OpenRouter}, req, "text/event-stream", up)
	want := "event: image_generation.partial_image\ndata: {\"type\":\"image_generation.partial_image\",\"partial_image_index\":0,\"b64_json\":\"AA==\"}\n\n" +
		"event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"iVBORw0KGgo=\",\"created_at\":5,\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":7,\"total_tokens\":10,\"completion_tokens_details\":{\"reasoning_tokens\":0,\"image_tokens\":7}," + free + "},\"created\":5,\"media_type\":\"image/png\"}\n\ndata: [DONE]\n\n"
	if err != nil || h.out != want || h.usage.ImageOutput != 7 {
		t.Errorf("%v\ngot  %s\nwant %s", err, h.out, want)
	}
	for i := range len(up) - 2 {
		h, err := answer(Surface{OpenRouter}, req, "text/event-stream", up[:i])
		if err == nil && h.out != want {
			t.Fatalf("cut at %d: taken for whole", i)
		}
		if err != nil && !strings.Contains(h.failed, `"type":"error"`) {
			t.Fatalf("cut at %d ends with %q", i, h.failed)
		}
	}
	edits := decode(t, Surface{Edits}, "", `{"model":"m","prompt":"p","images":[{"image_url":"https://x.example/a"}],"stream":true}`)
	if h, err := answer(Surface{Edits}, edits, "text/event-stream", up); err != nil || strings.Count(h.out, `"type":"image_edit.`) != 2 {
		t.Errorf("%v %s", err, h.out)
	}
	two := decode(t, Surface{}, "", `{"model":"m","prompt":"p","stream":true,"n":2}`)
	if _, err := answer(Surface{}, two, "text/event-stream", up); err == nil {
		t.Error("one image of two is taken for whole")
	}
	if h, err := answer(Surface{}, two, "text/event-stream", up+up+"data: [DONE]\n\n"); err != nil || h.usage.Images != 2 || h.usage.ImageOutput != 14 {
		t.Errorf("%v %+v", err, h.usage)
	}
	if h, err := answer(Surface{}, two, "application/json", `{"created":1,"data":[{"b64_json":"AA=="},{"b64_json":"BB=="}]}`); err != nil || strings.Count(h.out, "event: image_generation.completed") != 2 || strings.Count(h.out, "usage") != 1 {
		t.Errorf("%v %s", err, h.out)
	}
}

func TestRecordings(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for api, q := range map[string]Quirks{"openai.images": {}, "xai.images": {AsksBytes: true, Ratios: true}, "openrouter.images": {OpenRouter: true}} {
		files, err := filepath.Glob(filepath.Join(folder, api, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no recordings of %s: %v", api, err)
		}
		for _, file := range files {
			t.Run(api+"/"+filepath.Base(file), func(t *testing.T) {
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				var r struct {
					Request struct {
						Path string
						Body map[string]any
					}
					Response struct {
						Status int
						Body   json.RawMessage
					}
				}
				if err := json.Unmarshal(raw, &r); err != nil {
					t.Fatal(err)
				}
				s := Surface{}
				switch {
				case strings.HasSuffix(r.Request.Path, "edits"):
					s.API = Edits
				case strings.HasSuffix(r.Request.Path, "/images"):
					s.API = OpenRouter
				}
				if r.Request.Body["model"] == nil {
					r.Request.Body["model"] = "dall-e-2" // the vendor's default; a gateway has none
				}
				delete(r.Request.Body, "user")
				body, err := json.Marshal(r.Request.Body)
				if err != nil {
					t.Fatal(err)
				}
				req := decode(t, s, "application/json", string(body))
				call, losses, err := (&Adapter{q}).EncodeRequest(req, dialect.Target{Model: req.Model})
				if err != nil || len(losses) > 0 || !strings.HasSuffix(r.Request.Path, call.Path) {
					t.Fatal(err, losses, call.Path)
				}
				sameJSON(t, string(bytes.Join(call.Body, nil)), string(body))
				if r.Response.Status != 200 {
					if e := (&Adapter{}).Failure(r.Response.Status, nil, r.Response.Body); e.HTTPStatus() != r.Response.Status || e.Param == "" {
						t.Errorf("%+v", e)
					}
					return
				}
				if h, err := answer(s, req, "application/json", string(r.Response.Body)); err != nil || h.usage.Images == 0 || !rawjson.Valid([]byte(h.out)) {
					t.Errorf("%v %+v", err, h.usage)
				}
			})
		}
	}
}

func FuzzImages(f *testing.F) {
	f.Add([]byte(`{"model":"m","prompt":"p","n":2,"size":"2K","stream":true,"input_references":[{"image_url":{"url":"a"}}]}`), "application/json", "data: {\"type\":\"image_edit.completed\",\"b64_json\":\"AA==\"}\n\ndata: [DONE]\n\n")
	f.Add([]byte(formBody), formType, `{"data":[{"b64_json":"AA=="},{"url":"u"}],"usage":{"input_tokens":1,"output_tokens":2}}`)
	f.Fuzz(func(t *testing.T, body []byte, mime, up string) {
		for _, api := range []API{Generations, Edits, OpenRouter} {
			req, err := Surface{api}.DecodeRequest(dialect.Inbound{Header: dialect.Header{"Content-Type": {mime}}, Body: body})
			if err != nil {
				continue
			}
			for _, q := range []Quirks{{}, {OpenRouter: true}, {AsksBytes: true, Ratios: true}} {
				call, _, err := (&Adapter{q}).EncodeRequest(req, dialect.Target{Model: "up"})
				if err != nil {
					continue
				}
				sent := bytes.Join(call.Body, nil)
				if kind := dialect.Get(call.Header, "Content-Type"); kind == "application/json" {
					if !rawjson.Valid(sent) {
						t.Fatalf("%q", sent)
					}
				} else if _, err := dialect.ReadForm(kind, sent); err != nil {
					t.Fatalf("%v: %q", err, sent)
				}
			}
			kind := "application/json"
			if req.Stream {
				kind = "text/event-stream"
			}
			if h, err := answer(Surface{api}, req, kind, up); err == nil && !req.Stream && !rawjson.Valid([]byte(h.out)) {
				t.Fatalf("%q", h.out)
			}
		}
	})
}

// An image passes with a few copies of its bytes and few allocations.
func BenchmarkImage(b *testing.B) {
	req := decode(b, Surface{}, "", `{"model":"m","prompt":"p"}`)
	up := `{"created":5,"data":[{"b64_json":"` + strings.Repeat("iVBORw0KGgoA", 100_000) + `"}],"usage":{"input_tokens":1,"output_tokens":2}}`
	run := func() {
		if _, err := answer(Surface{}, req, "application/json", up); err != nil {
			b.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(20, run); n > 120 {
		b.Errorf("%.0f allocations", n)
	}
	b.SetBytes(int64(len(up)))
	for b.Loop() {
		run()
	}
}
