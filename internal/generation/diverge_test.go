package generation

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/money"
)

func TestDiverges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reported string
		list     money.Amount
		want     bool
	}{
		{"", 5, false},
		{"0.0000386", 38_600, false},
		{"3.86e-05", 38_600, false},
		{"0.00003861234", 38_700, false}, // within one per cent
		{"0.0000386", 39_100, true},
		{"0.0000386", 0, true},
		{"0", 38_600, true},
		{"0", 0, false},
		{"0.0000000011", 3, false}, // rounding
		{"0.0000000011", 4, true},
		{"123456789.5", 123_456_789_500_000_000, false},
		{"much", 1, true},
	} {
		r := Record{Reported: c.reported, List: c.list}
		if got := r.Diverges(); got != c.want {
			t.Errorf("reported %q, ours %d: %v", c.reported, c.list, got)
		}
	}
}
