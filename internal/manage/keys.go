package manage

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// currentKey is the key that the request shows.
func (a *API) currentKey(c *call) (any, error) {
	if c.key == nil {
		return nil, fault.New(fault.NoKey, "No key was shown; list keys at /keys")
	}
	return data{newKeyStatus(c.key, a.Store.Usage(ofKey(c.key), c.now))}, nil
}

// listKeys lists inference keys, or with management=true management keys.
func (a *API) listKeys(c *call) (any, error) {
	p := c.params()
	offset, _ := p.int("offset", 0, maxOffset)
	workspace, _ := p.get("workspace_id")
	filter := store.KeyFilter{
		IncludeDisabled: p.flag("include_disabled"),
		Management:      p.flag("management"),
		Workspace:       cmp.Or(workspace, a.Workspace),
	}
	if p.err != nil {
		return nil, p.err
	}
	keys, err := a.Store.ListKeys(c.Context(), filter)
	if err != nil {
		return nil, stored("list keys", err)
	}
	keys = slices.DeleteFunc(keys, func(k *account.Key) bool { return !a.owns(c, k) })
	rows := []keyRow{}
	for _, k := range keys[min(int(offset), len(keys)):] {
		rows = append(rows, a.keyRow(k, c.now))
	}
	return data{rows}, nil
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
	k := &account.Key{Account: a.account(c), Workspace: a.Workspace, Created: c.now}
	if !b.has("name") {
		b.fail("name", "given")
	}
	k.Name = b.text("name", false)
	k.Management = b.flag("is_management_key")
	k.Creator = b.text("creator_user_id", true)
	k.Limit, k.LimitReset = b.limit("limit"), b.window("limit_reset")
	k.IncludeBYOK = b.flag("include_byok_in_limit")
	k.Expires = b.expiry(c.now)
	if w := b.text("workspace_id", false); w != "" && w != a.Workspace {
		b.fail("workspace_id", a.Workspace+": this version has one workspace")
	}
	if b.err != nil {
		return nil, b.err
	}
	var rnd [32]byte
	if _, err := rand.Read(rnd[:]); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	plain := account.NewKey(rnd)
	k.Hash, k.Label = account.HashKey(plain), account.Label(plain)
	if err := a.Store.PutKey(c.Context(), k); err != nil {
		return nil, stored("create a key", err)
	}
	return created{struct {
		Data keyRow `json:"data"`
		Key  string `json:"key"`
	}{a.keyRow(k, c.now), plain}}, nil
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
	if b.err != nil {
		return nil, b.err
	}
	k.Updated = c.now
	if err := a.Store.PutKey(c.Context(), &k); err != nil {
		return nil, stored("update a key", err)
	}
	return data{a.keyRow(&k, c.now)}, nil
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
}

func (a *API) deleteKey(c *call) (any, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	k, err := a.findKey(c)
	if err != nil {
		return nil, err
	}
	if err := a.Store.DeleteKey(c.Context(), k.Hash); err != nil {
		return nil, stored("delete a key", err)
	}
	return struct {
		Deleted bool `json:"deleted"`
	}{true}, nil
}

// findKey is the key that the path names, if the caller's account has it.
func (a *API) findKey(c *call) (*account.Key, error) {
	k, ok := a.Store.Key(account.KeyHash(c.PathValue("hash")))
	if !ok || !a.owns(c, k) {
		return nil, fault.New(fault.NotFound, "No key has this hash; list the hashes at /keys?include_disabled=true")
	}
	return k, nil
}

func (a *API) owns(c *call, k *account.Key) bool {
	return cmp.Or(k.Account, a.Account) == a.account(c)
}
