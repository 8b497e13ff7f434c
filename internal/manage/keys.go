package manage

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// currentKey is the key that the request shows.
func (a *API) currentKey(c *call) (any, error) {
	if c.visit != nil {
		return nil, fault.New(fault.NotFound, "A session was shown and no key; list your keys at /keys")
	}
	if c.key == nil {
		return nil, fault.New(fault.NoKey, "No key was shown; list keys at /keys")
	}
	return data{newKeyStatus(c.key, a.account(c), a.Store.Usage(ofKey(c.key), c.now))}, nil
}

// listKeys lists inference keys, or with management=true management keys.
func (a *API) listKeys(c *call) (any, error) {
	p := c.params()
	offset, _ := p.int("offset", 0, maxOffset)
	limit, ok := p.int("limit", 1, maxPage)
	if !ok {
		limit = maxPage
	}
	filter := store.KeyFilter{
		IncludeDisabled: p.flag("include_disabled"),
		Management:      p.flag("management"),
		Workspace:       a.workspaceOf(c, p),
	}
	if p.err != nil {
		return nil, p.err
	}
	if filter.Workspace == "" {
		filter.Workspace = a.home(c)
	}
	keys, err := a.keys(c, filter, func(*account.Key) bool { return true })
	if err != nil {
		return nil, err
	}
	return partOf(keys, int(offset), int(limit), func(k *account.Key) keyRow { return a.keyRow(k, c.now) }), nil
}

// keys are those of the caller's that a filter and keep leave, in order of creation.
func (a *API) keys(c *call, f store.KeyFilter, keep func(*account.Key) bool) ([]*account.Key, error) {
	owns := a.mine(c)
	f.Keep = func(k *account.Key) bool { return owns(k) && keep(k) }
	keys, err := a.Store.ListKeys(c.Context(), f)
	if err != nil {
		return nil, stored("list keys", err)
	}
	return keys, nil
}

func (a *API) getKey(c *call) (any, error) {
	k, err := a.findKey(c)
	if err != nil {
		return nil, err
	}
	return data{a.keyRow(k, c.now)}, nil
}

// createKey is the only answer that holds a plaintext key.
func (a *API) createKey(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	k := &account.Key{Account: a.account(c), Workspace: a.home(c), Created: c.now}
	a.writing.Lock() // its workspace and its member stay meanwhile
	defer a.writing.Unlock()
	if !b.has("name") {
		b.fail("name", "given")
	}
	k.Name = b.text("name", false)
	k.Management = b.flag("is_management_key")
	b.extras(k)
	k.Limit, k.LimitReset = b.limit("limit"), b.window("limit_reset")
	k.IncludeBYOK = b.flag("include_byok_in_limit")
	k.Expires = b.expiry(c.now)
	if b.err != nil {
		return nil, b.err
	}
	if err := c.mayIssue(k); err != nil {
		return nil, err
	}
	if a.owner(c, b, k); b.err != nil {
		return nil, b.err
	}
	plain, err := freshKey()
	if err != nil {
		return nil, err
	}
	k.Hash, k.Label = account.HashKey(plain), account.Label(plain)
	row := a.keyRow(k, c.now)
	if err := a.change(c, a.entry(c, "key.create", string(k.Hash), row), putting(k)); err != nil {
		return nil, err
	}
	return created{struct {
		Data keyRow `json:"data"`
		Key  string `json:"key"`
	}{row, plain}}, nil
}

// putting is a change of one key.
func putting(k *account.Key) func(*directory.Tx) error {
	return func(tx *directory.Tx) error {
		tx.PutKey(k)
		return nil
	}
}

// owner says whose key it is and where.
func (a *API) owner(c *call, b *body, k *account.Key) {
	if ref := b.text("workspace_id", false); ref != "" {
		w, ok := a.Directory.Workspace(k.Account, ref)
		if !ok {
			b.fail("workspace_id", "the id of a workspace; list them at /workspaces")
			return
		}
		k.Workspace = w.ID
	}
	if !b.has("creator_user_id") {
		a.ownedBy(c, k)
	} else {
		k.Creator = b.text("creator_user_id", true)
	}
	a.mayOwn(c, b, k)
}

// mayOwn refuses an owner of a key who is not the caller's to choose, or who has no use for it:
// a member must be in its workspace, and may do what it gives.
func (a *API) mayOwn(c *call, b *body, k *account.Key) {
	if c.ownKeys && k.Creator != c.member() {
		b.fail("creator_user_id", "yourself: keys of others are an admin's to make")
	}
	if k.Creator == "" || b.err != nil {
		return
	}
	m, ok := a.Directory.Member(k.Account, k.Creator)
	if !ok {
		b.fail("creator_user_id", "the id of a member; list them at /organization/members")
		return
	}
	needs := account.WriteKeys
	if k.Management {
		needs = k.Rights()
	}
	if !m.Role.Rights().Has(needs) {
		b.fail("creator_user_id", "a member whose role, "+string(m.Role)+", allows what the key does")
	}
	if !a.isInside(k) {
		b.fail("creator_user_id", "a member of the workspace; add the member at /workspaces/"+k.Workspace+"/members/add")
	}
}

// ownedBy makes a key that names nobody one of whoever is signed in. An admin can make inference
// keys for workspaces they are not in: those are nobody's. A management key is of whoever makes
// it, signed in or with another, so that it ends with their place.
func (a *API) ownedBy(c *call, k *account.Key) {
	if c.visit == nil && !c.ownKeys && !k.Management {
		return
	}
	k.Creator = c.member()
	if !k.Management && !c.ownKeys && !a.isInside(k) {
		k.Creator = ""
	}
}

// isInside reports whether whose key it is is a member of its workspace.
func (a *API) isInside(k *account.Key) bool {
	w, there := a.Directory.Workspace(k.Account, k.Workspace)
	return there && slices.ContainsFunc(a.memberships(w), func(m account.Membership) bool { return m.Member == k.Creator })
}

// mayIssue keeps everybody from making a management key with more rights than their own.
func (c *call) mayIssue(k *account.Key) error {
	switch {
	case !k.Management:
		return nil
	case !c.rights.Has(account.WriteMembers):
		return fault.New(fault.Denied, "The role "+string(c.role())+" does not allow making management keys; use a management key of an admin or owner")
	}
	return c.mayMake(k.Role)
}

// expiry is a time to come, in UTC.
func (b *body) expiry(now time.Time) time.Time {
	const must = "a time in UTC such as 2027-12-31T23:59:59Z"
	var s string
	if !b.read("expires_at", true, &s, must) {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		b.fail("expires_at", must)
		return time.Time{}
	}
	if _, east := t.Zone(); east != 0 {
		b.fail("expires_at", must)
	} else if !t.After(now) {
		b.fail("expires_at", "in the future")
	}
	return t.UTC()
}

// updateKey changes the members that the body has; null is a value, absence is none.
func (a *API) updateKey(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	old, err := a.findKey(c)
	if err != nil {
		return nil, err
	}
	k := *old
	b.change(&k)
	a.reassign(c, b, old, &k)
	a.revive(b, old, &k)
	a.settled(b, old)
	if b.err != nil {
		return nil, b.err
	}
	k.Updated = c.now
	if err := c.mayIssue(old); err != nil { // the rights of a management key are not everybody's to change
		return nil, err
	}
	if err := c.mayIssue(&k); err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "key.update", string(k.Hash), b.set()), putting(&k)); err != nil {
		return nil, err
	}
	return data{a.keyRow(&k, c.now)}, nil
}

// settled refuses to change what of a key stays as it was made.
func (a *API) settled(b *body, k *account.Key) {
	ends := []string{""}
	if !k.Expires.IsZero() {
		ends = []string{timestamp(k.Expires), k.Expires.Format(time.RFC3339)}
	}
	b.fixed("expires_at", "replace the key (POST /keys/{hash}/rotate), or disable it", ends...)
	w, there := a.Directory.Workspace(k.Account, k.Workspace)
	if !there {
		w = &account.Workspace{ID: k.Workspace}
	}
	b.fixed("workspace_id", "make another key there", w.ID, w.Slug)
}

// revive refuses to enable a key that would not work: what held for its workspace went with it.
func (a *API) revive(b *body, old, k *account.Key) {
	if _, there := a.Directory.Workspace(old.Account, k.Workspace); !there && old.Disabled && !k.Disabled {
		b.fail("disabled", "true: the workspace that the key is in was deleted; make another key")
	}
}

// reassign gives a key to another member, or to nobody. One whose member is gone works again
// only after that.
func (a *API) reassign(c *call, b *body, old, k *account.Key) {
	if !b.has("creator_user_id") {
		if _, there := a.Directory.Member(k.Account, k.Creator); k.Creator != "" && !there && old.Disabled && !k.Disabled {
			b.fail("creator_user_id", "given too: whose key it was is no member any more; name another member, or null for nobody")
		}
		return
	}
	if a.isWebKey(old) {
		b.fail("creator_user_id", "absent: the key pays for what its member asks in the web app")
	}
	k.Creator = b.text("creator_user_id", true)
	a.mayOwn(c, b, k)
}

// isWebKey reports whether a key pays for what its member asks in the web app. Nobody has its plaintext.
func (a *API) isWebKey(k *account.Key) bool {
	m, there := a.Directory.Member(k.Account, k.Creator)
	return there && m.WebKey == k.Hash
}

func (b *body) change(k *account.Key) {
	if b.has("name") {
		k.Name = b.text("name", false)
	}
	if b.has("disabled") {
		k.Disabled = b.flag("disabled")
	}
	if b.has("limit") {
		k.Limit = b.limit("limit")
	}
	if b.has("limit_reset") {
		k.LimitReset = b.window("limit_reset")
	}
	if b.has("include_byok_in_limit") {
		k.IncludeBYOK = b.flag("include_byok_in_limit")
	}
	b.extras(k)
}

// extras sets what few keys have.
func (b *body) extras(k *account.Key) {
	if b.has("role") {
		if k.Role = b.role("role"); !k.Management {
			b.fail("role", "absent: only management keys have one")
		}
	}
	if b.has("allowed_models") {
		k.Models = b.texts("allowed_models", true, maxRules)
	}
	if b.has("allowed_providers") {
		k.Providers = b.texts("allowed_providers", true, maxRules)
	}
	if b.has("allowed_ips") {
		k.Networks = b.networks("allowed_ips")
	}
	if b.has("labels") {
		k.Labels = b.labels("labels")
	}
	if b.has("rate_limits") {
		k.Rate = b.rates("rate_limits")
	}
}

// rates are what the members of an object say; null is no limit.
func (b *body) rates(name string) (r account.Rate) {
	const must = "an object with requests_per_minute, tokens_per_minute and concurrent_requests, each a whole number from 1 or null"
	var in struct {
		Requests   *int64 `json:"requests_per_minute"`
		Tokens     *int64 `json:"tokens_per_minute"`
		Concurrent *int64 `json:"concurrent_requests"`
	}
	if !b.read(name, true, &in, must) {
		return r
	}
	for from, to := range map[*int64]*int64{in.Requests: &r.Requests, in.Tokens: &r.Tokens, in.Concurrent: &r.Concurrent} {
		if from == nil {
			continue
		}
		if *from < 1 || *from > 1e12 {
			b.fail(name, must)
		}
		*to = *from
	}
	return r
}

// networks is a list of addresses and CIDR blocks.
func (b *body) networks(name string) []string {
	list := b.texts(name, true, 100)
	for _, s := range list {
		if _, err := netip.ParseAddr(s); err == nil {
			continue
		}
		if _, err := netip.ParsePrefix(s); err != nil {
			b.fail(name, "a list of IP addresses and CIDR blocks such as 192.0.2.0/24")
		}
	}
	return list
}

// labels are at most 32 short texts by short names.
func (b *body) labels(name string) (labels map[string]string) {
	const must = "an object of at most 32 names and texts of at most 64 characters"
	if !b.read(name, true, &labels, must) {
		return nil
	}
	for k, v := range labels {
		if k == "" || utf8.RuneCountInString(k) > 64 || utf8.RuneCountInString(v) > 64 {
			b.fail(name, must)
		}
	}
	if len(labels) > 32 {
		b.fail(name, must)
	}
	return labels
}

func (a *API) deleteKey(c *call) (any, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	k, err := a.findKey(c)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.mayIssue(k), held(k)); err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "key.delete", string(k.Hash), map[string]any{"name": k.Name}), func(tx *directory.Tx) error {
		tx.DeleteKey(k.Hash)
		return nil
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// findKey is the key that the path names, if the caller's account has it.
func (a *API) findKey(c *call) (*account.Key, error) {
	k, ok := a.Store.Key(account.KeyHash(c.PathValue("hash")))
	if !ok || !a.owns(c, k) {
		return nil, fault.New(fault.NotFound, "No key has this hash; list the hashes at /keys?include_disabled=true")
	}
	return k, nil
}

// owns reports whether a key is the caller's to see: one of the account, and for who has no
// business with others' keys, one of their own.
func (a *API) owns(c *call, k *account.Key) bool { return a.mine(c)(k) }

// mine is owns for many keys.
func (a *API) mine(c *call) func(*account.Key) bool {
	of, member := a.account(c), c.member()
	return func(k *account.Key) bool {
		return cmp.Or(k.Account, a.Account) == of && (!c.ownKeys || k.Creator == member)
	}
}
