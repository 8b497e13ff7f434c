package manage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

func TestPresets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.call(inferenceKey, "POST", "/presets/mail/chat/completions",
		`{"model":"openai/gpt-5","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"a secret"}],"stream":true,"temperature":0.70,"user":"u"}`)
	if first.status != 200 || first.text("data", "slug") != "mail" || first.text("data", "status") != "active" || first.text("data", "workspace_id") != workspace ||
		first.text("data", "designated_version", "system_prompt") != "Be kind." || first.at("data", "designated_version", "version") != json.Number("1") ||
		first.text("data", "designated_version", "dialect") != "openai.chat" || first.text("data", "designated_version", "id") != first.text("data", "designated_version_id") {
		t.Fatal(first.raw)
	}
	if !strings.Contains(first.raw, `"config":{"model":"openai/gpt-5","temperature":0.70}`) {
		t.Errorf("more or less than its settings was kept: %s", first.raw)
	}
	second := h.ok("POST", "/presets/mail/messages", `{"model":"openai/gpt-5","max_tokens":9,"system":"Be curt."}`)
	if second.text("data", "id") != first.text("data", "id") || second.at("data", "designated_version", "version") != json.Number("2") || second.text("data", "designated_version", "system_prompt") != "Be curt." {
		t.Error(second.raw)
	}
	if list := h.ok("GET", "/presets/mail/versions", ""); list.at("total_count") != json.Number("2") || list.at("data", 0, "version") != json.Number("1") {
		t.Error(list.raw)
	}
	got := h.ok("PATCH", "/presets/mail", `{"name":"Mail","description":"d","designated_version":1}`)
	if got.text("data", "name") != "Mail" || got.text("data", "designated_version", "system_prompt") != "Be kind." || got.at("data", "status_updated_at") != nil {
		t.Error(got.raw)
	}
	if got := h.ok("GET", "/presets/mail/versions/2", ""); got.text("data", "system_prompt") != "Be curt." {
		t.Error(got.raw)
	}
	h.refused(404, "no version", "GET", "/presets/mail/versions/3", "")
	h.refused(400, "must be a number", "GET", "/presets/mail/versions/latest", "")
	h.refused(400, "number of a version", "PATCH", "/presets/mail", `{"designated_version":3}`)
	h.refused(400, "active, disabled or archived", "PATCH", "/presets/mail", `{"status":"gone"}`)

	archived := h.ok("PATCH", "/presets/mail", `{"status":"archived"}`)
	if archived.text("data", "status") != "archived" || archived.at("data", "status_updated_at") == nil {
		t.Error(archived.raw)
	}
	h.refused(409, "is archived", "POST", "/presets/mail/responses", `{"model":"openai/gpt-5"}`)
	h.ok("DELETE", "/presets/mail", "")
	h.refused(404, "No preset", "GET", "/presets/mail", "")
	again := h.ok("POST", "/presets/mail/responses", `{"model":"openai/gpt-5"}`)
	if again.text("data", "id") == first.text("data", "id") || again.at("data", "designated_version", "version") != json.Number("1") {
		t.Errorf("a deleted preset has a past: %s", again.raw)
	}
}

// Who made a version is named to those who may see members.
func TestVersionsNameTheirMakers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made := h.as(h.session(account.Owner), "POST", "/presets/mail/messages", `{"system":"Be kind."}`)
	h.call(managementKey, "POST", "/presets/mail/messages", `{"system":"Be curt."}`)
	if got := made.at("data", "designated_version", "created_by_name"); got != "pat@example.com" {
		t.Error(made.raw)
	}
	list := h.call(managementKey, "GET", "/presets/mail/versions", "")
	if list.at("data", 0, "creator_id") != patMember || list.at("data", 0, "created_by_name") != "pat@example.com" || list.at("data", 1, "created_by_name") != nil {
		t.Error(list.raw)
	}
	if got := h.call(inferenceKey, "GET", "/presets/mail/versions/1", ""); got.at("data", "creator_id") != patMember || got.at("data", "created_by_name") != nil {
		t.Errorf("an inference key is told of members: %s", got.raw)
	}
}

func TestPresetsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		status           int
		says, path, body string
	}{
		{400, "temperature must be a number", "x/chat/completions", `{"temperature":9}`},
		{400, "max_tokens must be", "x/messages", `{"max_tokens":"many"}`},
		{400, "top_p must be a number", "x/responses", `{"top_p":2}`},
		{400, "cannot refer to another", "x/chat/completions", `{"model":"@preset/brief"}`},
		{400, "not valid", "x/chat/completions", `{"model":`},
		{400, "must be a JSON object", "x/chat/completions", `[]`},
		{400, "The slug of a preset", "-x/chat/completions", `{}`},
		{501, "caching of responses is not built", "x/chat/completions", `{"cache_enabled":true,"cache_ttl_seconds":60}`},
		{413, "over the limit", "x/chat/completions", `{"messages":"` + strings.Repeat("x", maxBody) + `"}`},
		{413, "settings of a preset take", "x/messages", `{"system":"` + strings.Repeat("x", 300<<10) + `"}`},
	} {
		h.refused(c.status, c.says, "POST", "/presets/"+c.path, c.body)
	}
	if list := h.ok("GET", "/presets", ""); list.at("total_count") != json.Number("1") {
		t.Errorf("a refused preset is there: %s", list.raw)
	}
}

func TestPresetsAreTheAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := "sk-or-v1-other"
	h.put(&account.Key{Hash: account.HashKey(other), Name: "o", Account: "elsewhere", Workspace: "w", Created: noon})
	if got := h.call(other, "GET", "/presets/brief", ""); got.status != 404 {
		t.Error(got.raw)
	}
	if got := h.call(other, "POST", "/presets/brief/messages", `{"system":"theirs"}`); got.status != 200 || got.at("data", "designated_version", "version") != json.Number("1") {
		t.Error(got.raw)
	}
	if got := h.call(inferenceKey, "GET", "/presets/brief", ""); got.text("data", "designated_version", "system_prompt") != "Be brief." {
		t.Error(got.raw)
	}
}

// Every change is in the audit log, without what a prompt says.
func TestPresetsAreAudited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ok("POST", "/presets/new/messages", `{"system":"a secret text"}`)
	h.ok("POST", "/presets/new/messages", `{"system":"a secret text"}`)
	h.ok("PATCH", "/presets/new", `{"status":"disabled"}`)
	h.ok("DELETE", "/presets/new", "")
	log, err := h.Store.AuditLog(t.Context(), store.AuditFilter{Account: "default", Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	actions := ""
	for _, e := range log {
		actions += e.Action + " "
		if e.Target != "new" || strings.Contains(e.Detail, "secret") {
			t.Errorf("%+v", e)
		}
	}
	if actions != "preset.delete preset.update preset.version preset.create " {
		t.Error(actions)
	}
}

func TestGenerationTellsItsPreset(t *testing.T) {
	t.Parallel()
	row := newGenerationRow(&generation.Record{Surface: llm.OpenAIChat, Preset: &generation.Preset{ID: "id", Slug: "s", Version: 2}}, smallCatalog(t))
	if row.Preset == nil || *row.Preset != "id" || row.Ours.Preset.Version != 2 {
		t.Errorf("%+v", row)
	}
}
