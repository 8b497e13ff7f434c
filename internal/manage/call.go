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
	now     time.Time    // UTC
	key     *account.Key // nil: none was shown, or the caller is trusted
	trusted bool
}

// admit finds out who calls and whether they may.
func (a *API) admit(c *call, op operation) error {
	if c.trusted {
		return nil
	}
	key, err := a.Authenticate(c.Request, c.now)
	switch {
	case err == nil:
		c.key = key
	case op.access != anyone:
		return err
	}
	switch {
	case op.access == anyone, op.access == anyKey && !key.Management:
		return nil
	case !key.Management:
		return fault.New(fault.Denied, "This is a management operation and an inference key was shown; use a management key (dragoman keys create --management)")
	case !key.May(op.may):
		return fault.New(fault.Denied, fmt.Sprintf("This management key has the role %s, which does not allow %s %s; use one with a higher role", key.Role, op.method, op.path))
	}
	return nil
}

// role is what the caller is.
func (c *call) role() account.Role {
	if c.trusted {
		return account.Owner
	}
	return cmp.Or(c.key.Role, account.Admin)
}

// actor is the caller in the audit log.
func (c *call) actor() string {
	if c.trusted {
		return "socket"
	}
	return string(c.key.Hash)
}

// member is whose key the caller shows; "" nobody's.
func (c *call) member() string {
	if c.key == nil {
		return ""
	}
	return c.key.Creator
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

// newUUID is a fresh id.
func newUUID() string {
	var rnd [16]byte
	rand.Read(rnd[:]) // never fails: the runtime ends the process instead
	return id.UUID(rnd)
}

// account is whose things the caller sees.
func (a *API) account(c *call) string {
	if c.key == nil {
		return a.Account
	}
	return cmp.Or(c.key.Account, a.Account)
}

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
