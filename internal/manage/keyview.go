package manage

import (
	"cmp"
	"math"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// spending is what a key has used and may use.
type spending struct {
	Usage        money.Amount  `json:"usage"`
	UsageDaily   money.Amount  `json:"usage_daily"`
	UsageWeekly  money.Amount  `json:"usage_weekly"`
	UsageMonthly money.Amount  `json:"usage_monthly"`
	BYOK         money.Amount  `json:"byok_usage"`
	BYOKDaily    money.Amount  `json:"byok_usage_daily"`
	BYOKWeekly   money.Amount  `json:"byok_usage_weekly"`
	BYOKMonthly  money.Amount  `json:"byok_usage_monthly"`
	Limit        *money.Amount `json:"limit"`
	Remaining    *money.Amount `json:"limit_remaining"`
	Reset        *string       `json:"limit_reset"`
	IncludeBYOK  bool          `json:"include_byok_in_limit"`
	Creator      *string       `json:"creator_user_id"`
	Expires      *string       `json:"expires_at"`
	Workspace    string        `json:"workspace_id"`
	Label        string        `json:"label"`
	Management   bool          `json:"is_management_key"`
	Role         *string       `json:"role,omitempty"` // of a management key
	Models       []string      `json:"allowed_models"`
	Providers    []string      `json:"allowed_providers"`
	Networks     []string      `json:"allowed_ips"`

	Labels map[string]string `json:"labels"`
	Rates  rates             `json:"rate_limits"`
}

// keyRow is a key as management sees it.
type keyRow struct {
	Hash     account.KeyHash `json:"hash"`
	Name     string          `json:"name"`
	Disabled bool            `json:"disabled"`
	Created  string          `json:"created_at"`
	Updated  *string         `json:"updated_at"`
	User     *string         `json:"external_user"` // always null: keys are nobody else's
	spending
}

func (a *API) keyRow(k *account.Key, now time.Time) keyRow {
	return keyRow{
		Hash: k.Hash, Name: k.Name, Disabled: k.Disabled,
		Created: timestamp(k.Created), Updated: since(k.Updated),
		spending: newSpending(k, a.Store.Usage(ofKey(k), now)),
	}
}

// ofKey is the key as one whose use is counted.
func ofKey(k *account.Key) ledger.Subject {
	return ledger.Subject{Scope: ledger.OfKey, Name: string(k.Subject())}
}

// keyStatus is a key as it sees itself.
type keyStatus struct {
	spending
	FreeTier     bool         `json:"is_free_tier"`
	Provisioning bool         `json:"is_provisioning_key"` // the old name of a management key
	RateLimit    rateLimit    `json:"rate_limit"`
	FreeModels   freeRequests `json:"free_model_daily_requests"`
	Regions      []string     `json:"allowed_data_regions"`
	Organization string       `json:"organization_id"`
}

// freeRequests is OpenRouter's quota for free models. There is none here, so what is left
// is always more than anybody can use.
type freeRequests struct {
	Limit     int64 `json:"limit"`
	Used      int64 `json:"used"`
	Remaining int64 `json:"remaining"`
}

// rateLimit is there for old clients; −1 is none.
type rateLimit struct {
	Requests int    `json:"requests"`
	Interval string `json:"interval"`
	Note     string `json:"note"`
}

func newKeyStatus(k *account.Key, of string, u account.Usage) keyStatus {
	return keyStatus{
		spending:     newSpending(k, u),
		Provisioning: k.Management,
		RateLimit:    rateLimit{-1, "10s", "There is no limit on the number of requests; the field is for old clients"},
		FreeModels:   freeRequests{Limit: math.MaxInt32, Remaining: math.MaxInt32},
		Regions:      []string{"global"},
		Organization: of,
	}
}

func newSpending(k *account.Key, u account.Usage) spending {
	return spending{
		Usage: u.Total, UsageDaily: u.Day, UsageWeekly: u.Week, UsageMonthly: u.Month,
		BYOK: u.BYOKTotal, BYOKDaily: u.BYOKDay, BYOKWeekly: u.BYOKWeek, BYOKMonthly: u.BYOKMonth,
		Limit: k.Limit, Remaining: remaining(k, u), Reset: present(string(k.LimitReset)),
		IncludeBYOK: k.IncludeBYOK, Creator: present(k.Creator), Expires: since(k.Expires),
		Workspace: k.Workspace, Label: k.Label, Management: k.Management,
		Role: role(k), Models: k.Models, Providers: k.Providers, Networks: k.Networks, Labels: k.Labels,
		Rates: rates{known(k.Rate.Requests), known(k.Rate.Tokens), known(k.Rate.Concurrent)},
	}
}

// rates are a key's rate limits; null is none.
type rates struct {
	Requests   *int64 `json:"requests_per_minute"`
	Tokens     *int64 `json:"tokens_per_minute"`
	Concurrent *int64 `json:"concurrent_requests"`
}

// role is that of a management key, null for others.
func role(k *account.Key) *string {
	if !k.Management {
		return nil
	}
	r := string(cmp.Or(k.Role, account.Admin))
	return &r
}

// remaining is what is left of the limit in its window; what open requests hold is not
// taken off.
func remaining(k *account.Key, u account.Usage) *money.Amount {
	if k.Limit == nil {
		return nil
	}
	used, byok := u.Total, u.BYOKTotal
	switch k.LimitReset {
	case account.Daily:
		used, byok = u.Day, u.BYOKDay
	case account.Weekly:
		used, byok = u.Week, u.BYOKWeek
	case account.Monthly:
		used, byok = u.Month, u.BYOKMonth
	}
	if k.IncludeBYOK {
		used += byok
	}
	left := max(0, *k.Limit-used)
	return &left
}

// timestamp is a time as the API writes it.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// since is a time that may be unset.
func since(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := timestamp(t)
	return &s
}

// present is s, or null for nothing.
func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// known is n, or null for 0.
func known(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
