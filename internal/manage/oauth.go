package manage

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Bounds of codes.
const (
	codeLife = 10 * time.Minute
	maxCodes = 10_000
	maxTries = 5 // with a wrong verifier
)

// codes are consents that wait for their application to fetch the key (reference §3.17).
// They end with the process: an application asks again then. The zero value is ready.
type codes struct {
	mu   sync.Mutex
	byID map[string]*consent
}

// consent is what an application may have.
type consent struct {
	key       account.Key // without hash and label
	challenge string      // "" none was given
	method    string      // S256 plain
	ends      time.Time
	tries     int
	by        audit.Entry  // who agreed
	shown     *account.Key // with which they did; nil a session
}

func (s *codes) put(id string, k *consent, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, c := range s.byID {
		if now.After(c.ends.Add(codeLife)) { // those are still told that they are late
			delete(s.byID, old)
		}
	}
	if len(s.byID) >= maxCodes {
		return &fault.Error{Kind: fault.Unavailable, Public: "Too many codes wait to be exchanged; try again in some minutes", RetryAfter: time.Minute}
	}
	if s.byID == nil {
		s.byID = map[string]*consent{}
	}
	s.byID[id] = k
	return nil
}

// take is the consent of a code, once.
func (s *codes) take(id, verifier string, now time.Time) (*consent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byID[id]
	wrong := fault.New(fault.Denied, "Invalid code or code_verifier")
	switch {
	case c == nil:
		return nil, wrong
	case !now.Before(c.ends):
		delete(s.byID, id)
		return nil, fault.New(fault.Denied, "Authorization code expired")
	case !c.proves(verifier):
		if c.tries++; c.tries >= maxTries {
			delete(s.byID, id)
		}
		return nil, wrong
	}
	delete(s.byID, id)
	return c, nil
}

// proves reports whether the verifier is that of the challenge (RFC 7636 §4.6).
func (c *consent) proves(verifier string) bool {
	if c.challenge == "" {
		return verifier == ""
	}
	if c.method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(verifier), []byte(c.challenge)) == 1
}

// challenges are what RFC 7636 §4.2 allows.
var challenges = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// createCode agrees to an application's having a key of the caller's.
func (a *API) createCode(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	k := &consent{method: "plain", ends: c.now.Add(codeLife), shown: c.key}
	k.key = account.Key{Account: a.account(c), Workspace: a.home(c), Creator: c.member()}
	host := "an application that was shown the code"
	if b.has("callback_url") {
		host = b.callback("callback_url")
	} else if !b.has("code_challenge") {
		b.fail("callback_url", "given; without one a code_challenge must be, and the code is shown")
	}
	if b.has("code_challenge_method") {
		if k.method = b.text("code_challenge_method", false); b.err == nil && k.method != "S256" && k.method != "plain" {
			return nil, fault.Bad("code_challenge_method", "Invalid code_challenge_method")
		}
	}
	if b.has("code_challenge") {
		if k.challenge = b.text("code_challenge", false); b.err == nil && !challenges.MatchString(k.challenge) {
			b.fail("code_challenge", "43 to 128 letters, digits and any of . _ ~ -")
		}
	}
	if k.key.Name = b.within("key_label", true, 0, 100); k.key.Name == "" {
		k.key.Name = "OAuth: " + host
	}
	k.key.Limit, k.key.LimitReset = b.limit("limit"), b.window("usage_limit_type")
	k.key.Expires = b.expiry(c.now)
	if ref := b.text("workspace_id", false); ref != "" {
		k.key.Workspace = a.workspaceIn(c, b)
		if k.key.Creator != "" && !a.isInside(&k.key) {
			b.fail("workspace_id", "a workspace that you are in")
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	k.by = a.entry(c, "key.create", "", map[string]any{"oauth": host, "name": k.key.Name})
	id := rand.Text() + rand.Text()
	if err := a.codes.put(id, k, c.now); err != nil {
		return nil, err
	}
	return data{struct {
		App     int64  `json:"app_id"`
		Created string `json:"created_at"`
		ID      string `json:"id"`
	}{appID(host), timestamp(c.now), id}}, nil
}

// callback is the host of a URL that a code may be sent to: https, or this machine.
func (b *body) callback(name string) string {
	const must = "an https URL, or one of localhost or 127.0.0.1"
	u, err := url.Parse(b.within(name, false, 1, 2048))
	if b.err != nil {
		return ""
	}
	local := err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && local) {
		b.fail(name, must)
		return ""
	}
	return u.Hostname()
}

// stands refuses a consent of somebody who could not agree any more.
func (a *API) stands(k *consent, now time.Time) error {
	if k.shown != nil {
		if agreed, there := a.Store.Key(k.shown.Hash); !there || !agreed.Usable(now) {
			return fault.New(fault.Denied, "The management key that agreed to this does not work any more; ask for another code")
		}
	}
	if why := a.Directory.Governs(&k.key).Refuses(&k.key); why != "" {
		return fault.New(fault.Denied, "The key would not work: "+why+"; ask for another code")
	}
	return nil
}

// appID is a number for an application: the same for the same name, or host.
func appID(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint32(sum[:])>>1) + 1
}

// exchangeCode gives the application its key. The code, and its verifier, are all it needs.
func (a *API) exchangeCode(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	if !b.has("code") {
		b.fail("code", "given")
	}
	code, verifier := b.text("code", false), b.text("code_verifier", true)
	if m := b.text("code_challenge_method", true); b.err == nil && m != "" && m != "S256" && m != "plain" {
		return nil, fault.Bad("code_challenge_method", "Invalid code_challenge_method")
	}
	if b.err != nil {
		return nil, b.err
	}
	k, err := a.codes.take(code, verifier, c.now)
	if err != nil {
		return nil, err
	}
	plain, err := freshKey()
	if err != nil {
		return nil, err
	}
	key := k.key
	key.Hash, key.Label, key.Created = account.HashKey(plain), account.Label(plain), c.now
	if !key.Usable(c.now) {
		return nil, fault.New(fault.Denied, "Authorization code expired")
	}
	entry := k.by
	entry.At, entry.Target = c.now, string(key.Hash)
	a.writing.Lock()
	defer a.writing.Unlock()
	if err := a.stands(k, c.now); err != nil {
		return nil, err
	}
	if err := a.change(c, entry, func(tx *directory.Tx) error {
		tx.PutKey(&key)
		return nil
	}); err != nil {
		return nil, err
	}
	return struct {
		Key  string  `json:"key"`
		User *string `json:"user_id"`
	}{plain, present(key.Creator)}, nil
}
