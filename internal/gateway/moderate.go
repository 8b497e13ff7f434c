package gateway

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/moderation"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// mostJudged is how many requests wait for a model's verdict at once; others wait for these.
const mostJudged = 64

// gate lets so many in at once. The zero gate is ready.
type gate struct {
	once  sync.Once
	slots chan struct{}
}

// enter waits for room, as long as the context lasts.
func (g *gate) enter(ctx context.Context) error {
	g.once.Do(func() { g.slots = make(chan struct{}, mostJudged) })
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g *gate) leave() { <-g.slots }

// moderate asks the models that guardrails name about the request, before any provider of the
// request's own hears of it. Content filters have edited it before.
func (x *exchange) moderate() error {
	for i := range x.rules.Moderators {
		r := &x.rules.Moderators[i]
		texts := x.texts(r.UserOnly)
		if len(texts) == 0 {
			continue
		}
		m := generation.Moderated{Guardrail: r.Guardrail, Model: r.Model, Action: "pass"}
		err := x.judge(r, texts, &m)
		x.rec.Moderated = append(x.rec.Moderated, m)
		if err != nil {
			return err
		}
	}
	return nil
}

// judge asks one model and says what follows.
func (x *exchange) judge(r *moderation.Rule, texts []string, m *generation.Moderated) error {
	v, err := x.verdict(r, texts, m)
	switch {
	case err != nil && x.ctx.Err() != nil:
		return fault.Wrap(fault.Gone, err)
	case err != nil:
		m.Failed = fault.As(err).Message()
		if r.Open {
			return nil
		}
		m.Action = "block"
		return unjudged(r, fault.As(err))
	case len(v.Categories) == 0:
		return nil
	}
	m.Categories = v.Categories
	if m.Action = "flag"; r.Flag {
		return nil
	}
	m.Action = "block"
	return &fault.Error{
		Kind: fault.Denied, Code: "moderation", Public: fmt.Sprintf("Request blocked by moderation: %s", strings.Join(v.Categories, ", ")),
		Metadata: map[string]any{"guardrail": r.Guardrail, "reasons": v.Categories, "model_slug": r.Model},
	}
}

func (x *exchange) verdict(r *moderation.Rule, texts []string, m *generation.Moderated) (moderation.Verdict, error) {
	ctx, cancel := context.WithTimeout(x.ctx, r.Timeout)
	defer cancel()
	if err := x.g.judging.enter(ctx); err != nil {
		return moderation.Verdict{}, fault.New(fault.TimedOut, "Too many requests wait for a verdict")
	}
	defer x.g.judging.leave()
	answer, rec, err := x.inner(ctx, "moderation", r.Question(texts), moderation.MaxAnswer)
	if len(rec.Attempts) > 0 { // else it has no record
		m.Generation, m.Cost = rec.ID, rec.Cost
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return moderation.Verdict{}, fault.New(fault.TimedOut, fmt.Sprintf("The model gave no verdict within %s", r.Timeout))
	case err != nil:
		return moderation.Verdict{}, err
	}
	v, err := r.Read(answer)
	if err != nil {
		return v, &fault.Error{Kind: fault.Broken, Public: "The model's answer is no verdict", Err: err}
	}
	return v, nil
}

// unjudged refuses a request whose verdict is not known. What no retry mends keeps its kind.
func unjudged(r *moderation.Rule, e *fault.Error) *fault.Error {
	kind := fault.Unavailable
	switch e.Kind {
	case fault.NoCredit, fault.Denied:
		kind = e.Kind
	case fault.NoRoute, fault.NoModel, fault.Unpriced:
		kind = fault.Denied
	}
	return &fault.Error{
		Kind: kind, Code: "moderation_failed", RetryAfter: e.RetryAfter, Err: e.Err, Metadata: map[string]any{"guardrail": r.Guardrail, "model_slug": r.Model},
		Public: fmt.Sprintf("Guardrail %s lets nothing out that %s has not judged, and it could not: %s", r.Name, r.Model, e.Message()),
	}
}

// texts are those of the request, with what content filters made of them; of the user alone,
// or all.
func (x *exchange) texts(userOnly bool) (list []string) {
	if x.req.Doc == nil {
		switch in := x.req.Input.(type) { // a form
		case *llm.TranscribeInput:
			list = append(list, in.Prompt)
		case *llm.DrawInput:
			list = append(list, in.Prompt)
		}
	} else {
		walk(x.req.Doc.Root(), filter.User, func(n rawjson.Node, from filter.Source, _ bool) {
			if from == filter.User || !userOnly {
				list = append(list, textOf(n))
			}
		})
	}
	return notBlank(list)
}

func notBlank(list []string) []string {
	kept := list[:0]
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			kept = append(kept, s)
		}
	}
	return kept
}
