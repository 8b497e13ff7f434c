package manage

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// of makes a key of a member's.
func (h *house) of(creator, plain string, k account.Key) *account.Key {
	h.t.Helper()
	k.Hash, k.Name, k.Account, k.Workspace, k.Creator, k.Created = account.HashKey(plain), plain, "default", workspace, creator, noon
	h.put(&k)
	return &k
}

// become gives the furnished member another role.
func (h *house) become(role account.Role) {
	h.t.Helper()
	if got := h.trusted("PATCH", "/organization/members/"+member, `{"role":"`+string(role)+`"}`); got.status != 200 {
		h.t.Fatal(got.raw)
	}
}

// TestAKeyIsNoMightierThanItsMember: each operation with an owner's management key whose
// member has each role is as with a management key of that role.
func TestAKeyIsNoMightierThanItsMember(t *testing.T) {
	t.Parallel()
	for i, v := range visits {
		if v.access != management && v.access != operator {
			continue
		}
		for _, role := range account.Roles {
			t.Run(v.method+" "+v.target+" as "+string(role), func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				holder := h.trusted("POST", "/organization/members", `{"email":"holder@example.com","role":"`+string(role)+`"}`).text("data", "id")
				h.of(holder, "boss", account.Key{Management: true, Extras: account.Extras{Role: account.Owner}})
				got := h.call("boss", v.method, furnished.Replace(v.target), furnished.Replace(v.body))
				want := v.status
				switch {
				case !role.May(operations[i].may):
					want = 403
				case ownOnly(v.target) && !role.May(account.WriteMembers):
					want = 404 // as the person, who sees their own keys alone
				case want == 0:
					want = 200
				}
				if got.status != want {
					t.Errorf("%d, want %d: %s", got.status, want, got.raw)
				}
			})
		}
	}
}

func TestALoweredRoleCountsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.become(account.Admin)
	h.of(member, "chief", account.Key{Management: true})
	spends := h.of(member, "spends", account.Key{})
	h.of("", "nobodys", account.Key{})
	invite := func(want int) {
		t.Helper()
		got := h.call("chief", "POST", "/organization/members", fmt.Sprintf(`{"email":"new%d@example.com"}`, want))
		if got.status != want {
			t.Errorf("%d, want %d: %s", got.status, want, got.raw)
		}
	}
	invite(201)
	h.become(account.Developer)
	invite(403)
	if list := h.call("chief", "GET", "/keys", ""); list.text("data", 0, "name") != "spends" || list.at("data", 1) != nil {
		t.Errorf("a developer's key sees keys of others: %s", list.raw)
	}
	if why := h.Directory.Governs(spends).Refuses(spends); why != "" {
		t.Error(why)
	}
	h.become(account.Viewer)
	if why := h.Directory.Governs(spends).Refuses(spends); why == "" {
		t.Error("a key of a viewer spends")
	}
	if report := h.trusted("GET", "/keys/report?finding=role_above", ""); report.at("total_count") != json.Number("1") || report.text("data", 0, "name") != "chief" {
		t.Error(report.raw)
	}
}

func TestKeysOfWhoIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	chief := h.of(member, "chief", account.Key{Management: true})
	spends := h.of(member, "spends", account.Key{})
	h.of(member, "off", account.Key{Disabled: true})
	before := h.audited()
	h.ok("DELETE", "/organization/members/"+member, "")
	log := h.trusted("GET", "/audit", "")
	ended := map[string]bool{log.text("data", 0, "target"): true, log.text("data", 1, "target"): true}
	if h.audited() != before+3 || !ended[string(chief.Hash)] || !ended[string(spends.Hash)] || log.text("data", 0, "action") != "key.update" || log.text("data", 2, "action") != "member.delete" {
		t.Error(log.raw)
	}
	at := "/keys/" + string(chief.Hash)
	h.refused(400, "no member any more", "PATCH", at, `{"disabled":false}`)
	h.refused(400, "the id of a member", "PATCH", at, `{"disabled":false,"creator_user_id":"`+member+`"}`)
	if k, _ := h.Store.Key(chief.Hash); !k.Disabled || h.Directory.Governs(k).Refuses(k) == "" {
		t.Error("the key of somebody who is gone works")
	}
	h.ok("PATCH", at, `{"disabled":false,"creator_user_id":null}`)
	if k, _ := h.Store.Key(chief.Hash); k.Disabled || k.Creator != "" || h.Directory.Governs(k).Refuses(k) != "" {
		t.Errorf("a key that was made nobody's does not work: %+v", k)
	}
	other := "/keys/" + string(spends.Hash)
	h.ok("PATCH", other, `{"disabled":false,"creator_user_id":"`+patMember+`"}`)
	if got := h.ok("GET", other, ""); got.text("data", "creator_user_id") != patMember {
		t.Error(got.raw)
	}
}

// Who is deleted as a person keeps no key either.
func TestKeysOfADeletedPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.of(patMember, "pats", account.Key{Management: true})
	h.trusted("DELETE", "/people/"+pat, "")
	if k, _ := h.Store.Key(k.Hash); !k.Disabled {
		t.Error("the key of a deleted person works")
	}
}

// A management key ends with the place of whoever made it, however it was made.
func TestAManagementKeyIsItsMakers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.pat()
	first := b.want(201, "POST", "/keys", `{"name":"m","is_management_key":true,"role":"owner"}`)
	second := h.call(first.text("key"), "POST", "/keys", `{"name":"m","is_management_key":true}`)
	if first.text("data", "creator_user_id") != patMember || second.text("data", "creator_user_id") != patMember {
		t.Error(first.raw, second.raw)
	}
	b.want(400, "POST", "/keys", `{"name":"m","is_management_key":true,"workspace_id":"team"}`) // where Pat is not
	named := h.call(first.text("key"), "POST", "/keys", `{"name":"m","is_management_key":true,"creator_user_id":null}`)
	if named.status != 201 || named.at("data", "creator_user_id") != nil {
		t.Error(named.raw)
	}
	spends := h.call(first.text("key"), "POST", "/keys", `{"name":"app"}`)
	if spends.status != 201 || spends.at("data", "creator_user_id") != nil {
		t.Error(spends.raw)
	}
	b.want(400, "POST", "/keys", `{"name":"m","is_management_key":true,"creator_user_id":"`+member+`"}`) // a developer
	h.become(account.Viewer)
	b.want(400, "POST", "/keys", `{"name":"k","creator_user_id":"`+member+`"}`)
}

// An admin ends sessions of members in the organisation, and those of an owner only an owner.
func TestSessionsOfAMember(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	token := h.session(account.Admin)
	list := h.as(token, "GET", "/organization/members/"+patMember+"/sessions", "")
	if list.at("total_count") != json.Number("2") || list.text("data", 0, "organization_id") != "default" {
		t.Error(list.raw)
	}
	if got := h.as(token, "DELETE", "/organization/members/"+patMember+"/sessions/"+session, ""); got.at("ended_count") != json.Number("1") {
		t.Error(got.raw)
	}
	if got := h.as(token, "DELETE", "/organization/members/"+patMember+"/sessions/"+session, ""); got.status != 404 {
		t.Error(got.raw)
	}
	if got := h.as(token, "DELETE", "/organization/members/"+patMember+"/sessions/"+theirs, ""); got.status != 404 {
		t.Errorf("another member's session was ended: %s", got.raw)
	}
	h.ok("DELETE", "/organization/members/"+patMember+"/sessions", "")
	if got := h.as(token, "GET", "/organization/members", ""); got.status != 401 {
		t.Errorf("who was signed out goes on: %d", got.status)
	}
	h.session(account.Owner)
	h.refused(403, "Only an owner", "DELETE", "/organization/members/"+patMember+"/sessions", "")
}
