package catalog

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// What the embedded catalogue promises. The bars are what the documentation says.
func TestEmbeddedIsLargeEnough(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	inference, priced := map[string]bool{}, map[string]bool{}
	for _, e := range s.AllEndpoints() {
		if e.Provider.Kind == "inference" {
			inference[e.Provider.Slug] = true
		}
		if e.Pricing != nil {
			priced[e.Model.Slug] = true
		}
	}
	if len(inference) < 70 || len(priced) < 390 || len(s.AllEndpoints()) < 1300 {
		t.Errorf("%d inference providers with endpoints, %d priced models, %d endpoints; want 70, 390, 1300", len(inference), len(priced), len(s.AllEndpoints()))
	}
	for _, slug := range []string{"ollama", "vllm", "llama.cpp", "lm-studio"} {
		if p := s.Provider(slug); p == nil || p.Kind != "local" || p.Auth != "none" {
			t.Errorf("local provider %s: %+v", slug, p)
		}
	}
	if size := len(providersText) + len(modelsText) + len(endpointsText) + len(aliasesText); size > 1_500_000 {
		t.Errorf("the embedded files are %d bytes", size)
	}
}

// The documentation's table of contents counts what is really there.
func TestDocumentedCounts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/catalog.md")
	if err != nil {
		t.Fatal(err)
	}
	for file, rows := range map[string]string{
		"providers": providersText, "models": modelsText, "endpoints": endpointsText, "aliases": aliasesText,
	} {
		n := strconv.Itoa(strings.Count(rows, "\n"))
		if len(n) > 3 {
			n = n[:len(n)-3] + "," + n[len(n)-3:]
		}
		if row := "| `" + file + ".jsonl` | " + n + " |"; !strings.Contains(string(text), row) {
			t.Errorf("docs/catalog.md lacks %q", row)
		}
	}
}

func TestEmbeddedProviders(t *testing.T) {
	t.Parallel()
	for _, p := range snapshot(t).Providers() {
		if err := p.check(); err != nil {
			t.Errorf("%s: %v", p.Slug, err)
		}
		sourced(t, p.Slug, p.Source)
		if p.Data != (DataPolicy{}) {
			sourced(t, p.Slug+" data policy", p.Data.Source)
		}
		if p.Name == "" || !strings.HasPrefix(p.BaseURL, "http") || strings.HasSuffix(p.BaseURL, "/") {
			t.Errorf("%s: name %q, base URL %q", p.Slug, p.Name, p.BaseURL)
		}
		if p.Auth != "none" && p.Auth != "google" && len(p.Env) == 0 { // Google's is in a file, which has a variable of its own
			t.Errorf("%s: no environment variable for its credential", p.Slug)
		}
		if !slices.Contains([]string{"inference", "aggregator", "local"}, p.Kind) {
			t.Errorf("%s: kind %q", p.Slug, p.Kind)
		}
	}
}

// The adapters append their paths, so a base URL must stop before them.
func TestEmbeddedBaseURLsFitTheAdapters(t *testing.T) {
	t.Parallel()
	appended := map[llm.Dialect][]string{
		llm.OpenAIChat: {"/chat/completions", "/completions"},
		llm.Anthropic:  {"/v1", "/messages"},
		llm.Gemini:     {"/v1beta", "/v1", "/models"},
	}
	for _, p := range snapshot(t).Providers() {
		for _, path := range appended[p.Protocol] {
			if strings.HasSuffix(p.BaseURL, path) {
				t.Errorf("%s: %s already ends with %s", p.Slug, p.BaseURL, path)
			}
		}
	}
}

func TestEmbeddedModels(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	for _, m := range s.Models() {
		sourced(t, m.Slug, m.Source)
		if _, _, ok := cutSlug(m.Slug); !ok || m.Name == "" || m.CanonicalSlug == "" || m.Author == "" {
			t.Errorf("model %+v", m)
		}
		if len(m.InputModalities) == 0 || len(m.OutputModalities) == 0 {
			t.Errorf("%s: no modalities", m.Slug)
		}
		if len(s.Endpoints(m.Slug)) == 0 {
			t.Errorf("%s: no endpoint", m.Slug)
		}
	}
}

func TestEmbeddedEndpoints(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range snapshot(t).AllEndpoints() {
		sourced(t, e.ID, e.Source)
		if seen[e.ID] {
			t.Errorf("%s: twice", e.ID)
		}
		seen[e.ID] = true
		if e.UpstreamModel == "" || len(e.InputModalities) == 0 || len(e.OutputModalities) == 0 {
			t.Errorf("endpoint %+v", e)
		}
		if e.Tag != e.Provider.Slug && !strings.HasPrefix(e.Tag, e.Provider.Slug+"/") {
			t.Errorf("%s: tag %q", e.ID, e.Tag)
		}
		if len(e.Reasoning.Efforts) > 0 && !e.Model.Reasoning {
			t.Errorf("%s: efforts for a model that does not reason", e.ID)
		}
		priced(t, e)
	}
}

// priced checks that an endpoint has a sane price or says why it has none.
func priced(t *testing.T, e *Endpoint) {
	t.Helper()
	if (e.Pricing == nil) != (e.Unpriced != "") {
		t.Errorf("%s: pricing %v, unpriced %q", e.ID, e.Pricing, e.Unpriced)
	}
	if e.Pricing == nil {
		return
	}
	if err := e.Pricing.check(); err != nil {
		t.Errorf("%s: %v", e.ID, err)
	}
	if e.Pricing.Free != strings.HasSuffix(e.Model.Slug, ":free") {
		t.Errorf("%s: free is %t", e.ID, e.Pricing.Free)
	}
	all := []*Rates{&e.Pricing.Rates}
	for i := range e.Pricing.Tiers {
		all = append(all, &e.Pricing.Tiers[i].Rates)
	}
	const perMillion = 1_000_000_000 // femto-dollars per token that make one dollar per million
	for _, r := range all {
		if r.Prompt > 500*perMillion || r.Completion > 1000*perMillion {
			t.Errorf("%s: %s and %s per token is beyond any list price", e.ID, r.Prompt, r.Completion)
		}
		if r.CacheWrite != nil && *r.CacheWrite < r.Prompt {
			t.Errorf("%s: writing the cache is cheaper than not writing it", e.ID)
		}
		if slices.Contains(e.OutputModalities, "image") && r.ImageOutput == nil {
			t.Errorf("%s: makes images at an unknown price", e.ID)
		}
	}
}

func TestEmbeddedAnthropicCacheRules(t *testing.T) {
	t.Parallel()
	n := 0
	for _, e := range snapshot(t).AllEndpoints() {
		if e.Provider.Slug != "anthropic" || e.Pricing == nil {
			continue
		}
		n++
		r := e.Pricing.Rates
		if r.CacheRead == nil || r.CacheWrite == nil || r.CacheWrite1h == nil {
			t.Fatalf("%s: %+v", e.ID, r)
		}
		if *r.CacheWrite*4 != r.Prompt*5 && e.Model.Slug != "anthropic/claude-3-haiku" || *r.CacheWrite1h != r.Prompt*2 {
			t.Errorf("%s: prompt %s, write %s, for an hour %s", e.ID, r.Prompt, r.CacheWrite, r.CacheWrite1h)
		}
	}
	if n < 10 {
		t.Errorf("only %d endpoints", n)
	}
}

func TestEmbeddedAliases(t *testing.T) {
	t.Parallel()
	d, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot(t)
	for _, a := range d.Aliases {
		if r, err := s.Resolve(a.Name); err != nil || r.Model.Slug != a.Model {
			t.Errorf("%s: %v, %v", a.Name, r.Model, err)
		}
	}
}

func sourced(t *testing.T, row string, s Source) {
	t.Helper()
	if s.Name == "" {
		t.Errorf("%s: no source", row)
	}
	if _, err := time.Parse("2006-01-02", s.AsOf); err != nil && s.AsOf != "2025" {
		t.Errorf("%s: as of %q", row, s.AsOf)
	}
}
