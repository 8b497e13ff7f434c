package account

import (
	"slices"
	"testing"
)

// A role never has a permission that a mightier one lacks, but for money, which an admin's
// developer does not move and a billing member does.
func TestRoles(t *testing.T) {
	for _, r := range Roles {
		if !r.Valid() || !r.May(ReadKeys|ReadRules|ReadMembers|ReadMoney) {
			t.Errorf("%s cannot look at things", r)
		}
		if !Owner.May(permissions[r]) {
			t.Errorf("%s may what an owner may not", r)
		}
		if r != Owner && r != Admin && (r.May(WriteMembers) || r.May(WriteRules) || r.May(ReadAudit)) {
			t.Errorf("%s may change rules or people", r)
		}
		if r != Owner && r.May(WriteOwners) {
			t.Errorf("%s may make owners", r)
		}
	}
	if Viewer.May(WriteKeys) || Developer.May(MoveMoney) || Billing.May(WriteKeys) || !Billing.May(MoveMoney) || !Developer.May(WriteKeys) {
		t.Error("the table is wrong")
	}
	if none := Role("root"); none.Valid() || none.May(ReadKeys) || Role("").May(ReadKeys) {
		t.Error("a role that is none may something")
	}
}

func TestPermissionsHaveNames(t *testing.T) {
	if 1<<len(names) != int(ReadContents)<<1 {
		t.Fatalf("%d names", len(names))
	}
	if got := Billing.Permissions(); !slices.Equal(got, []string{"keys:read", "money:read", "money:move", "rules:read", "members:read"}) {
		t.Errorf("%v", got)
	}
	if got := Owner.Permissions(); len(got) != len(names) {
		t.Errorf("%v", got)
	}
}
