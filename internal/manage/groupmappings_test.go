package manage

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
)

// join puts the member into a group, as SCIM does.
func (h *house) join(group string, members ...string) {
	h.t.Helper()
	err := h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		g, _ := tx.Group("default", group)
		joined := *g
		joined.Members = members
		if err := tx.PutGroup(&joined); err != nil {
			return err
		}
		return tx.Regroup("default", noon, newUUID)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestGroupMappings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(mapped, member)
	inTeam := func(want int, role string) {
		t.Helper()
		got := h.ok("GET", "/workspaces/team/members", "")
		if n, _ := got.at("data").([]any); len(n) != want || want > 0 && got.text("data", 0, "role") != role {
			t.Errorf("want %d %s: %s", want, role, got.raw)
		}
	}
	inTeam(1, "member")
	h.ok("PATCH", "/scim/group-mappings/"+mapping, `{"role":"admin"}`)
	inTeam(1, "admin")
	if got := h.ok("GET", "/scim/group-mappings", ""); got.text("data", 0, "scim_group_name") != "Research" {
		t.Error(got.raw)
	}
	h.refused(400, "through a group", "POST", "/workspaces/team/members/remove", `{"user_ids":["`+member+`"]}`)
	h.refused(409, mapping, "POST", "/scim/group-mappings", `{"scim_group_id":"`+mapped+`","workspace_id":"team","role":"member"}`)
	if again := h.ok("POST", "/scim/group-mappings", `{"scim_group_id":"`+mapped+`","workspace_id":"team","role":"admin"}`); again.text("data", "id") != mapping || again.status != 201 {
		t.Errorf("the same once more: %s", again.raw)
	}
	h.refused(400, "default workspace", "POST", "/scim/group-mappings", `{"scim_group_id":"`+group+`","workspace_id":"`+workspace+`","role":"member"}`)
	h.refused(400, "scim_group_id must be", "POST", "/scim/group-mappings", `{"scim_group_id":"none","workspace_id":"team","role":"member"}`)
	h.refused(400, "workspace_id must be", "POST", "/scim/group-mappings", `{"scim_group_id":"`+group+`","workspace_id":"none","role":"member"}`)
	h.refused(400, "workspace_id must be", "POST", "/scim/group-mappings", `{"scim_group_id":"`+group+`","workspace_id":null,"role":"member"}`)
	h.refused(400, "role must be", "POST", "/scim/group-mappings", `{"scim_group_id":"`+group+`","workspace_id":"team","role":"owner"}`)
	h.refused(400, "keep_members must be", "DELETE", "/scim/group-mappings/"+mapping, "")
	h.refused(404, "No group mapping", "DELETE", "/scim/group-mappings/none?keep_members=true", "")

	second := h.ok("POST", "/scim/group-mappings", `{"scim_group_id":"`+group+`","workspace_id":"team","role":"member"}`).text("data", "id")
	h.join(group, member)
	h.ok("DELETE", "/scim/group-mappings/"+mapping+"?keep_members=false", "")
	inTeam(1, "member") // the other mapping still gives it
	h.ok("DELETE", "/scim/group-mappings/"+second+"?keep_members=true", "")
	inTeam(1, "member")
	h.ok("POST", "/workspaces/team/members/remove", `{"user_ids":["`+member+`"]}`) // it is by hand now
	inTeam(0, "")
	if list := h.ok("GET", "/scim/groups", ""); list.at("total_count") != json.Number("2") || list.text("data", 0, "organization_id") != "default" {
		t.Error(list.raw)
	}
}

// A job gives the members of groups their places, whatever has become of those, and is kept
// for a while.
func TestSyncJobs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.join(mapped, member)
	err := h.Directory.Update(t.Context(), audit.Entry{At: noon, Account: "default", Action: "test"}, func(tx *directory.Tx) error {
		w, _ := tx.Workspace("default", team)
		emptied := *w
		emptied.Members = nil
		return tx.PutWorkspace(&emptied)
	})
	if err != nil {
		t.Fatal(err)
	}
	first := h.call(managementKey, "POST", "/scim/sync-jobs", "")
	if first.status != 202 || first.text("data", "status") != "succeeded" || first.at("data", "synced_groups") != json.Number("2") || first.at("data", "deleted_groups") != json.Number("0") {
		t.Fatal(first.raw)
	}
	if got := h.ok("GET", "/workspaces/team/members", ""); got.at("data", 0) == nil {
		t.Errorf("the member of the group is not there: %s", got.raw)
	}
	at := "/scim/sync-jobs/" + first.text("data", "id")
	if again := h.ok("GET", at, ""); again.raw != first.raw {
		t.Errorf("%s, then %s", first.raw, again.raw)
	}
	h.neighbour()
	if theirs := h.call("other-owner", "GET", at, ""); theirs.status != 404 {
		t.Errorf("another organisation's: %s", theirs.raw)
	}
	now := noon
	h.Now = func() time.Time { now = now.Add(time.Second); return now }
	for range 20 {
		h.ok("POST", "/scim/sync-jobs", "")
	}
	if old := h.call(managementKey, "GET", at, ""); old.status != 404 {
		t.Errorf("more than twenty are kept: %s", old.raw)
	}
}
