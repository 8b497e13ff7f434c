package responses

import (
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// SDKs ask for responses to be stored by themselves: they are told, not refused.
func TestStoreIsReported(t *testing.T) {
	t.Parallel()
	r := mustDecode(t, `{"model":"m","input":"x","store":true,"top_k":7,"top_logprobs":3}`)
	if len(r.Ignored) != 1 || r.Ignored[0].Path != "store" {
		t.Errorf("%v", r.Ignored)
	}
	if c := mustConverse(t, r); c.TopK == nil || *c.TopK != 7 || !c.Logprobs || *c.TopLogprobs != 3 || len(c.Extra) != 0 {
		t.Errorf("%+v", c)
	}
	if got := parsed(t, render(t, r, text("a"), stops(llm.FinishStop), ends())); string(got.Get("store").Raw()) != "false" {
		t.Errorf("%s", got.Raw())
	}
	if r := mustDecode(t, `{"model":"m","input":"x","store":false}`); len(r.Ignored) != 0 {
		t.Errorf("%v", r.Ignored)
	}
}

// What a response repeats of the request has the members that clients read.
func TestEchoes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"model":"m","input":"x"}`:                                          `{"format":{"type":"text"}}`,
		`{"model":"m","input":"x","text":{}}`:                                `{"format":{"type":"text"}}`,
		`{"model":"m","input":"x","text":{"verbosity":"low"}}`:               `{"format":{"type":"text"},"verbosity":"low"}`,
		`{"model":"m","input":"x","text":{"format":{"type":"json_object"}}}`: `{"format":{"type":"json_object"}}`,
	} {
		if got := parsed(t, render(t, mustDecode(t, body), ends())).Get("text"); string(got.Raw()) != want {
			t.Errorf("%s: %s", body, got.Raw())
		}
	}
}

// A freeform tool is a function of one text, whose grammar the model is told.
func TestFreeformTools(t *testing.T) {
	t.Parallel()
	c := mustConverse(t, mustDecode(t, `{"model":"m","input":"x","tools":[{"type":"custom","name":"p","format":{"type":"grammar","syntax":"lark","definition":"start: \"a\""}},{"type":"custom","name":"q","format":{"type":"text"}}]}`))
	says := func(i int) string {
		return parsed(t, string(c.Tools[i].Schema)).At("properties", "input", "description").Str()
	}
	if says(0) != "The whole input of the tool, as text of this lark grammar:\nstart: \"a\"" || says(1) != "The whole input of the tool, as text" {
		t.Errorf("%q %q", says(0), says(1))
	}
	if len(c.Extra) != 1 || c.Extra[0].Path != "tools[0].format" {
		t.Errorf("%v", c.Extra)
	}
}

// A choice of allowed tools leaves those for other wires.
func TestAllowedTools(t *testing.T) {
	t.Parallel()
	c := mustConverse(t, mustDecode(t, `{"model":"m","input":"x","tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"b"},{"type":"web_search"},{"type":"function","namespace":"n","name":"a"}]},
		"tools":[{"type":"function","name":"a"},{"type":"function","name":"b"},{"type":"web_search"},{"type":"mcp","server_label":"s"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"a"}]}]}`))
	var names []string
	for _, tool := range c.Tools {
		names = append(names, tool.Name)
	}
	if got := strings.Join(names, " "); got != "b web_search n__a" || c.ToolChoice.Mode != "required" || len(c.Extra) != 0 {
		t.Errorf("%s %+v", got, c.ToolChoice)
	}
}

// What a limit cut is incomplete, as far as it goes.
func TestCutByALimit(t *testing.T) {
	t.Parallel()
	const tools = `"tools":[{"type":"custom","name":"p"},{"type":"function","name":"f"}]`
	for _, c := range []struct {
		events []llm.Event
		key    string
		want   string
	}{
		{[]llm.Event{text("half")}, "content", `[{"type":"output_text","annotations":[],"logprobs":[],"text":"half"}]`},
		{[]llm.Event{begins(0, "c", "f", `{"a":`)}, "arguments", `"{\"a\":"`},
		{[]llm.Event{begins(0, "c", "p", `{"input":"*** B`)}, "input", `"*** B"`},
		{[]llm.Event{begins(0, "c", "p", `{"input":"a\`)}, "input", `"a"`},
		{[]llm.Event{begins(0, "c", "p", `{"input":"a\ud83d\ude0`)}, "input", `"a"`},
	} {
		req := mustDecode(t, `{"model":"m","input":"x","stream":true,`+tools+`}`)
		evs := frames(t, render(t, req, append(c.events, stops(llm.FinishLength), ends())...))
		r := evs[len(evs)-1].Get("response")
		for it := range r.Get("output").Elems() {
			if !r.Get("status").Is("incomplete") || !it.Get("status").Is("incomplete") || string(it.Get(c.key).Raw()) != c.want {
				t.Errorf("%s", it.Raw())
			}
		}
	}
	req := mustDecode(t, `{"model":"m","input":"x",`+tools+`}`)
	r := parsed(t, render(t, req, begins(0, "c", "p", "no JSON"), stops(llm.FinishTools), ends()))
	for it := range r.Get("output").Elems() {
		if !it.Get("input").Is("no JSON") || !it.Get("status").Is("completed") {
			t.Errorf("%s", it.Raw())
		}
	}
}

// White space after a call that the next has closed is no fault; more arguments are.
func TestLateArguments(t *testing.T) {
	t.Parallel()
	req := mustDecode(t, `{"model":"m","input":"x","stream":true}`)
	events := []llm.Event{begins(0, "c0", "f", `{}`), begins(1, "c1", "f", ""), argues(0, " \n"), argues(0, ""), argues(1, `{"a":1}`), stops(llm.FinishTools), ends()}
	evs := frames(t, render(t, req, events...))
	if out := evs[len(evs)-1].At("response", "output"); out.Len() != 2 || !strings.Contains(string(out.Raw()), `"arguments":"{\"a\":1}"`) {
		t.Errorf("%s", out.Raw())
	}
	w := Surface{}.Encode(req, &dialect.Answer{})
	var err error
	for _, ev := range []llm.Event{begins(0, "c0", "f", `{}`), begins(1, "c1", "f", ""), argues(0, "x")} {
		_, err = w.Event(nil, &ev)
	}
	if err == nil {
		t.Error("arguments of a call that has ended are accepted")
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	image := func(partial int, data string) llm.Event {
		return llm.Event{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, Image: data, Partial: partial, Revised: "a cat"}}
	}
	req := mustDecode(t, `{"model":"m","input":"x","stream":true}`)
	evs := frames(t, render(t, req, text("here"), image(1, "cA=="), image(0, "aGk="), image(0, "eW8="), stops(llm.FinishStop), ends()))
	var order []string
	for _, e := range evs {
		if typ, ok := strings.CutPrefix(e.Get("type").Str(), "response.image_generation_call."); ok {
			order = append(order, typ)
		}
	}
	if got := strings.Join(order, " "); got != "in_progress generating partial_image completed in_progress generating completed" {
		t.Error(got)
	}
	var results []string
	for it := range evs[len(evs)-1].At("response", "output").Elems() {
		if it.Get("type").Is("image_generation_call") {
			results = append(results, it.Get("result").Str()+" "+it.Get("revised_prompt").Str())
		}
	}
	if strings.Join(results, ",") != "aGk= a cat,eW8= a cat" {
		t.Error(results)
	}
}

// A citation has the members that clients insist on. One that comes before any text belongs
// to the next; one without any is reported.
func TestCitations(t *testing.T) {
	t.Parallel()
	w := Surface{}.Encode(mustDecode(t, `{"model":"m","input":"x"}`), &dialect.Answer{})
	cite := &llm.Event{Kind: llm.AnnotationDelta, Raw: []byte(`{"type":"url_citation","url_citation":{"url":"u"}}`)}
	said := text("a")
	var out []byte
	for _, ev := range []*llm.Event{cite, &said, cite} {
		w.Event(nil, ev)
	}
	if l := w.(dialect.Reporter).Losses(); len(l) != 0 {
		t.Errorf("%v", l)
	}
	last := ends()
	out, _ = w.Event(nil, &last)
	const one = `{"type":"url_citation","url":"u","title":"","start_index":0,"end_index":0}`
	if !strings.Contains(string(out), "["+one+","+one+"]") {
		t.Errorf("%s", out)
	}
	w = Surface{}.Encode(mustDecode(t, `{"model":"m","input":"x"}`), &dialect.Answer{})
	w.Event(nil, cite)
	if l := w.(dialect.Reporter).Losses(); len(l) != 1 || l[0].Path != "annotations" {
		t.Errorf("%v", l)
	}
}

// The end of a relayed answer that broke off goes on with its name and numbers.
func TestFailAfterFrames(t *testing.T) {
	t.Parallel()
	w := Surface{}.Encode(mustDecode(t, `{"model":"m","input":"x","stream":true}`), &dialect.Answer{GenerationID: "gen-1", Model: "m/x"})
	var out []byte
	for _, f := range []string{"event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0}\n\n", ": ping\n\n", "event: a\ndata: {\"type\":\"a\",\"sequence_number\":1}\n\n"} {
		out, _ = w.Event(out, &llm.Event{Kind: llm.Frame, Frame: []byte(f), ID: "resp_1", Model: "up"})
	}
	evs := frames(t, string(w.Fail(out, fault.New(fault.Broken, ""))))
	if r := evs[len(evs)-1].Get("response"); !r.Get("id").Is("resp_1") || !r.Get("model").Is("up") || !r.Get("status").Is("failed") {
		t.Errorf("%s", r.Raw())
	}
}

// What an answer makes us keep is bounded, whatever it is.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", dialect.MaxBody/3)
	for _, ev := range []llm.Event{text(big), think(llm.ReasoningDetail{Type: llm.ReasoningText, Text: big}),
		{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, Image: big}}} {
		w := Surface{}.Encode(mustDecode(t, `{"model":"m","input":"x"}`), &dialect.Answer{Created: time.Unix(1, 0)})
		var err error
		for range 4 {
			if _, err = w.Event(nil, &ev); err != nil {
				break
			}
		}
		if err == nil || fault.As(err).Kind != fault.Broken {
			t.Errorf("kind %d: %v", ev.Kind, err)
		}
	}
}

// Whatever arguments a freeform call has, its input is a text that can be written.
func FuzzUnfree(f *testing.F) {
	for _, s := range []string{`{"input":"a"}`, `{"input":"a\u00`, `{"input":`, `text`, ``, `{"input":"\ud83d`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, args []byte) {
		before := string(args)
		if got := unfree(args); !rawjson.Valid(rawjson.AppendString(nil, got)) || string(args) != before {
			t.Fatalf("%q became %q", before, got)
		}
	})
}
