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
	email = Email(email)
	if len(email) > maxEmail {
		return v, "", wrong()
	}
	right, err := d.guess(r, now, email)
	if err != nil {
		return v, "", err
	}
	p, known := d.Directory.PersonByEmail(email)
	hash := ""
	if known {
		hash = p.Password
	}
	switch ok, err := d.hasher.is(ctx, password, hash); {
	case err != nil:
		return v, "", err
	case !ok:
		return v, "", wrong()
	case p.Factor.On() && code == "":
		right()
		return v, "", codeNext("Enter the code of your authenticator app, or a recovery code")
	}
	spend, err := d.spend(ctx, p, code, now)
	if err != nil {
		return v, "", err
	}
	v, token, err = d.begin(ctx, r, now, p.ID, "password", func(_ *directory.Tx, p *account.Person) error {
		if p.Password != hash {
			return wrong()
		}
		return spend(p)
	})
	if err == nil {
		right()
	}
	return v, token, err
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
