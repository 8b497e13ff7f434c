package dialect_test

import (
	"bytes"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// echo is an adapter that gives its request and what it reads.
type echo struct{ err error }

func (echo) Dialect() llm.Dialect { return llm.Anthropic }

func (e echo) EncodeRequest(*llm.Request, dialect.Target) (dialect.Call, []llm.Loss, error) {
	return dialect.Call{Path: "/inner"}, []llm.Loss{{Path: "n"}}, e.err
}

func (echo) Events(_ *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return func(yield func(*llm.Event, error) bool) {
		b, err := io.ReadAll(r.Body)
		yield(&llm.Event{Kind: llm.TextDelta, Text: string(b)}, err)
	}
}

func (echo) Failure(int, dialect.Header, []byte) *fault.Error {
	return fault.New(fault.Refused, "inner")
}

type echoRelay struct{ echo }

func (e echoRelay) Frames(req *llm.Request, r dialect.Reply) iter.Seq2[*llm.Event, error] {
	return e.Events(req, r)
}

func TestWrap(t *testing.T) {
	w := dialect.Wrapping{
		Call: func(_ *llm.Request, to dialect.Target, call *dialect.Call, losses []llm.Loss) ([]llm.Loss, error) {
			call.Path += "/" + to.Model
			return append(losses, llm.Loss{Path: "x"}), nil
		},
		Body: func(r io.Reader) io.Reader { return io.MultiReader(strings.NewReader("<"), r) },
		Failure: func(inner dialect.Adapter, status int, h dialect.Header, body []byte) *fault.Error {
			e := inner.Failure(status, h, body)
			e.Public += "!"
			return e
		},
	}
	a := dialect.Wrap(echoRelay{}, w)
	call, losses, err := a.EncodeRequest(nil, dialect.Target{Model: "m"})
	if err != nil || call.Path != "/inner/m" || len(losses) != 2 || a.Dialect() != llm.Anthropic {
		t.Errorf("%v %v %v", call, losses, err)
	}
	r, ok := a.(dialect.Relay)
	if !ok {
		t.Fatal("a wrapped relay does not relay")
	}
	for _, seq := range []iter.Seq2[*llm.Event, error]{
		a.Events(nil, dialect.Reply{Body: strings.NewReader("a")}), r.Frames(nil, dialect.Reply{Body: strings.NewReader("a")}),
	} {
		for ev, err := range seq {
			if err != nil || ev.Text != "<a" {
				t.Errorf("%q %v", ev.Text, err)
			}
		}
	}
	if e := a.Failure(400, nil, nil); e.Public != "inner!" {
		t.Errorf("%v", e)
	}
	bare := dialect.Wrap(echo{}, dialect.Wrapping{})
	if _, relays := bare.(dialect.Relay); relays {
		t.Error("a wrapped adapter relays what the inner one does not")
	}
	call, losses, err = bare.EncodeRequest(nil, dialect.Target{})
	if err != nil || call.Path != "/inner" || len(losses) != 1 || bare.Failure(400, nil, nil).Public != "inner" {
		t.Errorf("%v %v %v", call, losses, err)
	}
	wrong := fault.Bad("x", "no")
	if call, losses, err := dialect.Wrap(echo{wrong}, w).EncodeRequest(nil, dialect.Target{}); err != wrong || call.Path != "" || losses != nil {
		t.Errorf("%v %v %v", call, losses, err)
	}
}

func TestRebody(t *testing.T) {
	drop := func(name string, _ rawjson.Node) bool { return name == "model" }
	for _, c := range []struct{ in, want string }{
		{`{"model":"x","a":1}`, `{"a":1,"v":"2"}`},
		{`{"a": 1, "v":"1","model":"x" }`, `{"a": 1 ,"v":"2"}`},
		{`{"mod|el":"x","a|":[|1]}`, `{"a":[1],"v":"2"}`},
	} {
		var body [][]byte
		for _, s := range strings.Split(c.in, "|") {
			body = append(body, []byte(s))
		}
		got, err := dialect.Rebody(body, drop, dialect.Member{Name: "v", JSON: `"2"`})
		if s := string(bytes.Join(got, nil)); err != nil || s != c.want {
			t.Errorf("%s becomes %s, %v", c.in, s, err)
		}
	}
	if _, err := dialect.Rebody([][]byte{[]byte("{")}, drop); fault.Of(err) != fault.Internal {
		t.Errorf("half a body: %v", err)
	}
}

func TestEscapeSegment(t *testing.T) {
	if got := dialect.EscapeSegment("a/b:c@d ../é~", "@"); got != "a%2Fb%3Ac@d%20..%2F%C3%A9~" {
		t.Error(got)
	}
}
