package policy

import "strings"

// Group is a part of the models that zero data retention can be demanded for (reference
// §4.15): those of four authors, and the rest.
type Group uint8

// The groups.
const (
	Anthropic Group = iota
	Google
	OpenAI
	XAI
	Other
	groups = 5
)

// Groups is a set of groups.
type Groups uint8

// GroupsOf is the set of the groups given.
func GroupsOf(list ...Group) Groups {
	var s Groups
	for _, g := range list {
		s |= 1 << g
	}
	return s
}

// Has reports whether g is in the set.
func (s Groups) Has(g Group) bool { return s&(1<<g) != 0 }

// GroupOf is the group of a model by its slug.
func GroupOf(model string) Group {
	author, _, _ := strings.Cut(strings.TrimPrefix(model, "~"), "/")
	switch author {
	case "anthropic":
		return Anthropic
	case "google":
		return Google
	case "openai":
		return OpenAI
	case "x-ai":
		return XAI
	}
	return Other
}

// ZeroRetention is who demands endpoints of a model that keep nothing; "" nobody.
func (e *Effective) ZeroRetention(model string) string {
	if e.ZDR != "" {
		return e.ZDR
	}
	return e.ZDRFor[GroupOf(model)]
}

// KeepsNothing reports whether zero retention is demanded for any model: then the gateway
// keeps nothing of any request either.
func (e *Effective) KeepsNothing() bool {
	return e.ZDR != "" || e.ZDRFor != [groups]string{}
}
