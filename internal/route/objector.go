package route

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// Objectors are the layers of a policy that keep an endpoint out for a reason that a plan gives,
// each once: those whose rule would do so alone. There are none when the reason lies in the
// request or in the endpoint. Of several layers that demand one switch the first is named.
func Objectors(in Input, e *catalog.Endpoint, reason Reason) (names []string) {
	at := rank(reason)
	if at == len(filters) || at < rank(AllowedModels) {
		return nil
	}
	q := newQuery(&in, &policy.Layer{})
	whole := q.policy
	if q.policy = (policy.Effective{}); filters[at].out(q, e) {
		return nil
	}
	for from, only := range whole.Rules() {
		q.policy = only
		if filters[at].out(q, e) && !slices.Contains(names, from) {
			names = append(names, from)
		}
	}
	return names
}
