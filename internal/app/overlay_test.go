package app

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/config"
)

// TestLimitsOfAModelHoldAtItsEndpoints: routing looks at endpoints alone.
func TestLimitsOfAModelHoldAtItsEndpoints(t *testing.T) {
	m := &config.Model{Slug: "a/b", ContextLength: 1000, MaxOutput: 100}
	if e := endpointRow(m, &config.Endpoint{}); e.ContextLength != 1000 || e.MaxOutput != 100 {
		t.Errorf("an endpoint that states none has %d and %d", e.ContextLength, e.MaxOutput)
	}
	if e := endpointRow(m, &config.Endpoint{ContextLength: 500, MaxOutput: 200}); e.ContextLength != 500 || e.MaxOutput != 200 {
		t.Errorf("an endpoint that states its own has %d and %d", e.ContextLength, e.MaxOutput)
	}
}
