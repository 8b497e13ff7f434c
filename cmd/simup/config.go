package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/simup"
)

// fileConfig is what --config reads.
type fileConfig struct {
	Providers []struct {
		Slug   string      `json:"slug"`
		Name   string      `json:"name"`
		Key    string      `json:"key"`
		Models []fileModel `json:"models"`
	} `json:"providers"`
}

type fileModel struct {
	ID              string  `json:"id"`
	TTFT            span    `json:"ttft"`
	TokensPerSecond float64 `json:"tokens_per_second"`
	FailureRate     float64 `json:"failure_rate"`
	Reasoning       bool    `json:"reasoning"`
	Tools           bool    `json:"tools"`
	Vision          bool    `json:"vision"`
	Context         int64   `json:"context"`
}

// span is a duration written as "120ms".
type span time.Duration

// UnmarshalText reads what time.ParseDuration does.
func (s *span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	*s = span(d)
	return err
}

// builtin is who is played without a file.
func builtin() []simup.Provider {
	return []simup.Provider{{Slug: "sim", Name: "Sim", Models: []simup.Model{
		{ID: "chat", Tools: true, Vision: true, Context: 128_000},
		{ID: "thinker", Reasoning: true, Tools: true, Vision: true, Context: 200_000},
		{ID: "slow", TTFT: 200 * time.Millisecond, TokensPerSecond: 50, Tools: true, Vision: true, Context: 128_000},
		{ID: "flaky", FailureRate: 0.5, Tools: true, Context: 128_000},
	}}}
}

func load(path, key string) ([]simup.Provider, error) {
	providers := builtin()
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		if providers, err = parse(b); err != nil {
			return nil, fmt.Errorf("read the configuration %s: %w", path, err)
		}
	}
	for i := range providers {
		if providers[i].Key == "" {
			providers[i].Key = key
		}
	}
	return providers, nil
}

func parse(b []byte) (out []simup.Provider, err error) {
	var c fileConfig
	in := json.NewDecoder(bytes.NewReader(b))
	in.DisallowUnknownFields()
	if err := in.Decode(&c); err != nil {
		return nil, err
	}
	for _, p := range c.Providers {
		sp := simup.Provider{Slug: p.Slug, Name: p.Name, Key: p.Key}
		for _, m := range p.Models {
			sp.Models = append(sp.Models, simup.Model{ID: m.ID, TTFT: time.Duration(m.TTFT), TokensPerSecond: m.TokensPerSecond,
				FailureRate: m.FailureRate, Reasoning: m.Reasoning, Tools: m.Tools, Vision: m.Vision, Context: m.Context})
		}
		out = append(out, sp)
	}
	return out, nil
}
