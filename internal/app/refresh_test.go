package app

import (
	"errors"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/publicnet"
)

// A price of a list holds for the request after the answer, and after a restart; the revision
// says so.
func TestPriceListIsTakenOverWhileServing(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "")
	shipped := func(f *config.File) {
		f.Config.Providers = append(f.Config.Providers, config.Provider{Slug: "openai", BaseURL: c.URL + "/openai/v1", APIKey: "op-openai"})
	}
	c.restart(shipped)
	key, _ := c.key("")
	ask := func() string {
		t.Helper()
		w := call(t, c.handler, "POST", "/api/v1/chat/completions", key, `{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}`)
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		_, rest, _ := strings.Cut(w.Body.String(), `"cost":`)
		cost, _, _ := strings.Cut(rest, ",")
		return cost
	}
	if cost := ask(); cost != "0.00075" { // a thousand tokens each way at 0.15 and 0.6 dollars a million
		t.Fatalf("cost %s", cost)
	}
	const list = `"list":{"openai":{"models":{"gpt-4o-mini":{"cost":{"input":0.3,"output":0.6}},"gpt-4o":{"cost":{"input":99,"output":99}}}}}`
	dry := c.manage("POST", "/catalog/refresh", `{"dry_run":true,`+list+`}`)
	if dry["applied"] != 0. || dry["revision"] != dry["revision_before"] || ask() != "0.00075" {
		t.Errorf("%v", dry)
	}
	got := c.manage("POST", "/catalog/refresh", "{"+list+"}")
	if got["applied"] != 1. || got["revision"] == got["revision_before"] || got["refused"] == 0. {
		t.Errorf("applied %v of %v, refused %v", got["applied"], got["changed"], got["refused"])
	}
	if cost := ask(); cost != "0.0009" {
		t.Errorf("cost %s", cost)
	}
	if h := c.manage("GET", "/catalog/changes", "")["data"].([]any); len(h) != 1 || h[0].(map[string]any)["endpoint"] != "openai/openai/gpt-4o-mini" {
		t.Errorf("%v", h)
	}
	c.restart(shipped)
	if cost := ask(); cost != "0.0009" {
		t.Errorf("cost %s after a restart", cost)
	}
}

func TestPriceListsAreFetchedFromPublicAddresses(t *testing.T) {
	t.Parallel()
	v := newVendors(t)
	c := newCompany(t, "")
	for _, address := range []string{v.URL + "/list", "https://127.0.0.1/", "https://10.0.0.1/x", "https://[::1]/"} {
		if _, err := c.app.priceList(t.Context(), address); !errors.Is(err, publicnet.ErrPrivate) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
