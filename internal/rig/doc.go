// Package rig measures what a gateway costs: processor time per request and per streamed
// chunk, added latency, memory under many slow streams, and time from start to first
// answer, all beside a plain net/http/httputil.ReverseProxy in the same run.
//
// Gateway, simulated provider and load are separate processes, pinned so that the one
// measured has a processor to itself. Rounds alternate between baseline and gateway, and
// what is compared is the ratio of the two neighbours, so a machine that slows down or is
// shared moves both. Every answer is checked; a fast wrong answer counts as failed.
//
// It deliberately measures no quality of routing and no real network, and it needs Linux:
// the clocks and memory figures of another process come from there. Start with Run; the
// table of what is measured is in scenario.go, what must hold is in bar.go.
package rig
