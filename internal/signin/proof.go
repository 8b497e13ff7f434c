package signin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// maxEmail is the length of an address in bytes (RFC 5321 §4.5.3.1.3).
const maxEmail = 254

// Email is an address as it is compared.
func Email(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// wrong is the answer to a wrong password and to an unknown address: nobody learns which.
func wrong() error {
	return fault.New(fault.NoKey, "E-mail address or password is wrong")
}

// codeNext says that the password is right and a code is wanted.
func codeNext(public string) error {
	return &fault.Error{Kind: fault.NoKey, Public: public, Metadata: map[string]any{"next": "code"}}
}

// Password signs in whoever knows a person's password and, where the person has a second
// factor, a code of it or a recovery code. The answer to a wrong password and to an unknown
// address is the same, after the same work.
func (d *Door) Password(ctx context.Context, r *http.Request, now time.Time, email, password, code string) (v directory.Visit, token string, err error) {
	p, spend, right, err := d.check(ctx, r, now, email, password, code)
	if err != nil {
		return v, "", err
	}
	v, token, err = d.begin(ctx, r, now, p.ID, "password", func(_ *directory.Tx, same *account.Person) error {
		if same.Password != p.Password { // it was changed meanwhile
			return wrong()
		}
		return spend(same)
	})
	if err == nil {
		right()
	}
	return v, token, err
}

// check is the person whose address and password these are. spend uses the code up in the
// transaction that it was for, or refuses it; right gives the guess back.
func (d *Door) check(ctx context.Context, r *http.Request, now time.Time, email, password, code string) (p *account.Person, spend func(*account.Person) error, right func(), err error) {
	email = Email(email)
	if len(email) > maxEmail {
		return nil, nil, nil, wrong()
	}
	if right, err = d.guess(r, now, email); err != nil {
		return nil, nil, nil, err
	}
	p, known := d.Directory.PersonByEmail(email)
	hash := ""
	if known {
		hash = p.Password
	}
	switch ok, err := d.hasher.is(ctx, password, hash); {
	case err != nil:
		return nil, nil, nil, err
	case !ok:
		return nil, nil, nil, wrong()
	case p.Factor.On() && code == "":
		right()
		return nil, nil, nil, codeNext("Enter the code of your authenticator app, or a recovery code")
	}
	spend, err = d.spend(ctx, p, code, now)
	return p, spend, right, err
}

// Proves reports, with an error for no, whether the person of a visit knows their password:
// asked for before what would outlive a browser left alone. Who has none proves it with the
// session.
func (d *Door) Proves(ctx context.Context, r *http.Request, now time.Time, p *account.Person, password string) error {
	if p.Password == "" {
		return nil
	}
	right, err := d.guess(r, now, p.Email)
	if err != nil {
		return err
	}
	ok, err := d.hasher.is(ctx, password, p.Password)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Denied, "This is not your password")
	}
	right()
	return nil
}

// NewPassword is the hash of a new password, if it is a good one.
func (d *Door) NewPassword(ctx context.Context, param, password, email string) (string, error) {
	if err := goodPassword(param, password, email); err != nil {
		return "", err
	}
	return d.hasher.hash(ctx, password)
}
