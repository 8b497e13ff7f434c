package dialect

import (
	"fmt"
	"testing"
)

func TestPlaces(t *testing.T) {
	places := NewPlaces("messages", "content")
	for _, i := range []int{0, 7, 63, 64, 1000} {
		p := places.At(i)
		if want := fmt.Sprintf("messages[%d]", i); p.Path != want || p.Inner != want+".content" || p.Part(0) != want+".content[0]" || p.Part(12) != want+".content[12]" {
			t.Errorf("turn %d: %+v, part 0 at %s, part 12 at %s", i, p, p.Part(0), p.Part(12))
		}
	}
	if n := testing.AllocsPerRun(100, func() { p := places.At(5); _ = p.Part(0) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
