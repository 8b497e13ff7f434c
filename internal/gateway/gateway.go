// Package gateway is the life of one inference request: authenticate, decode, plan, hold,
// try endpoints in order, answer, settle. It knows no concrete dialect, provider or
// database; package app hands them in. Read Gateway.Serve first.
package gateway

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/keepsake"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/provider"
	"github.com/dragoman-gateway/dragoman/internal/route"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
	"github.com/dragoman-gateway/dragoman/internal/upstream"
	"github.com/dragoman-gateway/dragoman/internal/workload"
)

// Gateway holds the rooms a request walks through. All fields but Preset, Keep, Fetch, Strict, NoLoss, Transcribe and
// Observer are required; none may change once it serves. Its methods are safe for concurrent use.
type Gateway struct {
	Store   store.Store
	Catalog func() *Catalogue                   // the one in force; a request keeps to the one it began with
	Governs func(*account.Key) *directory.Rules // what holds before the request's own wishes
	// Preset is what a key's requests may name by a slug, and its version in use; nil: there are none.
	Preset func(k *account.Key, slug string) (*account.Preset, *account.PresetVersion, bool)
	// Own are the credentials of its account that a key may pay with, and Pay makes one ready;
	// nil: accounts have none.
	Own  func(*account.Key) []route.Credential
	Pay  func(ctx context.Context, k *account.Key, id string) (*provider.Provider, error)
	Paid func(id string, err error)           // how a call with one went
	Fee  func(list money.Amount) money.Amount // what the account pays for one at list price; nil nothing
	// Workload is the key that an access token stands for; nil takes none. The error is a
	// *fault.Error of kind NoKey.
	Workload func(token string, now time.Time) (*account.Key, error)
	// Session is the key that pays for whoever is signed in with the request's cookie; nil for a
	// request that shows no session. It is asked only where no key is shown; nil: nobody signs in.
	Session  func(*http.Request, time.Time) (*account.Key, error)
	Rates    Rates
	Guesses  Guesses
	Receipts ed25519.PrivateKey // signs privacy receipts; nil makes none
	Proxies  Proxies            // whose word about a client's address is taken
	Upstream *upstream.Client
	Health   *health.Tracker
	Now      func() time.Time
	Random   func() uint64
	Log      *slog.Logger

	MaxBody   int64         // bytes of a request body
	KeepAlive time.Duration // silence after which a stream gets a comment
	Keep      *keepsake.Box // opaque reasoning of tool calls until their next turn; nil keeps none
	// Fetch gets media by its URL for wires that take it inline only; nil fetches nothing.
	Fetch  func(ctx context.Context, url string) (*llm.Media, error)
	Strict bool // a hold is on disk before the upstream is called
	NoLoss bool // refuse what an endpoint's wire cannot carry, for every request
	// Transcribe reports whether somebody is to have what a request says, which has an id; nil:
	// nobody. It is not asked under zero data retention.
	Transcribe func(k *account.Key, session, id string) bool
	// Observer is told of every request that has ended, and what it said if Transcribe wanted
	// that. It must not wait.
	Observer func(*generation.Record, *transcript.Transcript, time.Duration)

	inFlight sync.WaitGroup
	running  atomic.Int64 // the same as a number
	judging  gate         // what waits for the verdict of a model
	settling settling
}

// Catalogue is a snapshot with everybody that its live endpoints are called through. It does
// not change.
type Catalogue struct {
	*catalog.Snapshot
	Ready map[string]*provider.Provider // by slug
}

// Serve is the whole life of one request, in the order it happens.
func (g *Gateway) Serve(w http.ResponseWriter, r *http.Request, s dialect.Surface) {
	g.inFlight.Add(1)
	g.running.Add(1)
	defer g.inFlight.Done()
	defer g.running.Add(-1)
	x := g.exchange(w, r, s)
	defer x.close()
	defer x.leave()
	if err := x.prepare(r); err != nil {
		x.refuse(err)
		return
	}
	if x.req.From.Operation() == llm.CountTokens {
		if err := x.count(); err != nil {
			x.refuse(err)
		}
		return
	}
	defer x.finish() // settle and record: client gone, shutdown, panic
	x.run()
}

// Running is how many requests are being served.
func (g *Gateway) Running() int64 { return g.running.Load() }

// Drain waits until no request is being served, at most d: a request whose connection was
// cut still settles what it used.
func (g *Gateway) Drain(d time.Duration) {
	done := make(chan struct{})
	go func() { g.inFlight.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(d):
	}
}

// prepare does everything that can refuse a request before an upstream hears of it.
func (x *exchange) prepare(r *http.Request) (err error) {
	if x.key, err = x.g.Authenticate(r, x.started); err != nil {
		return err
	}
	if x.key.Management {
		return fault.New(fault.Denied, "A management key cannot be used for inference; create an inference key with it (POST /api/v1/keys)")
	}
	if err = x.pass(); err != nil {
		return err
	}
	if err = x.read(r); err != nil {
		return err
	}
	if err = x.understand(r.Header); err != nil {
		return err
	}
	if x.req.From.Operation() == llm.CountTokens {
		return nil
	}
	x.transcribe()
	if err = x.spend(); err != nil {
		return err
	}
	return x.hold()
}

// understand makes a request and a plan of what was read.
func (x *exchange) understand(h http.Header) error {
	x.rules = x.g.Governs(x.key)
	if err := x.decode(h); err != nil {
		return err
	}
	x.req.Watched = x.watches()
	x.remember()
	return x.route()
}

// decode makes the request of the body, which a preset and content filters may edit before.
func (x *exchange) decode(h http.Header) (err error) {
	if x.rules.Filters != nil {
		if err = x.preset(); err == nil {
			h, err = x.guard(h)
		}
		if err != nil {
			return err
		}
		x.req, err = x.surface.DecodeRequest(dialect.Inbound{Header: h, Body: x.body})
		return err
	}
	x.req, err = x.surface.DecodeRequest(dialect.Inbound{Header: h, Body: x.body})
	if err == nil && !x.mayNamePreset() {
		return nil
	}
	// A preset is named, or may be what the request lacks.
	if e := x.preset(); e != nil {
		return e
	}
	if x.rec.Preset == nil {
		return err
	}
	if x.req != nil {
		x.req.Doc.Free()
	}
	x.req, err = x.surface.DecodeRequest(dialect.Inbound{Header: h, Body: x.body})
	return err
}

// ShowsKey reports whether a request shows a key, whatever it is worth.
func ShowsKey(r *http.Request) bool { return bearer(r.Header) != "" }

// Authenticate finds the key that a request shows, as Bearer token, x-api-key or x-goog-api-key,
// the one that an access token stands for, or the one that pays for whoever is signed in.
func (g *Gateway) Authenticate(r *http.Request, now time.Time) (*account.Key, error) {
	plain := bearer(r.Header)
	if plain == "" {
		return g.authenticateSession(r, now)
	}
	if g.Workload != nil && strings.HasPrefix(plain, workload.Prefix) {
		key, err := g.Workload(plain, now)
		if err != nil {
			return nil, g.Guesses.wrong(g.Proxies.Client(r), now, err)
		}
		return g.works(key, r, now)
	}
	key, ok := g.Store.Key(account.HashKey(plain))
	if !ok {
		return nil, g.Guesses.wrong(g.Proxies.Client(r), now, fault.New(fault.NoKey, "Unknown API key; use a key that this gateway issued (dragoman keys create)"))
	}
	return g.works(key, r, now)
}

// authenticateSession is Authenticate for a request that shows no key.
func (g *Gateway) authenticateSession(r *http.Request, now time.Time) (*account.Key, error) {
	if g.Session != nil && r.Header["Cookie"] != nil {
		key, err := g.Session(r, now)
		if err != nil {
			return nil, err
		}
		if key != nil {
			return g.worksFor(key, r, now)
		}
	}
	return nil, fault.New(fault.NoKey, "Missing Authentication header; send Authorization: Bearer with a key of this gateway")
}

// worksFor is works for the key of whoever is signed in: that it does not work is no reason to
// sign in again.
func (g *Gateway) worksFor(key *account.Key, r *http.Request, now time.Time) (*account.Key, error) {
	key, err := g.works(key, r, now)
	if fault.Of(err) == fault.NoKey {
		return nil, fault.New(fault.Denied, fault.As(err).Message())
	}
	return key, err
}

// works is a key that may be used for the request, or says why it may not.
func (g *Gateway) works(key *account.Key, r *http.Request, now time.Time) (*account.Key, error) {
	switch {
	case key.Disabled:
		return nil, fault.New(fault.NoKey, "This API key is disabled; enable it or use another")
	case !key.Usable(now):
		return nil, fault.New(fault.NoKey, "This API key expired on "+key.Expires.UTC().Format(time.RFC3339)+"; create a new one")
	}
	if why := g.Governs(key).Refuses(key); why != "" {
		return nil, fault.New(fault.NoKey, "This API key does not work: "+why)
	}
	if client := g.Proxies.Client(r); !mayCallFrom(key, client) {
		return nil, fault.New(fault.Denied, "This API key may not be used from "+client.String()+"; use it from an address on its list, or have the list changed")
	}
	return key, nil
}

func bearer(h http.Header) string {
	const scheme = "bearer "
	if v := dialect.Get(h, "Authorization"); len(v) > len(scheme) && equalFold(v[:len(scheme)], scheme) {
		return v[len(scheme):]
	}
	if v := dialect.Get(h, "X-Api-Key"); v != "" { // Anthropic's SDKs
		return v
	}
	return dialect.Get(h, "X-Goog-Api-Key") // Google's
}

// equalFold compares ASCII only; lower is in lower case.
func equalFold(s, lower string) bool {
	for i := range len(lower) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func (g *Gateway) newID(now time.Time) string {
	var rnd [10]byte
	a, b := g.Random(), g.Random()
	for i := range 8 {
		rnd[i] = byte(a >> (8 * i))
	}
	rnd[8], rnd[9] = byte(b), byte(b>>8)
	return id.New(id.Generation, now, rnd)
}

// settleTimeout bounds how long the end of a request waits for the store: the client may
// be gone, the money is not.
const settleTimeout = 15 * time.Second

// settling is the context of requests that end in one second: they share it, since each
// of its own would cost a timer.
type settling struct {
	mu    sync.Mutex
	ctx   context.Context
	since time.Time // on the wall's clock: it is the timer's
}

// context ends settleTimeout from now, or up to a second later.
func (s *settling) context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.ctx == nil || now.Sub(s.since) > time.Second {
		s.since = now
		ctx, cancel := context.WithTimeout(context.Background(), settleTimeout+time.Second)
		context.AfterFunc(ctx, cancel) // who ended last may still wait: its time ends it, nobody else
		s.ctx = ctx
	}
	return s.ctx
}

// holdLife is how long a hold may stay open before the sweeper resolves it: longer than
// any request may take.
const holdLife = time.Hour

// accountOf is the ledger account that a key spends from.
func accountOf(k *account.Key) ledger.AccountID { return ledger.AccountID(k.Account) }
