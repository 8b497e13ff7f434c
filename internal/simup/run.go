package simup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Running is a Server that listens.
type Running struct {
	URL    string // without a slash at the end; providers are below it
	Server *Server
	http   *http.Server
	ended  chan error
}

// Start serves on a free port of 127.0.0.1.
func Start(c Config) (*Running, error) { return Listen(c, "127.0.0.1:0") }

// Listen serves on an address.
func Listen(c Config, address string) (*Running, error) {
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the simulator: %w", err), s.Close())
	}
	r := &Running{URL: "http://" + l.Addr().String(), Server: s, ended: make(chan error, 1),
		http: &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16}}
	go func() { r.ended <- r.http.Serve(l) }()
	return r, nil
}

// closing is how long Close lets answers end by themselves.
const closing = 200 * time.Millisecond

// Close stops listening, ends what is still being said, and closes the invoice.
func (r *Running) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	err := r.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = r.http.Close()
	}
	if served := <-r.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	r.Server.active.Wait() // what was cut off writes its line
	return errors.Join(err, r.Server.Close())
}
