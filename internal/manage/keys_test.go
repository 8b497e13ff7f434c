package manage

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

func number(t *testing.T, v any) int {
	t.Helper()
	n, ok := v.(json.Number)
	f, err := n.Float64()
	if !ok || err != nil {
		t.Fatalf("%v is no number", v)
	}
	return int(f)
}

func TestCreateKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.call(managementKey, "POST", "/keys", `{"name":"ci","limit":12.000000001,"limit_reset":"monthly","include_byok_in_limit":true,
		"expires_at":"2027-12-31T23:59:59Z","creator_user_id":"`+member+`","workspace_id":"`+workspace+`","unknown":{"ignored":true}}`)
	plain, _ := got.at("key").(string)
	if got.status != 201 || len(plain) != len(account.KeyPrefix)+64 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	for name, want := range map[string]any{
		"name": "ci", "limit": json.Number("12.000000001"), "limit_remaining": json.Number("12.000000001"), "limit_reset": "monthly",
		"include_byok_in_limit": true, "expires_at": "2027-12-31T23:59:59Z", "creator_user_id": member, "workspace_id": workspace,
		"hash": string(account.HashKey(plain)), "label": account.Label(plain), "created_at": "2026-03-04T12:00:00Z", "updated_at": nil,
		"disabled": false, "is_management_key": false, "usage": json.Number("0"),
	} {
		if v := got.at("data", name); v != want {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
	if again := h.call(plain, "GET", "/key", ""); again.at("data", "limit") != json.Number("12.000000001") || strings.Contains(again.raw, plain) {
		t.Errorf("the new key does not work: %s", again.raw)
	}
	if list := h.call(managementKey, "GET", "/keys", ""); strings.Contains(list.raw, plain) {
		t.Error("the plaintext is listed")
	}
}

func TestCreateKeyRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, param := range map[string]string{
		`{}`:            "name",
		`{"name":""}`:   "name",
		`{"name":"  "}`: "name",
		`{"name":null}`: "name",
		`{"name":5}`:    "name",
		`{"name":"` + strings.Repeat("ü", 257) + `"}`:                           "name",
		`{"name":"n","limit":-1}`:                                               "limit",
		`{"name":"n","limit":"5"}`:                                              "limit",
		`{"name":"n","limit":true}`:                                             "limit",
		`{"name":"n","limit":0.0000000001}`:                                     "limit",
		`{"name":"n","limit":1e30}`:                                             "limit",
		`{"name":"n","limit_reset":"yearly"}`:                                   "limit_reset",
		`{"name":"n","limit_reset":""}`:                                         "limit_reset",
		`{"name":"n","limit_reset":1}`:                                          "limit_reset",
		`{"name":"n","expires_at":"tomorrow"}`:                                  "expires_at",
		`{"name":"n","expires_at":5}`:                                           "expires_at",
		`{"name":"n","expires_at":"2027-01-01T00:00:00+02:00"}`:                 "expires_at",
		`{"name":"n","expires_at":"2026-03-04T12:00:00Z"}`:                      "expires_at",
		`{"name":"n","include_byok_in_limit":null}`:                             "include_byok_in_limit",
		`{"name":"n","is_management_key":"yes"}`:                                "is_management_key",
		`{"name":"n","creator_user_id":""}`:                                     "creator_user_id",
		`{"name":"n","creator_user_id":"nobody"}`:                               "creator_user_id",
		`{"name":"n","workspace_id":"other"}`:                                   "workspace_id",
		`{"name":"n","workspace_id":"team","creator_user_id":"` + member + `"}`: "creator_user_id", // not of the team
		`{"name":"n","role":"viewer"}`:                                          "role",
		`{"name":"n","allowed_models":[]}`:                                      "allowed_models",
		`{"name":"n","allowed_ips":["here"]}`:                                   "allowed_ips",
		`{"name":"n","labels":{"":"x"}}`:                                        "labels",
	} {
		got := h.call(managementKey, "POST", "/keys", body)
		if got.status != 400 || got.at("error", "param") != param || !strings.HasPrefix(got.message(), param+" must be ") {
			t.Errorf("%.60s: %d %s", body, got.status, got.raw)
		}
	}
	for _, body := range []string{"", "null", "[]", `"x"`, `{"name":"n"`, `{"name":"n"}{}`} {
		if got := h.call(managementKey, "POST", "/keys", body); got.status != 400 || !strings.Contains(got.message(), "JSON object") {
			t.Errorf("%q: %d %s", body, got.status, got.raw)
		}
	}
	if got := h.call(managementKey, "POST", "/keys", `{"name":"`+strings.Repeat("x", maxBody)+`"}`); got.status != 413 {
		t.Errorf("too large: %d %s", got.status, got.raw)
	}
	if got := names(h.call(managementKey, "GET", "/keys?include_disabled=true", "")); got != "inference, disabled, expired" {
		t.Errorf("keys are now %s", got)
	}
}

func TestManagementKeysMakeManagementKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := noon
	h.Now = func() time.Time { now = now.Add(time.Second); return now } // keys are listed in order of creation
	for _, got := range []reply{
		h.trusted("POST", "/keys", `{"name":"from the socket","is_management_key":true}`),
		h.call(managementKey, "POST", "/keys", `{"name":"from a key","is_management_key":true}`),
	} {
		plain, _ := got.at("key").(string)
		if again := h.call(plain, "GET", "/key", ""); again.at("data", "is_management_key") != true || again.at("data", "is_provisioning_key") != true {
			t.Error(again.raw)
		}
		if again := h.call(plain, "GET", "/credits", ""); again.status != 200 {
			t.Error(again.raw)
		}
	}
	if got := names(h.call(managementKey, "GET", "/keys?management=true", "")); got != "management, from the socket, from a key" {
		t.Errorf("management keys: %s", got)
	}
}

func names(r reply) string {
	var out []string
	list, _ := r.at("data").([]any)
	for _, v := range list {
		out = append(out, v.(map[string]any)["name"].(string))
	}
	return strings.Join(out, ", ")
}

func TestListKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.put(&account.Key{Hash: account.HashKey("x"), Name: "of another account", Account: "other", Workspace: workspace, Created: noon})
	h.put(&account.Key{Hash: account.HashKey("y"), Name: "of another workspace", Account: "default", Workspace: "w2", Created: noon})
	for query, want := range map[string]string{
		"":                        "inference, expired",
		"?include_disabled=true":  "inference, disabled, expired",
		"?include_disabled=false": "inference, expired",
		"?offset=1":               "expired",
		"?offset=2":               "",
		"?offset=null":            "inference, expired",
		"?workspace_id=w2":        "of another workspace",
		"?management=true":        "management",
	} {
		if got := names(h.call(managementKey, "GET", "/keys"+query, "")); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"?offset=-1", "?offset=x", "?include_disabled=perhaps"} {
		if got := h.call(managementKey, "GET", "/keys"+query, ""); got.status != 400 {
			t.Errorf("%s: %d", query, got.status)
		}
	}
	foreign := "/keys/" + string(account.HashKey("x"))
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		if got := h.call(managementKey, method, foreign, "{}"); got.status != 404 {
			t.Errorf("%s of another account's key: %d", method, got.status)
		}
	}
}

func TestPatchChangesWhatIsThere(t *testing.T) {
	t.Parallel()
	base := map[string]any{"name": "inference", "disabled": false, "limit": json.Number("10"), "limit_reset": "daily", "include_byok_in_limit": false}
	for body, change := range map[string]map[string]any{
		`{}`:                             {},
		`{"limit":null}`:                 {"limit": nil},
		`{"limit":0}`:                    {"limit": json.Number("0")},
		`{"limit":0.000000001}`:          {"limit": json.Number("0.000000001")},
		`{"limit":5e-9}`:                 {"limit": json.Number("0.000000005")},
		`{"limit_reset":null}`:           {"limit_reset": nil},
		`{"limit_reset":"weekly"}`:       {"limit_reset": "weekly"},
		`{"name":"new","disabled":true}`: {"name": "new", "disabled": true},
		`{"include_byok_in_limit":true}`: {"include_byok_in_limit": true},
		`{"expires_at":null}`:            {}, // as it is
	} {
		h := newHouse(t)
		k, limit := h.key(inferenceKey), 10*money.Dollar
		k.Limit, k.LimitReset = &limit, account.Daily
		h.put(&k)
		path := inferencePath
		h.call(managementKey, "PATCH", path, body)
		got := h.call(managementKey, "GET", path, "")
		want := maps.Clone(base)
		maps.Copy(want, change)
		for name, v := range want {
			if got.at("data", name) != v {
				t.Errorf("%s: %s is %v, want %v", body, name, got.at("data", name), v)
			}
		}
		if got.at("data", "updated_at") != "2026-03-04T12:00:00Z" || got.at("data", "expires_at") != nil {
			t.Errorf("%s: %s", body, got.raw)
		}
	}
}

func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := inferencePath
	for body, param := range map[string]string{
		`{"name":null}`: "name", `{"name":" "}`: "name", `{"disabled":null}`: "disabled", `{"disabled":"no"}`: "disabled",
		`{"limit":-0.5}`: "limit", `{"limit_reset":"never"}`: "limit_reset", `{"name":"new","limit":[]}`: "limit",
	} {
		if got := h.call(managementKey, "PATCH", path, body); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	if got := h.call(managementKey, "GET", path, ""); got.at("data", "name") != "inference" || got.at("data", "updated_at") != nil {
		t.Errorf("a refused change changed something: %s", got.raw)
	}
}

func TestDeletedKeyIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := inferencePath
	if got := h.call(managementKey, "DELETE", path, ""); got.at("deleted") != true {
		t.Fatal(got.raw)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		if got := h.call(managementKey, method, path, "{}"); got.status != 404 {
			t.Errorf("%s: %d", method, got.status)
		}
	}
	if got := h.call(inferenceKey, "GET", "/key", ""); got.status != 401 {
		t.Errorf("the key still works: %s", got.raw)
	}
}

// Two changes of different members at once are both kept.
func TestPatchesDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.store.slow = 5 * time.Millisecond // long enough that all have read before one has written
	handler := h.Handler()
	path := inferencePath
	var wg sync.WaitGroup
	for _, body := range []string{`{"name":"a"}`, `{"limit":1}`, `{"limit_reset":"daily"}`, `{"include_byok_in_limit":true}`} {
		wg.Go(func() { h.through(handler, managed("PATCH", path, body)) })
	}
	wg.Wait()
	k := h.key(inferenceKey)
	if k.Name != "a" || k.Limit == nil || k.LimitReset != account.Daily || !k.IncludeBYOK {
		t.Errorf("%+v", k)
	}
}

func TestRemainingIsOfTheWindow(t *testing.T) {
	t.Parallel()
	u := account.Usage{Total: 100, Month: 40, Week: 30, Day: 7, BYOKTotal: 1000, BYOKMonth: 10, BYOKWeek: 5, BYOKDay: 2}
	limit := money.Amount(50)
	for _, c := range []struct {
		window account.Window
		byok   bool
		want   money.Amount
	}{
		{account.Never, false, 0}, {account.Daily, false, 43}, {account.Weekly, false, 20}, {account.Monthly, false, 10},
		{account.Daily, true, 41}, {account.Weekly, true, 15}, {account.Monthly, true, 0},
	} {
		k := &account.Key{Limit: &limit, LimitReset: c.window, IncludeBYOK: c.byok}
		if got := remaining(k, u); *got != c.want {
			t.Errorf("%q, byok %t: %d, want %d", c.window, c.byok, *got, c.want)
		}
	}
	if remaining(&account.Key{}, u) != nil {
		t.Error("a key without limit has a rest")
	}
}

func TestUsageIsExact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i, c := range []struct {
		day        int // of March 2026, in which the 2nd and the 9th are Mondays
		cost, byok money.Amount
	}{{4, 1, 7}, {3, 1, 0}, {1, 1, 0}, {-20, 123456789012345675, 0}} {
		h.settle(&generation.Record{ID: fmt.Sprint("gen-", i), Account: "default", Key: string(account.HashKey(inferenceKey)),
			Created: time.Date(2026, 3, c.day, 11, 0, 0, 0, time.UTC), Cost: c.cost}, c.byok)
	}
	got := h.call(inferenceKey, "GET", "/key", "")
	for name, want := range map[string]string{"usage": "123456789.012345678", "usage_monthly": "0.000000003", "usage_weekly": "0.000000002", "usage_daily": "0.000000001", "byok_usage": "0.000000007"} {
		if got.at("data", name) != json.Number(want) {
			t.Errorf("%s is %v, want %s", name, got.at("data", name), want)
		}
	}
	if of := got.text("data", "organization_id"); of != h.ok("GET", "/organization", "").text("data", "id") {
		t.Error("the key is of the organization ", of)
	}
}

// TestWhatStaysAsItWasMade: who is told that it changed would believe that a key ends, or is under another workspace's rules.
func TestWhatStaysAsItWasMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made := h.ok("POST", "/keys", `{"name":"k","expires_at":"2026-12-31T23:59:59Z"}`)
	key := "/keys/" + made.text("data", "hash")
	for _, same := range []string{`{"expires_at":"` + made.text("data", "expires_at") + `","workspace_id":"` + made.text("data", "workspace_id") + `"}`, `{"workspace_id":"default"}`} {
		h.ok("PATCH", key, same)
	}
	for body, says := range map[string]string{
		`{"expires_at":"2026-06-30T23:59:59Z"}`: "expires_at must be absent, or as it is", `{"expires_at":null}`: "expires_at must be absent, or as it is",
		`{"expires_at":1}`: "expires_at must be a string", `{"workspace_id":"team"}`: "workspace_id must be absent, or as it is",
	} {
		h.refused(400, says, "PATCH", key, body)
	}
	h.ok("PATCH", "/byok/"+owned, `{"provider":"openai","workspace_id":"`+workspace+`"}`)
	h.refused(400, "provider must be absent, or as it is", "PATCH", "/byok/"+owned, `{"provider":"anthropic"}`)
	h.refused(400, "workspace_id must be absent, or as it is", "PATCH", "/byok/"+owned, `{"workspace_id":null}`)
}

func TestTimestampsAreUTC(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 2*3600)
	if got := timestamp(time.Date(2026, 3, 4, 14, 0, 0, 250e6, zone)); got != "2026-03-04T12:00:00.25Z" {
		t.Error(got)
	}
}
