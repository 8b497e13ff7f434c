package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/totp"
)

// Bounds of recovery codes: 80 random bits each, so that a hash alone tells nothing.
const (
	recoveryCodes = 10
	recoverySize  = 16 // characters of base 32
)

// issuer is what an authenticator app shows.
const issuer = "Dragoman"

// spend checks a code of the person's second factor. What it returns uses the code up, within
// the transaction that the code was for: of two at once, one finds it used.
func (d *Door) spend(ctx context.Context, p *account.Person, code string, now time.Time) (func(*account.Person) error, error) {
	if !p.Factor.On() {
		return func(*account.Person) error { return nil }, nil
	}
	secret, err := d.Vault.OpenStored(ctx, p.FactorPlace(), func() []byte {
		if now, ok := d.Directory.Person(p.ID); ok {
			return now.Factor.Sealed
		}
		return p.Factor.Sealed
	})
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("open the second factor of %s: %w", p.ID, err))
	}
	return func(p *account.Person) error {
		f := &p.Factor
		if step, ok := totp.Check([]byte(secret.Text()), strings.ReplaceAll(code, " ", ""), now, f.Step); ok {
			f.Step = step
			return nil
		}
		hash := hashToken(plainRecovery(code))
		i := slices.IndexFunc(f.Recovery, func(h string) bool { return subtle.ConstantTimeCompare([]byte(h), []byte(hash)) == 1 })
		if i < 0 {
			return codeNext("The code is wrong or was used; wait for the next one")
		}
		f.Recovery = slices.Delete(slices.Clone(f.Recovery), i, i+1)
		return nil
	}, nil
}

// plainRecovery is a recovery code however it was typed.
func plainRecovery(s string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
}

// newRecovery is fresh recovery codes as they are shown once, and their hashes.
func newRecovery() (codes, hashes []string) {
	for range recoveryCodes {
		plain := rand.Text()[:recoverySize] // base 32
		hashes = append(hashes, hashToken(plain))
		codes = append(codes, strings.Join([]string{plain[:4], plain[4:8], plain[8:12], plain[12:]}, "-"))
	}
	return codes, hashes
}

// OfferFactor makes the secret of a second factor that waits for its first code. It replaces
// the one that a session was offered before.
func (d *Door) OfferFactor(v *account.Session, p *account.Person, now time.Time) (secret, url string) {
	raw := random(totp.SecretSize)
	d.trials.put("totp/"+v.Hash, raw, now)
	return totp.Text(raw), totp.URL(issuer, p.Email, raw)
}

// TakeFactor is the second factor whose first code a person has shown, and its recovery codes,
// which are shown this once.
func (d *Door) TakeFactor(ctx context.Context, v *account.Session, p *account.Person, code string, now time.Time) (f account.SecondFactor, codes []string, err error) {
	offered, ok := d.trials.peek("totp/"+v.Hash, now)
	if !ok {
		return f, nil, fault.New(fault.Conflict, "No second factor is waiting for its code, or it waited too long; begin again with POST /me/totp")
	}
	raw := offered.([]byte)
	if f.Step, ok = totp.Check(raw, strings.ReplaceAll(code, " ", ""), now, 0); !ok {
		return f, nil, fault.Bad("code", "The code is wrong; is the clock of your device right?")
	}
	if f.Sealed, err = d.Vault.Seal(ctx, raw, p.FactorPlace()); err != nil {
		return f, nil, fault.Wrap(fault.Unavailable, fmt.Errorf("seal a second factor: %w", err))
	}
	d.trials.take("totp/"+v.Hash, now)
	codes, f.Recovery = newRecovery()
	return f, codes, nil
}
