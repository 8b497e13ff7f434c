package account

import "time"

// Member is a person of an account. Treat one from a directory as immutable.
type Member struct {
	ID        string     `json:"id"`
	Account   string     `json:"account"`
	Email     string     `json:"email"` // in lower case; unique in its account
	First     string     `json:"first_name,omitempty"`
	Last      string     `json:"last_name,omitempty"`
	Role      Role       `json:"role"`
	Disabled  bool       `json:"disabled,omitempty"` // keys of the member do not work
	Guardrail Assignment `json:"guardrail,omitzero"`
	Created   time.Time  `json:"created"`
	Updated   time.Time  `json:"updated,omitzero"`
}

// Assignment puts a key or a member under a guardrail; the zero value under none.
type Assignment struct {
	ID        string    `json:"id"`
	Guardrail string    `json:"guardrail"`
	By        string    `json:"by,omitempty"` // who assigned it
	At        time.Time `json:"at"`
}
