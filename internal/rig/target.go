package rig

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// The names of what is measured, in reports.
const (
	targetDirect   = "direct"
	targetRevproxy = "revproxy"
	targetGateway  = "dragoman"
	targetAgain    = "revproxy again" // in the gateway's place, to see the noise
)

// A target is a process that takes the load.
type target struct {
	*process
	path, key string
	model     string // as clients name it there
	pid       int    // to be measured; 0: none
}

// gatewayModel is what the gateway calls every model of the simulated provider; there is
// one scenario at a time.
const gatewayModel = "rig/model"

// baseline starts the plain reverse proxy.
func (r *Rig) baseline(ctx context.Context, name string, s scenario, up *process) (*target, error) {
	p, err := r.start(ctx, name, r.measured, nil, r.self, childRevproxy, up.Address)
	if err != nil {
		return nil, err
	}
	return &target{process: p, path: s.speaks().at(s.model(), s.stream.chunks > 0), model: s.model(), pid: p.pid()}, nil
}

// gateway starts what stands beside the baseline, with a fresh data directory.
func (r *Rig) gateway(ctx context.Context, s scenario, up *process) (*target, error) {
	if r.Noise {
		return r.baseline(ctx, targetAgain, s, up)
	}
	home, err := os.MkdirTemp(r.dir, "gateway-")
	if err != nil {
		return nil, err
	}
	p, err := r.startGateway(ctx, home, "127.0.0.1:0", s, up)
	if err != nil {
		return nil, err
	}
	if err := p.announced(); err != nil {
		p.stop()
		return nil, err
	}
	if p.Key == "" {
		p.stop()
		return nil, fmt.Errorf("the gateway announced no key: it needs a data directory of its own")
	}
	d := s.speaks()
	return &target{process: p, path: d.gateway + d.at(gatewayModel, s.stream.chunks > 0), key: p.Key, model: gatewayModel, pid: p.pid()}, nil
}

// startGateway starts the gateway on a data directory, which may hold data, and does not
// wait for it.
func (r *Rig) startGateway(ctx context.Context, home, listen string, s scenario, up *process) (*process, error) {
	config := filepath.Join(home, "rig.yaml")
	if err := os.WriteFile(config, gatewayConfig(filepath.Join(home, "data"), listen, s, up.Address), 0o600); err != nil {
		return nil, err
	}
	return r.spawn(ctx, targetGateway, r.measured, []string{"DRAGOMAN_PRINT=json"}, r.Gateway, "serve", "--config", config)
}

// gatewayConfig is the gateway as its users run it: authentication, routing, holds,
// settlement and records are on, with the settings they have when nothing is said.
func gatewayConfig(data, listen string, s scenario, upstream string) []byte {
	d := dialects[s.wire]
	return fmt.Appendf(nil, `listen: %s
data: %q
demo: false
providers:
  - {slug: rig, name: Rig, protocol: %s, base_url: %q, api_key: k}
models:
  - slug: %s
    endpoints:
      - {provider: rig, upstream_model: %s, context_length: 4000000, input_modalities: [text, image], price: {prompt: "1", completion: "2"}}
`, listen, data, d.protocol, upstream+d.base, gatewayModel, s.model())
}
