package manage

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// maxOverlap is how long a key may work beside the one that replaces it.
const maxOverlap = 30 * 24 * time.Hour

// rotateKey replaces a key: the new one has its settings and goes on with what it has spent;
// the old one works on for the overlap, by default not at all.
func (a *API) rotateKey(c *call) (any, error) {
	b, err := c.bodyOrNone()
	if err != nil {
		return nil, err
	}
	var seconds int64
	const must = "a whole number of seconds up to 2592000"
	if b.read("overlap_seconds", true, &seconds, must) && (seconds < 0 || seconds > int64(maxOverlap/time.Second)) {
		b.fail("overlap_seconds", must)
	}
	if b.err != nil {
		return nil, b.err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	old, err := a.findKey(c)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.mayIssue(old), held(old)); err != nil {
		return nil, err
	}
	if a.isWebKey(old) {
		return nil, fault.New(fault.Conflict, "The key pays for what its member asks in the web app, and nobody has its plaintext; there is nothing to replace")
	}
	if !old.Usable(c.now) {
		return nil, fault.New(fault.Conflict, "The key is disabled or has expired; create a new one instead")
	}
	plain, err := freshKey()
	if err != nil {
		return nil, err
	}
	next, last := *old, *old
	next.Hash, next.Label = account.HashKey(plain), account.Label(plain)
	next.Family, next.Created, next.Updated = old.Subject(), c.now, time.Time{}
	if end := c.now.Add(time.Duration(seconds) * time.Second); last.Expires.IsZero() || end.Before(last.Expires) {
		last.Expires = end
	}
	last.Updated = c.now
	row := a.keyRow(&next, c.now)
	if err := a.change(c, a.entry(c, "key.rotate", string(old.Hash), map[string]any{"next": next.Hash, "expires_at": timestamp(last.Expires)}), func(tx *directory.Tx) error {
		tx.PutKey(&next)
		tx.PutKey(&last)
		return nil
	}); err != nil {
		return nil, err
	}
	return created{struct {
		Data keyRow `json:"data"`
		Key  string `json:"key"`
	}{row, plain}}, nil
}

// freshKey is the plaintext of a new key.
func freshKey() (string, error) {
	var rnd [32]byte
	if _, err := rand.Read(rnd[:]); err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	return account.NewKey(rnd), nil
}
