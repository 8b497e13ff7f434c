package simup

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Server plays the providers of its Config. It is safe for concurrent use.
type Server struct {
	seed      uint64
	now       func() time.Time
	providers map[string]*company
	script    script
	cache     *cache
	invoice   *invoice
	requests  atomic.Uint64
	active    sync.WaitGroup // requests being answered
}

// A company is a provider and its models by id.
type company struct {
	Provider
	models map[string]*served
}

// A served model counts its requests, so that failures come at the same ones every time.
type served struct {
	Model
	requests atomic.Uint64
}

// New makes a Server; Close it when it writes an invoice file.
func New(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	inv, err := openInvoice(c.InvoiceFile)
	if err != nil {
		return nil, err
	}
	s := &Server{seed: c.Seed, now: c.Now, providers: map[string]*company{}, cache: newCache(), invoice: inv}
	if s.now == nil {
		s.now = time.Now
	}
	for _, p := range c.Providers {
		if p.Name == "" {
			p.Name = p.Slug
		}
		co := &company{Provider: p, models: map[string]*served{}}
		for _, m := range p.Models {
			co.models[m.ID] = &served{Model: m}
		}
		s.providers[p.Slug] = co
	}
	return s, nil
}

// Close ends the invoice file; its error is the first that writing met.
func (s *Server) Close() error { return s.invoice.close() }

// Fault scripts a fault for the next requests to a provider and model ("" any): so many
// times, or until ClearFaults when times is below one. Faults that concern how the request
// is read (early, slow-reader) look at the provider only.
func (s *Server) Fault(provider, model string, f Fault, times int) {
	s.script.add(scripted{provider, model, f, times})
}

// ClearFaults forgets the script.
func (s *Server) ClearFaults() { s.script.clear() }

// Invoice is what was served so far, oldest first: the last 65536 lines. The line of an
// answer is there before its last bytes are sent.
func (s *Server) Invoice() []Line { return s.invoice.all() }

// ServeHTTP routes by provider and path. What follows in a chat request is visit.serve.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.active.Add(1)
	defer s.active.Done()
	slug, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if slug == "_sim" {
		s.control(w, r, path)
		return
	}
	p := s.providers[slug]
	if p == nil {
		http.Error(w, "no such provider: "+slug, http.StatusNotFound)
		return
	}
	v := visit{server: s, w: w, r: r, company: p}
	if r.Method == http.MethodGet {
		v.list(path)
		return
	}
	if !v.route(path) {
		http.Error(w, "no such path: /"+path, http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	v.serve()
}

// route finds the dialect and what the path says beside it.
func (v *visit) route(path string) bool {
	switch path {
	case "v1/chat/completions":
		v.wire = openAI{}
		return true
	case "v1/responses":
		v.wire = responses{}
		return true
	case "mistral/v1/chat/completions":
		v.wire = mistral{}
		return true
	case "v2/chat":
		v.wire = cohere{}
		return true
	case "api/chat":
		v.wire = ollama{}
		return true
	case "v1/messages":
		v.wire = anthropic{}
		return true
	case "v1/messages/count_tokens":
		v.wire, v.count = anthropic{}, appendAnthropicCount
		return true
	}
	if rest, ok := strings.CutPrefix(path, "v1beta/models/"); ok {
		return v.generates(gemini{}, rest)
	}
	return v.platform(path)
}

// generates reads a model and a method of Google's.
func (v *visit) generates(w wire, path string) bool {
	model, method, _ := strings.Cut(path, ":")
	v.wire, v.model = w, model
	switch method {
	case "generateContent":
	case "streamGenerateContent":
		v.ask.stream = true
		v.ask.array = v.r.URL.Query().Get("alt") != "sse"
	case "countTokens":
		v.count = appendGeminiCount
	default:
		return false
	}
	return true
}
