package signin

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
)

// Provider is an OpenID Connect provider that vouches for people, as the operator configured
// it.
type Provider struct {
	ID, Name     string
	Client       oidc.Client
	Domains      []string     // of e-mail addresses that it vouches for; "*" every one
	Trusted      bool         // its addresses count as verified where it does not say so
	GroupsClaim  string       // the claim with the groups; "" it says none
	Groups       []GroupRule  // what groups give
	Role         account.Role // of who is in no group with a role
	Organization string       // whose members it knows
	Create       bool         // who is no member becomes one
}

// GroupRule is what a group of a provider gives its members.
type GroupRule struct {
	Group      string
	Role       account.Role // "" none
	Workspaces []string     // ids or slugs
}

// Why a sign-in with a provider failed: what the sign-in page is told.
const (
	FlowEnded    = "expired"     // it began too long ago, or in another browser
	ProviderAway = "unavailable" // the provider cannot be asked, or we cannot write
	ProviderSaid = "refused"     // the provider said no, or something that does not count
	NotVerified  = "email"       // the address is missing or not verified
	WrongDomain  = "domain"      // the address is of a domain that the provider does not vouch for
	NoMember     = "member"      // nobody invited this person
	MemberIsOff  = "deactivated"
	OtherSubject = "bound" // the address is that of a person whom the provider knows as somebody else
)

// maxGroups bounds the groups of a person that are looked at.
const maxGroups = 1000

// flowCookie ties a walk to the browser that began it.
const flowCookie = "dragoman_oidc"

// walk is a sign-in under way.
type walk struct {
	oidc.Flow
	provider string
	browser  string // hash of the cookie's token
	back     string // path in the web app
}

// provider is one of them by its id.
func (d *Door) provider(id string) (*Provider, bool) {
	for i := range d.Providers {
		if d.Providers[i].ID == id {
			return &d.Providers[i], true
		}
	}
	return nil, false
}

// Problem is why a sign-in with a provider failed; Err is the operator's to see.
type Problem struct {
	Code string // one of the constants above
	Err  error
}

func (p *Problem) Error() string { return p.Code + ": " + p.Err.Error() }

func problem(code, format string, args ...any) error {
	return &Problem{code, fmt.Errorf(format, args...)}
}

// Leave begins a sign-in with a provider: the browser gets a cookie and goes to the address.
// callback is where it comes back to, back the path in the web app where it ends. It reports
// false when there is no such provider.
func (d *Door) Leave(ctx context.Context, w http.ResponseWriter, r *http.Request, now time.Time, id, callback, back string) (address string, ok bool, err error) {
	p, ok := d.provider(id)
	if !ok {
		return "", false, nil
	}
	token, hash := newToken()
	k := &walk{Flow: oidc.NewFlow(callback, func() string { t, _ := newToken(); return t }), provider: id, browser: hash, back: Local(back)}
	address, err = d.Issuers.Address(ctx, &p.Client, k.Flow)
	if err != nil {
		return "", true, &Problem{ProviderAway, err}
	}
	d.trials.put("oidc/"+k.State, k, now)
	http.SetCookie(w, d.walkCookie(r, token, int(trialLife.Seconds())))
	return address, true, nil
}

func (d *Door) walkCookie(r *http.Request, token string, seconds int) *http.Cookie {
	return &http.Cookie{Name: flowCookie, Value: token, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: d.Secure(r), SameSite: http.SameSiteLaxMode}
}

// Local is a path in the web app, "/" for anything that leads out of it.
func Local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || len(path) > 2048 {
		return "/"
	}
	return path
}

// Return ends a sign-in with a provider: it signs in whoever the provider says the browser
// brings. The error is a *Problem.
func (d *Door) Return(ctx context.Context, w http.ResponseWriter, r *http.Request, now time.Time, id string) (v directory.Visit, token, back string, err error) {
	k, err := d.walkOf(r, now, id)
	http.SetCookie(w, d.walkCookie(r, "", -1))
	if err != nil {
		return v, "", "", err
	}
	p, _ := d.provider(id)
	q := r.URL.Query()
	if said := q.Get("error"); said != "" {
		return v, "", "", problem(ProviderSaid, "the provider answers %.64q", said)
	}
	claims, err := d.Issuers.Finish(ctx, &p.Client, k.Flow, q.Get("code"))
	switch {
	case errors.Is(err, oidc.ErrAway):
		return v, "", "", &Problem{ProviderAway, err}
	case err != nil:
		return v, "", "", &Problem{ProviderSaid, err}
	}
	person, err := d.vouched(ctx, r, now, p, claims)
	if err == nil {
		v, token, err = d.Begin(ctx, r, now, person, "oidc:"+p.ID)
	}
	if _, told := errors.AsType[*Problem](err); err != nil && !told {
		err = &Problem{ProviderAway, err}
	}
	return v, token, k.back, err
}

// walkOf is the walk that the browser is on, once.
func (d *Door) walkOf(r *http.Request, now time.Time, id string) (*walk, error) {
	what, ok := d.trials.take("oidc/"+r.URL.Query().Get("state"), now)
	k, is := what.(*walk)
	c, err := r.Cookie(flowCookie)
	if !ok || !is || k.provider != id || err != nil || subtle.ConstantTimeCompare([]byte(hashToken(c.Value)), []byte(k.browser)) != 1 {
		return nil, problem(FlowEnded, "no sign-in of this browser is under way")
	}
	return k, nil
}

// identity is who a provider says somebody is.
type identity struct {
	subject  string
	email    string // that the provider vouches for; "" none
	unproved error  // why it vouches for none
	name     string
	groups   []string
}

// maxSubject bounds a subject, in bytes (OpenID Connect Core §2).
const maxSubject = 255

// identity reads the claims, as far as the provider may vouch for them.
func (p *Provider) identity(c oidc.Claims) (who identity, err error) {
	who = identity{subject: c.Text("sub"), name: cmp.Or(c.Text("name"), c.Text("preferred_username"))}
	if who.subject == "" || len(who.subject) > maxSubject {
		return who, problem(ProviderSaid, "the provider gives no subject of at most %d bytes", maxSubject)
	}
	who.email, who.unproved = p.address(c)
	switch list := c[p.GroupsClaim].(type) {
	case string:
		who.groups = []string{list}
	case []any:
		for _, g := range list[:min(len(list), maxGroups)] {
			if s, ok := g.(string); ok {
				who.groups = append(who.groups, s)
			}
		}
	}
	return who, nil
}

// address is the e-mail address that the provider vouches for.
func (p *Provider) address(c oidc.Claims) (string, error) {
	email := Email(c.Text("email"))
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") || len(email) > maxEmail {
		return "", problem(NotVerified, "the provider gives no e-mail address")
	}
	if verified, said := c["email_verified"]; verified != true && verified != "true" && (said || !p.Trusted) {
		return "", problem(NotVerified, "the provider has not verified the e-mail address")
	}
	if !slices.Contains(p.Domains, "*") && !slices.Contains(p.Domains, domain) {
		return "", problem(WrongDomain, "the e-mail address is of %.64q", domain)
	}
	return email, nil
}

// gives is what somebody's groups give: the mightiest role, "" none, and workspaces as they
// are written in the configuration.
func (p *Provider) gives(groups []string) (role account.Role, workspaces []string) {
	rank := len(account.Roles)
	for _, rule := range p.Groups {
		if !slices.Contains(groups, rule.Group) {
			continue
		}
		workspaces = append(workspaces, rule.Workspaces...)
		if i := slices.Index(account.Roles[:], rule.Role); i >= 0 && i < rank {
			role, rank = rule.Role, i
		}
	}
	return role, workspaces
}

// decides reports whether groups say what role somebody has.
func (p *Provider) decides() bool {
	return slices.ContainsFunc(p.Groups, func(g GroupRule) bool { return g.Role != "" })
}

// vouched makes the person and the member whom a provider vouches for what the provider says
// they are, and is the person's id.
func (d *Door) vouched(ctx context.Context, r *http.Request, now time.Time, p *Provider, c oidc.Claims) (string, error) {
	who, err := p.identity(c)
	if err != nil {
		return "", err
	}
	if _, there := d.Directory.Organization(p.Organization); !there {
		return "", problem(ProviderAway, "the provider's organization %q is not there", p.Organization)
	}
	role, names := p.gives(who.groups)
	workspaces := d.resolve(p, names)
	known, old, err := d.known(p, who)
	if err != nil {
		return "", err
	}
	person := d.bound(p, known, who, now)
	m, err := p.place(old, person, role, now)
	if err != nil {
		return "", err
	}
	d.readdress(m, person.Email)
	told := map[string]any{"provider": p.ID, "subject": who.subject, "email": person.Email, "role": m.Role, "workspaces": workspaces, "bound": known == nil || known.Subject == nil}
	return person.ID, d.Directory.Update(ctx, d.Entry(r, now, m, "session.vouched", told), func(tx *directory.Tx) error {
		if samePerson, sameMember, err := d.known(p, who); err != nil || samePerson != known || sameMember != old {
			return problem(ProviderAway, "the person or the member was changed meanwhile")
		}
		if old == nil || old.Person != person.ID {
			adopt(tx, person)
		}
		person.Organization = p.Organization
		if who.email != "" {
			person.Verified = now
		}
		if err := errors.Join(tx.PutPerson(person), tx.PutMember(m)); err != nil {
			return err
		}
		return tx.SignedIn(m, p.ID, workspaces, now, NewID)
	})
}

// known are the person and the member, nil where there is none, that somebody is: the person
// with the subject. Where there is none it is the one with an address that the provider
// vouches for, unless another subject is that person: an address can be given to somebody
// else, a subject cannot.
func (d *Door) known(p *Provider, who identity) (*account.Person, *account.Member, error) {
	person, bound := d.Directory.PersonBySubject(p.Client.Issuer, who.subject)
	if !bound {
		if who.unproved != nil {
			return nil, nil, who.unproved
		}
		if person, _ = d.Directory.PersonByEmail(who.email); person != nil && person.Subject != nil {
			return nil, nil, problem(OtherSubject, "%s is bound to another subject, of %s; if it is the same person, dragoman people unlink %s", who.email, person.Subject.Issuer, who.email)
		}
	}
	email := who.email
	if person != nil {
		if m, there := d.Directory.MemberOf(p.Organization, person.ID); there {
			return person, m, nil
		}
		email = cmp.Or(email, person.Email)
	}
	m, _ := d.Directory.MemberByEmail(p.Organization, email)
	return person, m, nil
}

// bound is the person with the subject, and the address that the provider vouches for now, if
// nobody else has that.
func (d *Door) bound(p *Provider, known *account.Person, who identity, now time.Time) *account.Person {
	person := account.Person{ID: NewID(), Email: who.email, Name: who.name, Created: now}
	if known != nil {
		person = *known
	}
	if person.Subject == nil {
		person.Subject = &account.Subject{Issuer: p.Client.Issuer, ID: who.subject, Bound: now}
	}
	if who.email == "" || who.email == person.Email {
		return &person
	}
	if other, taken := d.Directory.PersonByEmail(who.email); taken {
		d.Log.Warn("a person keeps an old address: another person has the new one", slog.String("provider", p.ID), slog.String("person", person.ID), slog.String("other", other.ID))
		return &person
	}
	person.Email, person.Updated = who.email, now
	return &person
}

// readdress gives a member the person's address, unless SCIM keeps it or another member has it.
func (d *Door) readdress(m *account.Member, email string) {
	if _, taken := d.Directory.MemberByEmail(m.Account, email); !taken && m.SCIM == nil {
		m.Email = email
	}
}

// adopt takes from a person who gets a place what was set before anybody vouched for the
// address: who made the person with somebody else's address must not come in with them.
func adopt(tx *directory.Tx, p *account.Person) {
	if !p.Verified.IsZero() {
		return
	}
	p.Password, p.Factor, p.Passkeys = "", account.SecondFactor{}, nil
	tx.EndSessions(func(s *account.Session) bool { return s.Person == p.ID })
}

// place is the member that the person is in the provider's organisation, as the provider says;
// old is the one there is, nil none. Groups do not take an owner's role away: somebody
// must be left who can set things right.
func (p *Provider) place(old *account.Member, person *account.Person, role account.Role, now time.Time) (*account.Member, error) {
	switch {
	case old == nil && !p.Create:
		return nil, problem(NoMember, "%s is no member", person.Email)
	case old == nil:
		return &account.Member{ID: NewID(), Account: p.Organization, Email: person.Email, Person: person.ID, First: person.Name,
			Role: cmp.Or(role, p.Role, account.Developer), Created: now}, nil
	case old.Disabled:
		return nil, problem(MemberIsOff, "the member is deactivated")
	case old.Person != "" && old.Person != person.ID:
		return nil, problem(NoMember, "the member with this address is another person")
	}
	m := *old
	m.Person = person.ID
	if p.decides() && old.Role != account.Owner {
		m.Role = cmp.Or(role, p.Role, account.Developer)
	}
	if m.Role != old.Role || m.Person != old.Person {
		m.Updated = now
	}
	return &m, nil
}

// resolve is the ids of workspaces; one that is not there gives nothing.
func (d *Door) resolve(p *Provider, names []string) (ids []string) {
	for _, name := range names {
		w, ok := d.Directory.Workspace(p.Organization, name)
		if !ok {
			d.Log.Warn("a group of a sign-in provider names a workspace that is not there", slog.String("provider", p.ID), slog.String("workspace", name))
			continue
		}
		if w.ID != d.Directory.Home(p.Organization) && !slices.Contains(ids, w.ID) {
			ids = append(ids, w.ID)
		}
	}
	return ids
}
