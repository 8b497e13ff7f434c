package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// Explain is what Serve would do with a request of the key before its first call. Nobody is
// called, nothing is fetched, held, counted against a rate or recorded. The error is that of a
// request which never gets a plan; one that leaves no endpoint is the preview's Refusal.
func (g *Gateway) Explain(ctx context.Context, k *account.Key, s dialect.Surface, body []byte) (*route.Preview, error) {
	x := &exchange{g: g, ctx: ctx, surface: s, started: g.Now(), key: k, body: body, noLoss: g.NoLoss}
	defer x.close()
	err := x.understand(http.Header{})
	if err != nil && len(x.plan.Dropped) == 0 {
		return nil, err
	}
	layer, e := policy.FromRequest(&x.req.Routing)
	if e != nil {
		return nil, e
	}
	p := &route.Preview{
		Asked: x.rec.Asked, PromptTokens: x.prompt, Plan: x.plan, Policy: x.policy.With(&layer),
		Preset: x.rec.Preset, Filtered: x.rec.Filtered, Losses: x.ignored,
	}
	if err != nil {
		p.Refusal = fault.As(err)
		return p, nil
	}
	for i := range x.plan.Steps {
		step, err := x.preview(&x.plan.Steps[i])
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		p.Steps = append(p.Steps, step)
		p.Hold = max(p.Hold, step.Most)
	}
	return p, nil
}

// preview is what an attempt would send and cost at most.
func (x *exchange) preview(s *route.Step) (p route.PreviewStep, err error) {
	if p.Most, p.Elsewhere, err = x.stepCeiling(s, 0); err != nil {
		return p, err
	}
	_, adapter, err := x.called(s)
	if err != nil {
		p.Refusal = fault.As(named(err, s.Endpoint))
		return p, nil
	}
	x.paying = s.Own
	_, losses, err := x.translate(adapter, s.Endpoint, nil)
	p.Losses = dialect.Spell(x.req.From, losses)
	if wants, ok := errors.AsType[*dialect.Wants](err); ok { // the attempt would fetch them first
		p.Fetches, err = wants.URLs, nil
	}
	if err == nil {
		err = x.mayLose(p.Losses)
	}
	if err != nil {
		p.Refusal = fault.As(named(err, s.Endpoint))
	}
	return p, nil
}
