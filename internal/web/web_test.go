package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inputs and generated are those of web/tools/sources.mjs, which writes the hash.
var inputs = []string{"index.html", "package-lock.json", "package.json", "public", "src", "tools", "tsconfig.json", "vite.config.ts"}

const generated = "src/lib/schema.d.ts"

// TestBuiltFromSource: what is embedded was built from what is in web/.
func TestBuiltFromSource(t *testing.T) {
	want, err := sourceHash(filepath.Join("..", "..", "web"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := dist.ReadFile("dist/source.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(got)) != want {
		t.Error("web/ was changed after the web app was built; build it with: make web")
	}
}

func sourceHash(root string) (string, error) {
	var files []string
	for _, input := range inputs {
		err := filepath.WalkDir(filepath.Join(root, input), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if rel = filepath.ToSlash(rel); rel != generated {
				files = append(files, rel)
			}
			return err
		})
		if err != nil {
			return "", err
		}
	}
	if len(files) < 50 {
		return "", errors.New("only few files found: the walk is wrong")
	}
	slices.Sort(files)
	sum := sha256.New()
	for _, name := range files {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s\x00%d\x00", name, len(raw))
		sum.Write(raw)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func open(t *testing.T) *App {
	t.Helper()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(a *App, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// TestPages: every address that is no file is the app, and is asked for again each time.
func TestPages(t *testing.T) {
	a := open(t)
	for _, path := range []string{"/", "/models", "/models/openai/gpt-4o.mini", "/no/such/page"} {
		w := get(a, path)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<div id="root">`) {
			t.Errorf("%s: %d, not the app", path, w.Code)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		if got := w.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%s: Content-Type %q", path, got)
		}
	}
}

// TestAssets: what the page names is there, is kept for ever, and comes as the browser likes it.
func TestAssets(t *testing.T) {
	a := open(t)
	names := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(get(a, "/").Body.String(), -1)
	if len(names) < 3 {
		t.Fatalf("the page names %d files", len(names))
	}
	for _, n := range names {
		if a.files[n[1]] == nil {
			t.Errorf("the page names %s, which is not there", n[1])
		}
	}
	for path, f := range a.files {
		if f.kind == "" {
			t.Errorf("%s has no media type", path)
		}
		for accept, coding := range map[string]string{"gzip, deflate, br, zstd": "br", "gzip": "gzip", "br;q=0, gzip;q=0.5": "gzip", "": "", "zstd": "", "gzip;q=0.000": ""} {
			w := get(a, path, "Accept-Encoding", accept)
			if got := w.Header().Get("Content-Encoding"); got != coding {
				t.Errorf("%s to %q: coded as %q, not %q", path, accept, got, coding)
			}
			again := get(a, path, "Accept-Encoding", accept, "If-None-Match", w.Header().Get("ETag"))
			if again.Code != http.StatusNotModified {
				t.Errorf("%s to %q: %d for what is known", path, accept, again.Code)
			}
		}
		if kept := strings.Contains(get(a, path).Header().Get("Cache-Control"), "immutable"); kept != strings.HasPrefix(path, "/assets/") {
			t.Errorf("%s: immutable is %v", path, kept)
		}
	}
}

// TestStrict: the page works under its own policy, which allows nothing inline and nobody else.
func TestStrict(t *testing.T) {
	a := open(t)
	w := get(a, "/signin")
	csp := w.Header().Get("Content-Security-Policy")
	for _, must := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(csp, must) {
			t.Errorf("the policy lacks %s: %s", must, csp)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") || strings.Contains(csp, "*") {
		t.Errorf("the policy allows too much: %s", csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	page := w.Body.String()
	if found := regexp.MustCompile(`(?i)<style|<script>|<script [^>]*>[^<]|\son\w+=|style=|https?://`).FindString(page); found != "" {
		t.Errorf("the page has %q in it", found)
	}
}

func TestAnswers(t *testing.T) {
	a := open(t)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		method, path, accept string
		want                 bool
	}{
		{"GET", "/", browser, true}, {"HEAD", "/models", browser, true}, {"GET", "/v1x", browser, true}, {"GET", "/theme.js", "*/*", true},
		{"GET", "/", "*/*", false}, {"GET", "/", "", false}, {"POST", "/keys", browser, false}, {"POST", "/theme.js", "*/*", false}, {"GET", "/assets/old.js", "*/*", false},
		{"GET", "/api/v1/nothing", browser, false}, {"GET", "/api", browser, false}, {"GET", "/v1/models", browser, false}, {"GET", "/v1beta/models", browser, false},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Header.Set("Accept", c.accept)
		if got := a.Answers(r); got != c.want {
			t.Errorf("%s %s with Accept %q: %v", c.method, c.path, c.accept, got)
		}
	}
}
