package manage

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/feed"
)

// offers are a price list that moves one price a little and another one much, has a model more
// and lacks one, and knows one that nobody here does.
func (h *house) offers() []feed.Offer {
	h.t.Helper()
	offer := func(provider, upstream, in, out string) feed.Offer {
		return feed.Offer{Provider: provider, UpstreamModel: upstream, Source: catalog.Source{Name: "list", AsOf: "2026-03-04"},
			Pricing: &catalog.Pricing{Rates: catalog.Rates{Prompt: perMillion(h.t, in), Completion: perMillion(h.t, out)}}}
	}
	return []feed.Offer{offer("openai", "gpt-5", "1.5", "10"), offer("acme", "gpt-5", "20", "12"), offer("acme", "large", "0.5", "0.7"),
		offer("nokey", "gpt-5", "1", "9"), offer("nokey", "large", "1", "1"), offer("acme", "mystery", "1", "1")}
}

func TestRefreshShowsWhatWouldChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/catalog/refresh", `{"dry_run":true,"url":"https://prices.test/list"}`)
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	for name, want := range map[string]string{"added": "1", "changed": "3", "removed": "2", "refused": "3", "unknown": "1", "applied": "0"} {
		if v := got.at("data", name); v != json.Number(want) {
			t.Errorf("%s is %v, want %s", name, v, want)
		}
	}
	rows := map[any]map[string]any{}
	for _, r := range got.at("data", "changes").([]any) {
		row := r.(map[string]any)
		rows[row["endpoint"]] = row
	}
	if r := rows["openai/openai/gpt-5"]; r["applies"] != true || r["old_pricing"].(map[string]any)["prompt"] != "0.00000125" || r["new_pricing"].(map[string]any)["prompt"] != "0.0000015" {
		t.Errorf("%v", r)
	}
	if r := rows["acme/openai/gpt-5"]; r["applies"] != false || r["factor"] != json.Number("10") || !strings.Contains(r["refused_because"].(string), "factor of 10") {
		t.Errorf("%v", r)
	}
	if r := rows["nokey/acme/large"]; r["kind"] != "added" || r["old_pricing"] != nil {
		t.Errorf("%v", r)
	}
	if r := rows["acme/acme/painter"]; r["kind"] != "removed" || r["applies"] != false {
		t.Errorf("%v", r)
	}
	if all := h.call(managementKey, "POST", "/catalog/refresh", `{"dry_run":true,"all":true,"factor":20}`); len(all.at("data", "changes").([]any)) != 7 || all.at("data", "refused") != json.Number("3") {
		t.Error(all.raw)
	}
}

func TestRefreshApplies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/catalog/refresh", `{"accept":["acme/openai/gpt-5"],"url":"https://prices.test/list?token=hush"}`)
	if got.at("data", "applied") != json.Number("4") {
		t.Errorf("%d %s", got.status, got.raw)
	}
	log := h.call(managementKey, "GET", "/audit?limit=1", "")
	if log.at("data", 0, "action") != "catalog.refresh" || strings.Contains(log.raw, "hush") || !strings.Contains(log.raw, "https://prices.test/list") {
		t.Error(log.raw)
	}
	if all := h.call(managementKey, "POST", "/catalog/refresh", `{"accept":["all"]}`); all.at("data", "applied") != json.Number("6") || all.at("data", "refused") != json.Number("0") {
		t.Error(all.raw)
	}
}

func TestRefreshFromAListThatIsSentAlong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.PriceList = func(context.Context, string) ([]feed.Offer, error) {
		return nil, errors.New("asked for a list that was sent along")
	}
	list := `{"acme":{"models":{"large":{"cost":{"input":0.6,"output":0.7}}}}}`
	got := h.call(managementKey, "POST", "/catalog/refresh", `{"dry_run":true,"list":`+list+`}`)
	if got.status != 200 || got.at("data", "changed") != json.Number("1") {
		t.Errorf("%d %s", got.status, got.raw)
	}
	for body, says := range map[string]string{
		`{}`:          "cannot be had",
		`{"list":[]}`: "cannot be read",
		`{"list":` + list + `,"url":"https://x"}`: "absent where list",
		`{"factor":0.5}`:    "1 or more",
		`{"dry_run":"yes"}`: "true or false",
	} {
		if got := h.call(managementKey, "POST", "/catalog/refresh", body); got.status != 400 || !strings.Contains(got.message(), says) {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	if got := h.call(managementKey, "POST", "/catalog/refresh", `{"list":"`+strings.Repeat("x", maxPriceList)+`"}`); got.status != 413 {
		t.Errorf("%d", got.status)
	}
}

func TestRefreshThatCannotBeKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.store.fails = errBroken
	if got := h.call(managementKey, "POST", "/catalog/refresh", `{}`); got.status != 503 {
		t.Error(got.raw)
	}
	h.PriceBook = func() (*feed.Book, error) { return nil, fault.Wrap(fault.Unavailable, errBroken) }
	if got := h.call(managementKey, "GET", "/catalog/changes", ""); got.status != 503 {
		t.Error(got.raw)
	}
}

func TestPriceChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	book, n, err := feed.Prepare(t.TempDir(), feed.Diff(h.Catalog(), h.offers(), 2), noon)
	if err != nil || n != 3 {
		t.Fatalf("%d %v", n, err)
	}
	h.book = book
	got := h.call(managementKey, "GET", "/catalog/changes?limit=1", "")
	if got.at("total_count") != json.Number("3") || got.at("data", 0, "endpoint") != "nokey/acme/large" || got.at("data", 0, "old_pricing") != nil || got.at("data", 0, "from") != noon.Format(time.RFC3339) {
		t.Error(got.raw)
	}
	second := h.call(managementKey, "GET", "/catalog/changes?offset=1", "")
	if second.at("data", 0, "old_pricing", "prompt") == nil || second.at("data", 0, "source", "name") != "list" {
		t.Error(second.raw)
	}
}
