package vault

import (
	"strings"
	"testing"
)

func TestCanaryTellsTheRightKey(t *testing.T) {
	t.Parallel()
	a, b := localKey(t, 1), localKey(t, 2)
	v := newVault(t, a)
	canary, err := v.Canary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Check(t.Context(), canary); err != nil {
		t.Error(err)
	}
	if err := newVault(t, b, a).Check(t.Context(), canary); err != nil {
		t.Errorf("with the key among the older ones: %v", err)
	}
	err = newVault(t, b).Check(t.Context(), canary)
	if wantKind(t, err, NoKey); err != nil && !strings.Contains(err.Error(), a.ID()) {
		t.Error(err)
	}
	err = newVault(t, named{b, a.ID()}).Check(t.Context(), canary)
	wantKind(t, err, Mismatch)
	wantKind(t, v.Check(t.Context(), nil), Malformed)
	wantKind(t, v.Check(t.Context(), seal(t, v, "another text", CanaryPlace)), Malformed)
	moved, err := newVault(t, b, a).Rewrap(t.Context(), canary, CanaryPlace)
	if err != nil || newVault(t, b).Check(t.Context(), moved) != nil {
		t.Errorf("after a rotation: %v", err)
	}
}

// TestCheckTriesThePrimaryKey: one that opens what is old but does not wrap is found out.
func TestCheckTriesThePrimaryKey(t *testing.T) {
	t.Parallel()
	a := localKey(t, 1)
	canary, err := newVault(t, a).Canary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := newVault(t, odd{err: &Error{Kind: Denied}}, a)
	wantKind(t, v.Check(t.Context(), canary), Denied)
	v = newVault(t, halfway{odd{wrapped: []byte("w"), err: &Error{Kind: Unavailable}}}, a)
	wantKind(t, v.Check(t.Context(), canary), Unavailable)
}
