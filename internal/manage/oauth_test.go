package manage

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
)

func TestCodeIsExchangedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	verifier := strings.Repeat("v", 50)
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	code := h.ok("POST", "/auth/keys/code", `{"callback_url":"https://app.test/cb","code_challenge":"`+challenge+`","code_challenge_method":"S256","key_label":"app","limit":5,"usage_limit_type":"daily","workspace_id":"team"}`)
	if n := number(t, code.at("data", "app_id")); n != number(t, h.ok("POST", "/auth/keys/code", `{"callback_url":"https://app.test/other"}`).at("data", "app_id")) {
		t.Error("one application has two ids")
	}
	exchange := func(members string) reply {
		return h.call("", "POST", "/auth/keys", `{"code":"`+code.text("data", "id")+`"`+members+`}`)
	}
	if got := exchange(`,"code_verifier":"wrong"`); got.status != 403 || got.message() != "Invalid code or code_verifier" {
		t.Error(got.raw)
	}
	if got := exchange(""); got.status != 403 {
		t.Error("no verifier is needed: ", got.raw)
	}
	got := exchange(`,"code_verifier":"` + verifier + `","code_challenge_method":"S256"`)
	if got.status != 200 {
		t.Fatal(got.raw)
	}
	k, ok := h.Store.Key(account.HashKey(got.text("key")))
	if !ok || k.Name != "app" || k.Limit.String() != "5" || k.LimitReset != account.Daily || k.Workspace != team || k.Management {
		t.Errorf("%+v", k)
	}
	if again := exchange(`,"code_verifier":"` + verifier + `"`); again.status != 403 {
		t.Error("a code is exchanged twice")
	}
	if log := h.ok("GET", "/audit?limit=1", ""); log.text("data", 0, "action") != "key.create" || log.text("data", 0, "actor") != string(account.HashKey(managementKey)) || strings.Contains(log.raw, got.text("key")) {
		t.Error(log.raw)
	}
}

// An application without an address to come back to shows a challenge, and is shown the code.
func TestHeadlessCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	verifier := strings.Repeat("v", 43)
	h.refused(400, "callback_url must be given; without one a code_challenge", "POST", "/auth/keys/code", `{"code_challenge_method":"plain"}`)
	token := h.session(account.Developer)
	code := h.as(token, "POST", "/auth/keys/code", `{"code_challenge":"`+verifier+`","code_challenge_method":"plain"}`)
	if code.status != 200 {
		t.Fatal(code.raw)
	}
	got := h.call("", "POST", "/auth/keys", `{"code":"`+code.text("data", "id")+`","code_verifier":"`+verifier+`"}`)
	k, ok := h.Store.Key(account.HashKey(got.text("key")))
	if !ok || k.Creator != patMember || got.text("user_id") != patMember || !strings.HasPrefix(k.Name, "OAuth: ") {
		t.Errorf("%+v %s", k, got.raw)
	}
	// A page of another site cannot agree with the session.
	r := httptest.NewRequest("POST", "/auth/keys/code", strings.NewReader(`{"callback_url":"https://evil.test/"}`))
	r.AddCookie(&http.Cookie{Name: "dragoman_session", Value: token})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := h.through(h.Handler(), r); got.status != 403 {
		t.Error(got.raw)
	}
}

// TestConsentOfWhoIsGone: what somebody agreed to is worth no more than they are when it is fetched.
func TestConsentOfWhoIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	exchange := func(agreed reply, says string) {
		t.Helper()
		before := h.audited()
		got := h.call("", "POST", "/auth/keys", `{"code":"`+agreed.text("data", "id")+`"}`)
		if got.status != 403 || !strings.Contains(got.message(), says) || h.audited() != before {
			t.Error(got.raw)
		}
	}
	const body = `{"callback_url":"https://app.test/"}`
	tool := h.ok("POST", "/keys", `{"name":"tool","is_management_key":true}`)
	agreed := h.call(tool.text("key"), "POST", "/auth/keys/code", body)
	h.ok("DELETE", "/keys/"+tool.text("data", "hash"), "")
	exchange(agreed, "management key that agreed")

	token := h.session(account.Developer)
	agreed = h.as(token, "POST", "/auth/keys/code", body)
	h.ok("PATCH", "/organization/members/"+patMember, `{"disabled":true}`)
	exchange(agreed, "deactivated")
	h.ok("PATCH", "/organization/members/"+patMember, `{"disabled":false}`)

	h.ok("POST", "/workspaces", `{"name":"Gone","slug":"gone"}`)
	agreed = h.ok("POST", "/auth/keys/code", `{"callback_url":"https://app.test/","workspace_id":"gone"}`)
	h.ok("DELETE", "/workspaces/gone", "")
	exchange(agreed, "workspace")
}

func TestCodesEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := noon
	h.Now = func() time.Time { return now }
	code := h.ok("POST", "/auth/keys/code", `{"callback_url":"http://localhost:3000/cb"}`).text("data", "id")
	now = now.Add(codeLife)
	if got := h.call("", "POST", "/auth/keys", `{"code":"`+code+`"}`); got.status != 403 || got.message() != "Authorization code expired" {
		t.Error(got.raw)
	}
	guessed := h.ok("POST", "/auth/keys/code", `{"callback_url":"http://127.0.0.1:1/","code_challenge":"`+strings.Repeat("c", 43)+`"}`).text("data", "id")
	for range maxTries {
		h.call("", "POST", "/auth/keys", `{"code":"`+guessed+`","code_verifier":"no"}`)
	}
	if got := h.call("", "POST", "/auth/keys", `{"code":"`+guessed+`","code_verifier":"`+strings.Repeat("c", 43)+`"}`); got.status != 403 {
		t.Error("a verifier can be guessed for ever")
	}
	for body, says := range map[string]string{
		`{}`: "callback_url must be given", `{"callback_url":"http://app.test/"}`: "https URL", `{"callback_url":"https://u:p@app.test/"}`: "https URL",
		`{"callback_url":"javascript:alert(1)"}`: "https URL", `{"callback_url":"https://a.test","code_challenge_method":"S512"}`: "Invalid code_challenge_method",
		`{"callback_url":"https://a.test","code_challenge":"short"}`: "code_challenge must be",
	} {
		h.refused(400, says, "POST", "/auth/keys/code", body)
	}
}

// Of many who show a code at once one gets a key.
func TestOneOfManyGetsTheKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.ok("POST", "/auth/keys/code", `{"callback_url":"https://app.test/"}`).text("data", "id")
	var given atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if h.call("", "POST", "/auth/keys", `{"code":"`+code+`"}`).status == 200 {
				given.Add(1)
			}
		})
	}
	all.Wait()
	if given.Load() != 1 {
		t.Errorf("%d keys", given.Load())
	}
}

func TestRotatedKeyGoesOnWithWhatWasSpent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := noon
	h.Now = func() time.Time { return now }
	first := h.ok("POST", "/keys", `{"name":"k","limit":5,"labels":{"a":"b"},"creator_user_id":"`+member+`"}`)
	hash := account.KeyHash(first.text("data", "hash"))
	hold := ledger.Hold{ID: "gen-1", Account: "default", Spender: ledger.Spender{Key: hash}, Amount: 2e9, At: noon}
	settleHold(t, h, hold)
	second := h.ok("POST", "/keys/"+string(hash)+"/rotate", `{"overlap_seconds":60}`)
	plain := second.text("key")
	if second.at("data", "limit_remaining") != json.Number("3") || second.text("data", "creator_user_id") != member || fmt.Sprint(second.at("data", "labels")) != "map[a:b]" {
		t.Error(second.raw)
	}
	for _, key := range []string{first.text("key"), plain} {
		if got := h.call(key, "GET", "/key", ""); got.status != 200 || got.at("data", "usage") != json.Number("2") {
			t.Error(got.raw)
		}
	}
	third := h.ok("POST", "/keys/"+second.text("data", "hash")+"/rotate", `{}`)
	if third.at("data", "limit_remaining") != json.Number("3") {
		t.Error(third.raw)
	}
	if got := h.call(plain, "GET", "/key", ""); got.status != 401 {
		t.Error("a replaced key works without an overlap: ", got.raw)
	}
	now = now.Add(time.Minute)
	if got := h.call(first.text("key"), "GET", "/key", ""); got.status != 401 {
		t.Error("a replaced key works after its overlap: ", got.raw)
	}
	h.refused(409, "expired", "POST", "/keys/"+string(hash)+"/rotate", `{}`)
	h.refused(400, "overlap_seconds must be", "POST", "/keys/"+third.text("data", "hash")+"/rotate", `{"overlap_seconds":-1}`)
	h.refused(400, "overlap_seconds must be", "POST", "/keys/"+third.text("data", "hash")+"/rotate", `{"overlap_seconds":9223372037}`) // nanoseconds would not fit
}

// settleHold spends what a hold holds.
func settleHold(t *testing.T, h *house, hold ledger.Hold) {
	t.Helper()
	if err := h.Store.Place(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	_, err := h.Store.Settle(t.Context(), ledger.Settlement{Hold: hold.ID, Cost: hold.Amount, At: hold.At},
		&generation.Record{ID: string(hold.ID), Created: hold.At, Outcome: generation.Completed})
	if err != nil {
		t.Fatal(err)
	}
}
