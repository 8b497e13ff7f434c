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
	Sole     bool     `json:"sole,omitempty"`     // the operator's is never used for the provider
}

// What a request says of the account's own credentials; "" is prefer.
const (
	preferOwn  = "prefer"  // first, in the order of the credentials
	allowOwn   = "allow"   // at each endpoint before the operator's, so that the order of endpoints wins
	requireOwn = "require" // only
	neverOwn   = "never"   // not at all
)

// own are the credentials that may pay for a call of the endpoint.
func (q *query) own(e *catalog.Endpoint) (list []*Credential) {
	if q.req.Routing.BYOK == neverOwn {
		return nil
	}
	for i := range q.in.Credentials {
		c := &q.in.Credentials[i]
		if c.Provider == e.Provider.Slug && (c.Models == nil || modelIn(policy.List{Slugs: c.Models}, e.Model)) {
			list = append(list, c)
		}
	}
	return list
}

func (q *query) owned(e *catalog.Endpoint) bool {
	return len(q.in.Credentials) > 0 && len(q.own(e)) > 0
}

// shared reports whether the operator's credential may pay for a call of the endpoint.
func (q *query) shared(e *catalog.Endpoint) bool {
	return e.Live && q.req.Routing.BYOK != requireOwn && !q.sole(e)
}

// sole reports whether the account never wants the operator's credential at the provider,
// whatever else its own is limited to.
func (q *query) sole(e *catalog.Endpoint) bool {
	return slices.ContainsFunc(q.in.Credentials, func(c Credential) bool { return c.Sole && c.Provider == e.Provider.Slug })
}

// uncallable is an endpoint that nobody has a credential for.
func uncallable(q *query, e *catalog.Endpoint) bool { return !e.Live && !q.owned(e) }

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
