package account

import (
	"slices"
	"time"
)

// Destination is where requests of a workspace are told of: a collector, or a service that
// takes the same. Treat one from a directory as immutable.
type Destination struct {
	ID        string `json:"id"` // UUID
	Account   string `json:"account"`
	Workspace string `json:"workspace"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Sealed    []byte `json:"sealed"`  // its configuration; opens for Place alone
	Shown     []byte `json:"shown"`   // the same without secrets; JSON
	Version   int64  `json:"version"` // grows with each new configuration
	Disabled  bool   `json:"disabled,omitempty"`

	Private  bool      `json:"private,omitempty"` // prompts and answers stay out, whatever the workspace keeps
	Cost     bool      `json:"cost,omitempty"`
	Identity bool      `json:"identity,omitempty"` // key, member and the user that the request names
	Context  bool      `json:"context,omitempty"`  // app, origin and user agent
	Sampling float64   `json:"sampling,omitempty"` // the share of requests; 0: all
	Keys     []KeyHash `json:"keys,omitempty"`     // subjects whose requests it gets; nil: all
	Rules    *Rules    `json:"rules,omitempty"`    // which requests it gets; nil: all

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// Rules choose requests: all groups must hold.
type Rules struct {
	Off    bool        `json:"off,omitempty"`
	Groups []RuleGroup `json:"groups"`
}

// RuleGroup holds when all of its rules do, or with Any one of them.
type RuleGroup struct {
	Any   bool   `json:"any,omitempty"`
	Rules []Rule `json:"rules"`
}

// Rule compares something of a request with a value, which is a text or a number as it is
// written.
type Rule struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value,omitempty"`
}

// Place is where the configuration belongs: sealed for it, it opens nowhere else.
func (d *Destination) Place() string { return "destination/" + d.Account + "/" + d.ID }

// Takes reports whether the destination may get requests of a key.
func (d *Destination) Takes(subject KeyHash) bool {
	return !d.Disabled && (d.Keys == nil || slices.Contains(d.Keys, subject))
}

// Share is the share of requests that it gets, at most 1.
func (d *Destination) Share() float64 {
	if d.Sampling == 0 {
		return 1
	}
	return d.Sampling
}
