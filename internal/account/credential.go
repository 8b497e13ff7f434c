package account

import (
	"slices"
	"time"
)

// Credential is a key of the account's own at a provider (BYOK). Its secret is sealed. Treat
// one from a directory as immutable.
type Credential struct {
	ID        string `json:"id"` // UUID
	Account   string `json:"account"`
	Workspace string `json:"workspace,omitempty"` // "" every one
	Provider  string `json:"provider"`            // slug
	Name      string `json:"name,omitempty"`
	Label     string `json:"label"`   // enough to tell it from another
	Sealed    []byte `json:"sealed"`  // opens for Place alone
	Version   int64  `json:"version"` // grows with each new secret

	Fallback bool `json:"fallback,omitempty"` // tried after the operator's
	Required bool `json:"required,omitempty"` // the operator's is never used for the models that it may be used for
	Sole     bool `json:"sole,omitempty"`     // the operator's is never used for the provider
	Order    int  `json:"order"`              // among those of its workspace and provider
	Disabled bool `json:"disabled,omitempty"`

	KeepsNothing *bool `json:"zdr,omitempty"` // at the provider, as its owner says; nil as the catalogue says of the endpoint

	Models  []string  `json:"models,omitempty"`  // it may be used for; nil all
	Keys    []KeyHash `json:"keys,omitempty"`    // subjects that may use it; nil all
	Members []string  `json:"members,omitempty"` // whose keys may use it; nil everybody's

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
}

// Place is where the secret belongs: sealed for it, it opens nowhere else.
func (c *Credential) Place() string { return "byok/" + c.Account + "/" + c.ID }

// Serves reports whether a key may use the credential. What it is limited to must all be
// met.
func (c *Credential) Serves(k *Key) bool {
	return !c.Disabled && c.Account == k.Account && (c.Workspace == "" || c.Workspace == k.Workspace) &&
		(c.Keys == nil || slices.Contains(c.Keys, k.Subject())) &&
		(c.Members == nil || k.Creator != "" && slices.Contains(c.Members, k.Creator))
}
