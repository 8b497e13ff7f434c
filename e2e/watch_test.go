package e2e

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// A watch stands between a gateway and everybody: it puts a canary into every prompt and
// every secret, and looks for them in all that is answered to somebody else, in what the
// program wrote and in its directory. What it finds is the end of the gateway, told as an error.
type watch struct {
	testing.TB // of no test: the gateway's life is not one test's
	*httptest.Server
	front *http.Transport

	mu    sync.Mutex
	found []error
}

func newWatch(address string) *watch {
	to, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	w := &watch{front: http.DefaultTransport.(*http.Transport).Clone()}
	w.front.DisableCompression, w.front.MaxIdleConnsPerHost = true, 64
	proxy := &httputil.ReverseProxy{FlushInterval: -1, Transport: w.front, ErrorLog: log.New(io.Discard, "", 0), // clients leave, providers break off
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				r.Out.Header[name] = r.In.Header[name]
			}
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }}
	w.Server = httptest.NewServer(canary.Handler(w, proxy))
	return w
}

// Errorf notes what was found.
func (w *watch) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, fmt.Errorf(format, args...))
}

func (w *watch) Helper()             {}
func (w *watch) Cleanup(func())      {}
func (w *watch) Attr(string, string) {}
func (w *watch) Error(args ...any)   { w.Errorf("%s", fmt.Sprint(args...)) }

// last looks through what a gateway that has ended leaves, and is everything that was found.
func (w *watch) last(g *gateway) error {
	w.front.CloseIdleConnections()
	canary.Text(w, "the output", g.log.String())
	canary.Files(w, filepath.Join(g.dir, "data"))
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.found...)
}
