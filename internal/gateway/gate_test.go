package gateway

import (
	"context"
	"testing"
)

func TestGateIsBounded(t *testing.T) {
	t.Parallel()
	var g gate
	for range mostJudged {
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() { waits <- g.enter(ctx) }()
	cancel()
	if err := <-waits; err == nil {
		t.Fatal("one more is in")
	}
	g.leave()
	if err := g.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
}
