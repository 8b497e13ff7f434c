package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// The written rule of money is docs/billing.md; this file is the rule as code.

// complete bills an answer that came to its end, before the client gets that end.
func (x *exchange) complete(e *catalog.Endpoint, ev *llm.Event) error {
	x.rec.Outcome = generation.Completed
	u := ev.Usage
	if u.ServiceTier == "" {
		u.ServiceTier = x.rec.Tier
	}
	if x.req.From.Operation() == llm.Generate && x.delivered == 0 && u.Completion() == 0 {
		x.rec.Outcome = generation.Empty // whatever the prompt cost is the operator's
	} else {
		*u = x.metered(e, *u)
	}
	if x.blockedAnswer() {
		x.rec.Outcome = generation.Blocked
	}
	x.usage = *u
	bill, err := meter.Cost(e.Pricing, u, x.req.Size.Images)
	if err != nil {
		return fault.Wrap(fault.Broken, fmt.Errorf("bill the answer: %w", err))
	}
	cost := x.charge(bill)
	if x.rec.Outcome == generation.Empty {
		x.loss += cost
		cost = 0
	}
	outcome, err := x.post(bill, cost)
	if err != nil {
		return &fault.Error{Kind: fault.Unavailable, Public: "The ledger cannot be reached; the answer is not billed yet", Err: err}
	}
	x.answer.Completed = x.g.Now()
	x.answer.Charged = &dialect.Charge{BYOK: x.paying != "", Cost: outcome.Charged, Upstream: bill.Total, UpstreamPrompt: bill.Prompt, UpstreamComp: bill.Completion}
	if x.req.WantsMeta {
		x.answer.Meta = x.metadata(false)
	}
	return nil
}

// metered is the usage of an answer that came to its end, with our count where the upstream
// gave none.
func (x *exchange) metered(e *catalog.Endpoint, u llm.Usage) llm.Usage {
	switch {
	case x.req.From.Operation() != llm.Generate: // an adapter that ends one has checked that it is all there
		return meter.Complete(e.Pricing, x.req, u, x.delivered)
	case u.State == llm.UsageMissing || u.Completion() == 0:
		return x.estimate(u)
	}
	return u
}

// estimate is our count where the upstream gave none, or none of its output.
func (x *exchange) estimate(got llm.Usage) llm.Usage {
	est := meter.EstimateUsage(x.prompt, x.delivered, x.frames)
	if got.Prompt() == 0 {
		est.Raw, est.ServiceTier = got.Raw, got.ServiceTier
		return est
	}
	got.Output = max(got.Output, est.Completion()-got.Reasoning)
	got.State = llm.UsageEstimated
	return got
}

// finish settles a request that did not complete. It runs whatever happened.
func (x *exchange) finish() {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler { // settled already: the connection is the only honest ending left
			x.observed()
			panic(p)
		}
		x.err = fault.Wrap(fault.Internal, errors.New(fault.Panicked(p)))
		x.g.Log.Error("request panicked", "generation", x.rec.ID, "panic", fault.Panicked(p), "stack", string(debug.Stack()))
		x.settle(fault.As(x.err))
		x.observed()
		panic(http.ErrAbortHandler) // the client must not take the answer for whole, and nobody may print the value
	}
	if !x.settled {
		if x.err == nil {
			x.err = fault.New(fault.Broken, "The provider's answer had no end")
		}
		x.settle(fault.As(x.err))
	}
	x.observed()
}

func (x *exchange) observed() {
	if x.g.Observer != nil {
		x.g.Observer(&x.rec, x.said, x.g.Now().Sub(x.started))
	}
}

// settle resolves the hold of a request that ended in an error.
func (x *exchange) settle(e *fault.Error) {
	if x.settled {
		return
	}
	gone := e.Kind == fault.Gone || x.ctx.Err() != nil
	var bill meter.Bill
	var cost money.Amount
	x.sifted()
	switch pricing := x.pricing(); {
	case gone:
		x.rec.Outcome, x.rec.Cancelled = generation.Cancelled, true
		if len(x.rec.Attempts) > 0 && pricing != nil { // the upstream was asked: the client pays for what was used
			x.usage = x.abandoned()
			bill = x.bill(pricing)
			cost = x.charge(bill)
		}
	case x.blockedAnswer():
		x.rec.Outcome = generation.Blocked
		if pricing != nil {
			bill = x.bill(pricing)
			cost = x.charge(bill)
		}
	case x.committed:
		x.rec.Outcome = generation.Broken
		if x.usage.State != llm.UsageMissing && pricing != nil {
			bill = x.bill(pricing)
			x.loss += x.charge(bill)
		}
	default:
		x.rec.Outcome = generation.Failed
		x.rec.Endpoint, x.rec.Provider, x.rec.Model = "", "", ""
	}
	if !gone {
		if !x.blockedAnswer() {
			x.rec.Finish = llm.FinishError
		}
		x.rec.Error = &generation.Failure{Status: e.HTTPStatus(), Type: e.ErrorType(), Message: e.Told()}
	}
	if _, err := x.post(bill, cost); err != nil {
		x.g.Log.Error("hold left for the sweeper", "generation", x.rec.ID, "err", err)
	}
}

// charge is what the account owes for a bill: all of it, or where it pays elsewhere the fee.
func (x *exchange) charge(b meter.Bill) money.Amount {
	if x.paying != "" {
		return x.g.fee(b.Total)
	}
	return b.Total
}

func (x *exchange) bill(p *catalog.Pricing) meter.Bill {
	b, err := meter.Cost(p, &x.usage, x.req.Size.Images)
	if err != nil {
		x.g.Log.Error("usage cannot be billed", "generation", x.rec.ID, "err", err)
	}
	return b
}

// pricing is the price list of the endpoint tried last.
func (x *exchange) pricing() *catalog.Pricing {
	for i := range x.plan.Steps {
		if e := x.plan.Steps[i].Endpoint; e.ID == x.rec.Endpoint {
			return e.Pricing
		}
	}
	return nil
}

// abandoned is the usage of an answer whose client left: what the upstream counted so
// far, at least what was delivered.
func (x *exchange) abandoned() llm.Usage {
	if x.req.From.Operation() != llm.Generate {
		return meter.Complete(x.pricing(), x.req, x.usage, x.delivered)
	}
	est := meter.EstimateUsage(x.prompt, x.delivered, x.frames)
	u := x.usage
	if u.State == llm.UsageMissing {
		return est
	}
	u.Output = max(u.Output, est.Completion()-u.Reasoning-u.AudioOutput-u.ImageOutput)
	u.State = llm.UsageEstimated
	return u
}

// elsewhere is what the account pays to the provider itself, at list price.
func (x *exchange) elsewhere(b meter.Bill) money.Amount {
	if x.paying == "" {
		return 0
	}
	return b.Total
}

// post settles the hold and writes the record in one transaction.
func (x *exchange) post(bill meter.Bill, cost money.Amount) (ledger.Outcome, error) {
	now := x.g.Now()
	r := &x.rec
	r.Account, r.Workspace, r.Member, r.Key = x.key.Account, x.key.Workspace, x.key.Creator, string(x.key.Subject())
	r.Streamed, r.User, r.Session = x.req.Stream, x.req.User, x.req.Session
	r.PromptBytes = int64(len(x.req.Raw))
	r.Usage, r.UsageState, r.Lines, r.List = x.usage, x.usage.State.String(), bill.Lines, bill.Total
	r.Reported = x.usage.Cost
	r.Decision = x.plan.Decision()
	r.Receipt = x.sign()
	r.GenerationMS = now.Sub(x.started).Milliseconds()
	for i := range r.Attempts {
		if f := r.Attempts[i].FirstMS; f > 0 {
			r.LatencyMS = f
		}
	}
	if r.LatencyMS == 0 {
		r.LatencyMS = r.GenerationMS
	}
	out, err := x.g.Store.Settle(x.g.settling.context(), ledger.Settlement{Hold: x.heldID, Cost: cost, Loss: x.loss, BYOK: x.elsewhere(bill), At: now}, r)
	x.settled = err == nil
	return out, err
}
