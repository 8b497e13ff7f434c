package dialect

import (
	"strings"
	"testing"
)

func TestCallIDs(t *testing.T) {
	t.Parallel()
	ids := CallIDs{Fit: func(id string) string { return PlainID(id, 0) }}
	if got := ids.Call("toolu_1-A"); got != "toolu_1-A" {
		t.Error(got)
	}
	a, b := ids.Call(""), ids.Call("")
	if a == b || ids.Result("") != a || ids.Result("") != b {
		t.Errorf("%q %q", a, b)
	}
	long := strings.Repeat("x", 80)
	for _, id := range []string{"", "a.b", "a b", "ü", long, "call|x"} {
		for _, most := range []int{0, 64} {
			got := PlainID(id, most)
			if got == "" || most > 0 && len(got) > most || strings.Trim(got, idLetters) != "" || PlainID(id, most) != got {
				t.Errorf("%q at most %d: %q", id, most, got)
			}
		}
	}
	if PlainID("a.b", 0) == PlainID("a:b", 0) || PlainID(long, 64) == PlainID(long+"a", 64) || PlainID(long, 0) != long {
		t.Error("different ids meet, or an id that fits is changed")
	}
}
