package signin

import (
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// webKeyName is what the key is called that pays for what a member asks in the web app.
const webKeyName = "Web app"

// WebKey is the key that pays for whoever is signed in with the request's cookie: a key of the
// member's own whose plaintext nobody has, made when it is needed first. It is nil for a
// request without a session.
func (d *Door) WebKey(r *http.Request, now time.Time) (*account.Key, error) {
	v, err := d.Visit(r, now)
	if v == nil || err != nil {
		return nil, err
	}
	if role := v.Member.Role; !role.May(account.WriteKeys) {
		return nil, fault.New(fault.Denied, "Your role in this organization, "+string(role)+", does not allow spending; ask an admin for another")
	}
	if k, there := d.Key(v.Member.WebKey); there && k.Account == v.Organization.ID {
		return k, nil
	}
	return d.makeWebKey(r, now, v)
}

func (d *Door) makeWebKey(r *http.Request, now time.Time, v *directory.Visit) (*account.Key, error) {
	plain := account.NewKey([32]byte(random(32)))
	k := &account.Key{Hash: account.HashKey(plain), Label: account.Label(plain), Name: webKeyName,
		Account: v.Organization.ID, Workspace: v.Organization.Workspace, Creator: v.Member.ID, Created: now}
	entry := d.Entry(r, now, v.Member, "key.create", map[string]any{"name": k.Name})
	entry.Target = string(k.Hash)
	err := d.Directory.Update(r.Context(), entry, func(tx *directory.Tx) error {
		old, there := tx.Member(k.Account, k.Creator)
		if !there {
			return errNobody
		}
		if made, there := d.Key(old.WebKey); there { // by another request, a moment ago
			k = made
			return errMade
		}
		m := *old
		m.WebKey = k.Hash
		tx.PutKey(k)
		return tx.PutMember(&m)
	})
	if err == errMade {
		err = nil
	}
	return k, err
}

var errMade = fault.New(fault.Conflict, "The key was made meanwhile")
