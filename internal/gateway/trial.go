package gateway

import (
	"context"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/private"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

const (
	trialPatience = time.Minute // for the whole call
	maxTrial      = 64 << 10    // bytes of its answer
)

// Try calls an endpoint once with a small request, for whoever runs the gateway: nobody pays
// for it, nothing is recorded, and health does not hear of it.
func (g *Gateway) Try(ctx context.Context, with *Catalogue, e *catalog.Endpoint, s dialect.Surface, body []byte) (t private.Trial) {
	ctx, cancel := context.WithTimeout(ctx, trialPatience)
	defer cancel()
	x := &exchange{g: g, ctx: ctx, surface: s, started: g.Now(), catalogue: with}
	defer x.close()
	x.answer = dialect.Answer{GenerationID: g.newID(x.started), Created: x.started, Model: e.Model.Slug, Provider: e.Provider.Name}
	var err error
	if x.req, err = s.DecodeRequest(dialect.Inbound{Body: body}); err == nil {
		err = x.trial(&t, &route.Step{Endpoint: e, Model: e.Model.Slug})
	}
	if err != nil {
		t.Err, t.Answer = fault.As(named(err, e)), nil
		if t.Status == 0 {
			t.Status = t.Err.UpstreamStatus
		}
	}
	t.TookMS = x.since()
	return t
}

// trial fills in what comes back.
func (x *exchange) trial(t *private.Trial, step *route.Step) error {
	if !step.Endpoint.Serves(x.req.From.Operation()) {
		return fault.New(fault.Unbuilt, "Only endpoints that generate text can be tried; send a request of the kind that this one serves")
	}
	p, adapter, err := x.called(step)
	if err != nil {
		return err
	}
	call, losses, err := adapter.EncodeRequest(x.req, x.target(step.Endpoint, nil))
	if t.Losses = dialect.Spell(x.req.From, losses); err != nil {
		return err
	}
	ans, _, err := x.g.Upstream.Do(x.ctx, p, adapter, call, false, &x.sending)
	if err != nil {
		return err
	}
	whole := false
	defer func() { ans.Close(whole) }()
	t.Status = ans.Status
	enc := x.surface.Encode(x.req, &x.answer)
	for ev, err := range adapter.Events(x.req, dialect.Reply{Status: ans.Status, Header: ans.Header, Body: ans.Body, ID: x.answer.GenerationID, Model: step.Model, Created: x.answer.Created}) {
		if err != nil {
			return err
		}
		if t.Answer, err = enc.Event(t.Answer, ev); err != nil {
			return err
		}
		if len(t.Answer) > maxTrial {
			return fault.New(fault.Broken, "The answer to a question for one word is longer than 64 KiB")
		}
		whole = whole || ev.Kind == llm.End
	}
	return nil
}
