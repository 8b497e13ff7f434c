package preset

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// apply gives a request the preset it names.
func apply(t *testing.T, to llm.Dialect, inURL, body string, s Settings) (Applied, error) {
	t.Helper()
	var d rawjson.Doc
	if err := d.Parse([]byte(body)); err != nil {
		t.Fatal(err)
	}
	ref, named, err := Find(d.Root(), inURL)
	if err != nil || !named {
		t.Fatalf("%s names no preset: %v", body, err)
	}
	return Apply([]byte(body), d.Root(), to, ref, s)
}

func paths(lost []llm.Loss) string {
	var out []string
	for _, l := range lost {
		out = append(out, l.Path)
	}
	return strings.Join(out, " ")
}

const hi = `"messages":[{"role":"user","content":"hi"}]`

func TestApply(t *testing.T) {
	t.Parallel()
	weather := `{"type":"function","function":{"name":"weather","description":"of a place","parameters":{"type":"object"},"strict":true}}`
	for name, c := range map[string]struct {
		to           llm.Dialect
		from         llm.Dialect // "" as to
		url          string
		body, config string
		system       string
		want, lost   string
		model        string // that the URL should name
	}{
		"the preset's model": {to: llm.OpenAIChat,
			body: `{ "model" : "@preset/p",` + hi + `}`, config: `{"model":"a/b","temperature":0.5}`,
			want: `{ "model" : "a/b",` + hi + `,"temperature":0.5}`},
		"the request's model beside it": {to: llm.OpenAIChat,
			body: `{"model":"x/y:free@preset/p",` + hi + `}`, config: `{"model":"a/b","models":["c/d"]}`,
			want: `{"model":"x/y:free",` + hi + `,"models":["c/d"]}`},
		"a member of its own": {to: llm.OpenAIChat,
			body: `{"model":"x/y","preset":"p",` + hi + `}`, config: `{"model":"a/b","top_p":1}`,
			want: `{"model":"x/y",` + hi + `,"top_p":1}`},
		"no model but in the list": {to: llm.OpenAIChat,
			body: `{"model":"@preset/p",` + hi + `}`, config: `{"models":["a/b","c/d"]}`,
			want: `{` + hi + `,"models":["a/b","c/d"]}`},
		"no model member": {to: llm.OpenAIChat,
			body: `{"preset":"p"}`, config: `{"model":"a/b","seed":1}`,
			want: `{"model":"a/b","seed":1}`},
		"the request wins, null does not": {to: llm.OpenAIChat,
			body: `{"model":"@preset/p","temperature":1.0,"top_p":null,"provider":{"sort":"price"},` + hi + `}`, config: `{"model":"a/b","temperature":0,"top_p":0.9,"provider":{"zdr":true}}`,
			want: `{"model":"a/b","temperature":1.0,"top_p":0.9,"provider":{"sort":"price"},` + hi + `}`},
		"another name for the same": {to: llm.OpenAIChat,
			body: `{"model":"@preset/p","max_completion_tokens":5,"reasoning_effort":"low",` + hi + `}`, config: `{"model":"a/b","max_tokens":9,"reasoning":{"effort":"high"}}`,
			want: `{"model":"a/b","max_completion_tokens":5,"reasoning_effort":"low",` + hi + `}`},
		"tools united": {to: llm.OpenAIChat,
			body:   `{"model":"@preset/p","tools":[ {"type":"function","function":{"name":"mine"}}, {"type":"function","function":{"name":"weather"}}, {"type":"openrouter:web_search","parameters":{"engine":"exa"}}],` + hi + `}`,
			config: `{"model":"a/b","tools":[` + weather + `,{"type":"openrouter:web_search"},{"type":"openrouter:advisor","parameters":{"name":"one"}},{"type":"function","function":{"name":"other"}}]}`,
			want:   `{"model":"a/b","tools":[{"type":"function","function":{"name":"weather"}},{"type":"openrouter:web_search","parameters":{"engine":"exa"}},{"type":"openrouter:advisor","parameters":{"name":"one"}},{"type":"function","function":{"name":"other"}},{"type":"function","function":{"name":"mine"}}],` + hi + `}`},
		"tools that the request has all of": {to: llm.OpenAIChat,
			body:   `{"model":"@preset/p","tools":[ {"type":"function","function":{"name":"weather"}}, {"type":"function","function":{"name":"mine"}}],` + hi + `}`,
			config: `{"model":"a/b","tools":[` + weather + `]}`,
			want:   `{"model":"a/b","tools":[ {"type":"function","function":{"name":"weather"}}, {"type":"function","function":{"name":"mine"}}],` + hi + `}`},
		"two advisors": {to: llm.OpenAIChat,
			body:   `{"model":"@preset/p","tools":[{"type":"openrouter:advisor","parameters":{"name":"two"}}],` + hi + `}`,
			config: `{"model":"a/b","tools":[{"type":"openrouter:advisor","parameters":{"name":"one"}}]}`,
			want:   `{"model":"a/b","tools":[{"type":"openrouter:advisor","parameters":{"name":"one"}},{"type":"openrouter:advisor","parameters":{"name":"two"}}],` + hi + `}`},
		"system first in chat": {to: llm.OpenAIChat, system: "Be \"brief\".",
			body: `{"model":"@preset/p",` + hi + `}`, config: `{"model":"a/b"}`,
			want: `{"model":"a/b","messages":[{"role":"system","content":"Be \"brief\"."},{"role":"user","content":"hi"}]}`},
		"the request's own system": {to: llm.OpenAIChat, system: "no",
			body: `{"model":"@preset/p","messages":[{"role":"developer","content":"yes"}]}`, config: `{"model":"a/b"}`,
			want: `{"model":"a/b","messages":[{"role":"developer","content":"yes"}]}`},
		"system in messages": {to: llm.Anthropic, system: "Be brief.",
			body: `{"model":"@preset/p","max_tokens":1,` + hi + `}`, config: `{"model":"a/b","max_tokens":9}`,
			want: `{"model":"a/b","max_tokens":1,` + hi + `,"system":"Be brief."}`},
		"own system in messages": {to: llm.Anthropic, system: "no",
			body: `{"model":"@preset/p","system":[{"type":"text","text":"yes"}],` + hi + `}`, config: `{"model":"a/b"}`,
			want: `{"model":"a/b","system":[{"type":"text","text":"yes"}],` + hi + `}`},
		"instructions": {to: llm.OpenAIResponses, system: "Be brief.",
			body: `{"model":"@preset/p","instructions":null,"input":"hi"}`, config: `{"model":"a/b"}`,
			want: `{"model":"a/b","instructions":"Be brief.","input":"hi"}`},
		"no place for a system prompt": {to: llm.OpenAIText, from: llm.OpenAIChat, system: "Be brief.",
			body: `{"model":"@preset/p","prompt":"hi"}`, config: `{"model":"a/b","stop":"x","max_completion_tokens":7,"max_tokens":8,"tools":[],"min_p":0.1}`,
			want: `{"model":"a/b","prompt":"hi","stop":"x","max_tokens":7,"min_p":0.1}`, lost: "preset.tools preset.system_prompt"},
		"chat to messages": {to: llm.Anthropic, from: llm.OpenAIChat,
			body:   `{"model":"@preset/p",` + hi + `}`,
			config: `{"model":"a/b","provider":{"only":["x"]},"temperature":1,"max_completion_tokens":10,"stop":"END","seed":4,"tools":[` + weather + `,{"type":"function","function":{"name":"bare"}},{"type":"openrouter:web_search"}],"tool_choice":{"type":"function","function":{"name":"weather"}},"reasoning":{"max_tokens":2000}}`,
			want:   `{"model":"a/b",` + hi + `,"provider":{"only":["x"]},"temperature":1,"max_tokens":10,"stop_sequences":["END"],"tools":[{"name":"weather","description":"of a place","input_schema":{"type":"object"},"strict":true},{"name":"bare","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"tool","name":"weather"},"thinking":{"type":"enabled","budget_tokens":2000}}`,
			lost:   "preset.seed preset.tools[2]"},
		"messages to chat": {to: llm.OpenAIChat, from: llm.Anthropic,
			body:   `{"model":"@preset/p",` + hi + `}`,
			config: `{"model":"a/b","fallbacks":[{"model":"c/d"}],"max_tokens":10,"stop_sequences":["END"],"tools":[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"any"},"thinking":{"type":"adaptive"},"service_tier":"auto"}`,
			want:   `{"model":"a/b",` + hi + `,"models":["c/d"],"max_completion_tokens":10,"stop":["END"],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":"required","reasoning":{"enabled":true}}`,
			lost:   "preset.tools[0].cache_control preset.tools[1] preset.service_tier"},
		"responses to chat": {to: llm.OpenAIChat, from: llm.OpenAIResponses,
			body:   `{"model":"@preset/p",` + hi + `}`,
			config: `{"model":"a/b","max_output_tokens":10,"tools":[{"type":"function","name":"f","parameters":{},"strict":false}],"tool_choice":{"type":"function","name":"f"},"reasoning":{"effort":"low"},"text":{"verbosity":"low"}}`,
			want:   `{"model":"a/b",` + hi + `,"max_completion_tokens":10,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":{"type":"function","function":{"name":"f"}},"reasoning":{"effort":"low"}}`,
			lost:   "preset.text"},
		"chat to responses": {to: llm.OpenAIResponses, from: llm.OpenAIChat,
			body:   `{"model":"@preset/p","input":"hi"}`,
			config: `{"model":"a/b","max_tokens":10,"stop":["x"],"reasoning_effort":"low","response_format":{"type":"json_object"}}`,
			want:   `{"model":"a/b","input":"hi","max_output_tokens":10,"reasoning":{"effort":"low"}}`,
			lost:   "preset.stop preset.response_format"},
		"a united tool of another dialect": {to: llm.Anthropic, from: llm.OpenAIChat,
			body:   `{"model":"@preset/p","tools":[{"name":"weather","input_schema":{"type":"object","title":"mine"}}],` + hi + `}`,
			config: `{"model":"a/b","tools":[{"type":"function","function":{"name":"first"}},` + weather + `]}`,
			want:   `{"model":"a/b","tools":[{"name":"first","input_schema":{"type":"object","properties":{}}},{"name":"weather","input_schema":{"type":"object","title":"mine"}}],` + hi + `}`},
		"gemini": {to: llm.Gemini, from: llm.OpenAIChat, url: "@preset/p", system: "Be brief.", model: "a/b",
			body:   `{"contents":[],"generation_config":{"top_p":0.5,"temperature":null},"tools":[{"function_declarations":[{"name":"weather"}]}]}`,
			config: `{"model":"a/b","models":["c/d"],"temperature":1,"top_p":0.1,"stop":"x","tools":[` + weather + `,{"type":"function","function":{"name":"other"}}],"tool_choice":"required","logprobs":true}`,
			want:   `{"contents":[],"generation_config":{"top_p":0.5,"temperature":1,"stopSequences":["x"]},"tools":[{"functionDeclarations":[{"name":"other"}]},{"function_declarations":[{"name":"weather"}]}],"models":["c/d"],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},"systemInstruction":{"parts":[{"text":"Be brief."}]}}`,
			lost:   "preset.tools[0].strict preset.logprobs"},
		"gemini without a generationConfig": {to: llm.Gemini, from: llm.OpenAIChat, url: "x/y@preset/p", model: "x/y",
			body: `{"contents":[],"tools":{"googleSearch":{}}}`, config: `{"temperature":1,"max_tokens":3,"tools":[{"type":"function","function":{"name":"f"}}]}`,
			want: `{"contents":[],"tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}],"generationConfig":{"temperature":1,"maxOutputTokens":3}}`},
		"gemini by member": {to: llm.Gemini, from: llm.OpenAIChat, url: "x/y", model: "x/y", system: "no",
			body: `{"preset":"p","contents":[],"system_instruction":{"parts":[{"text":"yes"}]}}`, config: `{"model":"a/b"}`,
			want: `{"contents":[],"system_instruction":{"parts":[{"text":"yes"}]}}`},
		"a count takes what counts": {to: llm.AnthropicCount, from: llm.Anthropic, system: "Be brief.",
			body: `{"model":"@preset/p",` + hi + `}`, config: `{"model":"a/b","max_tokens":5,"temperature":1,"tools":[{"name":"f","input_schema":{}}]}`,
			want: `{"model":"a/b",` + hi + `,"tools":[{"name":"f","input_schema":{}}],"system":"Be brief."}`},
		"a whole request to count": {to: llm.GeminiCount, from: llm.OpenAIChat, url: "@preset/p", model: "a/b", system: "Be brief.",
			body: `{"generateContentRequest":{"contents":[]}}`, config: `{"model":"a/b"}`,
			want: `{"generateContentRequest":{"contents":[],"systemInstruction":{"parts":[{"text":"Be brief."}]}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.from == "" {
				c.from = c.to
			}
			got, err := apply(t, c.to, c.url, c.body, Settings{From: c.from, Config: []byte(c.config), System: c.system})
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Body) != c.want {
				t.Errorf("got  %s\nwant %s", got.Body, c.want)
			}
			if got.Model != c.model || paths(got.Lost) != c.lost {
				t.Errorf("model %q, lost %+v", got.Model, got.Lost)
			}
		})
	}
}

func TestNobodyNamesAModel(t *testing.T) {
	t.Parallel()
	_, err := apply(t, llm.OpenAIChat, "", `{"model":"@preset/p",`+hi+`}`, Settings{From: llm.OpenAIChat, Config: []byte(`{}`)})
	if e := fault.As(err); e.Kind != fault.Invalid || e.Param != "model" || !strings.Contains(e.Message(), "author/slug@preset/p") {
		t.Errorf("%+v", e)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		slug, refusal string
	}{
		`{"model":"a/b"}`: {},
		`{"messages":[{"content":"@preset/x \"preset\""}]}`: {},
		`{"preset":null}`:                       {},
		`{"model":"@preset/p"}`:                 {slug: "p"},
		`{"model":"a/b@preset/p"}`:              {slug: "p"},
		`{"preset":"p"}`:                        {slug: "p"},
		`{"preset":"@preset/p"}`:                {slug: "p"},
		`{"preset":"p","model":"a/b@preset/p"}`: {slug: "p"},
		`{"preset":"q","model":"a/b@preset/p"}`: {refusal: "preset"},
		`{"preset":7}`:                          {refusal: "preset"},
		`{"preset":""}`:                         {refusal: "preset"},
		`{"models":["a/b","@preset/p"]}`:        {refusal: "models"},
	} {
		var d rawjson.Doc
		if err := d.Parse([]byte(body)); err != nil {
			t.Fatal(err)
		}
		ref, named, err := Find(d.Root(), "")
		param := ""
		if e, ok := errors.AsType[*fault.Error](err); ok {
			param = e.Param
		}
		if named != (want.slug != "") || ref.Slug != want.slug || param != want.refusal {
			t.Errorf("%s: %+v %v %v", body, ref, named, err)
		}
	}
}

func TestFrom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from                 llm.Dialect
		body, config, system string
	}{
		"chat": {llm.OpenAIChat,
			`{"model":"a/b","stream":true,"messages":[{"role":"system","content":"One."},{"role":"developer","content":[{"type":"text","text":"Two."}]},{"role":"user","content":"hi"},{"role":"system","content":"late"}],"temperature":0.70,"user":"u","seed":null,"top_p":1,"top_p":0.5,"cache_enabled":false}`,
			`{"model":"a/b","temperature":0.70,"top_p":0.5}`, "One.\n\nTwo."},
		"messages": {llm.Anthropic,
			`{"model":"a/b","max_tokens":5,"system":[{"type":"text","text":"One."}],"messages":[],"metadata":{"user_id":"u"},"thinking":{"type":"disabled"},"fallbacks":[{"model":"c/d"}]}`,
			`{"model":"a/b","max_tokens":5,"thinking":{"type":"disabled"},"fallbacks":[{"model":"c/d"}]}`, "One."},
		"responses": {llm.OpenAIResponses,
			`{"model":"a/b","instructions":"One.","input":"hi","store":true,"previous_response_id":"r","prompt":{},"max_output_tokens":3,"text":{"verbosity":"low"}}`,
			`{"model":"a/b","max_output_tokens":3,"text":{"verbosity":"low"}}`, "One."},
		"system among input": {llm.OpenAIResponses,
			`{"input":[{"role":"system","content":[{"type":"input_text","text":"One."}]},{"role":"user","content":"hi"}]}`,
			`{}`, "One."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d rawjson.Doc
			if err := d.Parse([]byte(c.body)); err != nil {
				t.Fatal(err)
			}
			s, err := From(d.Root(), c.from)
			if err != nil || string(s.Config) != c.config || s.System != c.system || s.From != c.from {
				t.Errorf("%s %q %v", s.Config, s.System, err)
			}
		})
	}
}

func TestFromRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]fault.Kind{
		`[]`:                      fault.Invalid,
		`{"model":"@preset/p"}`:   fault.Invalid,
		`{"preset":"p"}`:          fault.Invalid,
		`{"cache_enabled":true}`:  fault.Unbuilt,
		`{"cache_ttl_seconds":9}`: fault.Unbuilt,
		`{"messages":[{"role":"system","content":[{"type":"image_url","image_url":{}}]}]}`: fault.Invalid,
		`{"messages":[{"role":"system","content":7}]}`:                                     fault.Invalid,
		`{"tools":["` + strings.Repeat("x", MaxSettings) + `"]}`:                           fault.TooLarge,
	} {
		var d rawjson.Doc
		if err := d.Parse([]byte(body)); err != nil {
			t.Fatal(err)
		}
		if _, err := From(d.Root(), llm.OpenAIChat); err == nil || fault.Of(err) != want {
			t.Errorf("%.60s: %v", body, err)
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]bool{"a": true, "My-preset_2.1": true, strings.Repeat("a", 64): true,
		"": false, "-a": false, "..": false, "a/b": false, "ä": false, "a b": false, "a:b": false, strings.Repeat("a", 65): false} {
		if Valid(slug) != want {
			t.Errorf("%q: %v", slug, !want)
		}
	}
}

// FuzzApply: what a preset makes of a request is JSON that names no preset, in every dialect,
// and a request of the preset's own dialect keeps all that it said.
func FuzzApply(f *testing.F) {
	f.Add(`{"model":"@preset/p",`+hi+`,"tools":[{"type":"function","function":{"name":"f"}}],"top_p":null}`, `{"model":"a/b","temperature":1,"tools":[{"type":"function","function":{"name":"g"}}]}`, "be brief")
	f.Add(`{"preset":"p"}`, `{"model":"a/b","thinking":{"type":"enabled","budget_tokens":3},"tool_choice":{"type":"any"}}`, "")
	f.Add(`{"preset":"p","model":null,"generationConfig":{},"tools":[]}`, `{"models":["a/b"],"stop":["x"],"reasoning_effort":"low"}`, "x")
	f.Add(`{"model":"a/b","tools":{"google_search":{}},"preset":"p"}`, `{"tools":[{"name":"f","input_schema":{}}],"fallbacks":[{"model":"x"}]}`, "x")
	dialects := []llm.Dialect{llm.OpenAIChat, llm.OpenAIText, llm.Anthropic, llm.AnthropicCount, llm.OpenAIResponses, llm.Gemini, llm.GeminiCount}
	f.Fuzz(func(t *testing.T, body, config, system string) {
		var request, made rawjson.Doc
		if request.Parse([]byte(body)) != nil || made.Parse([]byte(config)) != nil {
			return
		}
		for _, from := range []llm.Dialect{llm.OpenAIChat, llm.Anthropic, llm.OpenAIResponses} {
			s, err := From(made.Root(), from)
			if err != nil {
				return
			}
			if !rawjson.Valid(s.Config) {
				t.Fatalf("a config that is no JSON: %s", s.Config)
			}
			s.System = system
			for _, to := range dialects {
				check(t, &request, body, to, s)
			}
		}
	})
}

func check(t *testing.T, request *rawjson.Doc, body string, to llm.Dialect, s Settings) {
	before := bytes.Clone(s.Config)
	ref, named, err := Find(request.Root(), "")
	if err != nil || !named || request.Root().Kind() != rawjson.Object {
		return
	}
	got, err := Apply([]byte(body), request.Root(), to, ref, s)
	if err != nil {
		return
	}
	var d rawjson.Doc
	if err := d.Parse(got.Body); err != nil {
		t.Fatalf("%s %s with %s became %s: %v", to, body, s.Config, got.Body, err)
	}
	if d.Root().Get("preset").Exists() || strings.Contains(d.Root().Get("model").Str(), Mark) {
		t.Fatalf("%s still names a preset", got.Body)
	}
	if !bytes.Equal(before, s.Config) {
		t.Fatal("the preset was changed")
	}
	for k, v := range request.Root().Members() {
		switch name := k.Str(); name {
		case "preset", "model", "tools", "messages", "generationConfig", "generation_config", "generateContentRequest", "generate_content_request":
		default:
			if request.Root().Get(name) == v && !v.IsNull() && !bytes.Equal(d.Root().Get(name).Raw(), v.Raw()) {
				t.Fatalf("%s: %s of %s became %s", to, name, body, got.Body)
			}
		}
	}
}
