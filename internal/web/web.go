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
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// App is the built files, ready to be sent. It is safe for concurrent use.
type App struct {
	files map[string]*file // by path, such as /assets/index-….js
}

// file is one file as it is sent: nobody but tools asks for it as it is.
type file struct {
	forms     map[string]form // by content coding: br, gzip, identity
	kind      string          // media type
	immutable bool            // its name changes with its content
}

// form is a file in one content coding.
type form struct {
	bytes []byte
	etag  string
}

// New reads what is embedded. An error means that the build is broken.
func New() (*App, error) {
	a := &App{files: map[string]*file{}}
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".gz") {
			return err
		}
		at := strings.TrimSuffix(strings.TrimPrefix(name, "dist"), ".gz")
		f, err := read(strings.TrimSuffix(name, ".gz"))
		if err != nil {
			return fmt.Errorf("read the web app's %s: %w", at, err)
		}
		f.immutable = strings.HasPrefix(at, "/assets/")
		a.files[at] = f
		return nil
	})
	if err == nil && a.files["/index.html"] == nil {
		err = fmt.Errorf("the web app has no index.html; build it with: make web")
	}
	return a, err
}

func read(name string) (*file, error) {
	br, err := dist.ReadFile(name + ".br")
	if err != nil {
		return nil, err
	}
	gz, err := dist.ReadFile(name + ".gz")
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	tag := hex.EncodeToString(sum[:8])
	return &file{kind: kindOf(name), forms: map[string]form{
		"br":       {br, `"` + tag + `-br"`},
		"gzip":     {gz, `"` + tag + `-gz"`},
		"identity": {plain, `"` + tag + `"`},
	}}, nil
}

// kindOf is the media type of a name; what the system has configured does not count.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
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
	if coding != "identity" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.forms[coding].etag)
	h.Set("Cache-Control", "no-cache") // kept, and asked for again
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.forms[coding].bytes))
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
