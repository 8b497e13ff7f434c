package gateway_test

import (
	"net/http"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// What is explained is what is then done, and explaining does nothing.
func TestExplainIsWhatServeDoes(t *testing.T) {
	var calls atomic.Int32
	counting := func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		says("hi")(w, r)
	}
	h := newHouse(t, options{prepaid: "1"}, plays{h: counting, price: "2"}, plays{protocol: llm.Anthropic, h: counting, price: "4"}, plays{h: counting, price: "9"})
	seed := uint64(3)
	h.Random = func() uint64 { return seed }
	k, _ := h.Store.Key(account.HashKey(h.key))
	const body = `{"model":"m/x","messages":[{"role":"user","content":"hello there"}],"provider":{"order":["b-provider","a-provider"],"max_price":{"prompt":5}},"seed":1}`
	p, err := h.Explain(t.Context(), k, openaichat.Surface{}, []byte(body))
	if err != nil || p.Refusal != nil || len(p.Steps) != 2 || p.Plan.Steps[0].Endpoint.Provider.Slug != "b-provider" {
		t.Fatalf("%+v %v", p, err)
	}
	if n, b := calls.Load(), h.balance(); n != 0 || b.Held != 0 || len(h.done) != 0 {
		t.Errorf("%d calls, %d held, %d records", n, b.Held, len(h.done))
	}
	if l := p.Steps[0].Losses; len(l) != 1 || l[0].Path != "seed" || len(p.Steps[1].Losses) != 0 {
		t.Errorf("losses %v %v", l, p.Steps[1].Losses)
	}
	if p.Hold != max(p.Steps[0].Most, p.Steps[1].Most) || p.Hold == 0 {
		t.Errorf("hold %d of %+v", p.Hold, p.Steps)
	}
	h.request(t.Context(), body).Body.Close()
	if r := h.last(); !reflect.DeepEqual(r.Decision, p.Plan.Decision()) {
		t.Errorf("explained %+v\ndone %+v", p.Plan.Decision(), r.Decision)
	}
}

func TestExplainSaysWhatIsRefused(t *testing.T) {
	h := newHouse(t, options{}, plays{h: says("hi"), price: "2"}, plays{protocol: llm.Anthropic, h: says("hi"), price: "4"})
	h.NoLoss = true
	k, _ := h.Store.Key(account.HashKey(h.key))
	p, err := h.Explain(t.Context(), k, openaichat.Surface{}, []byte(`{"model":"m/x","messages":[{"role":"user","content":"x"}],`+inOrder+`,"seed":1}`))
	if err != nil || p.Steps[0].Refusal != nil || p.Steps[1].Refusal == nil || p.Steps[1].Refusal.Code != "lossy" {
		t.Fatalf("%+v %v", p, err)
	}
	p, err = h.Explain(t.Context(), k, openaichat.Surface{}, []byte(`{"model":"m/x","messages":[{"role":"user","content":"x"}],"provider":{"only":["nobody"]}}`))
	if err != nil || p.Refusal == nil || p.Refusal.Kind != fault.NoRoute || len(p.Plan.Dropped) != 2 {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := h.Explain(t.Context(), k, openaichat.Surface{}, []byte(`{"model":"m/none","messages":[]}`)); err == nil {
		t.Error("explained what is not valid")
	}
}
