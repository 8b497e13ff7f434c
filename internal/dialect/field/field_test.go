package field

import (
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func TestPath(t *testing.T) {
	t.Parallel()
	messages := At("messages")
	third := messages.Elem(3)
	content := third.Member("content")
	part := content.Elem(0)
	if got := part.String(); got != "messages[3].content[0]" {
		t.Error(got)
	}
	var d rawjson.Doc
	if err := d.Parse([]byte(`{"text":1}`)); err != nil {
		t.Fatal(err)
	}
	if err := part.Want("", d.Root(), rawjson.Object); err != nil {
		t.Error(err)
	}
	e := fault.As(part.Want("text", d.Root().Get("text"), rawjson.String))
	if e.Param != "messages[3].content[0].text" || e.Public != "messages[3].content[0].text must be a string, not 1" {
		t.Errorf("%+v", e)
	}
	if e := fault.As(third.Bad("", d.Root(), "a message")); e.Param != "messages[3]" {
		t.Errorf("%+v", e)
	}
}

// A path that is not told costs nothing.
func TestPathCostsNothing(t *testing.T) {
	var d rawjson.Doc
	if err := d.Parse([]byte(`[{},{}]`)); err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(100, func() {
		top := At("messages")
		i := 0
		for e := range d.Root().Elems() {
			at := top.Elem(i)
			content := at.Member("content")
			if content.Want("", e, rawjson.Object) != nil {
				t.Fatal("not an object")
			}
			i++
		}
	})
	if n > 0 {
		t.Errorf("%.1f allocations", n)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	var d rawjson.Doc
	if err := d.Parse([]byte(`{"models":["a/b"],"route":"sort","provider":{"zdr":true,"options":{},"quantisation":["fp8"],"order":null,"typo":null}}`)); err != nil {
		t.Fatal(err)
	}
	r := new(llm.Request)
	for k, v := range d.Root().Members() {
		if known, err := Head(r, k.Str(), v); !known || err != nil {
			t.Errorf("%s: %v %v", k.Str(), known, err)
		}
	}
	var lost []string
	for _, l := range r.Ignored {
		lost = append(lost, l.Path)
	}
	if !r.Routing.ZDR || !r.Routing.SortAcrossModels || !slices.Equal(lost, []string{"provider.options", "provider.quantisation"}) {
		t.Errorf("%+v, lost %q", r.Routing, lost)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	own := []string{"a"}
	r := &llm.Request{Header: map[string][]string{"Anthropic-Beta": own}}
	Headers(r, map[string][]string{"X-Session-Id": {"s"}, "X-Openrouter-Experimental-Metadata": {"Enabled"},
		"X-Anthropic-Beta": {"zebra, interleaved-thinking-2025-05-14,structured-outputs-2025-11-13"}})
	if r.Session != "s" || !r.WantsMeta || !slices.Equal(r.Header["Anthropic-Beta"], []string{"a", "interleaved-thinking-2025-05-14", "structured-outputs-2025-11-13"}) {
		t.Errorf("%+v", r)
	}
	if Headers(r, map[string][]string{"X-Openrouter-Metadata": {"disabled"}, "X-Openrouter-Experimental-Metadata": {"enabled"}}); r.WantsMeta || len(r.Header["Anthropic-Beta"]) != 3 {
		t.Errorf("%+v", r)
	}
}
