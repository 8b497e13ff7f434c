package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func TestParseKey(t *testing.T) {
	t.Parallel()
	key := make([]byte, KeySize)
	for i := range key {
		key[i] = byte(i*37 + 190) // has + and / in base64
	}
	for name, text := range map[string]string{
		"raw": string(key), "hexadecimal": hex.EncodeToString(key), "upper case": strings.ToUpper(hex.EncodeToString(key)) + "\n",
		"base64": base64.StdEncoding.EncodeToString(key), "with a line end": base64.StdEncoding.EncodeToString(key) + "\r\n",
		"unpadded": base64.RawStdEncoding.EncodeToString(key), "for URLs": base64.URLEncoding.EncodeToString(key),
	} {
		if got, err := ParseKey([]byte(text)); err != nil || !bytes.Equal(got, key) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "short": "c2hvcnQ=", "too long": base64.StdEncoding.EncodeToString(append(key, 1)), "words": "correct horse battery staple",
	} {
		if got, err := ParseKey([]byte(text)); err == nil || len(text) > 0 && strings.Contains(err.Error(), text) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

func TestLocalRefusesWhatIsNoKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "short", strings.Repeat("\x80", 16), strings.Repeat("\x80", 33), "a passphrase of 32 characters !!"} {
		if _, err := Local([]byte(key)); err == nil || !strings.Contains(err.Error(), "openssl rand") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// TestFingerprintStays: it is in every sealed form.
func TestFingerprintStays(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{0x81}, KeySize)
	k, err := Local(key)
	if err != nil {
		t.Fatal(err)
	}
	if got := k.ID(); got != "local/479a927f7d10bc00" {
		t.Errorf("it has become %s", got)
	}
	clear(key)
	if again := localKey(t, 0x81); again.ID() != k.ID() {
		t.Error("the key was not copied")
	}
}

func TestLocalUnwrapsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	a, b := localKey(t, 1), localKey(t, 2)
	dek := bytes.Repeat([]byte{5}, KeySize)
	wrapped, err := a.Wrap(t.Context(), dek, place)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.Unwrap(t.Context(), wrapped, place); err != nil || !bytes.Equal(got, dek) {
		t.Errorf("%x, %v", got, err)
	}
	_, err = b.Unwrap(t.Context(), wrapped, place)
	wantKind(t, err, Mismatch)
	for _, cut := range [][]byte{nil, wrapped[:saltSize], wrapped[:len(wrapped)-1], append(bytes.Clone(wrapped), 0)} {
		_, err = a.Unwrap(t.Context(), cut, place)
		wantKind(t, err, Mismatch)
	}
}
