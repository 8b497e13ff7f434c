package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/feed"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/private"
)

// fillShelf puts in force what was added before. A provider whose credential does not open is
// not called, and one whose slug has become another's is left out: the gateway starts.
func (a *App) fillShelf(ctx context.Context) error {
	set, lost := a.directory.Private().Without(a.taken)
	for _, slug := range lost {
		a.log.Warn("private provider left out: the catalogue or the configuration has another one of its slug now", "provider", slug)
	}
	added := additions{Set: set, secrets: map[string]string{}}
	for _, p := range set.Providers {
		secret, err := a.open(ctx, p)
		if err != nil {
			a.log.Error("credential of a private provider not opened; it is not called", "provider", p.Slug, "err", err)
			continue
		}
		added.hold(p, secret)
	}
	return a.shelf.add(added)
}

// taken reports whether a slug is a provider's that nobody added.
func (a *App) taken(slug string) bool {
	return configured(&a.file.Config, slug) || a.shelf.shipped(slug)
}

func (added *additions) hold(p *private.Provider, secret string) {
	if secret != "" {
		added.secrets[p.Slug] = secret
	}
}

// open is the credential of a provider, "" for none.
func (a *App) open(ctx context.Context, p *private.Provider) (string, error) {
	if p.Sealed == nil {
		return "", nil
	}
	secret, err := a.keyring.Vault.Open(ctx, p.Sealed, p.Place())
	if err != nil {
		return "", err
	}
	return secret.Text(), nil
}

// recatalog makes a change of what is added to the catalogue. The change tries what there is
// to be and then keeps it; what it tried last is in force when recatalog returns nil.
func (a *App) recatalog(change func(try func(context.Context, private.Set) error) error) error {
	a.shelf.changing.Lock()
	defer a.shelf.changing.Unlock()
	var next *gateway.Catalogue
	err := change(func(ctx context.Context, set private.Set) (err error) {
		next, err = a.assemble(ctx, nil, set)
		return err
	})
	if err == nil && next != nil {
		a.shelf.now.Store(next)
	}
	return err
}

// assemble is the catalogue with other additions, or another price book than the one on disk.
// Its errors are *fault.Error. The caller has the lock of the shelf.
func (a *App) assemble(ctx context.Context, prices *feed.Book, set private.Set) (*gateway.Catalogue, error) {
	set, _ = set.Without(a.taken)
	added := additions{Set: set, secrets: map[string]string{}}
	for _, p := range set.Providers {
		secret, err := a.open(ctx, p)
		if err != nil {
			return nil, &fault.Error{Kind: fault.Unavailable, Err: err, Public: fmt.Sprintf("The vault does not open the credential of provider %s at the moment; try again, or give it a new one", p.Slug)}
		}
		added.hold(p, secret)
	}
	next, err := a.shelf.build(prices, added)
	if row, ok := errors.AsType[*catalog.RowError](err); ok {
		return nil, &fault.Error{Kind: fault.Invalid, Err: err, Public: fmt.Sprintf("%s: %v", row.Row, row.Err)}
	}
	if cfg, ok := errors.AsType[*config.Error](err); ok {
		return nil, &fault.Error{Kind: fault.Invalid, Err: err, Public: cfg.Says}
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err)
	}
	return next, nil
}

// trialRequest is what an endpoint is asked to see whether it works.
const trialRequest = `{"model":"trial","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":64}`

// trial calls an endpoint of a set, which need not be in force.
func (a *App) trial(ctx context.Context, set private.Set, endpoint string) (private.Trial, error) {
	a.shelf.changing.Lock()
	with, err := a.assemble(ctx, nil, set)
	a.shelf.changing.Unlock()
	if err != nil {
		return private.Trial{}, err
	}
	e := with.Endpoint(endpoint)
	if e == nil {
		return private.Trial{}, fault.New(fault.Conflict, "The endpoint's provider is not in the catalogue any more; make the endpoint anew at another")
	}
	if !e.Live {
		return private.Trial{}, fault.New(fault.Conflict, "The endpoint's provider cannot be called yet; it needs: "+e.Needs)
	}
	return a.gateway.Try(ctx, with, e, openaichat.Surface{}, []byte(trialRequest)), nil
}
