package totp

import (
	"net/url"
	"testing"
	"time"
)

// The vectors of RFC 6238 appendix B for SHA-1, whose last six digits are the codes.
func TestVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := Code(secret, Step(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	secret, now := []byte("12345678901234567890"), time.Unix(1_000_000_000, 0)
	here := Step(now)
	for off, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		step, ok := Check(secret, Code(secret, here+off), now, 0)
		if ok != want || ok && step != here+off {
			t.Errorf("%+d: %v at %d", off, ok, step)
		}
	}
	if _, ok := Check(secret, Code(secret, here), now, here); ok {
		t.Error("a code works twice")
	}
	if _, ok := Check(secret, Code(secret, here-1), now, here); ok {
		t.Error("a code older than the last one works")
	}
	for _, code := range []string{"", "0", Code(secret, here) + "0", " " + Code(secret, here)} {
		if _, ok := Check(secret, code, now, 0); ok {
			t.Errorf("%q is taken", code)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(URL("Our Gateway", "ann@example.com", []byte("12345678901234567890")))
	if err != nil || u.Scheme != "otpauth" || u.Path != "/Our Gateway:ann@example.com" || u.Query().Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || u.Query().Get("issuer") != "Our Gateway" {
		t.Errorf("%v %v", u, err)
	}
}
