package manage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// logged settles four requests: of the inference key and of another one by turns.
func (h *house) logged() {
	h.t.Helper()
	for i := range 4 {
		rec := record()
		rec.ID, rec.Upstream, rec.Created = fmt.Sprint("gen-", i), fmt.Sprint("chatcmpl-", i), noon.Add(time.Duration(i)*time.Minute)
		rec.Key = string(account.HashKey(inferenceKey))
		if i%2 == 1 {
			rec.Key, rec.Outcome, rec.Model = "other", generation.Failed, ""
		}
		h.settle(rec, 0)
	}
}

func TestLogOfRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.logged()
	for target, want := range map[string]string{
		"":                                  "gen-3 gen-2 gen-1 gen-0",
		"?limit=3":                          "gen-3 gen-2 gen-1",
		"?before=" + h.place(3):             "gen-1 gen-0",
		"?after=" + h.place(2):              "gen-3 gen-2",
		"?after=" + h.place(0) + "&limit=2": "gen-1 gen-0",
		"?after=" + h.place(4):              "",
		"?status=error":                     "gen-3 gen-1",
		"?outcome=completed":                "gen-2 gen-0",
		"?status=cancelled":                 "",
		"?model=openai/gpt-5":               "gen-2 gen-0",
		"?model=x&model=openai/gpt-5&asked=gpt-5": "gen-2 gen-0",
		"?api_key_hash=other":                     "gen-3 gen-1",
		"?q=chatcmpl-2":                           "gen-2",
		"?q=gen-":                                 "gen-3 gen-2 gen-1 gen-0",
		"?streamed=true&app=https://app.test":     "gen-3 gen-2 gen-1 gen-0",
		"?streamed=false":                         "",
		"?min_cost=0.0016":                        "",
		"?min_latency=250":                        "gen-3 gen-2 gen-1 gen-0",
		"?from=2026-03-04T12:01:00Z&to=2026-03-04T12:03:00Z": "gen-2 gen-1",
		"?workspace_id=default":                              "",
	} {
		if got := h.call(managementKey, "GET", "/generations"+target, ""); got.ids() != want {
			t.Errorf("%s: %s, want %s: %s", target, got.ids(), want, got.raw)
		}
	}
	got := h.call(managementKey, "GET", "/generations?limit=1&outcome=completed", "")
	for member, want := range map[string]any{
		"id": "gen-2", "model": "openai/gpt-5", "asked": "gpt-5", "provider_name": "OpenAI", "api_key_name": "inference",
		"api_key_label": account.Label(inferenceKey), "total_cost": json.Number("0.001500001"), "tokens_prompt": json.Number("15"),
		"cached_share": json.Number("0.3333333333333333"), "throughput": json.Number("22.5"), "status": "ok", "attempts": json.Number("2"),
		"app": "https://app.test", "user_id": nil, "finish_reason": "stop", "error": nil,
	} {
		if v := got.at("data", 0, member); v != want {
			t.Errorf("%s is %v, want %v", member, v, want)
		}
	}
	h.at(got, "before", 3)
	h.at(got, "newest", 4)
	if got.at("after") != nil {
		t.Errorf("a page that is not the last: %s", got.raw)
	}
	h.at(h.call(managementKey, "GET", "/generations?limit=1&after="+h.place(1), ""), "after", 2)
	h.at(h.call(managementKey, "GET", "/generations?after="+h.place(1), ""), "after", 4)
}

// place is the cursor of the n-th request there was.
func (h *house) place(n int64) string { return h.Cursors.Seal("default", n) }

// at sees that a cursor in an answer is of the n-th request.
func (h *house) at(got reply, member string, n int64) {
	h.t.Helper()
	if is, ok := h.Cursors.Open("default", got.text(member)); !ok || is != n {
		h.t.Errorf("%s is %d, want %d: %s", member, is, n, got.raw)
	}
}

// entry writes one into an organisation's audit log.
func (h *house) entry(of string) {
	h.t.Helper()
	if err := h.Store.Apply(h.t.Context(), store.Change{Audit: []audit.Entry{{At: noon, Account: of, Action: "x", Detail: "{}"}}}); err != nil {
		h.t.Fatal(err)
	}
}

// What others do changes nothing that one can see.
func TestLogsDoNotTellWhatOthersDo(t *testing.T) {
	t.Parallel()
	seen := func(theirs int) (texts [2]string) {
		h := newHouse(t)
		if err := h.store.OpenAccount(t.Context(), "other", true); err != nil {
			t.Fatal(err)
		}
		for i := range theirs {
			foreign := record()
			foreign.ID, foreign.Account = fmt.Sprint("gen-other-", i), "other"
			h.settle(foreign, 0)
			h.entry("other")
		}
		h.logged()
		h.entry("default")
		page := h.call(managementKey, "GET", "/generations", "")
		for _, cursor := range []string{"newest", "before", "after"} {
			page.raw = strings.ReplaceAll(page.raw, fmt.Sprintf("%q", page.text(cursor)), `"?"`)
		}
		return [...]string{page.raw, h.ok("GET", "/audit", "").raw}
	}
	for i, quiet := range seen(0) {
		if busy := seen(3)[i]; busy != quiet {
			t.Errorf("alone:\n%s\namong others:\n%s", quiet, busy)
		}
	}
	h := newHouse(t)
	if first, again := h.call(managementKey, "GET", "/generations", ""), h.call(managementKey, "GET", "/generations", ""); first.text("newest") == again.text("newest") {
		t.Error("one place has one text: it tells that nobody did anything")
	}
}

func TestLogRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for target, param := range map[string]string{
		"?limit=501": "limit", "?from=yesterday": "from", "?status=fine": "status", "?min_cost=-1": "min_cost", "?streamed=perhaps": "streamed",
		"?after=" + h.place(1) + "&before=" + h.place(2): "after", "?before=3": "before", "?after=0": "after", "?before=" + h.Cursors.Seal("other", 3): "before", "?before=" + h.place(3)[1:]: "before", "?" + strings.Repeat("model=x&", 51): "model",
	} {
		if got := h.call(managementKey, "GET", "/generations"+target, ""); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
}

func TestInferenceKeySeesItsOwnRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.logged()
	own := string(account.HashKey(inferenceKey))
	for target, want := range map[string]string{"": "gen-2 gen-0", "?q=gen-1": "", "?api_key_hash=" + own: "gen-2 gen-0"} {
		if got := h.call(inferenceKey, "GET", "/generations"+target, ""); got.ids() != want {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	if got := h.call(inferenceKey, "GET", "/generations?api_key_hash=other", ""); got.status != 403 {
		t.Errorf("another key's: %s", got.raw)
	}
	got := h.call(inferenceKey, "GET", "/generations/facets", "")
	if got.at("data", "api_key_hash", 0, "value") != own || got.at("data", "api_key_hash", 1) != nil || got.at("data", "outcome", 0, "requests") != json.Number("2") {
		t.Errorf("facets: %s", got.raw)
	}
}

func TestFacetsOfTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.logged()
	got := h.call(managementKey, "GET", "/generations/facets", "")
	if got.at("data", "model", 0, "value") != "openai/gpt-5" || got.at("data", "model", 0, "requests") != json.Number("2") ||
		got.at("data", "app", 0, "value") != "https://app.test" || got.at("data", "api_key_hash", 0, "label") != "inference" {
		t.Errorf("%s", got.raw)
	}
}

// Whose account it is decides, whatever the filter says.
func TestLogIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	foreign := record()
	foreign.Account = "other"
	if err := h.store.OpenAccount(t.Context(), "other", true); err != nil {
		t.Fatal(err)
	}
	h.settle(foreign, 0)
	for _, target := range []string{"", "?q=gen-1", "?q=chatcmpl-1", "?after=0"} {
		if got := h.call(managementKey, "GET", "/generations"+target, ""); got.ids() != "" {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
}
