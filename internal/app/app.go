// Package app wires everything: it is the only place that knows every concrete type. Start
// with New, then App.Serve.
package app

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/byok"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/contents"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/keepsake"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/manage"
	"github.com/dragoman-gateway/dragoman/internal/media"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/provision"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/archive"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/internal/web"
)

// DefaultAccount is the account of an installation, DefaultWorkspace its workspace.
const (
	DefaultAccount   = "default"
	DefaultWorkspace = "00000000-0000-4000-8000-000000000001"
)

// App is a gateway with everything it needs. Close it when done.
type App struct {
	file         *config.File
	log          *slog.Logger
	store        store.Store
	archive      *archive.Archive // nil: no responses are kept
	contents     *contents.Keeper // nil: no prompts and answers may be kept
	destinations *destinations
	keyring      *byok.Keyring
	rotating     sync.Mutex // one rotation of the vault at a time
	directory    *directory.Directory
	shelf        *shelf
	upstream     *upstream.Client
	gateway      *gateway.Gateway
	manage       *manage.API
	provision    *provision.Server
	web          *web.App
	metrics      *metrics
	started      time.Time
	closing      chan struct{} // closed when open sockets are to end
}

// New opens the store, reads the catalogue and connects the providers. An error about the
// configuration names file and line.
func New(f *config.File, log *slog.Logger) (_ *App, err error) {
	a := &App{file: f, log: log, metrics: newMetrics(), started: time.Now(), closing: make(chan struct{})}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	opened := make(chan error, 1)
	go func() { opened <- a.openStore() }() // the disk and the catalogue at the same time
	a.shelf, err = newShelf(f)
	if e := <-opened; e != nil {
		err = errors.Join(e, err)
	}
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.openArchive(), a.openContents()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := a.openVault(ctx); err != nil {
		return nil, err
	}
	a.openDestinations()
	if err := a.fillShelf(ctx); err != nil {
		return nil, err
	}
	if a.web, err = web.New(); err != nil {
		return nil, err
	}
	if err := a.wire(); err != nil {
		return nil, err
	}
	if err := a.openKeys(); err != nil {
		return nil, err
	}
	return a, nil
}

// Check joins a configuration with the catalogue, as New does, without opening anything.
func Check(f *config.File) (*catalog.Snapshot, error) {
	s, err := newShelf(f)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.add(additions{}); err != nil {
		return nil, err
	}
	return s.now.Load().Snapshot, nil
}

func (a *App) openStore() error {
	cfg := &a.file.Config
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	s, err := sqlite.Open(filepath.Join(cfg.Data, "dragoman.db"), sqlite.Options{Now: time.Now, Logger: a.log, Sync: sqlite.Sync(cfg.Ledger.Sync)})
	if err != nil {
		return err
	}
	a.store = s
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a.directory, err = directory.Open(ctx, s, directory.Options{Account: DefaultAccount, Workspace: DefaultWorkspace, Policy: effective(cfg)})
	if err != nil {
		return err
	}
	for _, o := range a.directory.Organizations() {
		if err := s.OpenAccount(ctx, ledger.AccountID(o.ID), !cfg.Ledger.Prepaid); err != nil {
			return fmt.Errorf("open the account of %s: %w", o.Name, err)
		}
	}
	return nil
}

// policy is what holds for a key, or for nobody in particular.
func (a *App) policy(k *account.Key) policy.Effective {
	if k == nil {
		return a.directory.Policy
	}
	return a.directory.Governs(k).For(k)
}

func (a *App) wire() error {
	cfg := &a.file.Config
	a.upstream = upstream.New(upstream.Timeouts{Connect: cfg.Timeouts.Connect.Duration, First: cfg.Timeouts.FirstToken.Duration, Idle: cfg.Timeouts.Idle.Duration, Whole: cfg.Timeouts.Answer.Duration})
	tracker := health.NewTracker()
	a.gateway = &gateway.Gateway{
		Store: a.store, Catalog: a.shelf.now.Load, Upstream: a.upstream, Health: tracker, Log: a.log,
		Governs:    a.directory.Governs,
		Preset:     a.directory.Designated,
		Own:        a.directory.Own,
		Pay:        a.pay,
		Paid:       func(id string, err error) { a.keyring.Note(id, err, time.Now()) },
		Fee:        func(list money.Amount) money.Amount { return list.Share(int64(cfg.BYOK.Fee)) },
		Proxies:    cfg.Proxies(),
		Now:        time.Now,
		Random:     rand.Uint64,
		MaxBody:    cfg.Limits.MaxBody,
		KeepAlive:  cfg.Timeouts.KeepAlive.Duration,
		Keep:       keepsakes(cfg.Limits.MaxKept),
		Fetch:      fetcher(cfg.Media),
		Strict:     cfg.Ledger.Strict,
		NoLoss:     cfg.Policy.NoLoss,
		Transcribe: a.transcribe,
		Observer:   a.ended,
	}
	door, err := a.door()
	if err != nil {
		return err
	}
	a.gateway.Session = door.WebKey
	a.manage = &manage.API{
		Store: a.store, Catalog: a.Snapshot, Health: tracker, Now: time.Now, Log: a.log,
		Authenticate: a.gateway.Authenticate, ShowsKey: gateway.ShowsKey, Door: door,
		Policy:      a.policy,
		Directory:   a.directory,
		Credentials: a.keyring, TryCredential: a.tryCredential, Rotate: a.rotate,
		Contents: a.contents, Destinations: a.destinations,
		Explain: a.explain, Recatalog: a.recatalog, Trial: a.trial,
		PriceList: a.priceList, PriceBook: a.priceBook, Reprice: a.reprice,
		Client: a.gateway.Proxies.Client, Origin: a.origin, Issuers: oidc.New(oidc.Options{Private: cfg.Workloads.Private, Now: time.Now}),
		Account: DefaultAccount, Prepaid: cfg.Ledger.Prepaid,
		PublicURL: cfg.PublicURL, Listening: "http://" + cfg.Listen, Version: Version(), Demo: a.Demo,
		Started: a.started, Running: a.gateway.Running,
	}
	if a.archive != nil {
		a.manage.Archive = a.archive.Size
	}
	a.gateway.Workload = a.manage.WorkloadKey
	a.provision = &provision.Server{
		Directory: a.directory, Authenticate: a.gateway.Authenticate,
		Client: a.gateway.Proxies.Client, Origin: a.origin, Now: time.Now, Log: a.log,
	}
	return nil
}

// fetcher gets media by URL; nil when the configuration forbids it.
func fetcher(m config.Media) func(context.Context, string) (*llm.Media, error) {
	if m.Fetch != nil && !*m.Fetch {
		return nil
	}
	return media.New(media.Options{MaxBytes: m.MaxBytes, Timeout: m.Timeout.Duration, Private: m.Private}).Fetch
}

// keepsakes is a box sealed with a key that ends with the process; nil for no room.
func keepsakes(room int64) *keepsake.Box {
	if room <= 0 {
		return nil
	}
	var key [32]byte
	crand.Read(key[:]) // never fails: the runtime ends the process instead
	box, err := keepsake.New(room, key[:])
	if err != nil {
		panic(err) // the key's length is right
	}
	return box
}

// effective is the policy that the configuration sets for every request.
func effective(cfg *config.Config) policy.Effective {
	p := cfg.Policy
	return policy.Merge(policy.Layer{
		Name: policy.OperatorLayer, Providers: p.AllowedProviders, IgnoreProviders: p.IgnoredProviders,
		Models: p.AllowedModels, IgnoreModels: p.IgnoredModels, ZDR: p.ZDR,
		DenyDataCollection: p.DenyCollection, Sort: p.Sort,
	})
}

// Snapshot is the catalogue that is being served.
func (a *App) Snapshot() *catalog.Snapshot { return a.shelf.now.Load().Snapshot }

// Store is the open store.
func (a *App) Store() store.Store { return a.store }

// Demo reports whether the demo providers answer.
func (a *App) Demo() bool { return a.shelf.demo != nil }

// Listen takes the address that the configuration names.
func (a *App) Listen() (net.Listener, error) {
	if err := reachable(a.file.Config.Data); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", a.file.Config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another with --listen", a.file.Config.Listen, err)
	}
	return ln, nil
}

// Serve answers on ln until ctx ends, then lets open requests finish within the shutdown
// timeout. It returns nil after a clean end.
func (a *App) Serve(ctx context.Context, ln net.Listener) error {
	admin, err := a.serveAdmin()
	if err != nil {
		return err
	}
	defer admin.Close()
	srv := &http.Server{
		Handler:           a.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    a.file.Config.Limits.MaxHeaders,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(func() { close(a.closing) })
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.log.Info("shutting down", "deadline", a.file.Config.Timeouts.Shutdown.Duration)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.file.Config.Timeouts.Shutdown.Duration)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		// Streams past the deadline are cut; each still settles what it used.
		closeErr := srv.Close()
		a.gateway.Drain(5 * time.Second)
		return errors.Join(fmt.Errorf("streams were cut at the shutdown deadline: %w", err), closeErr)
	}
	if until, ok := end.Deadline(); ok { // what sockets serve, the server does not know
		a.gateway.Drain(time.Until(until))
	}
	return nil
}

// Close ends everything that New started.
func (a *App) Close() error {
	var err error
	if a.upstream != nil {
		a.upstream.Close()
	}
	if a.manage != nil {
		a.manage.Issuers.Close()
		a.manage.Door.Issuers.Close()
	}
	if a.shelf != nil {
		err = a.shelf.close()
	}
	if a.destinations != nil {
		a.destinations.Close()
	}
	if a.archive != nil {
		err = errors.Join(err, a.archive.Close())
	}
	if a.contents != nil {
		err = errors.Join(err, a.contents.Close())
	}
	if a.store != nil {
		err = errors.Join(err, a.store.Close())
	}
	return err
}

// Grant adds credit to the account. ref makes it happen once.
func (a *App) Grant(ctx context.Context, t ledger.Transfer) error { return a.store.Transfer(ctx, t) }
