package directory

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// places are the members of a workspace with what they are.
func places(d *Directory, workspace string) (out []string) {
	w, _ := d.Workspace("a", workspace)
	for _, m := range w.Members {
		out = append(out, fmt.Sprintf("%s %s %t", m.Member, m.Groups, m.ByHand))
	}
	slices.Sort(out)
	return out
}

func TestGroupsGiveAndTakePlaces(t *testing.T) {
	t.Parallel()
	s := openStore(t, canary.Dir(t)+"/d.db")
	defer s.Close()
	d := openDirectory(t, s)
	n := 0
	newID := func() string { n++; return fmt.Sprint("id", n) }
	change := func(f func(*Tx) error) {
		t.Helper()
		update(t, d, func(tx *Tx) error { return errors.Join(f(tx), tx.Regroup("a", noon, newID)) })
	}
	is := func(workspace string, want ...string) {
		t.Helper()
		if got := places(d, workspace); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", workspace, got, want)
		}
	}
	change(func(tx *Tx) error {
		var err error
		for _, id := range []string{"ann", "bob", "zoe"} {
			err = errors.Join(err, tx.PutMember(&account.Member{ID: id, Account: "a", Email: id, Role: account.Developer}))
		}
		return errors.Join(err,
			tx.PutWorkspace(&account.Workspace{ID: "w1", Account: "a", Slug: "w1", Members: []account.Membership{{ID: "m", Member: "zoe", Joined: noon}}}),
			tx.PutWorkspace(&account.Workspace{ID: "other", Account: "b", Slug: "w1"}),
			tx.PutGroup(&account.Group{ID: "g1", Account: "a", Name: "Eng", Members: []string{"ann", "zoe"}}),
			tx.PutGroup(&account.Group{ID: "g2", Account: "a", Name: "Leads", Members: []string{"ann"}}),
			tx.PutMapping(&account.GroupMapping{ID: "x1", Account: "a", Group: "g1", Workspace: "w1", Role: account.PlaceMember}),
			tx.PutMapping(&account.GroupMapping{ID: "x2", Account: "a", Group: "g2", Workspace: "w1", Role: account.PlaceAdmin}))
	})
	is("w1", "ann admin false", "zoe member true") // the highest role; who was there by hand still is

	key := &account.Key{Hash: "k", Account: "a", Workspace: "w1", Creator: "ann"}
	if err := s.Apply(t.Context(), store.Change{Keys: []*account.Key{key}}); err != nil {
		t.Fatal(err)
	}
	if why := d.Governs(key).Disabled; why != "" {
		t.Errorf("the key of a member does not work: %s", why)
	}
	change(func(tx *Tx) error { tx.DeleteGroup("g2"); return nil })
	is("w1", "ann member false", "zoe member true")
	if len(d.Mappings("a")) != 1 {
		t.Error("a mapping outlives its group")
	}
	change(func(tx *Tx) error {
		return tx.PutGroup(&account.Group{ID: "g1", Account: "a", Name: "Eng", Members: []string{"bob"}})
	})
	is("w1", "bob member false", "zoe  false")
	if why := d.Governs(key).Disabled; why == "" {
		t.Error("a key works in a workspace that its member has left")
	}
	change(func(tx *Tx) error {
		return tx.PutGroup(&account.Group{ID: "g1", Account: "a", Name: "Eng", Members: []string{"ann", "bob"}})
	})
	if why := d.Governs(key).Disabled; why != "" {
		t.Errorf("the key of a member who came back does not work: %s", why)
	}
	change(func(tx *Tx) error {
		bob, _ := tx.Member("a", "bob")
		tx.PutKey(&account.Key{Hash: "kb", Account: "a", Creator: "bob"})
		tx.PutKey(&account.Key{Hash: "mb", Account: "a", Creator: "bob", Management: true})
		return tx.PutMember(bob)
	})
	change(func(tx *Tx) error {
		bob, _ := tx.Member("a", "bob")
		return tx.RemoveMember(t.Context(), bob, noon)
	})
	is("w1", "ann member false", "zoe  false")
	if g, _ := d.Group("a", "g1"); !slices.Equal(g.Members, []string{"ann"}) {
		t.Errorf("a member who is gone is in a group: %v", g.Members)
	}
	for _, hash := range []account.KeyHash{"kb", "mb"} {
		if k, _ := s.Key(hash); k == nil || !k.Disabled || d.Governs(k).Disabled == "" {
			t.Errorf("the key %s of a member who is gone works", hash)
		}
	}

	update(t, d, func(tx *Tx) error {
		m, _ := tx.Mapping("a", "x1")
		if err := tx.Keep(m); err != nil {
			return err
		}
		tx.DeleteMapping("x1")
		return tx.Regroup("a", noon, newID)
	})
	is("w1", "ann  false", "zoe  false") // kept by hand

	refused := func(f func(*Tx) error) {
		t.Helper()
		err := d.Update(t.Context(), audit.Entry{At: noon, Account: "a"}, f)
		if fault.Of(err) != fault.Conflict {
			t.Error(err)
		}
	}
	refused(func(tx *Tx) error { return tx.PutGroup(&account.Group{ID: "g9", Account: "a", Name: "ENG"}) })
	change(func(tx *Tx) error {
		return tx.PutMapping(&account.GroupMapping{ID: "x3", Account: "a", Group: "g1", Workspace: "w1", Role: account.PlaceMember})
	})
	refused(func(tx *Tx) error {
		return tx.PutMapping(&account.GroupMapping{ID: "x4", Account: "a", Group: "g1", Workspace: "w1"})
	})
	again := openDirectory(t, s)
	if len(again.Groups("a")) != 1 || len(again.Mappings("a")) != 1 || !slices.Equal(places(again, "w1"), places(d, "w1")) {
		t.Error("groups do not outlive a restart")
	}
	change(func(tx *Tx) error { tx.DeleteWorkspace("w1"); return nil })
	if len(d.Mappings("a")) != 0 {
		t.Error("a mapping outlives its workspace")
	}
}

// What a provider gives at a sign-in, groups do not take away, nor the other way round.
func TestSignInGivesPlacesToo(t *testing.T) {
	t.Parallel()
	s := openStore(t, canary.Dir(t)+"/d.db")
	defer s.Close()
	d := openDirectory(t, s)
	newID := func() string { return "id" }
	ann := &account.Member{ID: "ann", Account: "a", Email: "ann"}
	update(t, d, func(tx *Tx) error {
		return errors.Join(tx.PutMember(ann),
			tx.PutWorkspace(&account.Workspace{ID: "w1", Account: "a", Slug: "w1"}),
			tx.PutWorkspace(&account.Workspace{ID: "w2", Account: "a", Slug: "w2", Members: []account.Membership{{ID: "m", Member: "ann"}}}),
			tx.PutGroup(&account.Group{ID: "g", Account: "a", Name: "G", Members: []string{"ann"}}))
	})
	signIn := func(workspaces ...string) {
		t.Helper()
		update(t, d, func(tx *Tx) error { return tx.SignedIn(ann, "corp", workspaces, noon, newID) })
	}
	is := func(want ...string) {
		t.Helper()
		var got []string
		for _, id := range []string{"w1", "w2"} {
			w, _ := d.Workspace("a", id)
			for _, p := range w.Members {
				got = append(got, fmt.Sprintf("%s %s%s %t", id, p.Groups, p.SignIn, p.ByHand))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	signIn("w1", "w2")
	is("w1 corp false", "w2 corp true")
	update(t, d, func(tx *Tx) error { return tx.Regroup("a", noon, newID) })
	is("w1 corp false", "w2 corp true")
	update(t, d, func(tx *Tx) error {
		return errors.Join(tx.PutMapping(&account.GroupMapping{ID: "x", Account: "a", Group: "g", Workspace: "w1", Role: account.PlaceAdmin}), tx.Regroup("a", noon, newID))
	})
	is("w1 admincorp false", "w2 corp true")
	signIn()
	is("w1 admin false", "w2  false")
	update(t, d, func(tx *Tx) error { tx.DeleteMapping("x"); return tx.Regroup("a", noon, newID) })
	is("w2  false")
}
