package manage

import (
	"encoding/base64"
	"errors"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/receipt"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// getReceipt is the privacy receipt of a request whose client asked for one.
func (a *API) getReceipt(c *call) (any, error) {
	id, ok := c.params().get("id")
	if !ok {
		return nil, fault.Bad("id", "Query parameter id must be the id of a generation")
	}
	rec, err := a.Store.Generation(c.Context(), id)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && rec.Account != a.account(c):
		return nil, fault.New(fault.NotFound, "No generation has this id")
	case err != nil:
		return nil, stored("look up a generation", err)
	case rec.Receipt == "":
		return nil, fault.New(fault.NotFound, "No receipt was asked for with this request; send X-Dragoman-Receipt: true with the next")
	}
	return document{jsonType, []byte(rec.Receipt)}, nil
}

// receiptPublicKey is what receipts are verified with.
func (a *API) receiptPublicKey(*call) (any, error) {
	return data{struct {
		ID        string `json:"key_id"`
		Algorithm string `json:"algorithm"`
		Key       string `json:"public_key"`
	}{receipt.KeyID(a.Receipts), "Ed25519", base64.StdEncoding.EncodeToString(a.Receipts)}}, nil
}
