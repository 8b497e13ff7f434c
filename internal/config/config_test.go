package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "dragoman.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDefaults(t *testing.T) {
	f, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	c := f.Config
	if c.Listen != "127.0.0.1:8080" || c.Limits.MaxBody != 50<<20 || c.Timeouts.KeepAlive.Duration != 5*time.Second || c.Ledger.Sync != "normal" || c.Demo != nil {
		t.Errorf("%+v", c)
	}
}

func TestPricesAreExact(t *testing.T) {
	f, err := Load(file(t, "providers: [{slug: p, base_url: http://127.0.0.1:1}]\nmodels:\n- slug: a/b\n  endpoints:\n  - {provider: p, upstream_model: m, price: {prompt: \"0.0375\", completion: 1.5, request: 0.005}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Config.Models[0].Endpoints[0].Price
	if money.Price(p.Prompt).String() != "0.0000000375" || money.Price(p.Completion).String() != "0.0000015" || money.Price(*p.Request).String() != "0.005" {
		t.Errorf("%+v", p)
	}
}

// TestMistakesHaveALine: each mistake is refused, with the line it is on.
func TestMistakesHaveALine(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		line int
		says string
	}{
		"unknown field":      {"listen: 127.0.0.1:1\nlisten_on: x\n", 2, "listen_on"},
		"wrong type":         {"limits:\n  max_body: lots\n", 2, ""},
		"not yaml":           {"a: [1\nb: 2\n", 0, ""},
		"listen":             {"listen: here\n", 1, "HOST:PORT"},
		"every interface":    {"listen: :80\n", 1, "0.0.0.0"},
		"limit":              {"limits:\n  max_body: 5\n", 2, "max_body"},
		"duration":           {"timeouts:\n  idle: soon\n", 2, "soon"},
		"log level":          {"log:\n  format: text\n  level: loud\n", 3, "loud"},
		"protocol":           {"providers:\n- slug: p\n  protocol: smoke\n", 3, "smoke"},
		"base url":           {"providers:\n- slug: p\n  base_url: ftp://x\n", 3, "ftp://x"},
		"credential in url":  {"providers:\n- slug: p\n  base_url: https://u:p@x\n", 3, "without user"},
		"variable not set":   {"providers:\n- slug: p\n  api_key_env: DRAGOMAN_TEST_NOT_SET\n", 3, "DRAGOMAN_TEST_NOT_SET"},
		"key file not there": {"providers:\n- slug: p\n  api_key_file: /no/such/file\n", 3, "/no/such/file"},
		"two credentials":    {"providers:\n- slug: p\n  api_key: a\n  api_key_env: B\n", 2, "more than one"},
		"provider twice":     {"providers:\n- slug: p\n- slug: p\n", 3, "twice"},
		"model slug":         {"models:\n- slug: noauthor\n", 2, "author/name"},
		"unpriced endpoint":  {"models:\n- slug: a/b\n  endpoints:\n  - {provider: p, upstream_model: m}\n", 4, "free: true"},
		"price and free":     {"models:\n- slug: a/b\n  endpoints:\n  - {provider: p, upstream_model: m, free: true, price: {prompt: 1, completion: 1}}\n", 4, "both"},
		"negative price":     {"models:\n- slug: a/b\n  endpoints:\n  - {provider: p, upstream_model: m, price: {prompt: -1, completion: 1}}\n", 4, "negative"},
		"price too fine":     {"models:\n- slug: a/b\n  endpoints:\n  - {provider: p, upstream_model: m, price: {prompt: \"0.0000000001\", completion: 1}}\n", 4, "decimals"},
		"no upstream model":  {"models:\n- slug: a/b\n  endpoints:\n  - {provider: p, free: true}\n", 4, "upstream_model"},
		"second mistake too": {"log:\n  level: loud\n  format: song\n", 3, "song"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(file(t, tc.text))
			if err == nil {
				t.Fatal("accepted")
			}
			found := false
			for _, e := range all(err) {
				found = found || (tc.line == 0 || e.Line == tc.line) && strings.Contains(e.Says, tc.says)
			}
			if !found {
				t.Errorf("want line %d, %q; got %v", tc.line, tc.says, err)
			}
		})
	}
}

// all is every *Error in err.
func all(err error) []*Error {
	if e, ok := err.(*Error); ok {
		return []*Error{e}
	}
	var out []*Error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			out = append(out, all(e)...)
		}
	} else if e, ok := errors.AsType[*Error](err); ok {
		out = append(out, e)
	}
	return out
}

// TestExample: the example shows what works.
func TestExample(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "x")
	t.Setenv("TEAM_GATEWAY_KEY", "y")
	f, err := Load(filepath.Join("..", "..", "examples", "dragoman.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Config.Providers) < 5 || len(f.Config.Models) < 2 {
		t.Errorf("%+v", f.Config)
	}
}
