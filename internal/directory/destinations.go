package directory

import (
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// mostOfAKind is how many destinations of one kind an account has (reference §3.25).
const mostOfAKind = 5

// Destination is an observability destination of the account.
func (d *Directory) Destination(of, id string) (*account.Destination, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	x := d.destinations[id]
	return x, x != nil && x.Account == of
}

// Destinations are the account's in order of creation, those of one workspace unless it is "".
func (d *Directory) Destinations(of, workspace string) []*account.Destination {
	return list(d, d.destinations, func(x *account.Destination) bool {
		return x.Account == of && (workspace == "" || x.Workspace == workspace)
	},
		func(a, b *account.Destination) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
}

// AllDestinations are every account's.
func (d *Directory) AllDestinations() []*account.Destination {
	return list(d, d.destinations, func(*account.Destination) bool { return true },
		func(a, b *account.Destination) int { return cmpOr(0, a.ID, b.ID) })
}

// Told are the destinations that get requests of a workspace: none unless it lets them. The
// list is not to be changed.
func (d *Directory) Told(workspace string) []*account.Destination {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if list := d.told[workspace]; list != nil && d.workspaces[workspace] != nil && d.workspaces[workspace].Logging.Broadcast {
		return list
	}
	return nil
}

// tell files destinations by their workspaces.
func (p *present) tell() {
	p.told = map[string][]*account.Destination{}
	for _, x := range p.destinations {
		p.told[x.Workspace] = append(p.told[x.Workspace], x)
	}
	for _, list := range p.told {
		slices.SortFunc(list, func(a, b *account.Destination) int { return cmpOr(a.Created.Compare(b.Created), a.ID, b.ID) })
	}
}

// PutDestination creates or replaces a destination. An account has no more than five of a
// kind.
func (tx *Tx) PutDestination(x *account.Destination) error {
	n := 0
	for _, other := range tx.destinations {
		if other.Account == x.Account && other.Kind == x.Kind && other.ID != x.ID {
			n++
		}
	}
	if n >= mostOfAKind {
		return &fault.Error{Kind: fault.Conflict, Param: "type", Public: fmt.Sprintf("There are %d destinations of the type %s already; delete one first", n, x.Kind)}
	}
	return put(tx, destinations, x.ID, x, func(p *present) map[string]*account.Destination { return p.destinations })
}

// DeleteDestination deletes a destination.
func (tx *Tx) DeleteDestination(id string) {
	remove(tx, destinations, id, func(p *present) map[string]*account.Destination { return p.destinations })
}
