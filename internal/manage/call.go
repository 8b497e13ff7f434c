package manage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
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
func (a *API) admit(c *call, need access) error {
	if c.trusted {
		return nil
	}
	key, err := a.Authenticate(c.Header, c.now)
	switch {
	case err == nil:
		c.key = key
	case need != anyone:
		return err
	}
	if need == management && !key.Management {
		return fault.New(fault.Denied, "This is a management operation and an inference key was shown; use a management key (dragoman keys create --management)")
	}
	return nil
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
