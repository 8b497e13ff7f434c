//go:build race

package app

// probes is fewer where each costs ten times as much.
const probes = 5_000
