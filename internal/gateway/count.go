package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/provider"
)

// countPatience is how long an upstream may take to count before we estimate.
const countPatience = 10 * time.Second

// count answers how many tokens a prompt has. Where an endpoint's provider counts in the
// client's own dialect its number is passed on; else, and when it fails, ours is given and
// the header X-Dragoman-Count says that it is an estimate. Nobody bills a count: there is
// no hold and no record.
func (x *exchange) count() error {
	u, by := x.counted()
	if u == nil {
		u, by = &llm.Usage{State: llm.UsageEstimated, Input: x.prompt}, "estimate"
	}
	enc := x.surface.Encode(x.req, &x.answer)
	out, err := enc.Event(nil, &llm.Event{Kind: llm.End, Usage: u})
	if err != nil {
		return err
	}
	h := x.w.Header()
	h["Content-Type"] = []string{x.answer.ContentType}
	h["Content-Length"] = []string{strconv.Itoa(len(out))}
	h["X-Dragoman-Count"] = []string{by}
	x.sent = true
	x.w.WriteHeader(http.StatusOK)
	x.w.Write(out) // a client that is gone needs no count
	return nil
}

// counted asks the endpoints of the plan that can count in the client's dialect. It is nil
// when none did.
func (x *exchange) counted() (*llm.Usage, string) {
	ctx, cancel := context.WithTimeout(x.ctx, countPatience)
	defer cancel()
	for i := range x.plan.Steps {
		e := x.plan.Steps[i].Endpoint
		p := x.catalogue.Ready[e.Provider.Slug]
		if p == nil {
			continue
		}
		adapter := p.Adapter(x.req.From, e.UpstreamModel)
		if adapter == nil || adapter.Dialect() != x.req.From {
			continue
		}
		x.answer.Model, x.answer.Provider = x.plan.Steps[i].Model, e.Provider.Name
		u, err := x.ask(ctx, e, p, adapter)
		if err == nil {
			return u, e.Provider.Slug
		}
		x.g.Log.Debug("provider does not count", "provider", e.Provider.Slug, "err", err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, ""
}

func (x *exchange) ask(ctx context.Context, e *catalog.Endpoint, p *provider.Provider, adapter dialect.Adapter) (*llm.Usage, error) {
	call, _, err := adapter.EncodeRequest(x.req, x.target(e, nil))
	if err != nil {
		return nil, err
	}
	ans, _, err := x.g.Upstream.Do(ctx, p, adapter, call, false, &x.sending)
	if err != nil {
		return nil, err
	}
	whole := false
	defer func() { ans.Close(whole) }()
	for ev, err := range adapter.Events(x.req, dialect.Reply{Status: ans.Status, Header: ans.Header, Body: ans.Body}) {
		if err != nil {
			return nil, err
		}
		if ev.Kind == llm.End && ev.Usage != nil && ev.Usage.State != llm.UsageMissing {
			whole = true
			u := *ev.Usage
			return &u, nil
		}
	}
	return nil, fault.New(fault.Broken, "The provider's count has no number")
}
