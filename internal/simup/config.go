package simup

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Config is what a Server plays. It is copied by New.
type Config struct {
	Seed        uint64           // of every answer, id and failure
	Providers   []Provider       // at least one
	InvoiceFile string           // JSON lines, one synced write each; "" keeps the invoice in memory only
	Now         func() time.Time // of timestamps and the prompt cache, not of pace; nil is time.Now
}

// A Provider is one company, served below /Slug in every dialect.
type Provider struct {
	Slug, Name string
	Key        string // what clients must show; "" lets anyone in
	Models     []Model
}

// A Model is how one model behaves.
type Model struct {
	ID              string        // upstream model id
	TTFT            time.Duration // before the first byte; 0 none
	TokensPerSecond float64       // pace of an answer; 0 as fast as possible
	FailureRate     float64       // share of requests, 0 to 1, that fail with 500 or the dialect's overload status
	Reasoning       bool          // thinks when asked to
	Tools, Vision   bool          // accepts tools, images
	Context         int64         // tokens of prompt; 0 is no limit
}

var slugShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func (c Config) check() error {
	if len(c.Providers) == 0 {
		return errors.New("simulator needs at least one provider")
	}
	seen := map[string]bool{}
	for _, p := range c.Providers {
		if seen[p.Slug] {
			return fmt.Errorf("provider %s is there twice", p.Slug)
		}
		seen[p.Slug] = true
		if err := p.check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Provider) check() error {
	if !slugShape.MatchString(p.Slug) {
		return fmt.Errorf("provider slug %q: want lower case letters, digits, '.', '_' and '-'", p.Slug)
	}
	if len(p.Models) == 0 {
		return fmt.Errorf("provider %s needs at least one model", p.Slug)
	}
	seen := map[string]bool{}
	for _, m := range p.Models {
		if err := m.check(); err != nil {
			return fmt.Errorf("provider %s: %w", p.Slug, err)
		}
		if seen[m.ID] {
			return fmt.Errorf("provider %s: model %s is there twice", p.Slug, m.ID)
		}
		seen[m.ID] = true
	}
	return nil
}

func (m Model) check() error {
	switch {
	case m.ID == "":
		return errors.New("a model has no id")
	case m.TTFT < 0:
		return fmt.Errorf("model %s: time to first token is negative", m.ID)
	case !(m.TokensPerSecond >= 0 && m.TokensPerSecond <= 1e9):
		return fmt.Errorf("model %s: tokens per second must be 0 to 1e9", m.ID)
	case !(m.FailureRate >= 0 && m.FailureRate <= 1):
		return fmt.Errorf("model %s: failure rate must be 0 to 1", m.ID)
	case m.Context < 0:
		return fmt.Errorf("model %s: context is negative", m.ID)
	}
	return nil
}
