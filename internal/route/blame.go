package route

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// demandedBy is " (by …)" with the policy layers behind a reason; "" when it is the
// request's own doing or lies in the endpoint.
func (q *query) demandedBy(r Reason) string {
	p := &q.policy
	switch r {
	case AllowedModels:
		return by(p.Models)
	case IgnoredModels:
		return by(p.IgnoreModels)
	case AllowedProviders:
		return by(p.Providers)
	case IgnoredProviders:
		return by(p.IgnoreProviders)
	case Quantization:
		return by(p.Quantizations)
	case DataRegion:
		return by(p.Regions)
	case Training:
		return byNames(p.DenyDataCollection, p.DenyPaidTraining, p.DenyFreeTraining)
	case Publication:
		return byNames(p.DenyFreePublication)
	case ZDR:
		return byNames(append([]string{p.ZDR}, p.ZDRFor[:]...)...)
	case RequireParameters:
		return byNames(p.RequireParameters)
	}
	return ""
}

// byNames is by for switches; one who demands several things is named once.
func byNames(names ...string) string {
	var lists []policy.List
	for i, n := range names {
		if !slices.Contains(names[:i], n) {
			lists = append(lists, policy.List{From: n})
		}
	}
	return by(lists)
}

func by(lists []policy.List) string {
	s := ""
	for _, l := range lists {
		if l.From == policy.RequestLayer || l.From == "" {
			continue
		}
		if s != "" {
			s += " and "
		}
		s += l.From
	}
	if s == "" {
		return ""
	}
	return " (by " + s + ")"
}
