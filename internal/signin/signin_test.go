package signin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
	"github.com/dragoman-gateway/dragoman/internal/totp"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

const ann = "ann@example.com"

var password = canary.Hidden("correct horse battery")

// house is a Door with one person, Ann, a developer of the one organisation.
type house struct {
	*Door
	t     testing.TB
	store *sqlite.Store
}

func newHouse(t testing.TB) *house {
	t.Helper()
	s := openStore(t)
	d := openDirectory(t, s)
	key, err := vault.Local(bytes.Repeat([]byte{1}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(key)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: s, Door: New(Options{Directory: d, Vault: v, Key: s.Key, Idle: 12 * time.Hour, Life: 14 * 24 * time.Hour,
		Client: func(r *http.Request) netip.Addr { a, _ := netip.ParseAddrPort(r.RemoteAddr); return a.Addr() },
		Secure: func(r *http.Request) bool { return r.TLS != nil }})}
	h.update(func(tx *directory.Tx) error {
		return errors.Join(
			tx.PutPerson(&account.Person{ID: "p1", Email: ann, Password: annHash()}),
			tx.PutMember(&account.Member{ID: "m1", Account: "a", Email: ann, Person: "p1", Role: account.Developer}))
	})
	return h
}

func openStore(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(canary.Dir(t), "s.db"), sqlite.Options{Logger: canary.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func openDirectory(t testing.TB, s *sqlite.Store) *directory.Directory {
	t.Helper()
	d, err := directory.Open(t.Context(), s, directory.Options{Account: "a", Workspace: "w"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// annHash is made once: it is meant to take long.
var annHash = sync.OnceValue(func() string {
	hash, err := newHasher().hash(context.Background(), password)
	if err != nil {
		panic(err)
	}
	return hash
})

func (h *house) update(f func(*directory.Tx) error) {
	h.t.Helper()
	if err := h.Directory.Update(h.t.Context(), audit.Entry{At: noon, Account: "a"}, f); err != nil {
		h.t.Fatal(err)
	}
}

// request is one of a browser with a cookie; "" has none.
func request(method, token string) *http.Request {
	r := httptest.NewRequest(method, "/api/v1/session", nil)
	if token != "" {
		r.AddCookie(&http.Cookie{Name: cookieName, Value: token})
	}
	return r
}

// in signs Ann in.
func (h *house) in(now time.Time) (directory.Visit, string) {
	h.t.Helper()
	v, token, err := h.Password(h.t.Context(), request("POST", ""), now, ann, password, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return v, token
}

// at is who the token's request is from.
func (h *house) at(token string, now time.Time) string {
	h.t.Helper()
	v, err := h.Visit(request("GET", token), now)
	switch {
	case err != nil:
		return fault.As(err).Message()
	case v == nil:
		return ""
	}
	return v.Person.Email
}

func kind(t testing.TB, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.Of(err) != want {
		t.Errorf("%v, want kind %d", err, want)
	}
}

// A letter may be typed as one character or as two.
func TestPasswordInAnotherSpelling(t *testing.T) {
	t.Parallel()
	h := newHasher()
	hash, err := h.hash(t.Context(), "caf\u00e9 \u2126 battery")
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]bool{"cafe\u0301 \u03a9 battery": true, "cafe \u03a9 battery": false} {
		if is, err := h.is(t.Context(), typed, hash); err != nil || is != want {
			t.Errorf("%q: %v %v", typed, is, err)
		}
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v, token := h.in(noon)
	if v.Person.ID != "p1" || v.Member.ID != "m1" || v.Organization.ID != "a" || h.at(token, noon) != ann {
		t.Errorf("%+v", v)
	}
	if v.Session.Hash == token || strings.Contains(v.Session.Hash, token) {
		t.Error("the token is kept")
	}
	_, wrong := h.passwordOf(ann, "another horse battery")
	_, unknown := h.passwordOf("nobody@example.com", password)
	if wrong == nil || unknown == nil || wrong.Error() != unknown.Error() || fault.Of(wrong) != fault.NoKey {
		t.Errorf("%v and %v", wrong, unknown)
	}
	if _, err := h.passwordOf(" ANN@Example.com ", password); err != nil {
		t.Errorf("the address in other letters: %v", err)
	}
	_, err := h.passwordOf(strings.Repeat("a", 300)+"@example.com", password)
	kind(t, err, fault.NoKey)
	_, err = h.passwordOf(ann, strings.Repeat("x", maxPassword+1))
	kind(t, err, fault.NoKey)
}

func (h *house) passwordOf(email, password string) (string, error) {
	h.t.Helper()
	_, token, err := h.Password(h.t.Context(), request("POST", ""), noon, email, password, "")
	return token, err
}

// Who is not known costs the same work as who is: both hash once, with the same parameters.
func TestAnUnknownAddressIsHashedToo(t *testing.T) {
	t.Parallel()
	h := newHasher()
	dummy, err := parsePHC(h.dummy)
	if err != nil {
		t.Fatal(err)
	}
	known, err := parsePHC(annHash())
	if err != nil {
		t.Fatal(err)
	}
	if dummy.memory != known.memory || dummy.passes != known.passes || dummy.lanes != known.lanes || len(dummy.sum) != len(known.sum) || len(dummy.salt) != len(known.salt) {
		t.Errorf("%+v and %+v", dummy, known)
	}
	start := time.Now()
	if ok, err := h.is(t.Context(), "", ""); ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	if took := time.Since(start); took < time.Millisecond {
		t.Errorf("nothing was hashed in %s", took)
	}
}

func TestHashing(t *testing.T) {
	t.Parallel()
	h := newHasher()
	again, err := h.hash(t.Context(), password)
	if err != nil || again == annHash() || !strings.HasPrefix(again, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%q %v", again, err)
	}
	for _, bad := range []string{"x", "$argon2i$v=19$m=8,t=1,p=1$AA$AA", "$argon2id$v=16$m=8,t=1,p=1$AA$AA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=8,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$!$AAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=a$AAAA$AAAA"} {
		if _, err := h.is(t.Context(), password, bad); err == nil {
			t.Errorf("%q is a hash", bad)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.slots <- struct{}{}
	h.slots <- struct{}{}
	if _, err := h.hash(ctx, password); fault.Of(err) != fault.Gone {
		t.Errorf("who went away waits: %v", err)
	}
	h.waiting.Store(maxWaiting)
	_, err = h.hash(t.Context(), password)
	kind(t, err, fault.Unavailable)
}

func TestGoodPassword(t *testing.T) {
	t.Parallel()
	for p, good := range map[string]bool{"": false, "short": false, "aaaaaaaaaaaa": false, "ANN@example.com": false, "a sentence is good": true, strings.Repeat("ab", maxPassword): false} {
		if err := goodPassword("password", p, ann); (err == nil) != good {
			t.Errorf("%.20q: %v", p, err)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, token := h.in(noon)
	const over = "The session has ended; sign in again"
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{11 * time.Hour, ann}, {22 * time.Hour, ann}, {34 * time.Hour, over}, {35 * time.Hour, over}} {
		if got := h.at(token, noon.Add(c.after)); got != c.want {
			t.Errorf("after %s: %q", c.after, got)
		}
	}
	_, token = h.in(noon)
	for d := time.Duration(0); d < h.Life; d += 11 * time.Hour {
		if got := h.at(token, noon.Add(d)); got != ann {
			t.Fatalf("used all the time, after %s: %q", d, got)
		}
	}
	if got := h.at(token, noon.Add(h.Life)); got != over {
		t.Errorf("after its life: %q", got)
	}
	h.in(noon.Add(h.Life + time.Hour))
	if n := len(h.Directory.Sessions("p1")); n != 1 {
		t.Errorf("%d sessions are kept", n)
	}
}

// The last use outlives a restart, to a twentieth of the idle time.
func TestUseIsRemembered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v, token := h.in(noon)
	h.at(token, noon.Add(time.Minute))
	if s := h.Directory.Sessions("p1")[0]; !s.Used.Equal(noon) {
		t.Errorf("each use is written: %s", s.Used)
	}
	h.at(token, noon.Add(11*time.Hour))
	again := openDirectory(t, h.store)
	h.Door = New(Options{Directory: again, Key: h.Key, Client: h.Client, Secure: h.Secure, Idle: h.Idle, Life: h.Life})
	if got := h.at(token, noon.Add(20*time.Hour)); got != ann {
		t.Errorf("%q", got)
	}
	if s := again.Sessions("p1")[0]; s.ID != v.Session.ID || s.Address != "192.0.2.1" {
		t.Errorf("%+v", s)
	}
}

// A token that the browser had before the sign-in is worth nothing after it, whoever put it
// there.
func TestFixation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, first := h.in(noon)
	for _, before := range []string{first, "a token that an attacker chose"} {
		_, token, err := h.Password(t.Context(), request("POST", before), noon, ann, password, "")
		if err != nil || token == before {
			t.Fatalf("%q %v", token, err)
		}
		if got := h.at(before, noon); got == ann {
			t.Error("the token from before the sign-in works")
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range maxSessions + 5 {
		if _, _, err := h.Begin(t.Context(), request("POST", ""), noon.Add(time.Duration(i)*time.Second), "p1", "passkey"); err != nil {
			t.Fatal(err)
		}
	}
	list := h.Sessions("p1", noon.Add(time.Hour))
	if len(list) != maxSessions || !list[0].Created.Equal(noon.Add((maxSessions+4)*time.Second)) {
		t.Errorf("%d sessions, the newest of %s", len(list), list[0].Created)
	}
}

// A person who loses the place loses the session with it, at once.
func TestALostPlaceEndsItsSessions(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*directory.Tx, account.Member) error{
		"disabled": func(tx *directory.Tx, m account.Member) error { m.Disabled = true; return tx.PutMember(&m) },
		"deleted":  func(tx *directory.Tx, m account.Member) error { tx.DeleteMember(m.ID); return nil },
		"another role": func(tx *directory.Tx, m account.Member) error {
			m.Role = account.Owner
			return tx.PutMember(&m)
		},
		"another person": func(tx *directory.Tx, m account.Member) error { m.Person = "p2"; return tx.PutMember(&m) },
	} {
		h := newHouse(t)
		_, token := h.in(noon)
		h.update(func(tx *directory.Tx) error {
			m, _ := tx.Member("a", "m1")
			return lose(tx, *m)
		})
		if got := h.at(token, noon); got == ann {
			t.Errorf("%s: still signed in", name)
		}
		if n := len(h.Directory.Sessions("p1")); n != 0 {
			t.Errorf("%s: %d sessions are kept", name, n)
		}
		if name != "another role" {
			_, err := h.passwordOf(ann, password)
			kind(t, err, fault.Denied)
		}
	}
}

func TestACookieIsNotLookedAtForOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, token := h.in(noon)
	for _, c := range []struct {
		method, site, origin string
		want                 string
	}{
		{"GET", "", "", ann},
		{"GET", "none", "", ann},
		{"GET", "same-origin", "", ann},
		{"GET", "same-site", "", ""},
		{"GET", "cross-site", "", ""},
		{"GET", "", "https://evil.test", ""},
		{"GET", "", "null", ""},
		{"GET", "", "http://example.com", ann}, // as httptest's requests call the host
		{"POST", "", "", ann},                  // no browser
		{"POST", "same-origin", "", ann},
		{"POST", "", "http://example.com", ann},
		{"POST", "same-site", "", "403"},
		{"POST", "cross-site", "", "403"},
		{"POST", "cross-site", "http://example.com", "403"},
		{"DELETE", "", "https://evil.test", "403"},
		{"POST", "", "http://example.com:8080", "403"},
	} {
		r := request(c.method, token)
		for name, v := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		got := ""
		switch v, err := h.Visit(r, noon); {
		case err != nil && fault.Of(err) == fault.Denied:
			got = "403"
		case err != nil:
			got = err.Error()
		case v != nil:
			got = v.Person.Email
		}
		if got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for url, want := range map[string]string{
		"http://x.test/":  "dragoman_session=t; Path=/; Expires=Wed, 04 Mar 2026 12:00:00 GMT; HttpOnly; SameSite=Lax",
		"https://x.test/": "__Host-dragoman_session=t; Path=/; Expires=Wed, 04 Mar 2026 12:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
	} {
		r, w := httptest.NewRequest("POST", url, nil), httptest.NewRecorder()
		h.SetCookie(w, r, "t", noon)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s: %q", url, got)
		}
		w = httptest.NewRecorder()
		h.ClearCookie(w, r)
		if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") || !strings.Contains(got, "session=;") {
			t.Errorf("%s: %q", url, got)
		}
	}
	_, token := h.in(noon)
	r := request("GET", token) // the name without the prefix, which a neighbouring host could set
	r.TLS = httptest.NewRequest("GET", "https://x.test/", nil).TLS
	if v, err := h.Visit(r, noon); v != nil || err != nil {
		t.Errorf("%v %v", v, err)
	}
}

func TestGuessesAreSlowedDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	from := func(address string) *http.Request {
		r := request("POST", "")
		r.RemoteAddr = address + ":1"
		return r
	}
	try := func(address, email, password string, now time.Time) error {
		_, _, err := h.Password(t.Context(), from(address), now, email, password, "")
		return err
	}
	if err := try("192.0.2.9", ann, password, noon); err != nil { // where Ann is
		t.Fatal(err)
	}
	for range guessesAbout {
		kind(t, try("198.51.100.1", ann, "wrong", noon), fault.NoKey)
	}
	err := try("198.51.100.1", ann, password, noon)
	kind(t, err, fault.Limited)
	if f := fault.As(err); f.RetryAfter <= 0 || f.RetryAfter > time.Minute {
		t.Errorf("again after %s", f.RetryAfter)
	}
	kind(t, try("198.51.100.2", ann, password, noon), fault.Limited) // from anywhere else too
	if err := try("192.0.2.9", ann, password, noon); err != nil {
		t.Errorf("guesses from elsewhere lock Ann out: %v", err)
	}
	if err := try("198.51.100.2", ann, password, noon.Add(10*time.Second)); err != nil {
		t.Errorf("after a while: %v", err)
	}
	for i := range guessesFrom {
		_ = try("203.0.113.1", strings.Repeat("x", i+1)+"@example.com", "wrong", noon)
	}
	kind(t, try("203.0.113.1", "new@example.com", "wrong", noon), fault.Limited)
	if err := try("203.0.113.2", ann, password, noon.Add(time.Minute)); err != nil {
		t.Errorf("one address pays for another: %v", err)
	}
	for i := range 3 * guessesAbout { // who is right is never slow
		if err := try("192.0.2.9", ann, password, noon.Add(time.Hour)); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
}

// withFactor gives Ann a second factor, and is its secret and its recovery codes.
func (h *house) withFactor() (secret []byte, codes []string) {
	h.t.Helper()
	v, _ := h.in(noon)
	h.OfferFactor(v.Session, v.Person, noon)
	offered, _ := h.trials.peek("totp/"+v.Session.Hash, noon)
	secret = offered.([]byte)
	f, codes, err := h.TakeFactor(h.t.Context(), v.Session, v.Person, totp.Code(secret, totp.Step(noon)), noon)
	if err != nil {
		h.t.Fatal(err)
	}
	h.update(func(tx *directory.Tx) error {
		p := *v.Person
		p.Factor = f
		return tx.PutPerson(&p)
	})
	return secret, codes
}

func (h *house) code(code string, now time.Time) error {
	h.t.Helper()
	_, _, err := h.Password(h.t.Context(), request("POST", ""), now, ann, password, code)
	return err
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret, codes := h.withFactor()
	if p, _ := h.Directory.Person("p1"); bytes.Contains(p.Factor.Sealed, secret) || len(codes) != recoveryCodes || strings.Contains(strings.Join(p.Factor.Recovery, " "), codes[0]) {
		t.Error("a secret is kept in the open")
	}
	err := h.code("", noon)
	kind(t, err, fault.NoKey)
	if fault.As(err).Metadata["next"] != "code" {
		t.Errorf("%+v", err)
	}
	kind(t, h.code("000000", noon), fault.NoKey)
	kind(t, h.code(totp.Code(secret, totp.Step(noon)), noon), fault.NoKey) // it confirmed the factor
	later := noon.Add(time.Minute)
	if err := h.code(totp.Code(secret, totp.Step(later)), later); err != nil {
		t.Error(err)
	}
	kind(t, h.code(totp.Code(secret, totp.Step(later)), later), fault.NoKey)
	if err := h.code(strings.ToLower(codes[3]), later); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	kind(t, h.code(codes[3], later), fault.NoKey)
	if p, _ := h.Directory.Person("p1"); len(p.Factor.Recovery) != recoveryCodes-1 {
		t.Errorf("%d recovery codes are left", len(p.Factor.Recovery))
	}
}

// Of many at once with one code, one gets in.
func TestOneCodeOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret, _ := h.withFactor()
	later := noon.Add(time.Minute)
	results := make(chan error)
	for range 8 {
		go func() { results <- h.code(totp.Code(secret, totp.Step(later)), later) }()
	}
	in := 0
	for range 8 {
		if err := <-results; err == nil {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d got in", in)
	}
}

func TestOfferedFactorEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v, _ := h.in(noon)
	_, _, err := h.TakeFactor(t.Context(), v.Session, v.Person, "000000", noon)
	kind(t, err, fault.Conflict)
	h.OfferFactor(v.Session, v.Person, noon)
	_, _, err = h.TakeFactor(t.Context(), v.Session, v.Person, "000000", noon)
	kind(t, err, fault.Invalid)
	_, _, err = h.TakeFactor(t.Context(), v.Session, v.Person, "000000", noon.Add(trialLife))
	kind(t, err, fault.Conflict)
}

func TestTrialsAreBounded(t *testing.T) {
	t.Parallel()
	var tr trials
	for i := range maxTrials + 10 {
		tr.put(fmt.Sprint(i), i, noon.Add(time.Duration(i)))
	}
	if len(tr.byID) != maxTrials {
		t.Errorf("%d are kept", len(tr.byID))
	}
	if _, ok := tr.take("5", noon); ok {
		t.Error("the oldest did not make room")
	}
	last := fmt.Sprint(maxTrials + 9)
	if _, ok := tr.take(last, noon); !ok {
		t.Error("the newest is not there")
	}
	if _, ok := tr.take(last, noon); ok {
		t.Error("one is taken twice")
	}
}

func TestWebKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, token := h.in(noon)
	keys := make(chan *account.Key, 8)
	for range 8 {
		go func() {
			k, err := h.WebKey(request("POST", token), noon)
			if err != nil {
				t.Error(err)
			}
			keys <- k
		}()
	}
	first := <-keys
	for range 7 {
		if k := <-keys; k.Hash != first.Hash {
			t.Error("a second key was made")
		}
	}
	if first.Creator != "m1" || first.Account != "a" || first.Workspace != "w" || first.Management || first.Name != "Web app" {
		t.Errorf("%+v", first)
	}
	if k, err := h.WebKey(request("POST", ""), noon); k != nil || err != nil {
		t.Errorf("without a session: %v %v", k, err)
	}
	h.update(func(tx *directory.Tx) error { tx.DeleteKey(first.Hash); return nil })
	if k, err := h.WebKey(request("POST", token), noon); err != nil || k.Hash == first.Hash {
		t.Errorf("after it was deleted: %v", err)
	}
	h.update(func(tx *directory.Tx) error {
		m, _ := tx.Member("a", "m1")
		c := *m
		c.Role = account.Viewer
		return tx.PutMember(&c)
	})
	_, token = h.in(noon)
	_, err := h.WebKey(request("POST", token), noon)
	kind(t, err, fault.Denied)
}

// BenchmarkHash is what a sign-in costs.
func BenchmarkHash(b *testing.B) {
	h := newHasher()
	for b.Loop() {
		if _, err := h.hash(b.Context(), password); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVisit is what a request with a session costs more than one with a key.
func BenchmarkVisit(b *testing.B) {
	h := newHouse(b)
	_, token := h.in(noon)
	r := request("GET", token)
	b.ReportAllocs()
	for b.Loop() {
		if v, err := h.Visit(r, noon); v == nil || err != nil {
			b.Fatal(err)
		}
	}
}
