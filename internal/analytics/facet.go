package analytics

import (
	"net/url"

	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// Facet is what a request is counted under. All but App and Origin come from closed lists:
// the catalogue, the account's keys, workspaces and members, our own words.
type Facet struct {
	Workspace, Member, Key    string
	Model, Provider, Endpoint string // "" where none answered
	App, Origin               string // as the client says; "" where it does not
	API                       string
	Outcome                   generation.Outcome
	BYOK                      bool
}

// Other is the app of requests beyond MaxApps.
const Other = "(other)"

// MaxApps is how many apps of an account are told apart in one day: clients choose the
// names, so their number is bounded here. Requests of further ones count for Other.
const MaxApps = 500

// facetOf is the facet of a record but for who pays, which the settlement says.
func facetOf(r *generation.Record) Facet {
	f := Facet{
		Workspace: r.Workspace, Member: r.Member, Key: r.Key, Model: r.Model, Provider: r.Provider, Endpoint: r.Endpoint,
		App: App(r), API: r.API, Outcome: r.Outcome, BYOK: r.BYOK,
	}
	if r.Referer != "" {
		f.Origin = Origin(r.Referer)
	}
	return f
}

// App is the client's name for itself, or else its origin; "" where it says neither.
func App(r *generation.Record) string {
	if r.Title != "" || r.Referer == "" {
		return r.Title
	}
	return Origin(r.Referer)
}

// Origin is scheme and host of a URL, "" when it has none.
func Origin(referer string) string {
	u, err := url.Parse(referer)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
