package manage

import (
	"encoding/json"
	"testing"

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
