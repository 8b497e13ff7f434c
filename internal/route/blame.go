package route

import "github.com/dragoman-gateway/dragoman/internal/policy"

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
		return by([]policy.List{{From: p.DenyDataCollection}})
	case ZDR:
		return by([]policy.List{{From: p.ZDR}})
	case RequireParameters:
		return by([]policy.List{{From: p.RequireParameters}})
	}
	return ""
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
