package route

import "testing"

func TestEveryExclusionHasARemedy(t *testing.T) {
	out := []Reason{Duplicate, NoFallbacks}
	for i := range filters {
		out = append(out, filters[i].reason)
	}
	if len(out) != len(remedies) {
		t.Errorf("%d reasons, %d remedies", len(out), len(remedies))
	}
	for _, r := range out {
		m, ok := remedies[r]
		callable := r != NotLive && r != Unpriced // those have sentences of their own
		if !ok || m.did == "" || m.code == "" || callable && m.next == "" {
			t.Errorf("%s: %+v", r, m)
		}
	}
}
