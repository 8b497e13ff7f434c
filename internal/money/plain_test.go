package money

import (
	"math/rand/v2"
	"testing"
)

func TestPlainReadsWhatTheExactReaderReads(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	const alphabet = "00123456789.5"
	read := 0
	for range 200_000 {
		b := make([]byte, 1+rng.IntN(20))
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		s := string(b)
		got, ok := plain(s, priceDigits)
		if !ok {
			continue
		}
		read++
		if want, err := exact(s, priceDigits); err != nil || got != want {
			t.Fatalf("plain(%q) = %d; the exact reader says %d, %v", s, got, want, err)
		}
	}
	if read < 1000 {
		t.Fatalf("only %d of the numbers were plain", read)
	}
}

func TestPlainLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", ".", "1.", ".5", "-1", "+1", "1e3", "1_0", "0x1", "0.0000000000000001", "9223.4e0", "99999999999999999999"} {
		if v, ok := plain(s, priceDigits); ok {
			t.Errorf("plain(%q) = %d, want to leave it", s, v)
		}
	}
}
