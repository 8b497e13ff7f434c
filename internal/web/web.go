// Package web serves the web app: the files that web/ is built into, which are embedded and
// committed, so that building the gateway needs nothing but Go. It knows no page by name: every
// address that a browser opens and that nothing else answers is the app's, which finds the page
// itself. It looks at no cookie and keeps nothing. Start with New.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed all:dist
var dist embed.FS

// App is the built files, which are read when they are asked for: a gateway that no browser
// visits has none of them in memory. It is safe for concurrent use.
type App struct {
	files map[string]*file // by path, such as /assets/index-….js
}

// file is one file as it is sent.
type file struct {
	name      string // in dist, without the ending of a content coding
	kind      string // media type
	immutable bool   // its name changes with its content
	tag       func() (string, error)
}

// codings are the forms a file is embedded in, by their endings.
var codings = map[string]string{"br": ".br", "gzip": ".gz"}

// New finds what is embedded. An error means that the build is broken.
func New() (*App, error) {
	a := &App{files: map[string]*file{}}
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".gz") {
			return err
		}
		name = strings.TrimSuffix(name, ".gz")
		if _, err := fs.Stat(dist, name+".br"); err != nil {
			return err
		}
		at := strings.TrimPrefix(name, "dist")
		a.files[at] = &file{name: name, kind: kindOf(name), immutable: strings.HasPrefix(at, "/assets/"),
			tag: sync.OnceValues(func() (string, error) { return tag(name) })}
		return nil
	})
	if err == nil && a.files["/index.html"] == nil {
		err = fmt.Errorf("the web app has no index.html; build it with: make web")
	}
	return a, err
}

// tag changes with the content of a file.
func tag(name string) (string, error) {
	gz, err := dist.Open(name + ".gz")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, gz); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// open is the file in a content coding. What is embedded in that coding is not copied; nobody
// but tools asks for it as it is.
func (f *file) open(coding string) (io.ReadSeeker, error) {
	if ending, ok := codings[coding]; ok {
		embedded, err := dist.Open(f.name + ending)
		if err != nil {
			return nil, err
		}
		return embedded.(io.ReadSeeker), nil // every file of an embed.FS is one
	}
	gz, err := dist.Open(f.name + ".gz")
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(gz)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(r)
	return bytes.NewReader(plain), err
}

// kinds are the media types of what the app is made of; what the system has configured does
// not count.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

func kindOf(name string) string {
	if kind, ok := kinds[path.Ext(name)]; ok {
		return kind
	}
	return "application/octet-stream"
}

// Answers reports whether a request is for the app: for one of its files, or a browser's that
// opens a page. A program's is not, and nothing below the API's bases is.
func (a *App) Answers(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if a.files[r.URL.Path] != nil {
		return true
	}
	for _, api := range []string{"/api", "/v1", "/v1beta"} {
		if r.URL.Path == api || strings.HasPrefix(r.URL.Path, api+"/") {
			return false
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// ServeHTTP sends the file at the request's path, or the page that finds its way by itself.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.files[r.URL.Path]
	if f == nil {
		f = a.files["/index.html"]
	}
	h := w.Header()
	protect(h)
	coding := negotiate(r.Header.Get("Accept-Encoding"))
	content, err := f.open(coding)
	tag, tagErr := f.tag()
	if err := errors.Join(err, tagErr); err != nil { // what is embedded does not change: the build is broken
		http.Error(w, "The web app cannot be read; build it with: make web", http.StatusInternalServerError)
		return
	}
	if coding != "identity" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", f.kind)
	h.Set("ETag", `"`+tag+"-"+coding+`"`)
	h.Set("Cache-Control", "no-cache") // kept, and asked for again
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

// negotiate is the best content coding that Accept-Encoding allows.
func negotiate(accept string) string {
	for _, coding := range []string{"br", "gzip"} {
		for part := range strings.SplitSeq(accept, ",") {
			name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
			if strings.EqualFold(name, coding) && !refused(params) {
				return coding
			}
		}
	}
	return "identity"
}

// refused reports a weight of 0.
func refused(params string) bool {
	q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
	return ok && strings.Trim(q, "0.") == ""
}
