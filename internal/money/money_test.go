package money

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestParseAndPrint(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "1": "1", "-2.5": "-2.5", "0.000000001": "0.000000001", "12.340": "12.34", "1e2": "100", "1.5E-3": "0.0015", "9223372036.854775807": "9223372036.854775807"} {
		a, err := ParseAmount(in)
		if err != nil || a.String() != want {
			t.Errorf("%s: %s %v", in, a, err)
		}
		raw, err := json.Marshal(a)
		var back Amount
		if err != nil || json.Unmarshal(raw, &back) != nil || back != a {
			t.Errorf("%s does not survive JSON: %s", in, raw)
		}
	}
	for _, bad := range []string{"", "x", "0.0000000001", "1/2", "0x1", "1_000", "NaN", "Inf", "1e999", "9223372036.854775808", " 1"} {
		if a, err := ParseAmount(bad); err == nil {
			t.Errorf("%q is taken for %s", bad, a)
		}
	}
	if _, err := ParsePrice("-1"); err == nil {
		t.Error("a negative price")
	}
	if p, err := PerMillion("0.0375"); err != nil || p.String() != "0.0000000375" {
		t.Errorf("%s %v", p, err)
	}
}

func TestAddOverflows(t *testing.T) {
	const big, small = Amount(math.MaxInt64), Amount(math.MinInt64)
	for _, f := range []func() (Amount, error){
		func() (Amount, error) { return Add(big, 1) },
		func() (Amount, error) { return Add(small, -1) },
		func() (Amount, error) { return Sub(small, 1) },
		func() (Amount, error) { return Sub(0, small) },
	} {
		if v, err := f(); !errors.Is(err, ErrOverflow) {
			t.Errorf("%d %v", v, err)
		}
	}
	if v, err := Add(big, small); err != nil || v != -1 {
		t.Errorf("%d %v", v, err)
	}
}

// TestSumIsExact compares with arithmetic that cannot overflow.
func TestSumIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		var s Sum
		want := new(big.Int)
		for range rng.IntN(6) {
			units, price := rng.Int64N(1<<(1+rng.IntN(50))), Price(rng.Int64N(1<<(1+rng.IntN(60))))
			s.AddUnits(units, price)
			want.Add(want, new(big.Int).Mul(big.NewInt(units), big.NewInt(int64(price))))
		}
		want.Add(want, big.NewInt(femtoPerNano-1)).Div(want, big.NewInt(femtoPerNano))
		got, err := s.Amount()
		if want.IsInt64() != (err == nil) || err == nil && want.Int64() != int64(got) {
			t.Fatalf("got %d %v, want %s", got, err, want)
		}
	}
	var s Sum
	if s.AddUnits(-1, 5); s != (Sum{}) {
		if _, err := s.Amount(); !errors.Is(err, ErrOverflow) {
			t.Error("negative units are a discount")
		}
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		a          Amount
		millionths int64
		want       Amount
	}{{100, 50_000, 5}, {101, 50_000, 6}, {1, 1, 1}, {0, 1_000_000, 0}, {1<<63 - 1, 1_000_000, 1<<63 - 1}, {1<<63 - 1, 0, 0}, {7, 1_000_000, 7}} {
		if got := c.a.Share(c.millionths); got != c.want {
			t.Errorf("%d of %d: %d, want %d", c.millionths, c.a, got, c.want)
		}
	}
}
