package rig

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// kind says how a scenario is run.
type kind int

const (
	alternating kind = iota // rounds that alternate between baseline and gateway
	once                    // one run each, on a fresh process, watching its memory
	starting                // processes started again and again
)

// A scenario is one kind of traffic, sent in the same way to baseline and gateway.
type scenario struct {
	name, title string
	kind        kind
	wire        string // dialect of the provider behind the gateway; the baseline's is the client's
	client      string // dialect of the client; empty: chat
	named       bool   // runs only when it is asked for by name
	body        string // shape of the request: chat, prompt or image
	stream      stream // zero: the answer comes whole
	perChunk    bool   // processor time is divided by chunks, not by requests
	direct      bool   // the provider is asked without a gateway too, for added latency

	conns    int           // connections, each with one request at a time
	each     int           // measured requests per connection; 0: as many as fit in duration
	duration time.Duration // of the measured phase when each is 0
	warm     time.Duration // unmeasured requests before it; with each, one request is sent
	every    time.Duration // one request per connection that often; 0: the next at once
	stagger  time.Duration // connections begin evenly within it
}

// stream is a streamed answer: how many chunks of content, how far apart.
type stream struct {
	chunks int
	gap    time.Duration
}

// speaks is the client's dialect.
func (s scenario) speaks() *dialect { return dialects[cmp.Or(s.client, openAI)] }

// model is the upstream's name for the answer wanted: the simulated provider reads it back.
func (s scenario) model() string {
	if s.stream.chunks == 0 {
		return "answer"
	}
	return fmt.Sprintf("stream-%d-%d", s.stream.chunks, s.stream.gap.Milliseconds())
}

// scenarios is everything the rig measures, in the order it runs.
func scenarios(quick bool) []scenario {
	paced, burst := stream{100, 5 * time.Millisecond}, stream{500, 0}
	phase, warm, each := 600*time.Millisecond, 200*time.Millisecond, 2
	slow, many, manyRamp := stream{20, time.Second}, stream{5, 2 * time.Second}, 5*time.Second
	manyConns := 10000
	if quick {
		phase, warm, each = 300*time.Millisecond, 100*time.Millisecond, 1
		slow, many, manyRamp, manyConns = stream{4, time.Second}, stream{3, time.Second}, time.Second, 2000
	}
	all := []scenario{
		{name: "chat-16", title: "chat, 1 KB, 16 connections", wire: openAI, body: "chat", conns: 16, duration: phase, warm: warm},
		{name: "chat-64", title: "chat, 1 KB, 64 connections", wire: openAI, body: "chat", conns: 64, duration: phase, warm: warm},
		{name: "prompt-200k", title: "prompt of 200 KB", wire: openAI, body: "prompt", conns: 16, duration: phase, warm: warm},
		{name: "image-2m", title: "image of 2 MB", wire: openAI, body: "image", conns: 8, duration: phase, warm: warm},
		{name: "chunk-paced", title: "chunk, 5 ms apart", wire: openAI, body: "chat", stream: paced, perChunk: true, conns: 32, each: 2 * each, stagger: paced.gap},
		{name: "chunk-burst", title: "chunk, back to back", wire: openAI, body: "chat", stream: burst, perChunk: true, conns: 32, each: 2 * each},
		{name: "translate-chat", title: "chat, 1 KB, from Anthropic", wire: anthropic, body: "chat", conns: 16, duration: phase, warm: warm},
		{name: "translate-paced", title: "chunk from Anthropic, 5 ms apart", wire: anthropic, body: "chat", stream: paced, perChunk: true, conns: 32, each: 2 * each, stagger: paced.gap},
		{name: "translate-burst", title: "chunk from Anthropic, back to back", wire: anthropic, body: "chat", stream: burst, perChunk: true, conns: 32, each: 2 * each},
		{name: "latency-chat", title: "latency of a chat, 1,000 a second", wire: openAI, body: "chat", direct: true, conns: 8, duration: phase, warm: warm, every: 8 * time.Millisecond, stagger: 8 * time.Millisecond},
		{name: "latency-first", title: "latency of the first chunk, 500 streams a second", wire: openAI, body: "chat", stream: stream{8, 0}, direct: true, conns: 8, duration: phase, warm: warm, every: 16 * time.Millisecond, stagger: 16 * time.Millisecond},
		{name: "slow-1000", title: "1,000 slow streams", kind: once, wire: openAI, body: "chat", stream: slow, perChunk: true, conns: 1000, each: 1, stagger: time.Second},
		{name: "many-10000", title: fmt.Sprintf("%d streams", manyConns), kind: once, wire: openAI, body: "chat", stream: many, perChunk: true, conns: manyConns, each: 1, stagger: manyRamp},
		{name: "start", title: "start to first answer", kind: starting, wire: openAI, body: "chat"},
	}
	for _, client := range routed {
		for _, wire := range routed {
			s := scenario{name: "route-" + client + "-" + wire, title: dialects[client].name + " from " + dialects[wire].name, client: client, wire: wire, body: "chat", named: true}
			small, paced := s, s
			small.name, small.title, small.conns, small.duration, small.warm = s.name+"-small", s.title+", 1 KB", 16, phase, warm
			paced.title, paced.stream, paced.perChunk, paced.conns, paced.each, paced.stagger = s.title+", chunk", stream{100, 5 * time.Millisecond}, true, 32, 2*each, 5*time.Millisecond
			all = append(all, small, paced)
		}
	}
	return all
}

// choose keeps the scenarios whose name, or whose name's first word, is among the wanted.
// No names, or "all", keeps every one. An unknown name is an error that lists the known.
func choose(all []scenario, wanted []string) ([]scenario, error) {
	if len(wanted) == 0 {
		wanted = []string{"all"}
	}
	var out []scenario
	known := map[string]bool{"all": true}
	for _, s := range all {
		word, _, _ := strings.Cut(s.name, "-")
		known[s.name], known[word] = true, true
		for _, w := range wanted {
			if w == "all" && !s.named || w == s.name || w == word {
				out = append(out, s)
				break
			}
		}
	}
	for _, w := range wanted {
		if !known[w] {
			return nil, fmt.Errorf("there is no scenario %q; there are %s", w, names(all))
		}
	}
	return out, nil
}

func names(all []scenario) string {
	var b []string
	for _, s := range all {
		b = append(b, s.name)
	}
	return strings.Join(b, ", ")
}
