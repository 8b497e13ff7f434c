// Package manage is the management API: models and providers as the catalogue has them,
// keys, credit and the records of generations. Its answers have OpenRouter's shapes.
//
// It promises that a management operation runs only for a management key, that no answer
// holds a secret but the one that creates a key, and that money is written exactly.
// It has no inference and no storage of its own. Start with API.Handler and the table of
// routes.
package manage

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// API answers the management routes. All fields are set before use and not changed after.
type API struct {
	Store   store.Store
	Catalog func() *catalog.Snapshot
	Health  *health.Tracker
	Now     func() time.Time
	Log     *slog.Logger

	// Authenticate finds the key that a request shows, or says with a *fault.Error of
	// kind NoKey why there is none.
	Authenticate func(http.Header, time.Time) (*account.Key, error)
	// Policy is what governs the requests of a key; of nil, those of nobody in particular.
	Policy func(*account.Key) policy.Effective

	Account, Workspace string // owners of what is created
	Demo               bool   // the providers are simulated
}

// Handler answers the routes relative to a base such as /api/v1.
func (a *API) Handler() http.Handler { return a.Unknown() }

// Trusted is Handler for a caller that needs no key: who may open the data directory.
func (a *API) Trusted() http.Handler { return a.Unknown() }

// OpenAPI serves the description of the API.
func (a *API) OpenAPI(w http.ResponseWriter, r *http.Request) { a.Unknown().ServeHTTP(w, r) }

// Unknown answers every path that nothing else answers.
func (a *API) Unknown() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, fault.New(fault.NotFound, "There is nothing at "+r.URL.Path+"; the API is below /api/v1, its description at /openapi.json"))
	})
}
