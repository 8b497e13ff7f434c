package generation

import "math/big"

// Diverges reports whether what the upstream says the request took is not what its usage
// comes to at our prices: by more than one per cent, and by more than the two nano-dollars
// that rounding may make. It is how a price that changed, or a class of tokens that is
// counted differently, shows. An upstream that says nothing does not diverge.
func (r *Record) Diverges() bool {
	said, ok := new(big.Rat).SetString(r.Reported)
	if !ok {
		return r.Reported != ""
	}
	ours := big.NewRat(int64(r.List), 1e9)
	difference := new(big.Rat).Sub(said, ours)
	difference.Abs(difference)
	larger := said.Abs(said)
	if ours.Cmp(larger) > 0 {
		larger = ours
	}
	slack := new(big.Rat).Mul(larger, big.NewRat(1, 100))
	if rounding := big.NewRat(2, 1e9); slack.Cmp(rounding) < 0 {
		slack = rounding
	}
	return difference.Cmp(slack) > 0
}
