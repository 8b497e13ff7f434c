package embeddings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

type recording struct {
	Model   string
	Request struct {
		Path string
		Body json.RawMessage
	}
	Response struct {
		Status int
		Body   json.RawMessage
	}
}

// TestRecordings sends each recorded request through the surface of its dialect, or
// OpenAI's where there is none, and its answer back.
func TestRecordings(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for api, a := range map[string]dialect.Adapter{
		"openai.embeddings": &OpenAI{}, "azure.embeddings": &OpenAI{}, "mistral.embeddings": &OpenAI{}, "openrouter.embeddings": &OpenAI{},
		"voyage.embeddings": &OpenAI{}, "perplexity.embeddings": &OpenAI{Quirks: Quirks{Bytes: true}},
		"cohere.embed-v2": &Cohere{}, "ollama.native-embed": &Ollama{},
		"gemini.embedContent": &Gemini{}, "gemini.batchEmbedContents": &Gemini{}, "vertex.embedContent": &Gemini{},
	} {
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
				r := new(recording)
				if err := json.Unmarshal(raw, r); err != nil {
					t.Fatal(err)
				}
				replay(t, a, r)
			})
		}
	}
}

func replay(t *testing.T, a dialect.Adapter, r *recording) {
	var s dialect.Surface = Surface{}
	body := string(r.Request.Body)
	switch a.(type) {
	case *Gemini:
		s = GeminiSurface{Model: "m", Batch: strings.HasSuffix(r.Request.Path, "batchEmbedContents")}
	case *Cohere: // no client speaks it: the same wish in OpenAI's words
		body = strings.NewReplacer(`"texts"`, `"input"`, `"output_dimension"`, `"dimensions"`).Replace(body)
	}
	req := decode(t, s, body)
	model := r.Model
	if got := (recorded{r.Request.Body}).model(); got != "" {
		model = got
	}
	call, sent, _ := encode(t, a, req, model)
	if len(call.Body) == 0 {
		t.Fatal("nothing is sent")
	}
	if _, same := a.(*OpenAI); same {
		q := a.(*OpenAI).Quirks
		if q == (Quirks{}) && !strings.Contains(body, `"user"`) {
			sameJSON(t, sent, body)
		}
	}
	if r.Response.Status != 200 {
		if e := a.Failure(r.Response.Status, nil, r.Response.Body); e.HTTPStatus() != r.Response.Status {
			t.Errorf("%d became %d: %v", r.Response.Status, e.HTTPStatus(), e)
		}
		return
	}
	out, usage, err := answer(s, a, req, string(r.Response.Body))
	if err != nil {
		t.Fatal(err)
	}
	if !rawjson.Valid([]byte(out)) || usage == nil {
		t.Fatalf("%.300s", out)
	}
	got, want := vectors(t, out), vectors(t, string(r.Response.Body))
	for i := range want {
		if _, bytes := a.(*OpenAI); bytes && a.(*OpenAI).Quirks.Bytes {
			continue // another form on purpose
		}
		if i >= len(got) || len(want[i]) > 0 && got[i] != want[i] && !strings.HasPrefix(want[i], `"`) {
			t.Fatalf("vector %d of %d: %.100s, want %.100s", i, len(got), got[i], want[i])
		}
	}
}

type recorded struct{ body []byte }

func (r recorded) model() string {
	var d rawjson.Doc
	if d.Parse(r.body) != nil {
		return ""
	}
	return d.Root().Get("model").Str()
}

// vectors is every vector of an answer of any vendor, as its own text.
func vectors(t *testing.T, body string) (out []string) {
	var d rawjson.Doc
	if err := d.Parse([]byte(body)); err != nil {
		t.Fatal(err)
	}
	root := d.Root()
	list := root.Get("data")
	if !list.Exists() {
		list = root.Get("embeddings")
	}
	if f := list.Get("float"); f.Exists() {
		list = f
	}
	for e := range list.Elems() {
		v := e
		for _, k := range []string{"embedding", "values"} {
			if e.Get(k).Exists() {
				v = e.Get(k)
			}
		}
		out = append(out, string(v.Raw()))
	}
	if one := root.At("embedding", "values"); one.Exists() {
		out = append(out, string(one.Raw()))
	}
	return out
}
