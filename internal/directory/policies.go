package directory

import "github.com/dragoman-gateway/dragoman/internal/account"

func policiesOf(p *present) map[string]*account.FederationPolicy { return p.policies }

// FederationPolicy is a federation policy by its id alone: who exchanges a token shows no
// account.
func (d *Directory) FederationPolicy(id string) (*account.FederationPolicy, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.policies[id]
	return p, p != nil
}

// FederationPolicies are the account's, in order of creation.
func (d *Directory) FederationPolicies(of string) []*account.FederationPolicy {
	return list(d, d.policies, func(p *account.FederationPolicy) bool { return p.Account == of },
		func(a, b *account.FederationPolicy) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// PutFederationPolicy creates or replaces a federation policy. Its key is the caller's to put.
func (tx *Tx) PutFederationPolicy(p *account.FederationPolicy) error {
	return put(tx, policies, p.ID, p, policiesOf)
}

// DeleteFederationPolicy deletes a federation policy. Its key is the caller's to delete.
func (tx *Tx) DeleteFederationPolicy(id string) { remove(tx, policies, id, policiesOf) }
