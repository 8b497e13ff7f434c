package route

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Credential is a key of the account's own at a provider (BYOK), as far as the rules know
// it: that it may be used for the caller was seen to before.
type Credential struct {
	ID       string   `json:"id"`
	Provider string   `json:"provider"`           // slug
	Models   []string `json:"models,omitempty"`   // allowed, as in policy.Layer; nil all
	Fallback bool     `json:"fallback,omitempty"` // tried after the operator's
	Required bool     `json:"required,omitempty"` // the operator's is never used for Models at the provider
	Sole     bool     `json:"sole,omitempty"`     // the operator's is never used for the provider

	KeepsNothing *bool `json:"zdr,omitempty"` // as its owner says; nil as the catalogue says of the endpoint
}

// What a request says of the account's own credentials; "" is prefer.
const (
	preferOwn  = "prefer"  // first, in the order of the credentials
	allowOwn   = "allow"   // at each endpoint before the operator's, so that the order of endpoints wins
	requireOwn = "require" // only
	neverOwn   = "never"   // not at all
)

// fits reports whether the credential is for calls of the endpoint.
func (c *Credential) fits(e *catalog.Endpoint) bool {
	return c.Provider == e.Provider.Slug && (c.Models == nil || modelIn(policy.List{Slugs: c.Models}, e.Model))
}

// own are the credentials that may pay for a call of the endpoint.
func (q *query) own(e *catalog.Endpoint) (list []*Credential) {
	if q.req.Routing.BYOK == neverOwn {
		return nil
	}
	for i := range q.in.Credentials {
		if c := &q.in.Credentials[i]; c.fits(e) && !q.retained(e, c) {
			list = append(list, c)
		}
	}
	return list
}

func (q *query) owned(e *catalog.Endpoint) bool {
	return len(q.in.Credentials) > 0 && len(q.own(e)) > 0
}

// retained reports whether what must not be kept might be in a call of the endpoint that
// the credential pays, nil the operator's. What the owner of a credential says of it goes
// before what the catalogue says of the endpoint (reference §7, declared_zdr), but where it is
// the operator who demands that nothing is kept.
func (q *query) retained(e *catalog.Endpoint, by *Credential) bool {
	keepsNothing := e.Data.ZDR()
	if by != nil && by.KeepsNothing != nil && (!*by.KeepsNothing || q.policy.ZDR != policy.OperatorLayer) {
		keepsNothing = *by.KeepsNothing
	}
	return !keepsNothing && q.policy.ZeroRetention(e.Model.Slug) != ""
}

// mayKeep is an endpoint at which zero data retention is demanded and to be had with no credential.
func mayKeep(q *query, e *catalog.Endpoint) bool {
	return q.policy.ZeroRetention(e.Model.Slug) != "" && !q.owned(e) && !(e.Live && e.Data.ZDR())
}

// shared reports whether the operator's credential may pay for a call of the endpoint.
func (q *query) shared(e *catalog.Endpoint) bool {
	return e.Live && q.req.Routing.BYOK != requireOwn && !q.sole(e) && !q.retained(e, nil)
}

// sole reports whether the account does not want the operator's credential for a call of the
// endpoint: for none of the provider's models, or not for those of a credential of its own.
func (q *query) sole(e *catalog.Endpoint) bool {
	return slices.ContainsFunc(q.in.Credentials, func(c Credential) bool {
		return c.Sole && c.Provider == e.Provider.Slug || c.Required && c.fits(e)
	})
}

// uncallable is an endpoint that nobody has a credential for.
func uncallable(q *query, e *catalog.Endpoint) bool {
	return !e.Live && (q.req.Routing.BYOK == neverOwn || !slices.ContainsFunc(q.in.Credentials, func(c Credential) bool { return c.fits(e) }))
}

// notOwned is one that only the operator could pay for, and must not.
func notOwned(q *query, e *catalog.Endpoint) bool { return !q.shared(e) && !q.owned(e) }

// paid is a call of an endpoint and who pays for it.
type paid struct {
	*candidate
	by *Credential // nil: the operator
}

// payers spreads the ordered candidates over who may pay for them (reference §4.12); nil is
// the operator for all.
func (q *query) payers(kept []candidate) []paid {
	if len(q.in.Credentials) == 0 {
		return nil
	}
	var first, shared, last []paid
	for i := range kept {
		c := &kept[i]
		var before, after []paid
		for _, own := range q.own(c.endpoint) {
			if own.Fallback {
				after = append(after, paid{c, own})
			} else {
				before = append(before, paid{c, own})
			}
		}
		if q.req.Routing.BYOK == allowOwn {
			if shared = append(shared, before...); q.shared(c.endpoint) {
				shared = append(shared, paid{c, nil})
			}
			shared = append(shared, after...)
			continue
		}
		first, last = append(first, before...), append(last, after...)
		if q.shared(c.endpoint) {
			shared = append(shared, paid{c, nil})
		}
	}
	return slices.Concat(first, shared, last)
}
