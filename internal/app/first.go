package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// FirstKeys are the plaintext keys made at the first start; empty at any later one.
type FirstKeys struct{ Inference, Management string }

// FirstOwner is the token with which somebody becomes the first owner; "" once somebody is.
// Each call makes another, and the one before works no more.
func (a *App) FirstOwner(ctx context.Context) (string, error) {
	if len(a.directory.Persons()) > 0 {
		return "", nil
	}
	entry := audit.Entry{At: a.gateway.Now().UTC(), Account: DefaultAccount, Actor: "gateway", Action: "setup.token", Target: "setup", Detail: "{}"}
	token, err := a.manage.Door.NewSetup(ctx, entry)
	if err != nil {
		return "", fmt.Errorf("make a setup token: %w", err)
	}
	return token, nil
}

// FirstRun makes an inference key and a management key where there is no key at all.
func (a *App) FirstRun(ctx context.Context) (FirstKeys, error) {
	for _, management := range []bool{false, true} {
		keys, err := a.store.ListKeys(ctx, store.KeyFilter{IncludeDisabled: true, Management: management, Limit: 1})
		if err != nil {
			return FirstKeys{}, fmt.Errorf("look for keys: %w", err)
		}
		if len(keys) > 0 {
			return FirstKeys{}, nil
		}
	}
	var f FirstKeys
	var err error
	if f.Inference, err = a.newKey(ctx, "first key", false); err != nil {
		return f, err
	}
	f.Management, err = a.newKey(ctx, "first management key", true)
	return f, err
}

func (a *App) newKey(ctx context.Context, name string, management bool) (string, error) {
	var rnd [32]byte
	if _, err := rand.Read(rnd[:]); err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	plain := account.NewKey(rnd)
	k := &account.Key{Hash: account.HashKey(plain), Label: account.Label(plain), Name: name, Management: management,
		Account: DefaultAccount, Workspace: DefaultWorkspace, Created: a.gateway.Now().UTC()}
	if err := a.store.PutKey(ctx, k); err != nil {
		return "", fmt.Errorf("store a key: %w", err)
	}
	return plain, nil
}

// Ready counts what can be called now.
func (a *App) Ready() (models, providers int) {
	m, p := map[string]bool{}, map[string]bool{}
	for _, e := range a.Snapshot().AllEndpoints() {
		if e.Live {
			m[e.Model.Slug], p[e.Provider.Slug] = true, true
		}
	}
	return len(m), len(p)
}

// Example is a model for a first request: ready, taking and giving text, and the cheapest
// of those from well-known authors.
func (a *App) Example() string {
	best, cost := "", int64(-1)
	for _, e := range a.Snapshot().AllEndpoints() {
		if !e.Live || e.Pricing == nil || strings.Contains(e.Model.Slug, ":") || len(e.OutputModalities) != 1 || e.OutputModalities[0] != "text" {
			continue
		}
		c := int64(e.Pricing.Prompt) + int64(e.Pricing.Completion)
		if e.Model.Reasoning {
			c *= 4 // an answer in a second is the better first impression
		}
		if cost < 0 || c < cost {
			best, cost = e.Model.Slug, c
		}
	}
	return best
}
