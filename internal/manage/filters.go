package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
	"github.com/dragoman-gateway/dragoman/internal/moderation"
)

// filters reads the content filters of a guardrail and sees whether they can be used.
func (b *body) filters(g *account.Guardrail) {
	if b.has("content_filter_builtins") {
		g.Builtins = nil
		b.read("content_filter_builtins", true, &g.Builtins, "a list of objects with slug and action, or null")
	}
	if b.has("content_filters") {
		g.Patterns = nil
		b.read("content_filters", true, &g.Patterns, "a list of objects with pattern and action, or null")
	}
	if b.has("prompt_injection_allow_list") {
		g.Allowed = b.texts("prompt_injection_allow_list", true, filter.MaxAllowed)
	}
	for _, f := range g.Builtins {
		if f.Output && f.Scope == "user_only" {
			b.fail("content_filter_builtins", "without scan_output where scan_scope is user_only: an answer is no user's message")
		}
		if f.Scope != "" && f.Scope != "user_only" && f.Scope != "all_messages" {
			b.fail("content_filter_builtins", "of scan_scope user_only or all_messages")
		}
	}
	if b.err != nil {
		return
	}
	if _, err := filter.Compile(directory.Filters(g)); err != nil {
		b.err = fault.As(err)
	}
}

// moderation reads the model that is asked about requests. What it leaves out is the strict
// way: every text, and no request goes out without a verdict.
func (b *body) moderation(g *account.Guardrail) {
	if !b.has("moderation") {
		return
	}
	g.Moderation = nil
	m := account.Moderation{Action: "block", Scope: "all_messages", OnError: "block", TimeoutMS: moderation.DefaultTimeout.Milliseconds()}
	if !b.read("moderation", true, &m, "an object with model and categories, or null") {
		return
	}
	switch {
	case m.Action != "block" && m.Action != "flag":
		b.fail("moderation", "of action block or flag")
	case m.Scope != "all_messages" && m.Scope != "user_only":
		b.fail("moderation", "of scan_scope user_only or all_messages")
	case m.OnError != "block" && m.OnError != "allow":
		b.fail("moderation", "of on_error block or allow")
	}
	g.Moderation = &m
	if r, _ := directory.Moderator(g); b.err == nil {
		if err := r.Check(); err != nil {
			b.err = err
		}
	}
}

// known refuses a model to ask that the catalogue does not have.
func (a *API) known(m *account.Moderation) error {
	if m == nil {
		return nil
	}
	if _, err := a.Catalog().Resolve(m.Model); err != nil {
		e := *fault.As(err)
		e.Kind, e.Param = fault.Invalid, "moderation.model"
		return &e
	}
	return nil
}
