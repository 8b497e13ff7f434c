package kms

import (
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/vault"
)

const cryptoKey = "projects/acme-1/locations/europe-west3/keyRings/dragoman/cryptoKeys/byok"

// googleServer is Cloud KMS with one key.
type googleServer struct {
	*machine
	spoil string // checksum or flag that is wrong in its answers
}

// crc checks a field of the request against its checksum, an int64 in a string.
func (s *googleServer) crc(body map[string]any, field string) []byte {
	b := s.bytes(body[field])
	want := strconv.Itoa(int(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))))
	if body[field+"Crc32c"] != want {
		s.t.Errorf("%sCrc32c %v, want %s", field, body[field+"Crc32c"], want)
	}
	return b
}

func (s *googleServer) handle(w http.ResponseWriter, r *http.Request, body map[string]any) {
	if r.Header.Get("Authorization") != "Bearer ya29.token" {
		say(w, 401, `{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}`)
		return
	}
	sum := func(field string, b []byte) string {
		n := int(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		if s.spoil == field {
			n++
		}
		return strconv.Itoa(n)
	}
	bound := s.crc(body, "additionalAuthenticatedData")
	switch r.URL.EscapedPath() {
	case "/v1/" + cryptoKey + ":encrypt":
		sealed := s.seal.Seal(nil, nil, s.crc(body, "plaintext"), bound)
		say(w, 200, `{"name":"%s/cryptoKeyVersions/1","ciphertext":"%s","ciphertextCrc32c":"%s","verifiedPlaintextCrc32c":%t,`+
			`"verifiedAdditionalAuthenticatedDataCrc32c":%t,"protectionLevel":"SOFTWARE"}`,
			cryptoKey, encode(sealed), sum("ciphertext", sealed), s.spoil != "verifiedPlaintext", s.spoil != "verifiedData")
	case "/v1/" + cryptoKey + ":decrypt":
		plain, err := s.seal.Open(nil, nil, s.crc(body, "ciphertext"), bound)
		if err != nil {
			say(w, 400, `{"error":{"code":400,"message":"Decryption failed: the ciphertext is invalid.","status":"INVALID_ARGUMENT"}}`)
			return
		}
		say(w, 200, `{"plaintext":"%s","plaintextCrc32c":"%s","usedPrimary":true,"protectionLevel":"SOFTWARE"}`, encode(plain), sum("plaintext", plain))
	default:
		say(w, 403, `{"error":{"code":403,"message":"Permission denied on %s","status":"PERMISSION_DENIED"}}`, word)
	}
}

func newGoogle(t *testing.T, s *googleServer, change func(*GoogleConfig)) vault.KEK {
	t.Helper()
	c := GoogleConfig{Name: cryptoKey, Endpoint: s.serve(s.handle), Token: fixed("ya29.token")}
	if change != nil {
		change(&c)
	}
	k, err := Google(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestGoogle(t *testing.T) {
	t.Parallel()
	s := &googleServer{machine: newMachine(t, 1)}
	k := newGoogle(t, s, nil)
	if k.ID() != "google/"+cryptoKey {
		t.Error(k.ID())
	}
	worksAsAKey(t, k, s.machine)
}

// TestGoogleChecksums: what was changed on its way is not used.
func TestGoogleChecksums(t *testing.T) {
	t.Parallel()
	for _, spoil := range []string{"ciphertext", "verifiedPlaintext", "verifiedData"} {
		_, err := newGoogle(t, &googleServer{machine: newMachine(t, 1), spoil: spoil}, nil).Wrap(t.Context(), make([]byte, 32), place)
		if vault.KindOf(err) != vault.Unavailable {
			t.Errorf("%s: %v", spoil, err)
		}
	}
	s := &googleServer{machine: newMachine(t, 1)}
	k := newGoogle(t, s, nil)
	wrapped, err := k.Wrap(t.Context(), make([]byte, 32), place)
	if err != nil {
		t.Fatal(err)
	}
	s.spoil = "plaintext"
	if _, err := k.Unwrap(t.Context(), wrapped, place); vault.KindOf(err) != vault.Unavailable {
		t.Error(err)
	}
}

func TestGoogleRefusals(t *testing.T) {
	t.Parallel()
	s := &googleServer{machine: newMachine(t, 1)}
	_, err := newGoogle(t, s, func(c *GoogleConfig) { c.Token = fixed("old") }).Wrap(t.Context(), make([]byte, 32), place)
	if vault.KindOf(err) != vault.Denied || !strings.Contains(err.Error(), "401, UNAUTHENTICATED") {
		t.Error(err)
	}
	_, err = newGoogle(t, s, func(c *GoogleConfig) { c.Name += "2" }).Unwrap(t.Context(), []byte("w"), place)
	if vault.KindOf(err) != vault.Denied || !strings.Contains(err.Error(), "403, PERMISSION_DENIED") || strings.Contains(err.Error(), word) {
		t.Error(err)
	}
}

func TestGoogleConfigurations(t *testing.T) {
	t.Parallel()
	for _, c := range []GoogleConfig{
		{Name: cryptoKey}, {Token: fixed("t")}, {Name: cryptoKey + "/cryptoKeyVersions/1", Token: fixed("t")}, {Name: "projects/../x", Token: fixed("t")},
		{Name: cryptoKey, Token: fixed("t"), Endpoint: "http://kms.example.com"},
	} {
		if _, err := Google(c); err == nil {
			t.Errorf("%q at %q was taken", c.Name, c.Endpoint)
		}
	}
	if _, err := Google(GoogleConfig{Name: "projects/example.com:acme/locations/global/keyRings/r/cryptoKeys/k", Token: fixed("t")}); err != nil {
		t.Error(err)
	}
}
