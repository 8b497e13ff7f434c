package gateway

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/provider"
	"github.com/dragoman-gateway/dragoman/internal/route"
	"github.com/dragoman-gateway/dragoman/internal/sse"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
)

// run has the request judged where a guardrail wants that, then tries the plan's steps in order. Until the first content has gone to the client the
// next step may still answer; after that the answer is committed and run never falls back.
func (x *exchange) run() {
	if x.req.Stream && x.g.KeepAlive > 0 {
		x.keepAlive = time.AfterFunc(x.g.KeepAlive, x.beat)
	}
	if x.err = x.moderate(); x.err == nil {
		x.try()
	}
	if x.err == nil {
		return
	}
	e := fault.As(x.err)
	if e.Kind == fault.Gone || x.ctx.Err() != nil {
		return // nobody is there to be told
	}
	if e.Kind == fault.Internal {
		x.g.Log.Error("request failed", "generation", x.rec.ID, "err", x.err)
	}
	x.settle(e) // the money is right before the client hears of the failure
	x.fail(x.told(e))
}

// try makes attempts until one of them has answered, or no other may.
func (x *exchange) try() {
	for i := range x.plan.Steps {
		x.err = x.attempt(&x.plan.Steps[i])
		if x.err == nil || x.committed || !fault.Rules[fault.Of(x.err)].TryNext {
			return
		}
	}
}

// told is the error as the client hears it: with the endpoints tried before, and whether to come
// back.
func (x *exchange) told(e *fault.Error) *fault.Error {
	c := *e
	if e.Availability == nil && e.Provider != "" && !x.committed {
		c.Availability = x.exhausted(e)
	}
	if len(x.rec.Attempts) < 2 {
		return &c
	}
	c.Metadata = map[string]any{}
	for k, v := range e.Metadata {
		c.Metadata[k] = v
	}
	type tried struct {
		Provider string `json:"provider"`
		Code     string `json:"code"`
		Status   int    `json:"status"`
	}
	var previous []tried
	for _, a := range x.rec.Attempts[:len(x.rec.Attempts)-1] {
		previous = append(previous, tried{a.Provider, a.Kind, a.Status})
	}
	c.Metadata["previous_errors"] = previous
	return &c
}

// exhausted is what to expect where nobody had room for the request; nil for another failure.
func (x *exchange) exhausted(e *fault.Error) *fault.Availability {
	var providers []string
	for i := range x.rec.Attempts {
		if p := x.rec.Attempts[i].Provider; !slices.Contains(providers, p) {
			providers = append(providers, p)
		}
	}
	return route.Exhausted(e.HTTPStatus(), asked(x.req), providers, e.RetryAfter)
}

// attempt calls one endpoint and passes its answer on. What the endpoint sends before its
// first content is kept back, so that one which opens a stream and then fails has not
// answered.
func (x *exchange) attempt(step *route.Step) (err error) {
	e := step.Endpoint
	a := x.begin(step)
	started := x.g.Now()
	defer func() {
		a.EndMS = x.since()
		if step.Own != "" {
			err = fault.OwnCredential(err)
		}
		theirs := err
		if x.blockedAnswer() { // the endpoint has done its work
			theirs = nil
		}
		if theirs != nil {
			x.failed(a, e, fault.As(theirs))
		}
		x.observe(e, started, a, theirs)
	}()
	p, adapter, err := x.called(step)
	if err != nil {
		return named(err, e)
	}
	defer func() { err = p.Hide(err) }() // before it is recorded and told
	ans, clock, err := x.send(step, p, adapter, a)
	if err != nil {
		return err
	}
	whole := false
	defer func() { ans.Close(whole) }()
	a.Status, a.HeadersMS = ans.Status, x.since()
	x.came(ans.Status, 0)
	x.rec.Lost = slices.Concat(x.ignored, a.Lost)
	reply := dialect.Reply{Status: ans.Status, Header: ans.Header, Body: &flushFirst{x, ans.Body}, Stream: x.req.Stream, ID: x.rec.ID, Model: step.Model, Created: x.answer.Created}
	if x.watches() {
		x.sift(e)
	}
	for ev, err := range adapter.Events(x.req, reply) {
		if err == nil {
			err = x.event(e, ev, clock, a)
		}
		switch {
		case err == errCut:
			return nil
		case err != nil && x.blockedAnswer():
			return err
		case err != nil:
			return named(err, e)
		}
	}
	whole = true
	return nil
}

// send sends the request to the endpoint of a step.
func (x *exchange) send(step *route.Step, p *provider.Provider, adapter dialect.Adapter, a *generation.Attempt) (*upstream.Answer, *upstream.Clock, error) {
	e := step.Endpoint
	room := bodiesOf(int64(len(x.req.Raw)) + translated)
	lent := room.Get().(*[]byte)
	defer func() {
		if x.sending.Load() == 0 { // nothing reads it any more
			room.Put(lent)
		}
	}()
	call, losses, err := x.encode(adapter, e, *lent)
	a.Lost = dialect.Spell(x.req.From, losses)
	if err != nil {
		return nil, nil, err
	}
	if err := x.mayLose(a.Lost); err != nil {
		return nil, nil, named(err, e)
	}
	x.leaves(step, p.Base.Host, call.Body)
	ans, clock, err := x.g.Upstream.Do(x.ctx, p, adapter, call, x.req.Stream, &x.sending)
	if err != nil {
		x.came(fault.As(err).UpstreamStatus, 0)
		return nil, nil, named(err, e)
	}
	return ans, clock, nil
}

// translated is by how many bytes a request may grow in another dialect before its lent
// buffer is too small.
const translated = 512

// called is who is called in a step, and how.
func (x *exchange) called(step *route.Step) (*provider.Provider, dialect.Adapter, error) {
	p, err := x.payer(step)
	if err != nil {
		return nil, nil, err
	}
	adapter := p.Adapter(x.req.From, step.Endpoint.UpstreamModel)
	if adapter == nil {
		return nil, nil, fault.New(fault.Refused, "The provider does not serve "+string(x.req.From.Operation())+" requests")
	}
	return p, adapter, nil
}

// payer is the provider of a step, ready to be called by who pays for it.
func (x *exchange) payer(step *route.Step) (*provider.Provider, error) {
	if step.Own != "" {
		return x.g.Pay(x.ctx, x.key, step.Own)
	}
	p := x.catalogue.Ready[step.Endpoint.Provider.Slug]
	if p == nil {
		return nil, fault.New(fault.Credential, "")
	}
	return p, nil
}

// mayLose refuses losses where the client wants all of the request or nothing. Another
// endpoint may speak a wire that carries it.
func (x *exchange) mayLose(losses []llm.Loss) error {
	if lost := slices.Concat(x.ignored, losses); x.noLoss && len(lost) > 0 {
		return lossy(lost)
	}
	return nil
}

func lossy(lost []llm.Loss) error {
	return &fault.Error{
		Kind: fault.Refused, Code: "lossy", Param: lost[0].Path, Metadata: map[string]any{"dropped": lost},
		Public: fmt.Sprintf("%s cannot be sent to this endpoint: %s. Leave it out, or do not ask for strict mode (X-Dragoman-Strict)", lost[0].Path, lost[0].Why),
	}
}

// failed notes why an attempt did not answer and what it has cost the operator.
func (x *exchange) failed(a *generation.Attempt, e *catalog.Endpoint, f *fault.Error) {
	a.Kind, a.Message = f.ErrorType(), f.Told()
	if a.Status == 0 {
		a.Status = f.UpstreamStatus
	}
	if !x.committed && f.Kind != fault.Gone {
		a.Loss = x.bookLoss(e)
	}
}

// named says whose failure it is.
func named(err error, e *catalog.Endpoint) error {
	f := fault.As(err)
	if f.Provider != "" || f.Kind == fault.Internal || f.Kind == fault.Gone {
		return f
	}
	c := *f
	c.Provider = e.Provider.Name
	return &c
}

// begin forgets the attempt before and opens the record of this one.
func (x *exchange) begin(step *route.Step) *generation.Attempt {
	x.usage, x.delivered, x.frames, x.kept = llm.Usage{}, 0, 0, keeper{}
	x.sieve = nil
	if x.said != nil {
		x.said.Restart()
	}
	x.answer.Model, x.answer.Provider = step.Model, step.Endpoint.Provider.Name
	x.paying = step.Own
	shape := x.shaped()
	x.mu.Lock()
	x.shape = shape // which a beat's header reads
	x.pending = x.pending[:0]
	x.enc = x.surface.Encode(x.req, &x.answer)
	x.mu.Unlock()
	r := &x.rec
	r.Model, r.Endpoint, r.Provider = step.Model, step.Endpoint.ID, step.Endpoint.Provider.Name
	r.Upstream, r.Finish, r.Native, r.Lost, r.BYOK = "", "", "", nil, step.Own != ""
	r.Attempts = append(r.Attempts, generation.Attempt{Endpoint: r.Endpoint, Provider: r.Provider, Model: r.Model, BYOK: r.BYOK, StartMS: x.since()})
	return &r.Attempts[len(r.Attempts)-1]
}

// target is an endpoint as adapters see it. room is lent for the body.
func (x *exchange) target(e *catalog.Endpoint, room []byte) dialect.Target {
	return dialect.Target{Buffer: room, Model: e.UpstreamModel, MaxOutput: e.MaxOutput, Clamp: x.clampAt(e), Parameters: e.Parameters, Reasoning: dialect.ReasoningStyle{
		Effort: e.Reasoning.Effort, Budget: e.Reasoning.Budget, Efforts: e.Reasoning.Efforts, Adaptive: e.Reasoning.Adaptive}}
}

// clampAt is where credit ends, as far as the endpoint is known to write.
func (x *exchange) clampAt(e *catalog.Endpoint) int64 {
	switch {
	case e.MaxOutput > 0:
		return min(x.clamp, e.MaxOutput)
	case x.clamp > defaultOutput:
		return 0
	}
	return x.clamp
}

func (x *exchange) since() int64 { return x.g.Now().Sub(x.started).Milliseconds() }

// event takes in one event of the provider's.
func (x *exchange) event(e *catalog.Endpoint, ev *llm.Event, clock *upstream.Clock, a *generation.Attempt) error {
	x.take(ev, a)
	if ev.IsContent() {
		x.frames++
		if a.FirstMS == 0 {
			a.FirstMS = max(x.since(), 1)
			clock.Content()
		}
	}
	if ev.Kind == llm.End {
		a.EndMS = x.since()
	}
	if x.sieve == nil {
		return x.give(e, ev)
	}
	if err := x.sieve.pass(ev); err != nil || x.sieve.hit == nil {
		return err
	}
	return x.stop(e, ev.Kind == llm.End)
}

// give queues an event's bytes for the client.
func (x *exchange) give(e *catalog.Endpoint, ev *llm.Event) error {
	if x.g.Keep != nil && (ev.Kind == llm.ToolStart || ev.Kind == llm.ReasoningDelta) {
		x.kept.take(ev)
	}
	if x.shape != nil {
		x.shape.take(ev)
	}
	if x.said != nil && (x.sieve == nil || !x.sieve.framed) { // frames are edited, what they say is not
		x.said.Take(ev)
	}
	if ev.Kind == llm.End {
		if err := x.ending(e, ev); err != nil {
			return err
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.lent == nil {
		x.lent = answers.Get().(*[]byte)
		x.pending = (*x.lent)[:0]
	}
	var err error
	if x.pending, err = x.enc.Event(x.pending, ev); err != nil {
		return err
	}
	if ev.IsContent() && (x.req.Stream || ev.Kind == llm.End) {
		if err := x.commit(); err != nil {
			return err
		}
	}
	if len(x.pending) < maxPending && ev.Kind != llm.End {
		return nil
	}
	if !x.committed {
		return fault.New(fault.Broken, "The provider sent too much before its answer")
	}
	return x.write()
}

// ending is all that is done before the client gets the end of an answer.
func (x *exchange) ending(e *catalog.Endpoint, ev *llm.Event) error {
	x.keep()
	x.sifted()
	if r, ok := x.enc.(dialect.Reporter); ok {
		x.rec.Lost = append(x.rec.Lost, r.Losses()...)
	}
	if x.shape != nil {
		x.check()
	}
	return x.complete(e, ev)
}

// maxPending bounds what waits to be written. A stream writes earlier: before it waits
// for more.
const maxPending = 64 << 10

// take remembers what an event says about the answer as a whole.
func (x *exchange) take(ev *llm.Event, a *generation.Attempt) {
	x.delivered += int64(len(ev.Text)) + ev.Size
	if ev.Reasoning != nil {
		x.delivered += int64(len(ev.Reasoning.Text) + len(ev.Reasoning.Summary))
	}
	if ev.ID != "" {
		a.UpstreamID, x.rec.Upstream = ev.ID, ev.ID
	}
	if ev.Finish != "" && ev.Choice == 0 {
		x.rec.Finish, x.rec.Native = ev.Finish, ev.Native
	}
	if ev.ServiceTier != "" {
		x.rec.Tier = ev.ServiceTier
	}
	if ev.Usage != nil {
		x.usage = *ev.Usage
	}
	if len(ev.Losses) > 0 {
		x.rec.Lost = append(x.rec.Lost, ev.Losses...)
	}
}

// flushFirst is the upstream's body: before it may wait for more, what is already there
// goes to the client. What arrived together leaves together.
type flushFirst struct {
	x *exchange
	r io.Reader
}

func (f *flushFirst) Read(p []byte) (int, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	n, err := f.r.Read(p)
	if f.x.receipt {
		f.x.came(0, int64(n))
	}
	return n, err
}

// Wait returns once there is something to read; no buffer waits with it.
func (f *flushFirst) Wait() error {
	if err := f.flush(); err != nil {
		return err
	}
	if f.x.committed {
		f.x.giveBack()
	}
	if w, ok := f.r.(sse.Waiter); ok {
		return w.Wait()
	}
	return nil
}

func (f *flushFirst) flush() error {
	x := f.x
	if !x.committed || len(x.pending) == 0 || !x.req.Stream {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.write()
}

// observe tells health how the call went. What an account's own credential is refused for
// says nothing of the endpoint.
func (x *exchange) observe(e *catalog.Endpoint, started time.Time, a *generation.Attempt, err error) {
	if a.BYOK {
		mine := err != nil && (fault.Of(err) == fault.Credential || a.Status == 402 || a.Status == 429)
		if x.g.Paid != nil && (err == nil || mine) {
			x.g.Paid(x.paying, err)
		}
		if mine {
			return
		}
	}
	o := health.Outcome{Endpoint: e.ID, At: x.g.Now(), OK: err == nil, Status: a.Status, Duration: x.g.Now().Sub(started)}
	if err != nil {
		f := fault.As(err)
		o.Kind, o.RetryAfter = f.Kind, f.RetryAfter
		if a.Status/100 == 2 {
			o.Status = 0 // it failed after a good start: the kind says more
		}
	} else {
		o.OutputTokens = x.usage.Completion()
		o.Tools = x.rec.Finish == llm.FinishTools
		if a.FirstMS > 0 {
			o.TTFT = time.Duration(a.FirstMS-a.StartMS) * time.Millisecond
		}
	}
	x.g.Health.Observe(o)
}

// bookLoss is what a failed attempt has cost the operator, as far as the upstream said.
func (x *exchange) bookLoss(e *catalog.Endpoint) money.Amount {
	if x.usage.State == llm.UsageMissing || e.Pricing == nil || x.paying != "" {
		return 0
	}
	bill, err := meter.Cost(e.Pricing, &x.usage, x.req.Size.Images)
	if err != nil {
		return 0
	}
	x.loss += bill.Total
	return bill.Total
}
