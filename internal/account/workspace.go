package account

import (
	"cmp"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Workspace groups keys, members and rules within an account. Treat one from a directory as
// immutable.
type Workspace struct {
	ID          string `json:"id"` // UUID
	Account     string `json:"account"`
	Name        string `json:"name"`
	Slug        string `json:"slug"` // unique in its account
	Description string `json:"description,omitempty"`
	TextModel   string `json:"default_text_model,omitempty"`
	ImageModel  string `json:"default_image_model,omitempty"`
	Sort        string `json:"default_provider_sort,omitempty"`

	Budgets       []Budget     `json:"budgets,omitempty"`         // at most one of each window, the longest first
	BYOKInBudgets bool         `json:"byok_in_budgets,omitempty"` // what is paid elsewhere counts too
	Members       []Membership `json:"members,omitempty"`         // in order of joining; of the default workspace everybody is one

	Logging Logging   `json:"logging,omitzero"`
	Created time.Time `json:"created"`
	Creator string    `json:"creator,omitempty"`
	Updated time.Time `json:"updated,omitzero"`
}

// Budget is what a workspace may spend in a window.
type Budget struct {
	ID      string       `json:"id"`
	Window  Window       `json:"window"` // Never: in its whole life
	Limit   money.Amount `json:"limit"`
	Created time.Time    `json:"created"`
	Updated time.Time    `json:"updated"`
}

// Membership is a member's place in a workspace. What only identity providers give, only they
// take away.
type Membership struct {
	ID     string    `json:"id"`
	Member string    `json:"member"`
	Joined time.Time `json:"joined"`
	Groups PlaceRole `json:"groups,omitempty"`  // what mappings of SCIM's groups give; "" nothing
	SignIn string    `json:"sign_in,omitempty"` // id of the provider whose groups gave the place at the last sign-in; "" none
	ByHand bool      `json:"by_hand,omitempty"` // of a place that is given too: somebody gave it as well
}

// Given reports whether an identity provider gives the place.
func (m Membership) Given() bool { return m.Groups != "" || m.SignIn != "" }

// Logging says what a workspace lets be kept of its prompts and answers.
type Logging struct {
	IO        bool      `json:"io,omitempty"`        // prompts and answers
	Broadcast bool      `json:"broadcast,omitempty"` // to observability destinations
	Discount  bool      `json:"discount,omitempty"`
	Hashes    []KeyHash `json:"hashes,omitempty"`   // subjects of the keys whose are kept; nil: of all
	Sampling  float64   `json:"sampling,omitempty"` // the share that is kept; 0: all
	Days      int       `json:"days,omitempty"`     // how long they are kept; 0: LoggedDays
}

// LoggedDays is how many days prompts and answers are kept where a workspace does not say.
const LoggedDays = 90

// Of reports whether what a key's requests say may be kept.
func (l *Logging) Of(k *Key) bool {
	return l.IO && (l.Hashes == nil || slices.Contains(l.Hashes, k.Subject()))
}

// Share is the share of requests that are kept, at most 1.
func (l *Logging) Share() float64 {
	if l.Sampling == 0 {
		return 1
	}
	return l.Sampling
}

// Life is how long they are kept.
func (l *Logging) Life() time.Duration {
	return time.Duration(cmp.Or(l.Days, LoggedDays)) * 24 * time.Hour
}

// BudgetIn is the budget of a window.
func (w *Workspace) BudgetIn(window Window) (*Budget, bool) {
	for i := range w.Budgets {
		if w.Budgets[i].Window == window {
			return &w.Budgets[i], true
		}
	}
	return nil, false
}

// Windows are all windows, the longest first: the order in which budgets shrink.
var Windows = [...]Window{Never, Monthly, Weekly, Daily}
