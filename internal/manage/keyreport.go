package manage

import (
	"cmp"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// idleAfter is how long a key is unused before the report says so.
const idleAfter = 30 * 24 * time.Hour

// The findings about a key that works.
const (
	unused         = "unused"          // for 30 days, of one that can be seen to be used
	noLimit        = "no_limit"        // on what it may spend
	noExpiry       = "no_expiry"       // it works for ever
	anyAddress     = "any_address"     // it may be used from
	mighty         = "mighty"          // a management key of an admin or owner
	memberDisabled = "member_disabled" // whose key it is: it does not work, and would again
	memberGone     = "member_gone"     // whose key it is: it does not work
	roleAbove      = "role_above"      // what its member may do: it gives no more than that
)

var findings = []string{unused, noLimit, noExpiry, anyAddress, mighty, memberDisabled, memberGone, roleAbove}

// reportedKey is a key and what is risky about it.
type reportedKey struct {
	Hash       account.KeyHash `json:"hash"`
	Label      string          `json:"label"`
	Name       string          `json:"name"`
	Management bool            `json:"is_management_key"`
	Role       *string         `json:"role"`
	Workspace  string          `json:"workspace_id"`
	Creator    *string         `json:"creator_user_id"`
	Created    string          `json:"created_at"`
	Expires    *string         `json:"expires_at"`
	Used       *string         `json:"last_used_on"`
	Findings   []string        `json:"findings"`
}

// reportKeys lists the keys that somebody should look at, those with the most findings first.
func (a *API) reportKeys(c *call) (any, error) {
	p := c.params()
	only := p.choice("finding", findings...)
	if p.err != nil {
		return nil, p.err
	}
	var rows []reportedKey
	for _, management := range []bool{false, true} {
		keys, err := a.keys(c, store.KeyFilter{Management: management}, func(k *account.Key) bool { return k.Usable(c.now) })
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			row := a.reportKey(k, c.now)
			if len(row.Findings) > 0 && (only == "" || slices.Contains(row.Findings, only)) {
				rows = append(rows, row)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b reportedKey) int { return cmp.Compare(len(b.Findings), len(a.Findings)) })
	return paged(c, rows, func(r reportedKey) reportedKey { return r })
}

func (a *API) reportKey(k *account.Key, now time.Time) reportedKey {
	row := reportedKey{Hash: k.Hash, Label: k.Label, Name: k.Name, Management: k.Management, Role: role(k), Workspace: k.Workspace,
		Creator: present(k.Creator), Created: timestamp(k.Created), Expires: since(k.Expires), Findings: []string{}}
	find := func(what string, is bool) {
		if is {
			row.Findings = append(row.Findings, what)
		}
	}
	m, there := a.Directory.Member(k.Account, k.Creator)
	if !k.Management { // what a management key does is not counted
		used := a.Store.Usage(ofKey(k), now).Last
		if !used.IsZero() {
			day := used.Format(isoDate)
			row.Used = &day
		}
		if used.IsZero() {
			used = k.Created
		}
		find(unused, now.Sub(used) > idleAfter)
		find(noLimit, k.Limit == nil)
	}
	if !a.isWebKey(k) {
		find(noExpiry, k.Expires.IsZero())
		find(anyAddress, k.Networks == nil)
	}
	find(mighty, k.Rights().Has(account.WriteMembers))
	find(memberDisabled, there && m.Disabled)
	find(memberGone, k.Creator != "" && !there)
	find(roleAbove, there && !m.Role.Rights().Has(k.Rights()))
	return row
}
