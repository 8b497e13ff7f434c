// Package manage is the management API: models and providers as the catalogue has them,
// keys, credit, the records of generations and sums over them. Its answers have OpenRouter's shapes.
//
// It promises that a management operation runs only for a management key or a session whose
// role has the permission, that nothing of one organisation is in an answer to another, that
// no answer holds a secret but the one that creates it, and that money is written exactly. It has
// no inference and no storage of its own. Start with the table in routes.go; openapi.yaml
// describes every row of it.
package manage

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/byok"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/contents"
	"github.com/dragoman-gateway/dragoman/internal/cursor"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/feed"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/private"
	"github.com/dragoman-gateway/dragoman/internal/route"
	"github.com/dragoman-gateway/dragoman/internal/signin"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/workload"
)

// API answers the management routes. All fields are set before use and not changed after.
type API struct {
	Store   store.Store
	Catalog func() *catalog.Snapshot
	Health  *health.Tracker
	Now     func() time.Time
	Log     *slog.Logger

	// Authenticate finds the key that a request shows, or says with a *fault.Error of
	// kind NoKey why there is none. ShowsKey tells whether it shows any.
	Authenticate func(*http.Request, time.Time) (*account.Key, error)
	ShowsKey     func(*http.Request) bool
	// Door finds the session that a request without a key shows.
	Door *signin.Door
	// Policy is what governs the requests of a key; of nil, those of nobody in particular.
	Policy    func(*account.Key) policy.Effective
	Directory *directory.Directory
	Client    func(*http.Request) netip.Addr // the address a request comes from

	Credentials *byok.Keyring
	// TryCredential calls a credential's provider with it; the error is a *fault.Error.
	TryCredential func(context.Context, *account.Credential) error
	// Explain is what would become of a chat completions request of a key.
	Explain func(context.Context, *account.Key, []byte) (*route.Preview, error)
	// Recatalog makes a change of what is added to the catalogue: it tries what there is to be,
	// which says with a *fault.Error why it cannot be, and keeps it. It is in force when Recatalog
	// returns nil.
	Recatalog func(change func(try func(context.Context, private.Set) error) error) error
	// Trial calls an endpoint of a set, by its id in the catalogue.
	Trial func(ctx context.Context, with private.Set, endpoint string) (private.Trial, error)
	// PriceList fetches a price list; the error says why it cannot be had or read.
	PriceList func(ctx context.Context, url string) ([]feed.Offer, error)
	PriceBook func() (*feed.Book, error) // what was accepted so far
	// Reprice puts the changes that apply in force from the entry's time on, and says how many
	// those are.
	Reprice func(context.Context, audit.Entry, []feed.Change) (int, error)
	// Rotate seals everything anew under a new key and says how much that was.
	Rotate func(context.Context, audit.Entry) (int, error)

	Receipts ed25519.PublicKey // of privacy receipts
	Cursors  *cursor.Sealer    // of places in the log of requests
	Contents *contents.Keeper  // nil: none may be kept

	Destinations Destinations

	Issuers   *oidc.Issuers              // of workloads, which accounts name
	Workloads *workload.Signer           // of the access tokens that workloads get
	Origin    func(*http.Request) string // scheme and host by which a client knows us

	Account string // of keys that name none, and of who opens the data directory
	Prepaid bool   // accounts of new organizations need granted credit

	PublicURL string // where people open the web app, without a slash at the end; "" where they do
	Listening string // the same for who is on the socket of the data directory, where PublicURL is ""
	Version   string
	Demo      func() bool // simulated providers answer

	Started time.Time
	Running func() int64          // inference requests that are being served
	Archive func() (int64, error) // bytes of kept responses on disk; nil: none are kept

	// writing makes reading and replacing a key, and seeing whether a grant moved
	// anything, one step.
	writing sync.Mutex

	codes     codes
	exchanges exchanges
}

// Handler answers the routes relative to a base such as /api/v1.
func (a *API) Handler() http.Handler { return a.routes(false) }

// Trusted is Handler for a caller that needs no key: who may open the data directory.
func (a *API) Trusted() http.Handler { return a.routes(true) }

// routes makes one handler per path, so that a wrong method is answered in our envelope.
func (a *API) routes(trusted bool) http.Handler {
	paths := map[string]methods{}
	add := func(op operation) {
		if paths[op.path] == nil {
			paths[op.path] = methods{}
		}
		paths[op.path][op.method] = op
	}
	for _, op := range operations {
		add(op)
	}
	for _, u := range unbuilt {
		add(u.operation())
	}
	mux := http.NewServeMux()
	for path, m := range paths {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			op, ok := m.of(r.Method)
			if !ok {
				w.Header().Set("Allow", m.allow())
				a.refuse(w, r, &fault.Error{Kind: fault.Invalid, Status: http.StatusMethodNotAllowed,
					Public: r.Method + " is not possible on " + echo(r) + "; use " + m.allow()})
				return
			}
			a.serve(w, r, op, trusted)
		})
	}
	mux.Handle("/", a.Unknown())
	return mux
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, op operation, trusted bool) {
	c := &call{Request: r, w: w, now: a.Now().UTC(), trusted: trusted}
	err := a.admit(c, op)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	out, err := op.serve(a, c)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	a.answer(w, r, out)
}

// Unknown answers every path that nothing else answers.
func (a *API) Unknown() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, fault.New(fault.NotFound, "There is nothing at "+echo(r)+"; the API is below /api/v1, its description at /openapi.json"))
	})
}

// echo is the path of a request as the client wrote it, short enough to repeat.
func echo(r *http.Request) string {
	path := fullPath(r)
	if len(path) > 128 {
		path = strings.ToValidUTF8(path[:128], "") + "…"
	}
	return path
}

// fullPath is the path with the base that was stripped for routing.
func fullPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // not from a connection
		return r.URL.EscapedPath()
	}
	return path
}
