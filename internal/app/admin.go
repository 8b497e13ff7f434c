package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The admin socket is how the command line reaches a running gateway: the management API
// without a key, for whoever may open a file in the data directory.
const adminSocket = "admin.sock"

// maxSocketPath is what the system takes for the path of a socket, in bytes, without the
// closing zero (unix(7)).
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// reachable says when the path of a data directory is too long for the admin socket.
func reachable(data string) error {
	if n := len(filepath.Join(data, adminSocket)); n > maxSocketPath {
		return fmt.Errorf("the data directory's path is %d bytes too long for the socket in it (%s); choose a shorter one with --data, or a link to it", n-maxSocketPath, adminSocket)
	}
	return nil
}

// serveAdmin serves the socket until the returned closer is closed.
func (a *App) serveAdmin() (io.Closer, error) {
	path := filepath.Join(a.file.Config.Data, adminSocket)
	// The store's lock says that no other process serves this directory.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old admin socket: %w", err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the admin socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, fmt.Errorf("protect the admin socket: %w", err)
	}
	srv := &http.Server{Handler: a.manage.Trusted(), ReadHeaderTimeout: 5 * time.Second}
	go srv.Serve(ln) // ends with Close
	return srv, nil
}

// DialAdmin is a client of the gateway that serves a data directory, if one does. Its
// requests go to http://admin/….
func DialAdmin(data string) (*http.Client, bool) {
	path := filepath.Join(data, adminSocket)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	conn, err := dial(context.Background(), "", "")
	if err != nil {
		return nil, false
	}
	conn.Close()
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: 30 * time.Second}, true
}

// AdminClient is the same for an App in this process that does not serve.
func (a *App) AdminClient() *http.Client {
	return &http.Client{Transport: inProcess{a.manage.Trusted()}}
}

// inProcess is a transport that calls a handler.
type inProcess struct{ h http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: pw, ready: make(chan int, 1)}
	go func() {
		t.h.ServeHTTP(w, r)
		w.WriteHeader(http.StatusOK)
		pw.Close()
	}()
	status := <-w.ready
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: w.header, Body: pr, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1}, nil
}

type pipeWriter struct {
	header http.Header
	body   *io.PipeWriter
	ready  chan int
	wrote  bool
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if !w.wrote {
		w.wrote = true
		w.ready <- status
	}
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}
