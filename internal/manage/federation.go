package manage

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/workload"
)

// Bounds of a federation policy.
const (
	maxConditions = 16
	maxValues     = 32  // of one condition
	maxClaim      = 512 // characters of a name or value
	minSeconds    = 60
)

func (a *API) listFederationPolicies(c *call) (any, error) {
	return paged(c, a.Directory.FederationPolicies(a.account(c)), func(p *account.FederationPolicy) policyRow { return a.policyRow(c, p) })
}

func (a *API) getFederationPolicy(c *call) (any, error) {
	p, _, err := a.findFederationPolicy(c)
	if err != nil {
		return nil, err
	}
	return data{a.policyRow(c, p)}, nil
}

// findFederationPolicy is the policy that the path names, with its key.
func (a *API) findFederationPolicy(c *call) (*account.FederationPolicy, *account.Key, error) {
	p, ok := a.Directory.FederationPolicy(c.PathValue("id"))
	if ok && p.Account == a.account(c) {
		if k, ok := a.Store.Key(p.Key); ok {
			return p, k, nil
		}
	}
	return nil, nil, fault.New(fault.NotFound, "No federation policy has this id; list them at /oauth/federation-policies")
}

// createFederationPolicy also makes the key that the policy's tokens stand for.
func (a *API) createFederationPolicy(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	b.demand("name", "issuer", "audience", "conditions")
	p := account.FederationPolicy{ID: newUUID(), Account: a.account(c), Seconds: int64(workload.Life.Seconds()), Created: c.now}
	k := account.Key{Account: p.Account, Workspace: a.home(c), Created: c.now}
	k.Policy = p.ID
	a.writing.Lock() // its workspace stays meanwhile
	defer a.writing.Unlock()
	k.Workspace = cmp.Or(a.workspaceIn(c, b), k.Workspace)
	b.change(&k)
	a.federation(b, &p)
	if b.err != nil {
		return nil, b.err
	}
	plain, err := freshKey()
	if err != nil {
		return nil, err
	}
	k.Hash, k.Label = account.HashKey(plain), account.Label(plain)
	p.Key = k.Hash
	if err := a.change(c, a.entry(c, "federation_policy.create", p.ID, b.set()), putPolicy(&p, &k)); err != nil {
		return nil, err
	}
	return created{data{a.policyRow(c, &p)}}, nil
}

func putPolicy(p *account.FederationPolicy, k *account.Key) func(*directory.Tx) error {
	return func(tx *directory.Tx) error {
		tx.PutKey(k)
		return tx.PutFederationPolicy(p)
	}
}

// federation sets what the body says of who may exchange tokens.
func (a *API) federation(b *body, p *account.FederationPolicy) {
	if b.has("issuer") {
		if p.Issuer = b.within("issuer", false, 1, maxClaim); b.err == nil {
			if err := a.Issuers.CheckIssuer(p.Issuer); err != nil {
				b.fail("issuer", "the URL that the tokens have as iss: "+err.Error())
			}
		}
	}
	if b.has("audience") {
		p.Audience = b.within("audience", false, 1, maxClaim)
	}
	if b.has("conditions") {
		p.Conditions = b.conditions("conditions")
	}
	if b.has("token_seconds") {
		must := fmt.Sprintf("a whole number from %d to %d", minSeconds, int(workload.Life.Seconds()))
		if b.read("token_seconds", false, &p.Seconds, must) && (p.Seconds < minSeconds || p.Seconds > int64(workload.Life.Seconds())) {
			b.fail("token_seconds", must)
		}
	}
}

// conditions are at least one: an issuer may sign for everybody.
func (b *body) conditions(name string) (list []account.ClaimCondition) {
	must := fmt.Sprintf(`a list of 1 to %d objects {"claim": name, "values": [1 to %d texts]}; an asterisk in a value stands for anything, but not alone`, maxConditions, maxValues)
	if !b.read(name, false, &list, must) {
		return nil
	}
	ok := len(list) > 0 && len(list) <= maxConditions
	for _, c := range list {
		ok = ok && c.Claim != "" && utf8.RuneCountInString(c.Claim) <= maxClaim && len(c.Values) > 0 && len(c.Values) <= maxValues
		for _, v := range c.Values {
			ok = ok && strings.Trim(v, "*") != "" && utf8.RuneCountInString(v) <= maxClaim
		}
	}
	if !ok {
		b.fail(name, must)
	}
	return list
}

func (a *API) updateFederationPolicy(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	old, key, err := a.findFederationPolicy(c)
	if err != nil {
		return nil, err
	}
	p, k := *old, *key
	b.change(&k)
	a.revive(b, key, &k)
	a.federation(b, &p)
	if b.err != nil {
		return nil, b.err
	}
	p.Updated, k.Updated = c.now, c.now
	if err := a.change(c, a.entry(c, "federation_policy.update", p.ID, b.set()), putPolicy(&p, &k)); err != nil {
		return nil, err
	}
	return data{a.policyRow(c, &p)}, nil
}

// deleteFederationPolicy ends the policy's tokens at once.
func (a *API) deleteFederationPolicy(c *call) (any, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	p, k, err := a.findFederationPolicy(c)
	if err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "federation_policy.delete", p.ID, map[string]any{"name": k.Name}), func(tx *directory.Tx) error {
		tx.DeleteKey(k.Hash)
		tx.DeleteFederationPolicy(p.ID)
		return nil
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// held refuses what would give away, or take from its policy, a key that a policy holds.
func held(k *account.Key) error {
	if k.Policy == "" {
		return nil
	}
	return fault.New(fault.Conflict, "The key is that of a federation policy, whose tokens stand for it; change or delete the policy at /oauth/federation-policies/"+k.Policy)
}

// policyRow is a federation policy as the API shows it.
type policyRow struct {
	ID         string                   `json:"id"`
	Name       string                   `json:"name"`
	Disabled   bool                     `json:"disabled"`
	Workspace  string                   `json:"workspace_id"`
	Issuer     string                   `json:"issuer"`
	Audience   string                   `json:"audience"`
	Conditions []account.ClaimCondition `json:"conditions"`
	Seconds    int64                    `json:"token_seconds"`
	Key        *keyRow                  `json:"key"` // limits and usage
	Created    string                   `json:"created_at"`
	Updated    *string                  `json:"updated_at"`
}

func (a *API) policyRow(c *call, p *account.FederationPolicy) policyRow {
	r := policyRow{ID: p.ID, Issuer: p.Issuer, Audience: p.Audience, Conditions: p.Conditions, Seconds: p.Seconds, Created: timestamp(p.Created), Updated: since(p.Updated)}
	if k, ok := a.Store.Key(p.Key); ok {
		row := a.keyRow(k, c.now)
		r.Name, r.Disabled, r.Workspace, r.Key = k.Name, k.Disabled, k.Workspace, &row
	}
	return r
}
