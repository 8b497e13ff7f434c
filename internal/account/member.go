package account

import (
	"cmp"
	"strings"
	"time"
)

// Member is a place in an account. Whoever has the e-mail address does not have the place yet:
// an invitation, or an identity provider that vouches for the address, gives it to a person.
// Treat one from a directory as immutable.
type Member struct {
	ID        string       `json:"id"`
	Account   string       `json:"account"`
	Email     string       `json:"email"`             // in lower case; unique in its account
	Person    string       `json:"person,omitempty"`  // whose place it is; "" nobody's yet
	WebKey    KeyHash      `json:"web_key,omitempty"` // pays for what the member asks in the web app; "" none yet
	First     string       `json:"first_name,omitempty"`
	Last      string       `json:"last_name,omitempty"`
	Role      Role         `json:"role"`
	Disabled  bool         `json:"disabled,omitempty"` // keys and sessions of the member do not work
	Guardrail Assignment   `json:"guardrail,omitzero"`
	SCIM      *Provisioned `json:"scim,omitempty"` // nil: not kept by SCIM
	Created   time.Time    `json:"created"`
	Updated   time.Time    `json:"updated,omitzero"`
}

// Name is what the member is called: the name, else the e-mail address.
func (m *Member) Name() string {
	return cmp.Or(strings.TrimSpace(m.First+" "+m.Last), m.Email)
}

// Assignment puts a key or a member under a guardrail; the zero value under none.
type Assignment struct {
	ID        string    `json:"id"`
	Guardrail string    `json:"guardrail"`
	By        string    `json:"by,omitempty"` // who assigned it
	At        time.Time `json:"at"`
}
