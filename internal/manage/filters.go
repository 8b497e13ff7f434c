package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/filter"
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
