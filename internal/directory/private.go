package directory

import "github.com/dragoman-gateway/dragoman/internal/private"

// PrivateProvider is a provider that was added, by its id.
func (d *Directory) PrivateProvider(id string) (*private.Provider, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.privateProviders[id]
	return p, p != nil
}

// PrivateEndpoint is an endpoint that was added, by its id.
func (d *Directory) PrivateEndpoint(id string) (*private.Endpoint, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	e := d.privateEndpoints[id]
	return e, e != nil
}

// Private is what was added to the catalogue, each in order of creation.
func (d *Directory) Private() private.Set {
	return private.Set{
		Providers: list(d, d.privateProviders, func(*private.Provider) bool { return true },
			func(a, b *private.Provider) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) }),
		Endpoints: list(d, d.privateEndpoints, func(*private.Endpoint) bool { return true },
			func(a, b *private.Endpoint) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) }),
	}
}

// PutPrivateProvider creates or replaces a provider. Its slug is the caller's to keep apart
// from others.
func (tx *Tx) PutPrivateProvider(p *private.Provider) error {
	return put(tx, privateProviders, p.ID, p, func(p *present) map[string]*private.Provider { return p.privateProviders })
}

// DeletePrivateProvider deletes a provider, which no endpoint may refer to.
func (tx *Tx) DeletePrivateProvider(id string) {
	remove(tx, privateProviders, id, func(p *present) map[string]*private.Provider { return p.privateProviders })
}

// PutPrivateEndpoint creates or replaces an endpoint.
func (tx *Tx) PutPrivateEndpoint(e *private.Endpoint) error {
	return put(tx, privateEndpoints, e.ID, e, func(p *present) map[string]*private.Endpoint { return p.privateEndpoints })
}

// DeletePrivateEndpoint deletes an endpoint.
func (tx *Tx) DeletePrivateEndpoint(id string) {
	remove(tx, privateEndpoints, id, func(p *present) map[string]*private.Endpoint { return p.privateEndpoints })
}
