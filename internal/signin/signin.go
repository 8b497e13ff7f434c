// Package signin is how people come in: passwords, second factors and passkeys are checked
// here, and sessions begun, found and ended. It promises that no secret of a person is kept
// but as a hash or sealed, that a cookie is never looked at on behalf of another site's page,
// that who guesses is slowed down and nobody is locked out for good, and that a session ends
// with its person's place. It deliberately has no rights: what a person may do is package
// manage's. Start with Door.Visit and Door.Begin.
package signin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/limit"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// maxSessions bounds a person's sessions: the oldest make room.
const maxSessions = 50

// Options are what a Door needs; all but Providers and Issuers are required.
type Options struct {
	Directory *directory.Directory
	Vault     *vault.Vault                               // seals the secrets of second factors
	Client    func(*http.Request) netip.Addr             // the address a request comes from
	Secure    func(*http.Request) bool                   // whether the client's side of it is https
	Key       func(account.KeyHash) (*account.Key, bool) // a key that there is
	Idle      time.Duration                              // how long a session lasts unused
	Life      time.Duration                              // how long it lasts at all

	Providers []Provider    // that vouch for people
	Issuers   *oidc.Issuers // asks them; nil without Providers
	Log       *slog.Logger
}

// Door lets people in. Its methods are safe for concurrent use.
type Door struct {
	Options
	hasher *hasher

	from   limit.Crowd[netip.Prefix] // guesses from an address
	about  limit.Crowd[guessed]      // guesses about a person
	trials trials

	mu   sync.Mutex
	used map[string]time.Time // last use of sessions by hash, ahead of what is on disk
}

// New is a Door.
func New(o Options) *Door {
	return &Door{Options: o, hasher: newHasher(), used: map[string]time.Time{}}
}

// Visit is the session that a request's cookie stands for; nil when it shows none, or a page of
// another site has the browser ask. A request that changes something and comes from such a
// page is refused (kind Denied); a cookie whose session has ended is of kind NoKey.
func (d *Door) Visit(r *http.Request, now time.Time) (*directory.Visit, error) {
	if r.Header["Cookie"] == nil {
		return nil, nil
	}
	token := d.token(r)
	if token == "" {
		return nil, nil
	}
	if err := SameOrigin(r); err != nil {
		return nil, err
	}
	if fromElsewhere(r) {
		return nil, nil
	}
	v, ok := d.Directory.Visit(hashToken(token))
	if !ok || d.over(v.Session, now) {
		return nil, fault.New(fault.NoKey, "The session has ended; sign in again")
	}
	d.touch(r.Context(), v.Session, now)
	return &v, nil
}

// SameOrigin refuses what a page of another origin has the browser change. A sign-in needs it
// too: else a page could sign its visitor in as somebody else.
func SameOrigin(r *http.Request) error {
	if err := protection.Check(r); err != nil {
		return fault.New(fault.Denied, "A page of another site cannot do this with your session; open the web app itself, or send a key")
	}
	return nil
}

// over reports whether a session has ended by time.
func (d *Door) over(s *account.Session, now time.Time) bool {
	return !now.Before(s.Ends) || now.Sub(d.lastUse(s)) >= d.Idle
}

// lastUse is when a session was used last.
func (d *Door) lastUse(s *account.Session) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.used[s.Hash]; t.After(s.Used) {
		return t
	}
	return s.Used
}

// touch notes a use, on disk only when the last one there is long ago: a crash costs a session
// a twentieth of its idle time at most.
func (d *Door) touch(ctx context.Context, s *account.Session, now time.Time) {
	d.mu.Lock()
	d.used[s.Hash] = now
	d.mu.Unlock()
	if now.Sub(s.Used) < d.Idle/20 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	// A store that cannot write has every change refused and says so there; that the session
	// was used stays known in memory.
	_ = d.Directory.Used(ctx, s.Hash, now)
}

// forget drops what is remembered of sessions that are no more. The caller has the lock.
func (d *Door) forget() {
	for hash := range d.used {
		if _, there := d.Directory.Visit(hash); !there {
			delete(d.used, hash)
		}
	}
}

// Begin signs a person in who has proved who they are, by a method as account.Session names
// it: in the organisation where the person was last, or the first one. It ends the session
// that the browser has now. Set the token as the browser's cookie. Package signin calls it
// for passwords and passkeys; whoever has another proof may too.
func (d *Door) Begin(ctx context.Context, r *http.Request, now time.Time, person, method string) (v directory.Visit, token string, err error) {
	return d.begin(ctx, r, now, person, method, func(*directory.Tx, *account.Person) error { return nil })
}

// begin is Begin with a change of the person in the same transaction; an error of change
// refuses the sign-in.
func (d *Door) begin(ctx context.Context, r *http.Request, now time.Time, person, method string, change func(*directory.Tx, *account.Person) error) (v directory.Visit, token string, err error) {
	place, err := d.destination(person)
	if err != nil {
		return v, "", err
	}
	entry := d.Entry(r, now, place.Member, "session.create", map[string]any{"method": method})
	err = d.Directory.Update(ctx, entry, func(tx *directory.Tx) error {
		old, there := tx.Person(person)
		if !there {
			return errNobody
		}
		p := *old
		if err := change(tx, &p); err != nil {
			return err
		}
		v, token, err = d.Start(tx, r, now, &p, place, method)
		return err
	})
	return v, token, err
}

// destination is the place that a sign-in leads to.
func (d *Door) destination(person string) (directory.Place, error) {
	p, there := d.Directory.Person(person)
	places := d.Directory.Places(person)
	if !there || len(places) == 0 {
		return directory.Place{}, fault.New(fault.Denied, "You are in no organization of this gateway, or were deactivated there; ask an admin for an invitation")
	}
	for _, at := range places {
		if at.Organization.ID == p.Organization {
			return at, nil
		}
	}
	return places[0], nil
}

// Start makes a session within a change that has its own entry in the audit log: the person's
// record is written with it. The session that the browser has now ends, and so do those whose
// time is over.
func (d *Door) Start(tx *directory.Tx, r *http.Request, now time.Time, p *account.Person, at directory.Place, method string) (directory.Visit, string, error) {
	token, hash := newToken()
	s := &account.Session{Hash: hash, ID: NewID(), Person: p.ID, Account: at.Organization.ID, Member: at.Member.ID, Method: method,
		Agent: agent(r), Created: now, Used: now, Ends: now.Add(d.Life)}
	if a := d.Client(r); a.IsValid() {
		s.Address = a.String()
	}
	before := ""
	if t := d.token(r); t != "" {
		before = hashToken(t)
	}
	mine := tx.Sessions(p.ID)
	oldest := mine[min(len(mine), maxSessions-1):]
	tx.EndSessions(func(o *account.Session) bool {
		return o.Hash == before || d.over(o, now) || slices.Contains(oldest, o)
	})
	d.mu.Lock()
	d.forget()
	d.mu.Unlock()
	if err := tx.PutPerson(p); err != nil {
		return directory.Visit{}, "", err
	}
	return directory.Visit{Session: s, Person: p, Place: at}, token, tx.PutSession(s)
}

// Renew gives a session a new token, and perhaps another place: after its rights, or what
// proves them, have changed.
func (d *Door) Renew(tx *directory.Tx, old *account.Session, at directory.Place) (*account.Session, string, error) {
	token, hash := newToken()
	s := *old
	s.Hash, s.Account, s.Member = hash, at.Organization.ID, at.Member.ID
	tx.EndSessions(func(o *account.Session) bool { return o.Hash == old.Hash })
	return &s, token, tx.PutSession(&s)
}

// End ends a session of a visit's person, by its id.
func (d *Door) End(ctx context.Context, r *http.Request, now time.Time, v *directory.Visit, session string) error {
	entry := d.Entry(r, now, v.Member, "session.delete", nil)
	entry.Target = session
	return d.Directory.Update(ctx, entry, func(tx *directory.Tx) error {
		if tx.EndSessions(func(s *account.Session) bool { return s.ID == session && s.Person == v.Person.ID }) == 0 {
			return fault.New(fault.NotFound, "You have no session with this id; list them at /me/sessions")
		}
		return nil
	})
}

// Entry is what the audit log says of something that a member does about themself. detail is
// encoded as JSON and holds no secret; nil is nothing to tell.
func (d *Door) Entry(r *http.Request, now time.Time, m *account.Member, action string, detail any) audit.Entry {
	e := audit.Entry{At: now, Account: m.Account, Actor: m.ID, Action: action, Target: m.ID, Detail: "{}"}
	if a := d.Client(r); a.IsValid() {
		e.Address = a.String()
	}
	if raw, err := json.Marshal(detail); err == nil && detail != nil {
		e.Detail = string(raw)
	}
	return e
}

// errNobody is the answer when a person is gone in the middle of something.
var errNobody = fault.New(fault.NoKey, "This person is not here any more")

// maxAgent bounds what a browser says of itself, in bytes.
const maxAgent = 256

func agent(r *http.Request) string {
	a := r.UserAgent()
	return a[:min(len(a), maxAgent)]
}

// NewID is a fresh id.
func NewID() string { return id.UUID([16]byte(random(16))) }

// Sessions are a person's that have not ended, the newest first, with their last use.
func (d *Door) Sessions(person string, now time.Time) (list []*account.Session) {
	for _, s := range d.Directory.Sessions(person) {
		if d.over(s, now) {
			continue
		}
		shown := *s
		shown.Used = d.lastUse(s)
		list = append(list, &shown)
	}
	return list
}
