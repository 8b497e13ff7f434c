// Package money holds amounts and prices as integers and does the only price
// arithmetic there is. No float ever touches an amount; every operation that could
// overflow says so.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// Amount is a signed sum in nano-dollars (1e-9 USD); it spans about ±9.2 billion USD.
type Amount int64

// Price is a rate in femto-dollars (1e-15 USD) per unit: per token, image, request … It
// spans 0 to about 9,223 USD per unit. Catalogue prices have at most 15 decimals; finer
// ones are refused when parsed, never rounded.
type Price int64

// Units in which amounts and prices are written.
const (
	Dollar Amount = 1e9

	amountDigits = 9
	priceDigits  = 15
	femtoPerNano = 1_000_000
)

// ErrOverflow is a sum or product that does not fit.
var ErrOverflow = errors.New("money: amount out of range")

// Add is a + b.
func Add(a, b Amount) (Amount, error) {
	c := a + b
	if (c > a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return c, nil
}

// Sub is a − b.
func Sub(a, b Amount) (Amount, error) {
	if b == math.MinInt64 {
		return 0, ErrOverflow
	}
	return Add(a, -b)
}

// A Sum adds products of units and prices without rounding or overflow on the way; it
// is rounded once, at the end. The zero Sum is zero.
type Sum struct {
	hi, lo uint64 // femto-dollars
	over   bool
}

// AddUnits adds units × p. Negative units or prices are an overflow, never a discount.
func (s *Sum) AddUnits(units int64, p Price) {
	if units < 0 || p < 0 {
		s.over = true
		return
	}
	hi, lo := bits.Mul64(uint64(units), uint64(p))
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi, carry = bits.Add64(s.hi, hi, carry)
	s.over = s.over || carry != 0
}

// Amount is the sum rounded up to the next nano-dollar: what was used is never free.
func (s Sum) Amount() (Amount, error) {
	if s.over || s.hi >= femtoPerNano {
		return 0, ErrOverflow
	}
	q, r := bits.Div64(s.hi, s.lo, femtoPerNano)
	if r > 0 {
		q++
	}
	if q > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Amount(q), nil
}

// ParseAmount reads a decimal number of dollars such as "12.5" or "-0.000000001". An
// exponent is allowed. More than nine decimals are an error, not a rounding.
func ParseAmount(s string) (Amount, error) {
	v, err := parse(s, amountDigits)
	return Amount(v), err
}

// ParsePrice reads a decimal number of dollars per unit; it must not be negative.
func ParsePrice(s string) (Price, error) {
	v, err := parse(s, priceDigits)
	if err == nil && v < 0 {
		err = fmt.Errorf("price %q is negative", s)
	}
	return Price(v), err
}

// PerMillion reads a decimal number of dollars per million units.
func PerMillion(s string) (Price, error) {
	v, err := parse(s, priceDigits-6)
	if err == nil && v < 0 {
		err = fmt.Errorf("price %q is negative", s)
	}
	return Price(v), err
}

func parse(s string, digits int) (int64, error) {
	if v, ok := plain(s, digits); ok {
		return v, nil
	}
	return exact(s, digits)
}

// exact reads any decimal number that fits, or says why it cannot.
func exact(s string, digits int) (int64, error) {
	if s == "" || len(s) > 64 || strings.ContainsAny(s, "/_xXpPnN ") {
		return 0, fmt.Errorf("%q is not a decimal number", s)
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 4 {
		return 0, fmt.Errorf("%q has too large an exponent", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, fmt.Errorf("%q is not a decimal number", s)
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
	if !r.IsInt() {
		return 0, fmt.Errorf("%q has more than %d decimals", s, digits)
	}
	if !r.Num().IsInt64() {
		return 0, ErrOverflow
	}
	return r.Num().Int64(), nil
}

// String writes dollars as a plain decimal with no superfluous zeros.
func (a Amount) String() string { return string(a.Append(nil)) }

// Append is String onto dst: also a valid JSON number.
func (a Amount) Append(dst []byte) []byte { return appendDecimal(dst, int64(a), amountDigits) }

// String writes dollars per unit as a plain decimal.
func (p Price) String() string { return string(appendDecimal(nil, int64(p), priceDigits)) }

func appendDecimal(dst []byte, v int64, digits int) []byte {
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	var buf [40]byte
	i := len(buf)
	for n := 0; n < digits; n++ {
		d := byte(u % 10)
		u /= 10
		if i == len(buf) && d == 0 {
			continue // trailing zero
		}
		i--
		buf[i] = '0' + d
	}
	if i < len(buf) {
		i--
		buf[i] = '.'
	}
	for {
		i--
		buf[i] = '0' + byte(u%10)
		if u /= 10; u == 0 {
			return append(dst, buf[i:]...)
		}
	}
}

// Share is a number of millionths of a, rounded up. A share of a negative amount is not defined.
func (a Amount) Share(millionths int64) Amount {
	hi, lo := bits.Mul64(uint64(a), uint64(millionths))
	q, r := bits.Div64(hi, lo, 1_000_000)
	if r > 0 {
		q++
	}
	return Amount(q)
}

// MarshalJSON writes a JSON number of dollars.
func (a Amount) MarshalJSON() ([]byte, error) { return a.Append(nil), nil }

// UnmarshalJSON reads a JSON number or string of dollars.
func (a *Amount) UnmarshalJSON(b []byte) (err error) {
	*a, err = ParseAmount(strings.Trim(string(b), `"`))
	return err
}

// MarshalText writes dollars per unit as a decimal string.
func (p Price) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what ParsePrice reads.
func (p *Price) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePrice(string(b))
	return err
}
