package directory

import (
	"cmp"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// Credential is a credential of the account.
func (d *Directory) Credential(of, id string) (*account.Credential, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c := d.credentials[id]
	return c, c != nil && c.Account == of
}

// Credentials are the account's, in the order they are tried.
func (d *Directory) Credentials(of string) []*account.Credential {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.owned[of])
}

// AllCredentials are every account's.
func (d *Directory) AllCredentials() []*account.Credential {
	return list(d, d.credentials, func(*account.Credential) bool { return true },
		func(a, b *account.Credential) int { return cmp.Compare(a.ID, b.ID) })
}

// Own are the credentials of its account that a key may use, as routing knows them.
func (d *Directory) Own(k *account.Key) (own []route.Credential) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, c := range d.owned[k.Account] {
		if c.Serves(k) {
			own = append(own, route.Credential{ID: c.ID, Provider: c.Provider, Models: c.Models, Fallback: c.Fallback,
				Required: c.Required, Sole: c.Sole, KeepsNothing: c.KeepsNothing})
		}
	}
	return own
}

// sort puts the credentials in the order they are tried.
func (p *present) sort() {
	p.owned = map[string][]*account.Credential{}
	for _, c := range p.credentials {
		p.owned[c.Account] = append(p.owned[c.Account], c)
	}
	for _, list := range p.owned {
		slices.SortFunc(list, func(a, b *account.Credential) int {
			return cmp.Or(cmp.Compare(a.Order, b.Order), a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
	}
}

// PutCredential creates or replaces a credential.
func (tx *Tx) PutCredential(c *account.Credential) error {
	return put(tx, credentials, c.ID, c, func(p *present) map[string]*account.Credential { return p.credentials })
}

// DeleteCredential deletes a credential.
func (tx *Tx) DeleteCredential(id string) {
	remove(tx, credentials, id, func(p *present) map[string]*account.Credential { return p.credentials })
}
