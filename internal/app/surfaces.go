package app

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/anthropic"
	"github.com/dragoman-gateway/dragoman/internal/dialect/audio"
	"github.com/dragoman-gateway/dragoman/internal/dialect/embeddings"
	"github.com/dragoman-gateway/dragoman/internal/dialect/gemini"
	"github.com/dragoman-gateway/dragoman/internal/dialect/images"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaitext"
	"github.com/dragoman-gateway/dragoman/internal/dialect/rerank"
)

// surfaces are the inference operations below bases whose URL says nothing more.
var surfaces = []struct {
	path    string
	surface dialect.Surface
}{
	{"/chat/completions", openaichat.Surface{}},
	{"/completions", openaitext.Surface{}},
	{"/messages", anthropic.Surface{}},
	{"/messages/count_tokens", anthropic.CountSurface{}},
	{"/embeddings", embeddings.Surface{}},
	{"/rerank", rerank.Surface{}},
	{"/audio/speech", audio.Speech{}},
	{"/audio/transcriptions", audio.Transcriptions{}},
	{"/images", images.Surface{API: images.OpenRouter}},
	{"/images/generations", images.Surface{}},
	{"/images/edits", images.Surface{API: images.Edits}},
}

// geminiBase is where Google's SDKs look for the API unless they are told to use its stable
// version, v1 (https://ai.google.dev/gemini-api/docs/api-versions).
const geminiBase = "/v1beta/"

// inference mounts everything that the gateway answers.
func (a *App) inference(mux *http.ServeMux) {
	for _, base := range bases {
		for _, s := range surfaces {
			mux.HandleFunc("POST "+base+s.path, func(w http.ResponseWriter, r *http.Request) { a.gateway.Serve(w, r, s.surface) })
		}
		kept := a.recall()
		mux.HandleFunc("POST "+base+"/responses", kept.Create)
		mux.HandleFunc("GET "+base+"/responses/{id}", kept.Retrieve)
		mux.HandleFunc("DELETE "+base+"/responses/{id}", kept.Delete)
		mux.HandleFunc("GET "+base+"/responses", a.sockets(http.StripPrefix(base, a.manage.Handler())))
	}
	for base, rest := range map[string]http.Handler{geminiBase: a.manage.Google(), "POST /v1/models/": http.StripPrefix("/v1", a.manage.Handler())} {
		mux.HandleFunc(base, func(w http.ResponseWriter, r *http.Request) {
			keyToHeader(r)
			if s := geminiSurface(r); s != nil {
				a.gateway.Serve(w, r, s)
				return
			}
			rest.ServeHTTP(w, r)
		})
	}
}

// geminiSurface is the surface for POST /v1beta/models/{model}:{method}, or the same below
// /v1, nil for a path that is none. A slug with its slash may stand for the model, with "models/" before it or
// without.
func geminiSurface(r *http.Request) dialect.Surface {
	rest := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, geminiBase), "/v1/")
	at := strings.LastIndexByte(rest, ':')
	if at < 0 || r.Method != http.MethodPost {
		return nil
	}
	model := strings.TrimPrefix(rest[:at], "models/")
	switch rest[at+1:] {
	case "generateContent":
		return gemini.Surface{Model: model}
	case "streamGenerateContent":
		q := r.URL.Query()
		return gemini.Surface{Model: model, Stream: true, Array: q.Get("alt") != "sse" && q.Get("$alt") != "sse"}
	case "countTokens":
		return gemini.CountSurface{Model: model}
	case "embedContent":
		return embeddings.GeminiSurface{Model: model}
	case "batchEmbedContents":
		return embeddings.GeminiSurface{Model: model, Batch: true}
	}
	return nil
}

// keyToHeader moves a key that Google's clients may put into the URL to where keys belong:
// no log and no later room sees it.
func keyToHeader(r *http.Request) {
	if !strings.Contains(r.URL.RawQuery, "key=") {
		return
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	key := q.Get("key")
	if err != nil || key == "" {
		return
	}
	q.Del("key")
	r.URL.RawQuery = q.Encode()
	r.RequestURI = r.URL.RequestURI()
	if r.Header.Get("X-Goog-Api-Key") == "" {
		r.Header.Set("X-Goog-Api-Key", key)
	}
}
