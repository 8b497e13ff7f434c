package dialect

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Said is what an upstream says of a failure. All of it may be missing.
type Said struct {
	Status  int // the HTTP status that its words stand for, where that is another; 0 none
	Code    string
	Type    string // coarser than Code; it stands in for one
	Message string // for whoever sent the request: it may quote the prompt
}

// Judge classifies the failures of a provider: one table for all, with the texts, in lower
// case, of which one is in what the upstream says where the status does not tell.
type Judge struct {
	Operator  []string // the operator's key or account is refused
	TooLong   []string // the prompt is over the model's context
	Moderated []string // the provider's policy refuses the prompt
	Explains  bool     // the upstream always says why it refuses: a bare status is a proxy's
}

// Failure classifies an answer that is not 2xx.
func (j *Judge) Failure(status int, h Header, said Said) *fault.Error {
	e := j.judge(status, said)
	e.RetryAfter = RetryAfter(h)
	e.Err = fmt.Errorf("upstream status %d, code %q", status, e.ProviderCode) // never the body: it may quote the prompt
	return e
}

// Inside classifies an error that came inside a 200.
func (j *Judge) Inside(said Said) *fault.Error {
	e := j.judge(0, said)
	e.Err = fmt.Errorf("upstream error inside an answer, code %q", e.ProviderCode)
	return e
}

func (j *Judge) judge(status int, said Said) *fault.Error {
	if said.Status != 0 {
		status = said.Status
	}
	e := &fault.Error{ProviderCode: said.Code}
	if e.ProviderCode == "" {
		e.ProviderCode = said.Type
	}
	text := strings.ToLower(said.Message + " " + said.Code + " " + said.Type)
	switch {
	case status == 403 && Says(text, j.Moderated): // not the key's fault
		e.Kind, e.Status = fault.Moderated, status
	case status == 401 || status == 402 || status == 403 || Says(text, j.Operator):
		e.Kind = fault.Credential
		return e
	case status == 429:
		e.Kind = fault.Overloaded
		return e
	case status == 503 || status == 529:
		e.Kind, e.Status, e.Type = fault.Overloaded, 503, "provider_overloaded"
		return e
	case status == 408 || status == 504 || status == 524: // 524 is Cloudflare's
		e.Kind = fault.TimedOut
		return e
	case Says(text, j.TooLong):
		e.Kind = fault.TooLong
	case status < 400 || status >= 500 || status == 499, j.Explains && status != 413 && said == (Said{}): // 499 is a cancelled call
		e.Kind = fault.Broken
		return e
	case Says(text, j.Moderated):
		e.Kind = fault.Moderated
	default:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	}
	e.Code, e.Quote = said.Code, Quote(said.Message)
	return e
}
