package manage

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// googleModel is a model as Google's clients read it (https://ai.google.dev/api/models).
type googleModel struct {
	Name     string   `json:"name"` // models/ and the slug
	Version  string   `json:"version"`
	Display  string   `json:"displayName"`
	About    string   `json:"description,omitempty"`
	Input    int64    `json:"inputTokenLimit,omitempty"`
	Output   int64    `json:"outputTokenLimit,omitempty"`
	Methods  []string `json:"supportedGenerationMethods"`
	Thinking bool     `json:"thinking,omitempty"`
}

type googleList struct {
	Models []googleModel `json:"models"`
	Next   string        `json:"nextPageToken,omitempty"`
}

// googleOperations are what Google's clients may ask for below the root of the address;
// the gateway answers those that are not here.
var googleOperations = []struct{ method, path string }{
	{"GET", "/v1beta/models"},
	{"GET", "/v1beta/models/{model}"},
	{"POST", "/v1beta/models/{model}:generateContent"},
	{"POST", "/v1beta/models/{model}:streamGenerateContent"},
	{"POST", "/v1beta/models/{model}:countTokens"},
	{"POST", "/v1beta/models/{model}:embedContent"},
	{"POST", "/v1beta/models/{model}:batchEmbedContents"},
}

// Google answers what is below /v1beta/ and no inference: the models, and errors that
// Google's SDKs can read.
func (a *API) Google() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest := strings.TrimPrefix(r.URL.Path, googleBase)
		name, isModel := strings.CutPrefix(rest, "models/")
		if !isModel {
			name = ""
		}
		at := strings.LastIndexByte(rest, ':')
		allow := "GET, HEAD"
		switch {
		case at >= 0 && slices.ContainsFunc(googleOperations, func(o struct{ method, path string }) bool { return strings.HasSuffix(o.path, rest[at:]) }):
			allow = "POST"
		case (rest == "models" || name != "") && !(at >= 0 && r.Method == http.MethodPost):
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				a.serve(w, r, operation{access: anyone, serve: func(a *API, c *call) (any, error) { return a.googleModels(c, name) }}, false)
				return
			}
		default:
			a.refuse(w, r, fault.New(fault.NotFound, "There is nothing at "+echo(r)+"; /openapi.json says what is"))
			return
		}
		w.Header().Set("Allow", allow)
		a.refuse(w, r, &fault.Error{Kind: fault.Invalid, Status: http.StatusMethodNotAllowed, Public: r.Method + " is not possible on " + echo(r) + "; use " + allow})
	})
}

// googleModels is the model of a name, or of "" a page of all that the caller can use.
func (a *API) googleModels(c *call, name string) (any, error) {
	v := a.viewer(c)
	if name != "" {
		r, err := v.snap.Resolve(name)
		if err != nil {
			return nil, absent(err)
		}
		l := v.listing(r.Model)
		l.alias = r.Alias
		return l.google(v), nil
	}
	p := c.params()
	limit, given := p.int("pageSize", 1, maxPage)
	if !given {
		limit = 50
	}
	from, _ := p.int("pageToken", 0, maxOffset)
	if p.err != nil {
		return nil, p.err
	}
	list := v.models(false, nil)
	start := min(int(from), len(list))
	end := min(start+int(limit), len(list))
	out := googleList{Models: []googleModel{}}
	for _, l := range list[start:end] {
		out.Models = append(out.Models, l.google(v))
	}
	if end < len(list) {
		out.Next = strconv.Itoa(end)
	}
	return out, nil
}

func (l *listing) google(v viewer) googleModel {
	m := l.model
	slug := cmp.Or(l.alias, m.Slug)
	out := googleModel{Name: "models/" + slug, Version: cmp.Or(m.CanonicalSlug, m.Slug), Display: cmp.Or(m.Name, m.Slug), About: m.Description,
		Input: l.contextLength(), Output: m.MaxOutput, Methods: []string{}, Thinking: m.Reasoning}
	serves := func(op llm.Operation) bool {
		return slices.ContainsFunc(v.snap.Endpoints(m.Slug), func(e *catalog.Endpoint) bool { return e.Serves(op) })
	}
	if serves(llm.Generate) {
		out.Methods = append(out.Methods, "generateContent", "streamGenerateContent", "countTokens")
	}
	if serves(llm.Embed) {
		out.Methods = append(out.Methods, "embedContent", "batchEmbedContents")
	}
	return out
}
