package account

import (
	"encoding/json"
	"time"
)

// Person is one who signs in, known by one e-mail address in the whole installation, and to an
// identity provider by its subject. What a
// person may do is said by members: a person's place in one organisation each. Treat one from
// a directory as immutable.
type Person struct {
	ID       string    `json:"id"`    // UUID
	Email    string    `json:"email"` // in lower case; unique
	Name     string    `json:"name,omitempty"`
	Verified time.Time `json:"verified,omitzero"` // when an identity provider vouched for the address; zero never

	Password string       `json:"password,omitempty"` // argon2id, a PHC string; "" none
	Factor   SecondFactor `json:"factor,omitzero"`
	Passkeys []Passkey    `json:"passkeys,omitempty"` // in the order they were added
	Subject  *Subject     `json:"subject,omitempty"`  // who an identity provider says the person is; nil: none has said it

	Organization string    `json:"organization,omitempty"` // where the next sign-in leads, if there is still a place
	Created      time.Time `json:"created"`
	Updated      time.Time `json:"updated,omitzero"`
}

// Subject is somebody as an OpenID Connect provider knows them: the two claims together, and
// nothing else, stay the same for ever and are nobody else's (OpenID Connect Core §5.7).
type Subject struct {
	Issuer string    `json:"iss"` // URL, as the configuration has it
	ID     string    `json:"sub"`
	Bound  time.Time `json:"bound"` // when it became the person's
}

// SecondFactor is what a password alone does not do without: one-time codes by time
// (RFC 6238). The zero value is none.
type SecondFactor struct {
	Sealed   []byte   `json:"sealed,omitempty"`   // the secret, which opens for FactorPlace alone
	Step     int64    `json:"step,omitempty"`     // of the last code that was used: none up to it works again
	Recovery []string `json:"recovery,omitempty"` // SHA-256 in hex of the recovery codes that are left
}

// On reports whether a code is asked for.
func (f *SecondFactor) On() bool { return len(f.Sealed) > 0 }

// FactorPlace is where the secret of the second factor belongs: sealed for it, it opens
// nowhere else.
func (p *Person) FactorPlace() string { return "totp/" + p.ID }

// Passkey is a WebAuthn credential.
type Passkey struct {
	ID         string          `json:"id"` // UUID, by which its owner names it
	Name       string          `json:"name"`
	Credential json.RawMessage `json:"credential"` // as package signin keeps it; holds a public key
	Created    time.Time       `json:"created"`
	Used       time.Time       `json:"used,omitzero"`
}

// Session is a person's being signed in to one organisation with one browser. Treat one from
// a directory as immutable.
type Session struct {
	Hash    string    `json:"hash"` // of its token, which nobody but the browser has
	ID      string    `json:"id"`   // UUID, by which its owner names it
	Person  string    `json:"person"`
	Account string    `json:"account"`           // the organisation
	Member  string    `json:"member"`            // the person's place in it
	Method  string    `json:"method"`            // how it began: password passkey invitation setup, or oidc:ID
	Address string    `json:"address,omitempty"` // where it began
	Agent   string    `json:"agent,omitempty"`   // the browser, as it called itself
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"` // last, to some minutes
	Ends    time.Time `json:"ends"` // whatever is done with it
}

// Invitation is a link that works once: it makes whoever opens it a member, or lets a person
// set a new password. Treat one from a directory as immutable.
type Invitation struct {
	ID         string    `json:"id"`   // UUID
	Hash       string    `json:"hash"` // of its token, which is in the link alone
	Account    string    `json:"account"`
	Email      string    `json:"email"`                // in lower case
	Role       Role      `json:"role,omitempty"`       // of the member to be
	Workspaces []string  `json:"workspaces,omitempty"` // besides the default one
	Person     string    `json:"person,omitempty"`     // whose password it resets; "" it invites
	By         string    `json:"by"`                   // as the audit log names who made it
	Created    time.Time `json:"created"`
	Ends       time.Time `json:"ends"`
}
