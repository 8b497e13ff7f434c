package ledger

import (
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// refusal says which limit left no room for h, by how much, what to do and when it resets.
func (r room) refusal(h Hold) *fault.Error {
	free := max(0, r.free)
	facts := map[string]any{"needed": r.need, "free": free}
	if r.limit == nil {
		facts["limit"], facts["credit"], facts["held"] = "account", r.account.Granted, r.account.Held
		return &fault.Error{Kind: fault.NoCredit, Code: "insufficient_credits", Metadata: facts, Public: fmt.Sprintf(
			"Insufficient credits: this request may cost up to $%s and the account has $%s free%s. Add credits, or ask for fewer tokens (max_tokens).",
			r.need, free, inFlight(r.account.Held))}
	}
	l, held := r.limit, r.use.Held
	if l.IncludeBYOK {
		held += r.use.BYOKHeld
	}
	facts["limit"], facts["window"], facts["cap"], facts["held"] = l.Scope.String(), windowName(l.Window), l.Cap, held
	e := &fault.Error{Kind: fault.NoCredit, Metadata: facts}
	if l.By != "" {
		facts["guardrail"] = l.By
	}
	next := l.say(e)
	if end := l.Window.End(h.At); !end.IsZero() {
		facts["resets_at"] = end.Format(time.RFC3339)
		e.RetryAfter = end.Sub(h.At)
		next += "; the limit starts again at " + end.Format("2006-01-02 15:04 UTC")
	}
	e.Public = fmt.Sprintf("%s: this request may cost up to $%s and $%s of the %s's %s limit of $%s is free%s. %s.",
		e.Public, r.need, free, l.Scope, windowName(l.Window), l.Cap, inFlight(held), next)
	return e
}

// say begins the refusal in e and returns what can be done. A budget that an administrator
// set is refused with 403, as OpenRouter does; a key's own limit with 402 (reference §1.5).
func (l *Limit) say(e *fault.Error) (next string) {
	switch {
	case l.By != "":
		e.Code, e.Status, e.Type = "guardrail_budget_exceeded", http403, denied
		e.Public = fmt.Sprintf("The budget that guardrail %q gives this %s is exceeded", l.By, l.Scope)
		return "Ask an administrator to raise it, or ask for fewer tokens (max_tokens)"
	case l.Scope == OfWorkspace:
		e.Code, e.Status, e.Type = "workspace_budget_exceeded", http403, denied
		e.Public = fmt.Sprintf("Workspace %s budget of $%s exceeded", windowName(l.Window), l.Cap)
		return "Contact your org admin, or ask for fewer tokens (max_tokens)"
	case l.Scope == OfMember:
		e.Code, e.Status, e.Type = "member_budget_exceeded", http403, denied
		e.Public = "Member budget exceeded"
		return "Ask an administrator to raise it, or ask for fewer tokens (max_tokens)"
	}
	e.Code, e.Public = "key_limit_reached", "Key limit reached"
	return "Raise the key's limit, or ask for fewer tokens (max_tokens)"
}

const (
	http403 = 403                 // Forbidden; this layer does not know net/http
	denied  = "permission_denied" // the error_type that goes with it (reference §1.5)
)

func windowName(w account.Window) string {
	if w == account.Never {
		return "total"
	}
	return string(w)
}

func inFlight(held money.Amount) string {
	if held == 0 {
		return ""
	}
	return fmt.Sprintf(" ($%s is held by requests in flight)", held)
}
