package signin

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// authenticator is one passkey on a device, in software.
type authenticator struct {
	key     *ecdsa.PrivateKey
	id      []byte
	handle  string // of the person
	counter uint32
	origin  string
	flags   byte // user present and verified
}

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{key: key, id: random(32), origin: "http://localhost:8080", flags: 0x05}
}

var b64 = base64.RawURLEncoding

// asked is the part of the options that an authenticator reads.
type asked struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	UserVerification string `json:"userVerification"`
}

func read(t testing.TB, options any) (a asked) {
	t.Helper()
	raw, err := json.Marshal(options)
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authenticator) client(kind, challenge string) []byte {
	raw, _ := json.Marshal(map[string]any{"type": "webauthn." + kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	return raw
}

// data is the authenticator data (WebAuthn §6.1).
func (a *authenticator) data(rp string, flags byte) []byte {
	hash := sha256.Sum256([]byte(rp))
	a.counter++
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.counter)
}

// make is the answer to the options for a new passkey, with the key in COSE and no attestation,
// both in CBOR.
func (a *authenticator) make(t testing.TB, options any) json.RawMessage {
	t.Helper()
	o := read(t, options)
	a.handle = o.User.ID
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}
	cose = append(append(append(cose, point[1:33]...), 0x22, 0x58, 0x20), point[33:]...)
	data := append(a.data(o.RP.ID, a.flags|0x40), make([]byte, 16)...) // no AAGUID
	data = append(append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...), cose...)
	att := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return a.credential(map[string]any{"clientDataJSON": b64.EncodeToString(a.client("create", o.Challenge)), "attestationObject": b64.EncodeToString(append(att, data...))})
}

// sign is the answer to the options for a sign-in.
func (a *authenticator) sign(t testing.TB, options any) json.RawMessage {
	t.Helper()
	o := read(t, options)
	client, data := a.client("get", o.Challenge), a.data(o.RPID, a.flags)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	sig, err := a.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return a.credential(map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature": b64.EncodeToString(sig), "userHandle": a.handle})
}

func (a *authenticator) credential(response any) json.RawMessage {
	raw, _ := json.Marshal(map[string]any{"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key", "response": response})
	return raw
}

func local() *http.Request {
	return httptest.NewRequest("POST", "http://localhost:8080/api/v1/session", nil)
}

// addPasskey gives Ann the authenticator's passkey.
func (h *house) addPasskey(a *authenticator) {
	h.t.Helper()
	p, _ := h.Directory.Person("p1")
	id, options, err := h.OfferPasskey(local(), noon, p)
	if err != nil {
		h.t.Fatal(err)
	}
	if o := read(h.t, options); o.RP.ID != "localhost" {
		h.t.Errorf("a passkey for %q", o.RP.ID)
	}
	k, err := h.TakePasskey(local(), noon, p, id, "Laptop", a.make(h.t, options))
	if err != nil {
		h.t.Fatal(err)
	}
	h.update(func(tx *directory.Tx) error {
		c := *p
		c.Passkeys = append(c.Passkeys, *k)
		return tx.PutPerson(&c)
	})
}

func TestPasskey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := newAuthenticator(t)
	h.addPasskey(a)
	for range 2 {
		id, options, err := h.AskPasskey(local(), noon)
		if err != nil {
			t.Fatal(err)
		}
		if o := read(t, options); o.RPID != "localhost" || o.UserVerification != "required" {
			t.Errorf("%+v", o)
		}
		answer := a.sign(t, options)
		v, token, err := h.Passkey(t.Context(), local(), noon, id, answer)
		if err != nil || v.Person.ID != "p1" || v.Session.Method != "passkey" || h.at(token, noon) != ann {
			t.Fatalf("%+v %v", v, err)
		}
		_, _, err = h.Passkey(t.Context(), local(), noon, id, answer)
		kind(t, err, fault.Invalid) // a challenge is answered once
	}
	if p, _ := h.Directory.Person("p1"); !p.Passkeys[0].Used.Equal(noon) {
		t.Errorf("%+v", p.Passkeys[0])
	}
}

func TestPasskeysThatDoNotSignIn(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*house, *authenticator){
		"another key":     func(_ *house, a *authenticator) { a.key = newAuthenticator(t).key },
		"another page":    func(_ *house, a *authenticator) { a.origin = "http://evil.test" },
		"no verification": func(_ *house, a *authenticator) { a.flags = 0x01 },
		"another person":  func(_ *house, a *authenticator) { a.handle = b64.EncodeToString([]byte("p2")) },
		"a copy":          func(_ *house, a *authenticator) { a.counter = 0 },
		"one that was taken": func(h *house, _ *authenticator) {
			h.update(func(tx *directory.Tx) error { return tx.PutPerson(&account.Person{ID: "p1", Email: ann}) })
		},
	} {
		h := newHouse(t)
		a := newAuthenticator(t)
		h.addPasskey(a)
		id, options, err := h.AskPasskey(local(), noon)
		if err != nil {
			t.Fatal(err)
		}
		spoil(h, a)
		if _, _, err := h.Passkey(t.Context(), local(), noon, id, a.sign(t, options)); fault.Of(err) != fault.NoKey {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := newHouse(t)
	a := newAuthenticator(t)
	h.addPasskey(a)
	id, options, _ := h.AskPasskey(local(), noon)
	_, _, err := h.Passkey(t.Context(), local(), noon.Add(trialLife), id, a.sign(t, options))
	kind(t, err, fault.Invalid)
	id, _, _ = h.AskPasskey(local(), noon)
	_, _, err = h.Passkey(t.Context(), local(), noon, id, []byte(`{"id":"x"}`))
	kind(t, err, fault.Invalid)
}

func TestPasskeysAreMadeForTheirPersonAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := newAuthenticator(t)
	p, _ := h.Directory.Person("p1")
	id, options, err := h.OfferPasskey(local(), noon, p)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.TakePasskey(local(), noon, &account.Person{ID: "p2"}, id, "x", a.make(t, options))
	kind(t, err, fault.Invalid)
	full := *p
	full.Passkeys = make([]account.Passkey, maxPasskeys)
	_, _, err = h.OfferPasskey(local(), noon, &full)
	kind(t, err, fault.Conflict)
	_, _, err = h.OfferPasskey(httptest.NewRequest("POST", "http://192.0.2.1/", nil), noon, p)
	kind(t, err, fault.Invalid) // an address is no host that a passkey can be for
}
