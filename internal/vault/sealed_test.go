package vault

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// kept is "secret", as it was sealed for place under the local key of 32 bytes 0x81.
const kept = "ARZsb2NhbC80NzlhOTI3ZjdkMTBiYzAwTB750r86mN2Vz0BITdWQzEmbiveUwfA+HGiI8ilymDOW9fSSELvu5jLTufnIKoyvBPrSCuw27utzJ1hLngiohjHpAktGsHqJFEtQdm46wNGYTQGszQ0uWl/Y/FvCawfRYSfepJeSd4C4F9DLmEqM"

func unkept(t testing.TB) []byte {
	t.Helper()
	blob, err := base64.StdEncoding.DecodeString(kept)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

// TestKeptOpensForEver: stores have such bytes.
func TestKeptOpensForEver(t *testing.T) {
	t.Parallel()
	got, err := newVault(t, localKey(t, 1)).Open(t.Context(), unkept(t), place)
	if err != nil || got.Text() != "secret" {
		t.Errorf("%q, %v", got.Text(), err)
	}
}

func TestFormOfVersion1(t *testing.T) {
	t.Parallel()
	payload := bytes.Repeat([]byte{9}, overhead+2)
	s := sealed{keyID: "local/1", wrapped: bytes.Repeat([]byte{8}, 200), payload: payload}
	want := append([]byte{1, 7}, "local/1"...)
	want = append(append(want, 0xc8, 0x01), s.wrapped...)
	want = append(want, payload...)
	if got := append(s.appendHead(nil), payload...); !bytes.Equal(got, want) {
		t.Errorf("%x", got)
	}
	if id, err := KeyID(want); id != "local/1" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
}

func TestRefusesOtherForms(t *testing.T) {
	t.Parallel()
	good := seal(t, newVault(t, localKey(t, 1)), "", place)
	s, err := parse(good)
	if err != nil {
		t.Fatal(err)
	}
	long := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	for name, blob := range map[string][]byte{
		"empty":             nil,
		"another version":   append([]byte{2}, good[1:]...),
		"version alone":     good[:1],
		"no key id":         append([]byte{1, 0}, good[2:]...),
		"a blank in the id": sealed{keyID: "a b", wrapped: s.wrapped}.appendHead(nil),
		"a long id":         append(sealed{keyID: string(long(MaxKeyID + 1)), wrapped: s.wrapped}.appendHead(nil), s.payload...),
		"a long length":     append([]byte{1, 0x81, 0x00, 'k'}, good[2+len(s.keyID):]...),
		"a huge length":     append([]byte{1}, bytes.Repeat([]byte{0xff}, 12)...),
		"no data key":       append(sealed{keyID: "k"}.appendHead(nil), s.payload...),
		"a long data key":   append(sealed{keyID: "k", wrapped: long(maxWrapped + 1)}.appendHead(nil), s.payload...),
		"a short payload":   good[:len(good)-1],
	} {
		if _, err := parse(blob); KindOf(err) != Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzOpen: what is read is written the same, and no bytes open but those that were sealed.
func FuzzOpen(f *testing.F) {
	key, err := Local(bytes.Repeat([]byte{0x81}, KeySize))
	if err != nil {
		f.Fatal(err)
	}
	v := newVault(f, key)
	good := unkept(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{1, 1, 'k', 1, 'w'})
	f.Fuzz(func(t *testing.T, blob []byte) {
		s, err := parse(blob)
		if err != nil {
			if KindOf(err) != Malformed {
				t.Fatal(err)
			}
			return
		}
		if again := append(s.appendHead(nil), s.payload...); !bytes.Equal(again, blob) {
			t.Fatalf("%x became %x", blob, again)
		}
		if got, err := v.Open(t.Context(), blob, place); err == nil && !bytes.Equal(blob, good) {
			t.Fatalf("opened as %q", got.Bytes())
		}
	})
}
