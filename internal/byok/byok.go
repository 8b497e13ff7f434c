// Package byok calls providers with keys of an account's own ("bring your own key"). It
// seals what an account gives, opens it when a request is to be paid with it, and makes of
// it and a row of the catalogue a provider that can be called. It promises that a secret is
// only ever in the outgoing call, and that no URL in a credential leads anywhere but to its
// own provider. Which credential is used when is package route's. Start with Keyring.
package byok

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/provider"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// Keyring makes credentials ready. Vault, Row and Latest are set before use; its methods are safe
// for concurrent use.
type Keyring struct {
	Vault *vault.Vault
	Row   func(slug string) *catalog.Provider // nil: the catalogue has no such provider

	// Latest is a credential as it is stored now; false where it is not there any more.
	Latest func(account, id string) (*account.Credential, bool)

	mu    sync.Mutex
	ready map[string]prepared // by id
	last  map[string]Failure  // by id
}

// prepared is a credential joined with a row, for as long as both stay as they are.
type prepared struct {
	version  int64
	row      *catalog.Provider
	provider *provider.Provider
}

// Failure is the last time that a provider refused a credential, or that it did not work.
type Failure struct {
	At      time.Time
	Message string // holds no secret
}

// Bounds of a Keyring.
const (
	maxReady  = 4096
	maxSecret = 64 << 10 // bytes of one secret
)

// Seal checks a secret and seals it into the credential, with its label and a new version.
// The error is a *fault.Error of kind Invalid for a secret that cannot be one.
func (k *Keyring) Seal(ctx context.Context, c *account.Credential, secret string) error {
	if len(secret) > maxSecret {
		return fault.Bad("key", "key is longer than 64 KiB; give the provider's key alone")
	}
	row := k.Row(c.Provider)
	if row == nil {
		return fault.Bad("provider", fmt.Sprintf("provider %.40q is not in the catalogue; list them at /providers?all=true", c.Provider))
	}
	if _, err := Prepare(row, secret); err != nil {
		return fault.Bad("key", "key cannot be used: "+err.Error())
	}
	sealed, err := k.Vault.Seal(ctx, []byte(secret), c.Place())
	if err != nil {
		return unavailable(err)
	}
	c.Sealed, c.Label = sealed, Label(secret)
	c.Version++
	return nil
}

// Provider is the credential's provider, ready to be called with it.
func (k *Keyring) Provider(ctx context.Context, c *account.Credential) (*provider.Provider, error) {
	row := k.Row(c.Provider)
	if row == nil {
		return nil, &fault.Error{Kind: fault.Credential, Public: "The catalogue has no provider " + c.Provider + " any more"}
	}
	k.mu.Lock()
	p, ok := k.ready[c.ID]
	k.mu.Unlock()
	if ok && p.version == c.Version && p.row == row {
		return p.provider, nil
	}
	secret, err := k.Vault.OpenStored(ctx, c.Place(), func() []byte { return k.stored(c) })
	if err != nil {
		return nil, unavailable(err)
	}
	made, err := Prepare(row, secret.Text())
	if err != nil {
		return nil, &fault.Error{Kind: fault.Credential, Public: "The account's credential cannot be used: " + err.Error()}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ready == nil || len(k.ready) >= maxReady { // whoever is asked for again is opened again
		k.ready = map[string]prepared{}
	}
	k.ready[c.ID] = prepared{c.Version, row, made}
	return made, nil
}

// stored is the sealed secret of a credential as it is now: it is wrapped anew while a
// request has the credential in hand.
func (k *Keyring) stored(c *account.Credential) []byte {
	if now, ok := k.Latest(c.Account, c.ID); ok && now.Version == c.Version {
		return now.Sealed
	}
	return c.Sealed
}

// unavailable says that the vault did not do its work; why is the operator's.
func unavailable(err error) error {
	return &fault.Error{Kind: fault.Credential, Err: err, Public: "The gateway cannot open the account's credential at the moment"}
}

// Note remembers how a call with a credential went; nil is well.
func (k *Keyring) Note(id string, err error, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		delete(k.last, id)
		return
	}
	if k.last == nil || len(k.last) >= maxReady {
		k.last = map[string]Failure{}
	}
	k.last[id] = Failure{now, fault.As(err).Told()}
}

// Last is the last failure of a credential, if the last call with it failed.
func (k *Keyring) Last(id string) (Failure, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, failed := k.last[id]
	return f, failed
}

// Rewrap puts a sealed secret under the vault's primary key; the secret itself stays.
// changed is false when it is under it already.
func (k *Keyring) Rewrap(ctx context.Context, c *account.Credential) (changed bool, err error) {
	if current, err := k.Vault.Current(c.Sealed); err != nil || current {
		return false, err
	}
	sealed, err := k.Vault.Rewrap(ctx, c.Sealed, c.Place())
	if err == nil {
		c.Sealed = sealed
	}
	return err == nil, err
}

// Label shows the ends of a key that is a plain text, and nothing of one that is JSON.
func Label(secret string) string {
	if len(secret) < 12 || secret[0] == '{' || secret[0] == '[' {
		return "••••"
	}
	return secret[:3] + "..." + secret[len(secret)-4:]
}
