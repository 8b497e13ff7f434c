package account

import "time"

// Provisioned is what an identity provider calls a member that it keeps by SCIM.
type Provisioned struct {
	UserName string `json:"user_name"` // unique in the account, in any case
	External string `json:"external_id,omitempty"`
	Display  string `json:"display_name,omitempty"`
}

// Group is a group of members that an identity provider keeps by SCIM. It means nothing until
// a mapping says what. Treat one from a directory as immutable.
type Group struct {
	ID       string    `json:"id"` // UUID
	Account  string    `json:"account"`
	Name     string    `json:"name"` // unique in its account, in any case
	External string    `json:"external_id,omitempty"`
	Members  []string  `json:"members,omitempty"` // ids
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
}

// GroupMapping puts the members of a group into a workspace. Treat one from a directory as
// immutable.
type GroupMapping struct {
	ID        string    `json:"id"` // UUID
	Account   string    `json:"account"`
	Group     string    `json:"group"`
	Workspace string    `json:"workspace"` // id
	Role      PlaceRole `json:"role"`
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"`
}

// SyncJob says how it went when somebody had the places that groups give worked out anew.
// Treat one from a directory as immutable.
type SyncJob struct {
	ID      string    `json:"id"` // UUID
	Account string    `json:"account"`
	Groups  int       `json:"groups"` // whose members have their places
	At      time.Time `json:"at"`
}

// PlaceRole is what a member is in one workspace.
type PlaceRole string

// The roles in a workspace.
const (
	PlaceMember PlaceRole = "member"
	PlaceAdmin  PlaceRole = "admin"
)

// Highest is the mightier of two roles; "" is none.
func Highest(a, b PlaceRole) PlaceRole {
	if a == PlaceAdmin || b == "" {
		return a
	}
	return b
}
