package signin

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/totp"
)

// invite makes an invitation and is its token.
func (h *house) invite(i account.Invitation) string {
	h.t.Helper()
	token, hash := NewToken()
	i.ID, i.Hash, i.Created, i.Ends = NewID(), hash, noon, noon.Add(time.Hour)
	h.update(func(tx *directory.Tx) error { return tx.PutInvitation(&i) })
	return token
}

func (h *house) accept(token string, w Welcome) (directory.Visit, error) {
	h.t.Helper()
	v, _, err := h.Accept(h.t.Context(), request("POST", ""), noon, token, w)
	return v, err
}

func TestSetUpOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := First{Organization: "Acme", Email: "boss@example.com", Name: "Boss", Password: password}
	setUp := func(f First) (directory.Visit, error) {
		v, _, err := h.SetUp(t.Context(), request("POST", ""), noon, f)
		return v, err
	}
	_, err := setUp(first)
	if f := fault.As(err); f.HTTPStatus() != http.StatusGone {
		t.Errorf("beside Ann: %v", err)
	}
	_, err = h.NewSetup(t.Context(), audit.Entry{At: noon, Account: "a"})
	if !errors.Is(err, ErrSetUp) {
		t.Errorf("a token beside Ann: %v", err)
	}
	h.Directory = openDirectory(t, openStore(t)) // where nobody is
	_, err = setUp(first)
	kind(t, err, fault.Denied) // no token was made
	old, _ := h.NewSetup(t.Context(), audit.Entry{At: noon, Account: "a"})
	token, _ := h.NewSetup(t.Context(), audit.Entry{At: noon, Account: "a"})
	first.Token = old
	_, err = setUp(first)
	kind(t, err, fault.Denied)
	first.Token = token
	weak := first
	weak.Password = "short"
	_, err = setUp(weak)
	kind(t, err, fault.Invalid)
	done := make(chan error)
	for range 4 {
		go func() { _, _, err := h.SetUp(t.Context(), request("POST", ""), noon, first); done <- err }()
	}
	in := 0
	for range 4 {
		if err := <-done; err == nil {
			in++
		}
	}
	places := h.Directory.Places(h.Directory.Persons()[0].ID)
	if in != 1 || len(places) != 1 || places[0].Member.Role != account.Owner || places[0].Organization.Name != "Acme" || h.Directory.Setup() != "" {
		t.Errorf("%d were the first, %+v", in, places)
	}
}

func TestInvitationOfSomebodyNew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.update(func(tx *directory.Tx) error {
		return tx.PutWorkspace(&account.Workspace{ID: "w1", Account: "a", Slug: "one"})
	})
	token := h.invite(account.Invitation{Account: "a", Email: "new@example.com", Role: account.Admin, Workspaces: []string{"w1", "gone"}})
	_, err := h.accept(token, Welcome{})
	kind(t, err, fault.Invalid) // no password
	_, err = h.accept("another token", Welcome{Password: password})
	kind(t, err, fault.Denied)
	v, err := h.accept(token, Welcome{Name: "New", Password: password})
	if err != nil || v.Person.Email != "new@example.com" || v.Member.Role != account.Admin || v.Person.Name != "New" {
		t.Fatalf("%+v %v", v, err)
	}
	if w, _ := h.Directory.Workspace("a", "w1"); len(w.Members) != 1 || w.Members[0].Member != v.Member.ID {
		t.Errorf("%+v", w)
	}
	_, err = h.accept(token, Welcome{Password: password})
	kind(t, err, fault.Denied) // once
	if _, err := h.passwordOf("new@example.com", password); err != nil {
		t.Error(err)
	}
}

// Somebody else's link does not make a member of who is there already without their proof.
func TestInvitationOfSomebodyKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.update(func(tx *directory.Tx) error {
		return errors.Join(tx.PutOrganization(&account.Organization{ID: "b", Name: "B", Workspace: "wb"}),
			tx.PutMember(&account.Member{ID: "mb", Account: "b", Email: ann, Role: account.Viewer}))
	})
	token := h.invite(account.Invitation{Account: "b", Email: ann, Role: account.Developer})
	_, err := h.accept(token, Welcome{})
	kind(t, err, fault.NoKey)
	if fault.As(err).Metadata["next"] != "password" {
		t.Errorf("%+v", err)
	}
	_, err = h.accept(token, Welcome{Password: "a password of their own"})
	kind(t, err, fault.NoKey)
	mine, _ := h.in(noon)
	v, err := h.accept(token, Welcome{Visit: &mine})
	if err != nil || v.Person.ID != "p1" || v.Member.ID != "mb" || v.Member.Role != account.Developer || v.Organization.ID != "b" {
		t.Fatalf("%+v %v", v, err)
	}
	if places := h.Directory.Places("p1"); len(places) != 2 {
		t.Errorf("%+v", places)
	}
	if next, _ := h.in(noon); next.Organization.ID != "b" {
		t.Errorf("the next sign-in leads to %s", next.Organization.ID)
	}
}

func TestInvitationsThatDoNotWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	late := h.invite(account.Invitation{Account: "a", Email: "new@example.com"})
	_, _, err := h.Accept(t.Context(), request("POST", ""), noon.Add(time.Hour), late, Welcome{Password: password})
	kind(t, err, fault.Denied)
	h.update(func(tx *directory.Tx) error {
		return tx.PutMember(&account.Member{ID: "m2", Account: "a", Email: "off@example.com", Disabled: true})
	})
	_, err = h.accept(h.invite(account.Invitation{Account: "a", Email: "off@example.com", Role: account.Owner}), Welcome{Password: password})
	kind(t, err, fault.Denied)
	h.update(func(tx *directory.Tx) error {
		return tx.PutMember(&account.Member{ID: "m3", Account: "a", Email: "moved@example.com", Person: "p1"})
	})
	_, err = h.accept(h.invite(account.Invitation{Account: "a", Email: "moved@example.com"}), Welcome{Password: password})
	kind(t, err, fault.Denied) // it is Ann's place by now
	_, err = h.accept(h.invite(account.Invitation{Account: "gone", Email: "new@example.com"}), Welcome{Password: password})
	kind(t, err, fault.Denied)
}

func TestReset(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, session := h.in(noon)
	link := h.invite(account.Invitation{Account: "a", Email: ann, Person: "p1"})
	_, err := h.accept(link, Welcome{Password: "short"})
	kind(t, err, fault.Invalid)
	if _, err := h.accept(link, Welcome{Password: "another horse"}); err != nil {
		t.Fatal(err)
	}
	if got := h.at(session, noon); got == ann {
		t.Error("a session from before works")
	}
	if _, err := h.passwordOf(ann, password); err == nil {
		t.Error("the password from before works")
	}
	if _, err := h.passwordOf(ann, "another horse"); err != nil {
		t.Error(err)
	}
	_, err = h.accept(link, Welcome{Password: "a third horse"})
	kind(t, err, fault.Denied)
}

func TestResetDoesNotGoRoundTheSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret, _ := h.withFactor()
	link := h.invite(account.Invitation{Account: "a", Email: ann, Person: "p1"})
	_, err := h.accept(link, Welcome{Password: "another horse"})
	kind(t, err, fault.NoKey)
	_, err = h.accept(link, Welcome{Password: "another horse", Code: "000000"})
	kind(t, err, fault.NoKey)
	later := noon.Add(time.Minute)
	if _, _, err := h.Accept(t.Context(), request("POST", ""), later, link, Welcome{Password: "another horse", Code: totp.Code(secret, totp.Step(later))}); err != nil {
		t.Error(err)
	}
}
