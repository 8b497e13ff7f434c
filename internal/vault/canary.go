package vault

import "context"

// CanaryPlace is where a canary belongs.
const CanaryPlace = "vault/canary"

const (
	otherPlace = "vault/elsewhere"
	canaryText = "dragoman vault canary"
)

// Canary is a known value, sealed. Store it with the first secret, and give it to Check at
// each start; after a rotation Rewrap it like everything else, at CanaryPlace.
func (v *Vault) Canary(ctx context.Context) ([]byte, error) {
	return v.Seal(ctx, []byte(canaryText), CanaryPlace)
}

// Check tells whether what was sealed before can be opened with the keys that are here now:
// it opens a canary. Then it tries the primary key, which must wrap, and must refuse what it
// wrapped for another place. Refuse to start with its error, which is an *Error, unless its
// Kind is Unavailable and a start without the secrets is better than none.
func (v *Vault) Check(ctx context.Context, canary []byte) error {
	secret, err := v.Open(ctx, canary, CanaryPlace)
	if err != nil {
		return err
	}
	if secret.Text() != canaryText {
		return malformed("it is not a canary")
	}
	return v.checkPrimary(ctx)
}

func (v *Vault) checkPrimary(ctx context.Context) error {
	kek := v.keys.Load().primary
	s, err := wrap(ctx, kek, make([]byte, KeySize), CanaryPlace)
	if err != nil {
		return err
	}
	_, err = kek.Unwrap(ctx, s.wrapped, otherPlace)
	switch {
	case err == nil:
		return &Error{Kind: Unbound, KeyID: s.keyID}
	case KindOf(err) == Mismatch:
		return nil
	}
	return under(s.keyID, err)
}
