package account

import "time"

// Organization is who pays: an account of the ledger with its members, workspaces and rules.
// Nothing of one is seen from another. Treat one from a directory as immutable.
type Organization struct {
	ID        string    `json:"id"` // the ledger's account
	Name      string    `json:"name"`
	Workspace string    `json:"workspace"` // id of the default one
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated,omitzero"`
}
