package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// A canary in any part of a litter is found, and a core dump without one too.
func TestLook(t *testing.T) {
	for name, text := range map[string]string{
		"":                                   "",
		temporary + "/upload-1":              "prompt " + canary.Said(3),
		temporary + "/a/multipart-2":         canary.Hidden("password"),
		kept + "/pkg/Test/kept1/d.db-wal":    canary.Said(4),
		kept + "/pkg/Test/kept1/log":         canary.Hidden("sk-1234"),
		printed + "/stdout":                  canary.Said(5),
		printed + "/stderr":                  "panic: sk-or-v1-" + strings.Repeat("a1", 32),
		"../module/internal/x/core.17":       "no canary",
		"../module/e2e/core":                 "",
		"../module/internal/x/scores":        "no core dump",
		"../module/node_modules/core":        "not of a test",
		built + "/b001/what the compiler is": canary.Said(6),
	} {
		base := t.TempDir()
		dir, module := filepath.Join(base, "litter"), filepath.Join(base, "module")
		for _, d := range []string{dir, module} {
			if err := os.Mkdir(d, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		l, err := prepare(dir)
		if err != nil {
			t.Fatal(err)
		}
		if name != "" {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want := 1
		if name == "" || strings.Contains(name, "scores") || strings.Contains(name, "node_modules") || strings.HasPrefix(name, built) {
			want = 0
		}
		var out strings.Builder
		if finds, err := l.look(&out, module); err != nil || finds != want {
			t.Errorf("%q: %d finds, %v; want %d: %s", name, finds, err, want, &out)
		}
	}
}

// What tests print is kept, counted, and failures are told.
func TestRead(t *testing.T) {
	l, err := prepare(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	failed := l.read(&out, strings.NewReader(`{"Action":"output","Package":"p","Test":"T","Output":"printed\n"}
{"Action":"attr","Package":"p","Test":"T","Key":"`+canary.Planted+`","Value":"7"}
{"Action":"attr","Package":"p","Test":"U","Key":"`+canary.LookedFor+`","Value":"30"}
not JSON
{"Action":"fail","Package":"p","Test":"T"}
{"Action":"fail","Package":"p","Elapsed":1.5}
{"Action":"pass","Package":"q"}
`))
	text, err := os.ReadFile(filepath.Join(l.dir, printed, "stdout"))
	if err != nil || string(text) != "printed\nnot JSON\n" {
		t.Errorf("%q, %v", text, err)
	}
	if l.planted != 7 || l.looked != 30 || strings.Join(failed, " ") != "p" || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%+v, failed %v: %s", l, failed, &out)
	}
}
