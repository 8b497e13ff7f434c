package media

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/publicnet"
)

var png = []byte("\x89PNG\r\n\x1a\n-and-so-on")

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestFetch(t *testing.T) {
	t.Parallel()
	var s *httptest.Server
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/named.png":
			w.Header().Set("Content-Type", "image/png; q=1")
			w.Write(png)
		case "/bare":
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Write(png)
		case "/twice":
			http.Redirect(w, r, "/once", http.StatusFound)
		case "/once":
			http.Redirect(w, r, "/named.png?secret=1", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/program":
			w.Header().Set("Content-Type", "application/x-executable")
			w.Write(png)
		case "/large":
			w.Write(make([]byte, 3000))
		case "/endless":
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1000))
			}
		case "/cut":
			w.Header().Set("Content-Length", "100")
			w.Write(png)
		case "/slow":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	})
	f := New(Options{MaxBytes: 2000, Timeout: 300 * time.Millisecond, Private: true})
	defer f.Close()
	for _, path := range []string{"/named.png", "/bare", "/twice"} {
		m, err := f.Fetch(t.Context(), s.URL+path)
		if err != nil || m.MIME != "image/png" || m.Data != base64.StdEncoding.EncodeToString(png) {
			t.Errorf("%s: %+v %v", path, m, err)
		}
	}
	u, _ := url.Parse(s.URL)
	for address, says := range map[string]string{
		s.URL + "/none?token=hidden":           "answers 404",
		s.URL + "/loop":                        "redirects too often",
		s.URL + "/away":                        "only http and https",
		s.URL + "/program":                     "neither image",
		s.URL + "/large":                       "larger than",
		s.URL + "/endless":                     "larger than",
		s.URL + "/cut":                         "broke off",
		s.URL + "/slow":                        "did not come within",
		"ftp://example.com/x":                  "only http and https",
		"http://":                              "only http and https",
		"http://user:pass@" + u.Host + "/bare": "user name",
		"http://127.0.0.1:1/":                  "cannot be reached",
		"http://a b/%zz":                       "not a URL",
	} {
		_, err := f.Fetch(t.Context(), address)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != fault.Refused || !strings.Contains(e.Public, says) || !strings.Contains(e.Public, "data URL") {
			t.Errorf("%s: %v", address, err)
		}
		if ok && (strings.Contains(e.Public, "hidden") || strings.Contains(e.Public, "pass@")) {
			t.Errorf("%s: the error holds a secret: %s", address, e.Public)
		}
	}
}

// Neither the address itself, nor a name for it, nor a redirect leads to a private address.
func TestFetchStaysOutside(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 8)
	inside := serve(t, func(w http.ResponseWriter, r *http.Request) { asked <- r.URL.Path; w.Write(png) })
	outside := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL+"/redirect", http.StatusFound)
	})
	strict := New(Options{})
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "http://"), ":")
	for _, address := range []string{inside.URL + "/direct", "http://localhost:" + port + "/name", "http://[::ffff:127.0.0.1]:" + port + "/mapped", "http://2130706433:" + port + "/number"} {
		if _, err := strict.Fetch(t.Context(), address); err == nil {
			t.Errorf("%s was fetched", address)
		}
	}
	u, _ := url.Parse(outside.URL)
	only := netip.MustParseAddrPort(u.Host)
	f := &Fetcher{Options{MaxBytes: 100, Timeout: time.Second}, client(func(a netip.AddrPort) bool { return a == only })}
	if _, err := f.Fetch(t.Context(), outside.URL); err == nil || !strings.Contains(err.Error(), publicnet.ErrPrivate.Error()) {
		t.Errorf("redirect inside: %v", err)
	}
	select {
	case path := <-asked:
		t.Errorf("the server inside was asked for %s", path)
	default:
	}
}

func TestFetchEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := New(Options{Private: true}).Fetch(ctx, s.URL); err == nil {
		t.Error("a fetch goes on after its request")
	}
}
