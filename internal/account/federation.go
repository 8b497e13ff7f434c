package account

import "time"

// FederationPolicy says which workloads may exchange a token of their own issuer for a
// short-lived one of ours. What it is called, where it belongs, what its tokens may do and
// spend, and whether it is switched off, is said by its key. Treat one from a directory as
// immutable.
type FederationPolicy struct {
	ID         string           `json:"id"` // UUID
	Account    string           `json:"account"`
	Issuer     string           `json:"issuer"`   // URL, as the tokens say it
	Audience   string           `json:"audience"` // that the tokens must be for
	Conditions []ClaimCondition `json:"conditions"`
	Seconds    int64            `json:"seconds"` // how long our token lasts
	Key        KeyHash          `json:"key"`     // an inference key whose plaintext nobody has
	Created    time.Time        `json:"created"`
	Updated    time.Time        `json:"updated,omitzero"`
}

// ClaimCondition names the values that a claim may have. An asterisk in one stands for any
// run of characters.
type ClaimCondition struct {
	Claim  string   `json:"claim"`
	Values []string `json:"values"`
}
