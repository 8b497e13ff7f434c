package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	s := snapshot(t, Overlay{
		Origin: "test",
		Models: []ModelRow{{Model: Model{Slug: "house-model"}}, {Model: Model{Slug: "house/llama3:8b"}}},
	})
	for in, want := range map[string]struct {
		slug string
		Resolved
	}{
		"openai/gpt-4o-mini":                  {"openai/gpt-4o-mini", Resolved{}},
		"openai/gpt-4o-mini:nitro":            {"openai/gpt-4o-mini", Resolved{Sort: "throughput", Priority: true}},
		"openai/gpt-4o-mini:floor":            {"openai/gpt-4o-mini", Resolved{Sort: "price", Flex: true}},
		"openai/gpt-4o-mini:exacto":           {"openai/gpt-4o-mini", Resolved{Sort: "exacto"}},
		"openai/gpt-4o-mini:nitro:floor":      {"openai/gpt-4o-mini", Resolved{Sort: "price", Flex: true}},
		"openai/gpt-4o-mini:online":           {"openai/gpt-4o-mini", Resolved{Online: true}},
		"OpenAI/GPT-4o-mini":                  {"openai/gpt-4o-mini", Resolved{}},
		"gpt-4o-mini":                         {"openai/gpt-4o-mini", Resolved{}},
		"gpt-4o-mini:floor":                   {"openai/gpt-4o-mini", Resolved{Sort: "price", Flex: true}},
		"openai/gpt-oss-120b:free":            {"openai/gpt-oss-120b:free", Resolved{}},
		"openai/gpt-oss-120b:free:nitro":      {"openai/gpt-oss-120b:free", Resolved{Sort: "throughput", Priority: true}},
		"openai/gpt-oss-120b:nitro:free":      {"openai/gpt-oss-120b:free", Resolved{Sort: "throughput", Priority: true}},
		"gpt-oss-120b:free":                   {"openai/gpt-oss-120b:free", Resolved{}},
		"z-ai/glm-4.5-air":                    {"z-ai/glm-4.5-air", Resolved{}},
		"google/gemma-4-31b-it-20260402":      {"google/gemma-4-31b-it", Resolved{}},
		"google/gemma-4-31b-it-20260402:free": {"google/gemma-4-31b-it:free", Resolved{}},
		"claude-opus-4-5-20251101":            {"anthropic/claude-opus-4.5", Resolved{}},
		"claude-opus-4-5":                     {"anthropic/claude-opus-4.5", Resolved{}},
		"meta-llama/Llama-3.3-70B-Instruct":   {"meta-llama/llama-3.3-70b-instruct", Resolved{}},
		"~openai/gpt-latest":                  {"openai/gpt-5.6-sol", Resolved{Alias: "~openai/gpt-latest"}},
		"house-model":                         {"house-model", Resolved{}},
		"house-model:nitro":                   {"house-model", Resolved{Sort: "throughput", Priority: true}},
		"house/llama3:8b":                     {"house/llama3:8b", Resolved{}},
		"house/llama3:8b:floor":               {"house/llama3:8b", Resolved{Sort: "price", Flex: true}},
		"llama3:8b":                           {"house/llama3:8b", Resolved{}},
	} {
		got, err := s.Resolve(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if want.Model = s.Model(want.slug); want.Model == nil || got != want.Resolved {
			t.Errorf("%s: got %+v of %s, want %+v of %q", in, got, got.Model.Slug, want, want.slug)
		}
	}
}

func TestResolveSaysWhatIsNear(t *testing.T) {
	t.Parallel()
	s := snapshot(t, Overlay{Origin: "test", Models: []ModelRow{
		{Model: Model{Slug: "one/same-name"}}, {Model: Model{Slug: "two/same-name"}},
	}})
	for in, want := range map[string]struct {
		near     string
		sentence string
	}{
		"openai/gpt4o-mini":        {"openai/gpt-4o-mini", "did you mean"},
		"gpt4o-mini":               {"openai/gpt-4o-mini", "did you mean"},
		"anthropic/claude-opus4.5": {"anthropic/claude-opus-4.5", "did you mean"},
		"openai/gpt-4o-mini:free":  {"openai/gpt-4o-mini", `no variant ":free"`},
		"openai/gpt-4o-mini:tirbo": {"openai/gpt-4o-mini", `no variant ":tirbo"`},
		"same-name":                {"one/same-name", "ambiguous"},
		"zzzz/qqqq":                {"", "GET /models lists"},
		"":                         {"", "No model was named"},
		strings.Repeat("x", 5000):  {"", "…"},
	} {
		_, err := s.Resolve(in)
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Fatalf("%.40q: %v", in, err)
		}
		if e.Kind != fault.NoModel || e.Code != "model_not_found" || e.Param != "model" || e.Availability == nil || e.Availability.Code != e.Code {
			t.Errorf("%.40q: %+v", in, e)
		}
		near := e.Availability.FallbackModels
		if len(near) > 3 || want.near == "" && near != nil || want.near != "" && !slices.Contains(near, want.near) {
			t.Errorf("%.40q: near are %q, want %q", in, near, want.near)
		}
		if !strings.Contains(e.Public, want.sentence) || len(e.Public) > 600 {
			t.Errorf("%.40q: %s", in, e.Public)
		}
	}
}

func TestResolveOfASlugDoesNotAllocate(t *testing.T) {
	s := snapshot(t)
	for _, in := range []string{"openai/gpt-4o-mini", "openai/gpt-4o-mini:nitro", "gpt-4o-mini"} {
		if n := testing.AllocsPerRun(100, func() {
			if _, err := s.Resolve(in); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", in, n)
		}
	}
}

func TestOnlyInOneDialect(t *testing.T) {
	t.Parallel()
	p := Provider{Protocol: llm.OpenAIChat, Also: []llm.Dialect{llm.OpenAIResponses, llm.OpenAIEmbeddings}, Auth: "none", Only: []string{"openai.responses:*-pro", "openai.chat:gpt-audio*"}}
	if err := p.check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d     llm.Dialect
		model string
		want  bool
	}{
		{llm.OpenAIChat, "gpt-5", true}, {llm.OpenAIResponses, "gpt-5", true},
		{llm.OpenAIChat, "gpt-5-pro", false}, {llm.OpenAIResponses, "gpt-5-pro", true}, {llm.OpenAIEmbeddings, "gpt-5-pro", true},
		{llm.OpenAIChat, "gpt-audio-mini", true}, {llm.OpenAIResponses, "gpt-audio-mini", false},
	} {
		if got := p.Serves(c.d, c.model); got != c.want {
			t.Errorf("%s in %s: %v", c.model, c.d, got)
		}
	}
	for _, bad := range []string{"*-pro", "openai.responses:", "openai.responses:[", "gemini.generateContent:*"} {
		p.Only = []string{bad}
		if err := p.check(); err == nil {
			t.Errorf("only %q passes", bad)
		}
	}
}
