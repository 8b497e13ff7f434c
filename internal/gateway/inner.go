package gateway

import (
	"bytes"
	"context"
	"net/http"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// inner asks a question of the gateway's own about the request that is served: an exchange like
// any other, with a hold and a record of its own, for the same key. Who may see the request
// may see the question and nobody else; what models may be used is not asked. The record is
// there also when there is an error, and when what was asked cost nothing.
func (x *exchange) inner(ctx context.Context, purpose string, ask *llm.Request, most int) (string, *generation.Record, error) {
	q := &question{req: ask, most: most}
	y := x.g.exchange(q, (&http.Request{Header: http.Header{}}).WithContext(ctx), q)
	defer y.close()
	key := *x.key
	key.Models, key.Providers = nil, nil // they are in the policy
	y.key, y.req = &key, ask
	y.rules = &directory.Rules{Policy: x.policy.Sight(), Limits: x.rules.All(x.key)}
	key.Limit = nil // it is among them
	y.rec.Purpose, y.rec.For = purpose, x.rec.ID
	y.rec.UserAgent, y.rec.Referer, y.rec.Title = x.rec.UserAgent, x.rec.Referer, x.rec.Title
	y.receipt = x.receipt
	r := &x.req.Routing
	ask.Routing = llm.Routing{Only: r.Only, Ignore: r.Ignore, DenyDataCollection: r.DenyDataCollection, ZDR: r.ZDR}
	ask.User, ask.Session = x.req.User, x.req.Session
	err := y.route()
	if err == nil {
		err = y.hold()
	}
	if err == nil {
		func() {
			defer y.finish()
			y.run()
		}()
		err = y.err
	}
	for _, e := range y.egress {
		e.Kind = purpose
		x.egress = append(x.egress, e)
	}
	switch {
	case err != nil:
		return "", &y.rec, err
	case q.over:
		return "", &y.rec, fault.New(fault.Broken, "The model's answer is too long")
	}
	return q.answer.String(), &y.rec, nil
}

// question is the client of an inner exchange, its API, and the writer of its answer: none of
// it has a wire.
type question struct {
	req    *llm.Request
	most   int // bytes of an answer
	answer bytes.Buffer
	over   bool
	header http.Header
}

// Dialect is llm.Own.
func (q *question) Dialect() llm.Dialect { return llm.Own }

// DecodeRequest is the question.
func (q *question) DecodeRequest(dialect.Inbound) (*llm.Request, error) { return q.req, nil }

// Encode begins the answer anew.
func (q *question) Encode(*llm.Request, *dialect.Answer) dialect.Encoder {
	q.answer.Reset()
	q.over = false
	return q
}

// EncodeError writes nothing: the error is the exchange's.
func (q *question) EncodeError(dst []byte, _ *fault.Error, _ []byte) []byte { return dst }

// Event keeps the text of the first choice.
func (q *question) Event(dst []byte, ev *llm.Event) ([]byte, error) {
	if ev.Kind == llm.TextDelta && ev.Choice == 0 {
		if q.over = q.over || q.answer.Len()+len(ev.Text) > q.most; !q.over {
			q.answer.WriteString(ev.Text)
		}
	}
	return dst, nil
}

// Fail writes nothing.
func (q *question) Fail(dst []byte, _ *fault.Error) []byte { return dst }

// KeepAlive writes nothing.
func (q *question) KeepAlive(dst []byte) []byte { return dst }

// Header is for nobody.
func (q *question) Header() http.Header {
	if q.header == nil {
		q.header = http.Header{}
	}
	return q.header
}

// Write is for nobody.
func (q *question) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader is for nobody.
func (q *question) WriteHeader(int) {}
