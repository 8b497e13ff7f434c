package manage

import (
	"cmp"
	"errors"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// getGeneration finds a record by its id or the upstream's, among the account's own.
func (a *API) getGeneration(c *call) (any, error) {
	id := c.URL.Query().Get("id")
	if id == "" {
		return nil, fault.Bad("id", "Query parameter id must be the id of a generation")
	}
	rec, err := a.Store.Generation(c.Context(), id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, stored("read a generation", err)
	}
	if err != nil || cmp.Or(rec.Account, a.Account) != a.account(c) {
		return nil, fault.New(fault.NotFound, "No generation of this account has this id; ids are in the X-Generation-Id header and in the id of every answer")
	}
	return data{newGenerationRow(rec, a.Catalog())}, nil
}
