package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/broadcast"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// destinations joins the vault, which has their configurations, with who tells them.
type destinations struct {
	vault  *vault.Vault
	stored func(account, id string) (*account.Destination, bool)
	*broadcast.Broadcaster
}

func (a *App) openDestinations() {
	d := &destinations{vault: a.keyring.Vault, stored: a.directory.Destination}
	d.Broadcaster = broadcast.New(broadcast.Options{Open: d.target, Private: a.file.Config.Observability.Private, Log: a.log, Now: time.Now})
	a.destinations = d
	a.metrics.count("dragoman_broadcast_sent_total", "Requests that observability destinations were told of.", d.Sent)
	a.metrics.count("dragoman_broadcast_dropped_total", "Requests that an observability destination should have been told of and was not.", d.Dropped)
}

// Open reads a destination's configuration.
func (d *destinations) Open(ctx context.Context, x *account.Destination) (c telemetry.Config, err error) {
	secret, err := d.vault.OpenStored(ctx, x.Place(), func() []byte {
		if now, ok := d.stored(x.Account, x.ID); ok && now.Version == x.Version {
			return now.Sealed // it may be wrapped anew while events wait
		}
		return x.Sealed
	})
	if err != nil {
		return c, fmt.Errorf("open the configuration of destination %s: %w", x.ID, err)
	}
	return c, json.Unmarshal(secret.Bytes(), &c)
}

// Seal writes one into the destination.
func (d *destinations) Seal(ctx context.Context, x *account.Destination, c telemetry.Config) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	shown, err := json.Marshal(telemetry.KindOf(x.Kind).Shown(c))
	if err != nil {
		return err
	}
	sealed, err := d.vault.Seal(ctx, plain, x.Place())
	if err != nil {
		return err
	}
	x.Sealed, x.Shown = sealed, shown
	x.Version++
	return nil
}

func (d *destinations) target(ctx context.Context, x *account.Destination) (telemetry.Target, error) {
	c, err := d.Open(ctx, x)
	if err != nil {
		return telemetry.Target{}, err
	}
	return telemetry.KindOf(x.Kind).Target(c)
}

// tell offers a request that has ended to the destinations that are to have it.
func (a *App) tell(r *generation.Record, said *transcript.Transcript) {
	list := a.directory.Told(r.Workspace)
	if len(list) == 0 {
		return
	}
	record := *r
	e := telemetry.Event{Record: &record, Said: said}
	if k, ok := a.store.Key(account.KeyHash(r.Key)); ok {
		e.KeyName = k.Name
	}
	if m, ok := a.directory.Member(r.Account, r.Member); ok {
		e.Email = m.Email
	}
	for _, d := range list {
		if d.Takes(account.KeyHash(r.Key)) && transcript.Sampled(d.Share(), r.Session, r.ID) && telemetry.Wanted(d, &e) {
			a.destinations.Offer(d, e)
		}
	}
}
