package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// notes answers as says does and notes what it got.
func notes(got *atomic.Value) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(string(body))
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		says("hi")(w, r)
	}
}

// presets are those of the account, by slug.
func (h *house) presets(list map[string]*account.PresetVersion) {
	h.Preset = func(k *account.Key, slug string) (*account.Preset, *account.PresetVersion, bool) {
		v := list[slug]
		if v == nil || k.Account != "default" {
			return nil, nil, false
		}
		p := &account.Preset{ID: "id-of-" + slug, Slug: slug, Status: account.PresetActive}
		if slug == "off" {
			p.Status = account.PresetDisabled
		}
		return p, v, true
	}
}

func TestAPresetIsUsedAndRecorded(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	h := newHouse(t, options{}, plays{h: notes(&got), price: "1"})
	h.presets(map[string]*account.PresetVersion{"brief": {Number: 3, From: llm.Anthropic, System: "Be brief.",
		Config: []byte(`{"model":"m/x","max_tokens":7,"temperature":0.5,"context_management":{}}`)}})
	status, body := h.post(`{"model":"@preset/brief","temperature":0.25,"messages":[{"role":"user","content":"hello"}]}`)
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	sent, _ := got.Load().(string)
	for _, want := range []string{`"role":"system","content":"Be brief."`, `"temperature":0.25`, `"max_completion_tokens":7`} {
		if !strings.Contains(sent, want) {
			t.Errorf("%s was not sent: %s", want, sent)
		}
	}
	if strings.Contains(sent, "preset") {
		t.Errorf("the provider hears of it: %s", sent)
	}
	r := h.last()
	if r.Preset == nil || r.Preset.ID != "id-of-brief" || r.Preset.Version != 3 || r.Asked != "@preset/brief" || r.Model != "m/x" {
		t.Errorf("%+v %q %q", r.Preset, r.Asked, r.Model)
	}
	if len(r.Lost) != 1 || r.Lost[0].Path != "preset.context_management" {
		t.Errorf("losses %+v", r.Lost)
	}
}

func TestPresetsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{}, plays{h: says("hi"), price: "1"})
	h.presets(map[string]*account.PresetVersion{
		"off":   {Number: 1, From: llm.OpenAIChat, Config: []byte(`{"model":"m/x"}`)},
		"empty": {Number: 1, From: llm.OpenAIChat, Config: []byte(`{}`)},
	})
	for body, want := range map[string]struct {
		status int
		says   string
	}{
		`{"model":"@preset/none"`:             {404, "GET /presets lists them"},
		`{"model":"m/x","preset":"none"`:      {404, "GET /presets lists them"},
		`{"model":"m/x@preset/off"`:           {403, "is disabled; make it active"},
		`{"model":"@preset/empty"`:            {400, "author/slug@preset/empty"},
		`{"models":["@preset/empty"]`:         {400, "models cannot hold a preset"},
		`{"model":"m/x","pr\u0065set":"none"`: {400, "without escapes"},
	} {
		status, got := h.post(body + `,"messages":[{"role":"user","content":"hello"}]}`)
		if status != want.status || !strings.Contains(got, want.says) {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
}

// A guardrail's filters see what a preset brings.
func TestAPresetIsFiltered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{}, plays{h: says("hi"), price: "1"})
	set, err := filter.Compile([]filter.Rule{{Pattern: "PROJ-[0-9]+", Action: filter.Block}})
	if err != nil {
		t.Fatal(err)
	}
	h.Governs = func(*account.Key) *directory.Rules { return &directory.Rules{Filters: set} }
	h.presets(map[string]*account.PresetVersion{"leaky": {Number: 1, From: llm.OpenAIChat, Config: []byte(`{"model":"m/x"}`), System: "About PROJ-123."}})
	if status, body := h.post(`{"model":"@preset/leaky","messages":[{"role":"user","content":"hello"}]}`); status != 403 {
		t.Errorf("%d %s", status, body)
	}
}

// A request that talks about presets names none.
func TestTalkOfPresets(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	h := newHouse(t, options{}, plays{h: notes(&got), price: "1"})
	if status, body := h.post(`{"model":"m/x","messages":[{"role":"user","content":"what is a preset? \"preset\":\"x\" @preset/y"}]}`); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if r := h.last(); r.Preset != nil {
		t.Errorf("%+v", r.Preset)
	}
}
