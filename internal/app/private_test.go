package app

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/simup"
)

const localKey1, localKey2 = "sk-local-1234567890", "sk-local-0987654321"

// newLocal is a server of one's own that speaks OpenAI's protocol and wants a key.
func newLocal(t *testing.T, key string) *simup.Running {
	t.Helper()
	if key != "" {
		key = canary.Hidden(key)
	}
	sim, err := simup.Start(simup.Config{Seed: 1, Now: time.Now, Providers: []simup.Provider{{Slug: "house", Name: "House", Key: key, Models: []simup.Model{{ID: "tiny"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sim.Close() })
	return sim
}

// restart opens the company's data again, with its configuration and what edits do to it.
func (c *company) restart(edits ...func(*config.File)) {
	c.t.Helper()
	f := companyConfig(c.t, c.vendors, c.app.file.Config.Data, "")
	for _, edit := range edits {
		edit(f)
	}
	if err := c.app.Close(); err != nil {
		c.t.Fatal(err)
	}
	a, err := New(f, canary.Log(c.t))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { a.Close() })
	c.app, c.handler = a, canary.Handler(c.t, a.Handler())
}

const askTiny = `{"model":"house/tiny","messages":[{"role":"user","content":"hi [[sim:words=3]]"}],"max_tokens":50}`

// An endpoint of one's own is added, called, changed, disabled, and is there after a restart,
// without a line of configuration.
func TestPrivateEndpointLives(t *testing.T) {
	t.Parallel()
	sim := newLocal(t, localKey1)
	c := newCompany(t, "")
	key, _ := c.key("")
	ask := func(want int) string {
		t.Helper()
		w := call(t, c.handler, "POST", "/api/v1/chat/completions", key, askTiny)
		if w.Code != want {
			t.Fatalf("%d, want %d: %s", w.Code, want, w.Body)
		}
		return w.Body.String()
	}
	ask(400)
	p := c.manage("POST", "/private-providers", fmt.Sprintf(`{"slug":"house","name":"House","base_url":%q,"api_key":"sk-wrong-1234567890","data_policy":{"trains":false,"retains":false}}`, sim.URL+"/house/v1"))
	e := c.manage("POST", "/private-endpoints", `{"model_permaslug":"house/tiny","provider_slug":"house","upstream_model_id":"tiny","pricing":{"prompt":"0.000001","completion":"0.000002"},"context_length":8192}`)
	provider, endpoint := "/private-providers/"+p["id"].(string), "/private-endpoints/"+e["id"].(string)
	ask(400) // a draft is nobody's

	if v := c.manage("POST", endpoint+"/validate", ""); v["ok"] != false || v["status"] != 401. {
		t.Fatalf("a wrong key validates: %v", v)
	}
	c.manage("PATCH", provider, `{"api_key":"`+localKey1+`"}`)
	if v := c.manage("POST", endpoint+"/validate", ""); v["ok"] != true || v["answer"].(map[string]any)["model"] != "tiny" {
		t.Fatalf("%v", v)
	}
	if n := c.manage("GET", "/activity", ""); len(n["data"].([]any)) != 0 {
		t.Errorf("a validation is in the activity: %v", n)
	}
	if a := c.manage("POST", endpoint+"/activate", ""); a["usable"] != true {
		t.Fatalf("%v", a)
	}
	if body := ask(200); !strings.Contains(body, `"cost":0.0`) || !strings.Contains(body, `"provider":"House"`) {
		t.Error(body)
	}
	d := c.manage("POST", "/routing/explain", `{"model":"house/tiny","provider":{"zdr":true}}`)
	if d["refusal"] != nil || d["steps"].([]any)[0].(map[string]any)["endpoint"] != "house/house/tiny" {
		t.Errorf("%v", d)
	}

	c.manage("PATCH", endpoint, `{"status":"disabled"}`)
	ask(400)
	c.restart()
	ask(400)
	c.manage("POST", endpoint+"/activate", "")
	ask(200)
	c.restart()
	ask(200)

	// The key of the vault is another one, and so is the credential; then the server's place.
	w := httptest.NewRecorder()
	c.app.manage.Trusted().ServeHTTP(w, httptest.NewRequest("POST", "/vault/rotate", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"rewrapped":1`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	ask(200)
	other := newLocal(t, localKey2)
	c.manage("PATCH", provider, fmt.Sprintf(`{"base_url":%q,"api_key":%q}`, other.URL+"/house/v1", localKey2))
	ask(200) // the server of before would refuse this credential
	c.restart()
	ask(200)

	c.manage("DELETE", endpoint, "")
	c.manage("DELETE", provider, "")
	ask(400)
	c.restart()
	ask(400)
	noTrace(t, c.app.file.Config.Data, localKey1, localKey2, "sk-wrong-1234567890")
}

// noTrace looks for secrets in everything that is on disk.
func noTrace(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "dragoman.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		canary.Text(t, filepath.Base(name), string(raw))
		for _, s := range secrets {
			if bytes.Contains(raw, []byte(s)) {
				t.Errorf("%s has a secret in it", filepath.Base(name))
			}
		}
	}
}

// A provider that the configuration names too is the configuration's: what was added under its
// slug is not sent there.
func TestPrivateProviderGivesWay(t *testing.T) {
	t.Parallel()
	sim := newLocal(t, "")
	c := newCompany(t, "")
	key, _ := c.key("")
	c.manage("POST", "/private-providers", fmt.Sprintf(`{"slug":"house","base_url":%q}`, sim.URL+"/house/v1"))
	c.manage("POST", "/private-endpoints", `{"model_permaslug":"house/tiny","provider_slug":"house","upstream_model_id":"tiny","free":true,"status":"active"}`)
	if w := call(t, c.handler, "POST", "/api/v1/chat/completions", key, askTiny); w.Code != 200 || !strings.Contains(w.Body.String(), `"cost":0,`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	c.restart(func(f *config.File) {
		f.Config.Providers = append(f.Config.Providers, f.Config.Providers[0])
		f.Config.Providers[len(f.Config.Providers)-1].Slug = "house"
	})
	if w := call(t, c.handler, "POST", "/api/v1/chat/completions", key, askTiny); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if asked := c.last(); asked != "" {
		t.Errorf("another was asked with %q", asked)
	}
}

// While the catalogue is changed again and again, no request fails for it.
func TestCatalogueIsSwappedWhole(t *testing.T) {
	t.Parallel()
	one, two := newLocal(t, localKey1), newLocal(t, localKey2)
	c := newCompany(t, "")
	key, _ := c.key("")
	p := c.manage("POST", "/private-providers", fmt.Sprintf(`{"slug":"house","base_url":%q,"api_key":%q}`, one.URL+"/house/v1", localKey1))
	c.manage("POST", "/private-endpoints", `{"model_permaslug":"house/tiny","provider_slug":"house","upstream_model_id":"tiny","free":true,"status":"active"}`)
	done := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if w := call(t, c.handler, "POST", "/api/v1/chat/completions", key, askTiny); w.Code != 200 {
					t.Errorf("%d %s", w.Code, w.Body)
					return
				}
			}
		})
	}
	for i := range 20 {
		at, secret := one, localKey1
		if i%2 == 0 {
			at, secret = two, localKey2
		}
		c.manage("PATCH", "/private-providers/"+p["id"].(string), fmt.Sprintf(`{"base_url":%q,"api_key":%q}`, at.URL+"/house/v1", secret))
	}
	close(done)
	clients.Wait()
}
