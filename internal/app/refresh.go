package app

import (
	"context"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/feed"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/publicnet"
)

// priceList fetches one from a public address.
func (a *App) priceList(ctx context.Context, address string) ([]feed.Offer, error) {
	return feed.Fetch(ctx, publicnet.Dialer(publicnet.Public), address, time.Now())
}

// priceBook is the price book on disk.
func (a *App) priceBook() (*feed.Book, error) {
	b, err := feed.Open(a.file.Config.Data)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err)
	}
	return b, nil
}

// reprice enters changes into the price book and puts the catalogue with them in force. The
// book is written when it is known that a catalogue can be made with it, and before the entry
// of the audit log is.
func (a *App) reprice(ctx context.Context, entry audit.Entry, changes []feed.Change) (n int, err error) {
	a.shelf.changing.Lock()
	defer a.shelf.changing.Unlock()
	book, n, err := feed.Prepare(a.file.Config.Data, changes, entry.At)
	if err != nil {
		return 0, &fault.Error{Kind: fault.Conflict, Err: err, Public: "The price book takes no prices of this moment; try again in a moment"}
	}
	if n == 0 {
		return 0, nil
	}
	var next *gateway.Catalogue
	err = a.directory.Update(ctx, entry, func(tx *directory.Tx) (err error) {
		if next, err = a.assemble(ctx, book, tx.Private()); err != nil {
			return err
		}
		if err := book.Save(a.file.Config.Data); err != nil {
			return fault.Wrap(fault.Unavailable, err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	a.shelf.now.Store(next)
	return n, nil
}
