package receipt

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(n byte) ed25519.PublicKey { return key(n).Public().(ed25519.PublicKey) }

func TestVerify(t *testing.T) {
	t.Parallel()
	r := &Receipt{Version: Version, Generation: "gen-1", Account: "a", Issued: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Policy: json.RawMessage(`{"zdr":"key"}`),
		Egress: []Egress{{Kind: "inference", Host: "h", Declared: &Declared{Trains: "no", Days: -1}, Sent: 5}}, Stored: Stored{Metadata: true}}
	doc, err := Sign(key(1), r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Verify(public(1), doc)
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := Verify(public(2), doc); err == nil {
		t.Error("another key verifies it")
	}
	for i := range doc {
		changed := bytes.Clone(doc)
		changed[i] ^= 1
		if r, err := Verify(public(1), changed); err == nil && !reflect.DeepEqual(r, got) {
			t.Fatalf("byte %d can be changed: %s", i, changed)
		}
	}
}

func TestOtherVersionsAreRefused(t *testing.T) {
	t.Parallel()
	doc, err := Sign(key(1), &Receipt{Version: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(public(1), doc); err == nil {
		t.Error("a form that is not known is read")
	}
}

func FuzzVerify(f *testing.F) {
	doc, err := Sign(key(1), &Receipt{Version: Version})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc)
	f.Add([]byte(`{"payload":"","signature":"","key_id":""}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if r, err := Verify(public(1), doc); (err == nil) != (r != nil) {
			t.Error(r, err)
		}
	})
}
