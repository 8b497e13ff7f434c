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
	held := r.use.Held
	if r.limit.IncludeBYOK {
		held += r.use.BYOKHeld
	}
	facts["limit"], facts["window"], facts["cap"], facts["held"] = "key", windowName(r.limit.Window), r.limit.Cap, held
	e := &fault.Error{Kind: fault.NoCredit, Code: "key_limit_reached", Metadata: facts}
	next := "Raise the key's limit, or ask for fewer tokens (max_tokens)"
	if end := r.limit.Window.End(h.At); !end.IsZero() {
		facts["resets_at"] = end.Format(time.RFC3339)
		e.RetryAfter = end.Sub(h.At)
		next += "; the limit starts again at " + end.Format("2006-01-02 15:04 UTC")
	}
	e.Public = fmt.Sprintf("Key limit reached: this request may cost up to $%s and $%s of the key's %s limit of $%s is free%s. %s.",
		r.need, free, windowName(r.limit.Window), r.limit.Cap, inFlight(held), next)
	return e
}

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
