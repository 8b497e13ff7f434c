package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// The rig's own processes are the same program, started with one of these words.
const (
	childUpstream = "upstream"
	childRevproxy = "revproxy"
	childLoad     = "load"
)

// Child runs one of the rig's own processes when args ask for one, until ctx ends.
func Child(ctx context.Context, args []string, out io.Writer) (ran bool, err error) {
	if len(args) == 0 {
		return false, nil
	}
	switch {
	case args[0] == childUpstream:
		return true, serve(ctx, newUpstream(), announcement{}, listenAddress(args[1:]), out)
	case args[0] == childRevproxy && len(args) > 1:
		u, err := url.Parse(args[1])
		if err != nil {
			return true, err
		}
		return true, serve(ctx, newRevproxy(u), announcement{}, listenAddress(args[2:]), out)
	case args[0] == childLoad && len(args) > 1:
		return true, load(ctx, args[1], out)
	}
	return false, nil
}

func listenAddress(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return "127.0.0.1:0"
}

// serve announces where it listens and serves until ctx ends.
func serve(ctx context.Context, h http.Handler, say announcement, address string, out io.Writer) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: h}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() }) // Serve says what there is to say
	defer stop()
	say.Address = "http://" + l.Addr().String()
	if err := json.NewEncoder(out).Encode(say); err != nil {
		return err
	}
	if err := s.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

func load(ctx context.Context, raw string, out io.Writer) error {
	var spec LoadSpec
	if err := json.Unmarshal([]byte(raw), &spec); err != nil {
		return fmt.Errorf("read what to send: %w", err)
	}
	result, err := runLoad(ctx, spec)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// load runs one phase in its own process beside the simulated provider.
func (r *Rig) load(ctx context.Context, spec LoadSpec) (LoadResult, error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return LoadResult{}, err
	}
	p, err := r.spawn(ctx, childLoad, r.others, nil, r.self, childLoad, string(raw))
	if err != nil {
		return LoadResult{}, err
	}
	defer p.out.Close()
	var result LoadResult
	err = json.NewDecoder(p.out).Decode(&result)
	<-p.ended
	if err != nil {
		return LoadResult{}, fmt.Errorf("the load ended without a result (%s): %s", p.cmd.ProcessState, p.logTail())
	}
	return result, nil
}
