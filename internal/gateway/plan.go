package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// route makes the plan: which endpoints, in which order, and why.
func (x *exchange) route() (err error) {
	x.prompt = meter.Estimate(x.req.Size)
	x.rec.Asked = firstOf(x.named, asked(x.req)[0])
	x.policy = x.rules.For(x.key)
	x.catalogue = x.g.Catalog()
	x.ignored = append(ignored(x.req, x.catalogue.Snapshot), x.unfit...)
	x.plan, err = Plan(x.req, x.catalogue.Snapshot, x.g.Health.Snapshot(x.started), x.policy, x.own(), x.g.Random())
	return err
}

// own are the account's credentials that may pay for the request.
func (x *exchange) own() []route.Credential {
	if x.g.Own == nil {
		return nil
	}
	return x.g.Own(x.key)
}

// Plan resolves the names in a request and routes it. It is pure: the same arguments give
// the same plan. The error is a *fault.Error; with one of kind NoRoute or Unpriced the
// plan still says why each endpoint is out.
func Plan(req *llm.Request, snap *catalog.Snapshot, h *health.Snapshot, p policy.Effective, own []route.Credential, seed uint64) (route.Plan, error) {
	names := asked(req)
	models := make([]route.Candidates, 0, len(names))
	var unknown error
	for _, name := range names {
		m, err := snap.Resolve(name)
		if err != nil {
			unknown = err
			continue
		}
		models = append(models, route.Candidates{
			Model:     m.Model.Slug,
			Variant:   route.Variant{Sort: m.Sort, Priority: m.Priority, Flex: m.Flex},
			Endpoints: snap.Endpoints(m.Model.Slug),
		})
	}
	if len(models) == 0 {
		return route.Plan{}, unknown
	}
	return route.New(route.Input{
		Request: req, Models: models, Revision: snap.Revision(), Health: h,
		Policy: p, Credentials: own, Seed: seed, PromptTokens: meter.Estimate(req.Size),
	})
}

// ignored are the wishes in a request that no endpoint could fulfil, because they are ours
// to fulfil and not built, or nobody's.
func ignored(req *llm.Request, snap *catalog.Snapshot) []llm.Loss {
	out := slices.Clip(req.Ignored)
	names := asked(req)
	for i, name := range names {
		if len(names) == 1 && !strings.Contains(name, ":") {
			continue // usual, and an unknown one fails
		}
		path := "model"
		if i > 0 || req.Model == "" {
			path = "models"
		}
		switch m, err := snap.Resolve(name); {
		case err != nil:
			out = append(out, llm.Loss{Path: path, Why: "the catalogue has no " + strconv.Quote(name)})
		case m.Online:
			out = append(out, llm.Loss{Path: path, Why: "web search by :online is not built in this version"})
		}
	}
	return out
}

// asked are the models of a request, the preferred one first.
func asked(req *llm.Request) []string {
	if req.Model == "" {
		return req.Models
	}
	if len(req.Models) == 0 {
		return []string{req.Model}
	}
	return append([]string{req.Model}, req.Models...)
}

// Output that a hold reserves for when the client sets no limit, and the least that a
// clamped answer may be.
const (
	defaultOutput = 8192
	leastOutput   = 64
)

// hold reserves the most that any step of the plan can cost. Where the client set no
// output limit and the credit does not reach, the answer is limited to what it pays for.
func (x *exchange) hold() error {
	h := ledger.Hold{ID: ledger.HoldID(x.rec.ID), Account: accountOf(x.key), Spender: ledger.Spender{Key: x.key.Subject(), Member: x.key.Creator, Workspace: x.key.Workspace},
		Limits: x.rules.All(x.key), At: x.started, Expires: x.started.Add(holdLife)}
	var err error
	if h.Amount, h.BYOK, err = x.ceiling(0); err != nil {
		return fault.Wrap(fault.Internal, fmt.Errorf("ceiling of the plan: %w", err))
	}
	err = x.g.Store.Place(x.ctx, h)
	if fault.Of(err) == fault.NoCredit && x.ownAlone() { // what the account pays for itself needs no credit
		if h.Amount, h.BYOK, err = x.ceiling(0); err != nil {
			return fault.Wrap(fault.Internal, fmt.Errorf("ceiling of the plan: %w", err))
		}
		err = x.g.Store.Place(x.ctx, h)
	}
	if fault.Of(err) == fault.NoCredit && x.req.MaxOutput == 0 && x.req.From.Operation() == llm.Generate {
		err = x.clampedHold(h, err)
	}
	if err != nil {
		return x.explainCredit(h, err)
	}
	x.heldID = h.ID
	if x.clamp == 0 && x.req.MaxOutput == 0 && x.req.From.Operation() == llm.Generate {
		x.endWithCredit(h)
	}
	if x.g.Strict {
		return x.g.Store.AwaitHold(x.ctx, h.ID)
	}
	return nil
}

func (x *exchange) clampedHold(h ledger.Hold, refusal error) error {
	room := x.g.Store.Available(h)
	least := int64(defaultOutput)
	for i := range x.plan.Steps {
		p := x.plan.Steps[i].Endpoint.Pricing
		least = min(least, meter.AffordableOutput(p, x.load(x.plan.Steps[i].Endpoint, least), room.Amount))
	}
	if least < leastOutput {
		return refusal
	}
	x.clamp = least / x.req.Written()
	var err error
	if h.Amount, h.BYOK, err = x.ceiling(x.clamp); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	return x.g.Store.Place(x.ctx, h)
}

// endWithCredit limits an answer that the client sets no limit for, and for which more is asked
// than is held, to what the account could pay: what is held and what is free beside it.
func (x *exchange) endWithCredit(h ledger.Hold) {
	room := x.g.Store.Available(h)
	if room.Unlimited {
		return
	}
	total, err := money.Add(room.Amount, h.Amount)
	if err != nil {
		return // more than anybody has
	}
	for i := range x.plan.Steps {
		s := &x.plan.Steps[i]
		load := meter.LoadOf(x.req, s.Endpoint.MaxOutput)
		if s.Own != "" || load.Output == 0 {
			continue
		}
		if pays := meter.AffordableOutput(s.Endpoint.Pricing, load, total); pays < load.Output {
			least := max(pays/x.req.Written(), leastOutput)
			if x.clamp == 0 || least < x.clamp {
				x.clamp = least
			}
		}
	}
}

// load is the most that the request uses at an endpoint.
func (x *exchange) load(e *catalog.Endpoint, clamp int64) meter.Load {
	out := x.req.MaxOutput
	if out == 0 {
		out = defaultOutput
	}
	out = max(out, x.raised(e))
	if e.MaxOutput > 0 {
		out = min(out, e.MaxOutput)
	}
	if clamp > 0 {
		out = min(out, clamp)
	}
	return meter.LoadOf(x.req, out)
}

// raised is how much output the endpoint may be asked for so that thinking has room.
func (x *exchange) raised(e *catalog.Endpoint) int64 {
	p := x.catalogue.Ready[e.Provider.Slug]
	if p == nil || !x.req.Reasoning.On() {
		return 0
	}
	if r, ok := p.Adapter(x.req.From, e.UpstreamModel).(dialect.Raiser); ok {
		return r.Raised(x.req, x.target(e, nil))
	}
	return 0
}

// ceiling is the most that any step of the plan costs the account, and the most that one
// costs at list price which the account pays for elsewhere.
func (x *exchange) ceiling(clamp int64) (most, elsewhere money.Amount, err error) {
	for i := range x.plan.Steps {
		pays, list, err := x.stepCeiling(&x.plan.Steps[i], clamp)
		if err != nil {
			return 0, 0, err
		}
		most, elsewhere = max(most, pays), max(elsewhere, list)
	}
	return most, elsewhere, nil
}

// stepCeiling is the same of one step.
func (x *exchange) stepCeiling(s *route.Step, clamp int64) (most, elsewhere money.Amount, err error) {
	most, err = meter.Ceiling(s.Endpoint.Pricing, x.load(s.Endpoint, clamp))
	if err == nil && s.Own != "" {
		return x.g.fee(most), most, nil
	}
	return most, 0, err
}

// fee is what the account pays for a call that it pays for elsewhere.
func (g *Gateway) fee(list money.Amount) money.Amount {
	if g.Fee == nil {
		return 0
	}
	return g.Fee(list)
}

// ownAlone leaves of the plan the steps that the account pays for itself, and says of every
// endpoint that goes why. It reports false, and leaves the plan, when those are all or none.
func (x *exchange) ownAlone() bool {
	own := slices.DeleteFunc(slices.Clone(x.plan.Steps), func(s route.Step) bool { return s.Own == "" })
	if len(own) == 0 || len(own) == len(x.plan.Steps) {
		return false
	}
	for _, s := range x.plan.Steps {
		if !slices.ContainsFunc(own, func(o route.Step) bool { return o.Endpoint == s.Endpoint }) {
			x.plan.Dropped = append(x.plan.Dropped, route.Dropped{Endpoint: s.Endpoint, Model: s.Model, Reason: route.Credit})
		}
	}
	x.plan.Steps = own
	return true
}

// explainCredit adds what this request wanted to a refusal for lack of credit.
func (x *exchange) explainCredit(h ledger.Hold, err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return &fault.Error{Kind: fault.Unavailable, Public: "The ledger cannot be reached; nothing was charged, try again", RetryAfter: 2 * time.Second, Err: err}
	}
	if e.Kind != fault.NoCredit || x.req.MaxOutput == 0 {
		return e
	}
	room := x.g.Store.Available(h)
	first := x.plan.Steps[0].Endpoint
	load := x.load(first, 0)
	afford := meter.AffordableOutput(first.Pricing, load, room.Amount) / x.req.Written()
	c := *e
	c.Public = fmt.Sprintf("%s. The request asks for up to %d output tokens; the credit pays for %d", strings.TrimSuffix(e.Message(), "."), load.Output/x.req.Written(), afford)
	return &c
}
