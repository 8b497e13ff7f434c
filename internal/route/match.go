package route

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/policy"
)

// namesEndpoint reports whether a slug of the request names the endpoint (reference §4.2):
// a full slug is one endpoint's tag; a base slug is every region and variant of the
// provider, but not its service tiers.
func namesEndpoint(slug string, e *catalog.Endpoint) bool {
	return same(slug, e.Tag) || e.Variant == "" && namesProvider(slug, e)
}

func namesProvider(slug string, e *catalog.Endpoint) bool {
	return same(slug, e.Provider.Slug) || same(slug, e.Provider.Name)
}

// same compares in any case: clients send "Together" and "together".
func same(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// endpointIn reports whether a list names the endpoint. A list that an operator wrote
// means a provider with its service tiers; so does one that ignores.
func endpointIn(l policy.List, e *catalog.Endpoint, tiers bool) bool {
	for _, slug := range l.Slugs {
		if same(slug, e.Tag) || (tiers || e.Variant == "") && namesProvider(slug, e) {
			return true
		}
	}
	return false
}

// modelIn reports whether a list names the model: by slug, by canonical slug, or by a
// prefix that ends in "*".
func modelIn(l policy.List, m *catalog.Model) bool {
	for _, slug := range l.Slugs {
		if prefix, ok := strings.CutSuffix(slug, "*"); ok && strings.HasPrefix(m.Slug, prefix) {
			return true
		}
		if slug == m.Slug || slug == m.CanonicalSlug {
			return true
		}
	}
	return false
}

// quantizationIn reports whether a list names the quantization. fp4 and fp8 name their
// micro-scaled kinds too (reference §4.2).
func quantizationIn(l policy.List, q string) bool {
	if q == "" {
		q = "unknown"
	}
	for _, want := range l.Slugs {
		switch {
		case want == q,
			want == "fp4" && (q == "mxfp4" || q == "nvfp4"),
			want == "fp8" && q == "mxfp8":
			return true
		}
	}
	return false
}

// regionIn reports whether the endpoint stays within the listed regions: "us" names
// us-east5. Without a region of its own, all of its provider's data centres must be
// listed. Unknown is outside.
func regionIn(l policy.List, e *catalog.Endpoint) bool {
	if e.Region != "" {
		return listsRegion(l.Slugs, e.Region)
	}
	for _, d := range e.Provider.Datacenters {
		if !listsRegion(l.Slugs, d) {
			return false
		}
	}
	return len(e.Provider.Datacenters) > 0
}

func listsRegion(list []string, region string) bool {
	for _, want := range list {
		if n := len(want); n > 0 && n <= len(region) && strings.EqualFold(want, region[:n]) && (n == len(region) || region[n] == '-') {
			return true
		}
	}
	return false
}
