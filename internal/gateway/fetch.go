package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
)

// What one request may have fetched: each file has a limit of its own.
const (
	maxFetches = 32
	maxFetched = 64 << 20 // bytes of base64
	atOnce     = 4
)

// encode writes the request for an endpoint, with media that its wire wants inline. What
// has been fetched serves the next attempt too. room is lent for the body.
func (x *exchange) encode(adapter dialect.Adapter, e *catalog.Endpoint, room []byte) (dialect.Call, []llm.Loss, error) {
	call, losses, err := x.translate(adapter, e, room)
	wants, ok := errors.AsType[*dialect.Wants](err)
	if !ok {
		return call, losses, err
	}
	if err := x.fetch(wants.URLs); err != nil {
		return call, losses, named(err, e)
	}
	return x.translate(adapter, e, room)
}

// translate is the adapter's call, without a tier of service that nobody has stated a price for.
func (x *exchange) translate(adapter dialect.Adapter, e *catalog.Endpoint, room []byte) (dialect.Call, []llm.Loss, error) {
	call, losses, err := adapter.EncodeRequest(x.req, x.target(e, room))
	if err != nil || x.paying != "" || !unpriced(x.req.Tier(), e) {
		return call, losses, err
	}
	was, err := dialect.StandardTier(&call)
	if was {
		path := "service_tier"
		if x.req.Fast {
			path = "speed"
		}
		losses = append(losses, llm.Loss{Path: path, Why: "nobody has stated what the endpoint costs in this tier"})
	}
	return call, losses, err
}

// unpriced reports whether an endpoint has a price, and none for a tier that has one of its own.
func unpriced(tier string, e *catalog.Endpoint) bool {
	switch {
	case e.Pricing == nil || e.Pricing.Free:
		return false
	case meter.IsPriority(tier):
		return e.Pricing.Priority == nil && e.Variant != "priority"
	}
	return tier == "flex" && e.Variant != "flex"
}

// fetch gets what is at the URLs into the request.
func (x *exchange) fetch(urls []string) error {
	switch {
	case x.g.Fetch == nil:
		return unfetched("This endpoint takes media inline only, and this gateway fetches no URLs; send the media as a data URL")
	case len(urls) > maxFetches:
		return unfetched(fmt.Sprintf("This endpoint takes media inline only, and at most %d URLs of a request are fetched; send data URLs", maxFetches))
	}
	got, err := x.fetchAll(urls)
	if err != nil {
		return err
	}
	size := 0
	x.req.Fetched = make(map[string]*llm.Media, len(urls))
	for i, u := range urls {
		x.req.Fetched[u] = got[i]
		size += len(got[i].Data)
		x.fetched(u, len(got[i].Data))
	}
	if size > maxFetched {
		return unfetched(fmt.Sprintf("What the request refers to by URL is larger than %d MiB together; send less, or data URLs", maxFetched>>20))
	}
	return nil
}

// unfetched lets another endpoint be tried, which may take the URLs themselves.
func unfetched(public string) error {
	return &fault.Error{Kind: fault.Refused, Code: "media_unavailable", Public: public}
}

// fetchAll returns when every fetch has ended. The first failure ends the others.
func (x *exchange) fetchAll(urls []string) ([]*llm.Media, error) {
	ctx, cancel := context.WithCancelCause(x.ctx)
	defer cancel(nil)
	got := make([]*llm.Media, len(urls))
	slots := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	for i, u := range urls {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			var err error
			if got[i], err = x.g.Fetch(ctx, u); err != nil {
				cancel(err)
			}
		})
	}
	wait.Wait()
	return got, context.Cause(ctx)
}
