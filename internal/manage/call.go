package manage

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/id"
)

// call is one request and who makes it.
type call struct {
	*http.Request
	w       http.ResponseWriter
	now     time.Time        // UTC
	key     *account.Key     // that was shown; nil none
	visit   *directory.Visit // whose session was shown, and no key; nil nobody's
	trusted bool
	rights  account.Permission
	ownKeys bool // the caller sees and changes only keys that are their own: the person may not change members
}

// admit finds out who calls and whether they may.
func (a *API) admit(c *call, op operation) error {
	if c.trusted {
		c.rights = account.AllRights
		if op.access == signedIn {
			return fault.New(fault.NoKey, "This is about whoever is signed in, and nobody is on this socket; use the web app")
		}
		return nil
	}
	err := a.identify(c)
	a.empower(c)
	switch {
	case op.access == anyone:
		return nil
	case err != nil:
		return err
	case op.access == local:
		return fault.New(fault.Denied, "Only the owner of the data directory can do this, with the command line; no management key or session can")
	case op.access == operator && a.account(c) != a.Account:
		return fault.New(fault.Denied, fmt.Sprintf("Only the first organization, which runs the gateway, may %s %s; use a management key or a session there, or the command line", op.method, op.path))
	case c.visit != nil:
		return c.mayVisit(op)
	case op.access == signedIn:
		return fault.New(fault.Denied, "This is about the person who is signed in, and a key was shown; a management key cannot do it, a session can (POST /session)")
	}
	return c.mayWithKey(op)
}

// identify finds whose request it is: that of the key it shows, or of the session whose cookie
// it shows. Where a key is shown, no cookie is looked at.
func (a *API) identify(c *call) (err error) {
	if !a.ShowsKey(c.Request) {
		if c.visit, err = a.Door.Visit(c.Request, c.now); err != nil || c.visit != nil {
			return err
		}
	}
	c.key, err = a.Authenticate(c.Request, c.now)
	return err
}

// empower works out what the caller may do. Nobody's key may do more than they may themselves.
func (a *API) empower(c *call) {
	switch {
	case c.visit != nil:
		c.rights = c.visit.Member.Role.Rights()
		c.ownKeys = !c.rights.Has(account.WriteMembers)
	case c.key != nil:
		lacks := a.Directory.Governs(c.key).Lacks
		c.rights, c.ownKeys = c.key.Rights()&^lacks, lacks.Has(account.WriteMembers)
	}
}

func (c *call) mayVisit(op operation) error {
	if role := c.role(); !c.rights.Has(op.may) {
		return fault.New(fault.Denied, fmt.Sprintf("Your role in this organization, %s, does not allow %s %s; ask an admin, or use a management key of a higher role", role, op.method, op.path))
	}
	return nil
}

func (c *call) mayWithKey(op operation) error {
	switch {
	case op.access == anyKey && !c.key.Management:
		return nil
	case !c.key.Management:
		return fault.New(fault.Denied, "This is a management operation and an inference key was shown; use a management key (dragoman keys create --management)")
	case c.key.Rights().Has(op.may) && !c.rights.Has(op.may):
		return fault.New(fault.Denied, fmt.Sprintf("This management key is of a member whose own role does not allow %s %s any more; use another management key", op.method, op.path))
	case !c.rights.Has(op.may):
		return fault.New(fault.Denied, fmt.Sprintf("This management key has the role %s, which does not allow %s %s; use one with a higher role", c.role(), op.method, op.path))
	}
	return nil
}

// role is what the caller is.
func (c *call) role() account.Role {
	switch {
	case c.trusted:
		return account.Owner
	case c.visit != nil:
		return c.visit.Member.Role
	}
	return cmp.Or(c.key.Role, account.Admin)
}

// actor is the caller in the audit log; "" is one who shows neither key nor session.
func (c *call) actor() string {
	switch {
	case !c.trusted && c.visit == nil && c.key == nil:
		return ""
	case c.trusted:
		return "socket"
	case c.visit != nil:
		return c.visit.Member.ID
	}
	return string(c.key.Hash)
}

// member is who is signed in, or whose key the caller shows; "" nobody.
func (c *call) member() string {
	switch {
	case c.visit != nil:
		return c.visit.Member.ID
	case c.key != nil:
		return c.key.Creator
	}
	return ""
}

// governed is the key by whose rules the caller sees models: the one that is shown, or one as
// the person who is signed in would have it; nil is nobody's in particular.
func (c *call) governed() *account.Key {
	if c.visit == nil {
		return c.key
	}
	return &account.Key{Account: c.visit.Organization.ID, Workspace: c.visit.Organization.Workspace, Creator: c.visit.Member.ID}
}

// entry is what the audit log says of a change. detail is encoded as JSON and holds no
// secret; nil is nothing to tell.
func (a *API) entry(c *call, action, target string, detail any) audit.Entry {
	e := audit.Entry{At: c.now, Account: a.account(c), Actor: c.actor(), Action: action, Target: target, Detail: "{}"}
	if addr := a.Client(c.Request); addr.IsValid() && !c.trusted {
		e.Address = addr.String()
	}
	if raw, err := json.Marshal(detail); err == nil && detail != nil {
		e.Detail = string(raw)
	}
	return e
}

// change makes a change of the directory with its entry in the audit log.
func (a *API) change(c *call, entry audit.Entry, f func(*directory.Tx) error) error {
	if err := a.Directory.Update(c.Context(), entry, f); err != nil {
		return stored(entry.Action, err)
	}
	return nil
}

// telling is a change of what the body has, whose entry in the audit log says what f has looked for.
func (b *body) telling(f func(*directory.Tx) error) func(*directory.Tx) error {
	return telling(f, func() any { return b.set() })
}

// telling is a change whose entry in the audit log says what detail gives when f is done.
func telling(f func(*directory.Tx) error, detail func() any) func(*directory.Tx) error {
	return func(tx *directory.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return tx.Tell(detail())
	}
}

// newUUID is a fresh id.
func newUUID() string {
	var rnd [16]byte
	rand.Read(rnd[:]) // never fails: the runtime ends the process instead
	return id.UUID(rnd)
}

// account is whose things the caller sees.
func (a *API) account(c *call) string {
	switch {
	case c.visit != nil:
		return c.visit.Organization.ID
	case c.key != nil:
		return cmp.Or(c.key.Account, a.Account)
	}
	return a.Account
}

// home is the default workspace of the caller's account.
func (a *API) home(c *call) string { return a.Directory.Home(a.account(c)) }

// stored classifies an error of the store.
func stored(doing string, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return fault.Wrap(fault.Gone, err)
	}
	return fault.Wrap(fault.Unavailable, fmt.Errorf("%s: %w", doing, err))
}
