package manage

import (
	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// listMemberSessions is where a member is signed in to the caller's organisation. Where the
// person is signed in to others is not its business.
func (a *API) listMemberSessions(c *call) (any, error) {
	m, err := a.findMember(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var list []*account.Session
	for _, s := range a.Door.Sessions(m.Person, c.now) {
		if s.Member == m.ID {
			list = append(list, s)
		}
	}
	return paged(c, list, c.signedInRow)
}

// endMemberSessions ends one session of a member in the caller's organisation, or all of them.
func (a *API) endMemberSessions(c *call) (any, error) {
	m, err := a.findMember(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if err := c.mayMake(m.Role); err != nil {
		return nil, err
	}
	only := c.PathValue("session")
	ended := 0
	if err := a.change(c, a.entry(c, "member.sessions.end", m.ID, map[string]any{"session": present(only)}), func(tx *directory.Tx) error {
		ended = tx.EndSessions(func(s *account.Session) bool { return s.Member == m.ID && (only == "" || s.ID == only) })
		if only != "" && ended == 0 {
			return fault.New(fault.NotFound, "The member has no session with this id; list them at /organization/members/"+m.ID+"/sessions")
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return struct {
		Count int `json:"ended_count"`
	}{ended}, nil
}
