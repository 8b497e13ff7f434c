package manage

import (
	"encoding/base64"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/receipt"
)

// getReceipt is the privacy receipt of a request whose client asked for one.
func (a *API) getReceipt(c *call) (any, error) {
	rec, err := a.findGeneration(c, c.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	if rec.Receipt == "" {
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
