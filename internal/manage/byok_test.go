package manage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/canary"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const secret = "sk-canary-abcdefghij"
	got := h.ok("POST", "/byok", `{"provider":"openai","key":"`+secret+`","name":"n","is_fallback":true,"allowed_models":["openai/*"],"allowed_user_ids":["`+member+`"]}`)
	id := got.text("data", "id")
	if strings.Contains(got.raw, secret) || got.text("data", "label") != "sk-...ghij" || got.at("data", "sort_order") != json.Number("1") || got.text("data", "workspace_id") != workspace {
		t.Error(got.raw)
	}
	h.ok("POST", "/byok", `{"provider":"acme","key":"another-key-123","workspace_id":null}`)
	if list := h.ok("GET", "/byok?provider=openai", ""); list.at("total_count") != json.Number("2") || list.text("data", 0, "name") != "ours" {
		t.Error(list.raw)
	}
	if list := h.ok("GET", "/byok?workspace_id="+team, ""); list.at("total_count") != json.Number("1") {
		t.Error("a credential of every workspace is not of this one: ", list.raw)
	}
	if p := h.ok("PATCH", "/byok/"+id, `{"sort_order":-1,"allowed_models":null}`); p.at("data", "allowed_models") != nil || p.at("data", "is_fallback") != true {
		t.Error(p.raw)
	}
	if p := h.ok("PATCH", "/byok/"+id, `{"is_required":true,"declared_zdr":false}`); p.at("data", "is_required") != true || p.at("data", "is_byok_only") != false || p.at("data", "declared_zdr") != false {
		t.Error(p.raw)
	}
	h.refused(400, "is_byok_only must be false", "PATCH", "/byok/"+id, `{"is_byok_only":true}`)
	if p := h.ok("PATCH", "/byok/"+id, `{"is_byok_only":true,"is_fallback":false,"declared_zdr":null}`); p.at("data", "is_byok_only") != true || p.at("data", "declared_zdr") != nil {
		t.Error(p.raw)
	}
	if list := h.ok("GET", "/byok", ""); list.text("data", 0, "id") != id {
		t.Error("sort_order is not the order: ", list.raw)
	}
	c, _ := h.Directory.Credential("default", id)
	old := c.Sealed
	h.ok("PATCH", "/byok/"+id, `{"key":"sk-rotated-9999999999"}`)
	c, _ = h.Directory.Credential("default", id)
	opened, err := h.Credentials.Vault.Open(t.Context(), c.Sealed, c.Place())
	if err != nil || opened.Text() != canary.Hidden("sk-rotated-9999999999") || string(old) == string(c.Sealed) || c.Label != "sk-...9999" {
		t.Errorf("%v %+v", err, c)
	}
	if log := h.ok("GET", "/audit", ""); strings.Contains(log.raw, secret) || strings.Contains(log.raw, "rotated-9999") || !strings.Contains(log.raw, `"rotated":true`) {
		t.Error(log.raw)
	}
	if test := h.ok("POST", "/byok/"+id+"/test", ""); test.at("data", "ok") != true {
		t.Error(test.raw)
	}
	h.ok("PATCH", "/byok/"+id, `{"disabled":true}`)
	if test := h.ok("POST", "/byok/"+id+"/test", ""); test.at("data", "ok") != false || test.text("data", "error", "message") != "The provider refused the key" {
		t.Error(test.raw)
	}
	if show := h.ok("GET", "/byok/"+id, ""); show.text("data", "last_error", "message") != "The provider refused the key" {
		t.Error(show.raw)
	}
	h.ok("DELETE", "/byok/"+id, "")
	h.refused(404, "No credential", "GET", "/byok/"+id, "")
}

func TestCredentialsRefuse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, says := range map[string]string{
		`{"key":"k"}`:                                                 "provider must be given",
		`{"provider":"openai"}`:                                       "key must be given",
		`{"provider":"nobody","key":"k"}`:                             "not in the catalogue",
		`{"provider":"openai","key":"a b"}`:                           "key cannot be used",
		`{"provider":"openai","key":{"a":1}}`:                         "key must be a string",
		`{"provider":"openai","key":"k","allowed_api_key_hashes":[]}`: "allowed_api_key_hashes must be",
		`{"provider":"openai","key":"k","allowed_api_key_hashes":["` + strings.Repeat("0", 64) + `"]}`: "allowed_api_key_hashes must be",
		`{"provider":"openai","key":"k","allowed_user_ids":["x"]}`:                                     "allowed_user_ids must be",
		`{"provider":"openai","key":"k","workspace_id":"nowhere"}`:                                     "workspace_id must be",
	} {
		h.refused(400, says, "POST", "/byok", body)
	}
}

func TestWhomACredentialServes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := &account.Key{Hash: "h1", Account: "default", Workspace: workspace, Creator: member}
	if own := h.Directory.Own(k); len(own) != 1 || own[0].Provider != "openai" {
		t.Fatalf("%+v", own)
	}
	for name, other := range map[string]account.Key{
		"account":   {Hash: "h1", Account: "other", Workspace: workspace},
		"workspace": {Hash: "h1", Account: "default", Workspace: team},
	} {
		if own := h.Directory.Own(&other); len(own) != 0 {
			t.Errorf("another %s: %+v", name, own)
		}
	}
	h.ok("PATCH", "/byok/"+owned, `{"allowed_user_ids":["`+member+`"],"allowed_api_key_hashes":["`+string(account.HashKey(inferenceKey))+`"]}`)
	k.Hash = account.HashKey(inferenceKey)
	if own := h.Directory.Own(k); len(own) != 1 {
		t.Errorf("%+v", own)
	}
	k.Creator = ""
	if own := h.Directory.Own(k); len(own) != 0 {
		t.Errorf("nobody's key: %+v", own)
	}
}

// TestWhoIsGoneMayBeSentBack: whoever writes all of a credential as it was read changes nothing.
func TestWhoIsGoneMayBeSentBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ann := h.ok("POST", "/organization/members", `{"email":"short@example.com"}`).text("data", "id")
	hash := h.ok("POST", "/keys", `{"name":"k"}`).text("data", "hash")
	filters := `{"allowed_user_ids":["` + ann + `"],"allowed_api_key_hashes":["` + hash + `"]}`
	h.ok("PATCH", "/byok/"+owned, filters)
	h.ok("PATCH", "/workspaces/default", `{"io_logging_api_key_hashes":["`+hash+`"]}`)
	h.ok("DELETE", "/keys/"+hash, "")
	h.ok("DELETE", "/organization/members/"+ann, "")
	h.ok("PATCH", "/byok/"+owned, filters)
	h.ok("PATCH", "/workspaces/default", `{"io_logging_api_key_hashes":["`+hash+`"]}`)
	h.ok("PATCH", "/byok/"+owned, `{"allowed_api_key_hashes":null,"allowed_user_ids":null}`)
	h.refused(400, "allowed_api_key_hashes must be", "PATCH", "/byok/"+owned, `{"allowed_api_key_hashes":["`+hash+`"]}`)
	h.refused(400, "allowed_user_ids must be", "PATCH", "/byok/"+owned, `{"allowed_user_ids":["`+ann+`"]}`)
}

// TestTheAuditLogHoldsNothingUnknown: what nobody reads may be a secret under a wrong name.
func TestTheAuditLogHoldsNothingUnknown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const secret = "sk-canary-under-a-wrong-name"
	for _, v := range visits {
		if v.method == "POST" && strings.Count(v.target, "/") > 1 || v.body == "" || v.access == signedIn || v.access == anyone {
			continue
		}
		body := strings.TrimSuffix(furnished.Replace(v.body), "}") + `,"secret_key":"` + secret + `"}`
		h.trusted(v.method, furnished.Replace(v.target), strings.Replace(body, "{,", "{", 1))
	}
	log := h.trusted("GET", "/audit?limit=1000", "")
	if strings.Contains(log.raw, secret) {
		t.Error(log.raw)
	}
	for _, action := range []string{"credential", "destination", "group_mapping", "guardrail", "key", "member", "organization", "preset", "private_endpoint", "private_provider", "workspace", "federation_policy"} {
		if !strings.Contains(log.raw, `"action":"`+action+`.update"`) {
			t.Error("nothing was tried of ", action)
		}
	}
}
