package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// maxPasskeys bounds a person's passkeys.
const maxPasskeys = 20

// relying is us as WebAuthn sees us, at the address that the browser has open: a passkey works
// at the host that it was made for, which the browser and the authenticator hold to.
func (d *Door) relying(r *http.Request) (*webauthn.WebAuthn, error) {
	host, scheme := r.Host, "http"
	if d.Secure(r) {
		scheme = "https"
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: issuer, RPOrigins: []string{scheme + "://" + r.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired, // a passkey stands for both factors
		},
	})
	if err != nil {
		return nil, fault.New(fault.Invalid, "Passkeys do not work at this address; open the web app by a host name, with https or as localhost")
	}
	return rp, nil
}

// holder is a person as WebAuthn sees one.
type holder struct{ *account.Person }

func (h holder) WebAuthnID() []byte          { return []byte(h.ID) }
func (h holder) WebAuthnName() string        { return h.Email }
func (h holder) WebAuthnDisplayName() string { return h.Name }

func (h holder) WebAuthnCredentials() (list []webauthn.Credential) {
	for i := range h.Passkeys {
		var c webauthn.Credential
		if json.Unmarshal(h.Passkeys[i].Credential, &c) == nil { // one that cannot be read proves nothing
			list = append(list, c)
		}
	}
	return list
}

// OfferPasskey begins the making of a passkey for a person: what the browser is asked for, and
// the id of the trial.
func (d *Door) OfferPasskey(r *http.Request, now time.Time, p *account.Person) (id string, options any, err error) {
	if len(p.Passkeys) >= maxPasskeys {
		return "", nil, fault.New(fault.Conflict, fmt.Sprintf("A person has at most %d passkeys; delete one first", maxPasskeys))
	}
	rp, err := d.relying(r)
	if err != nil {
		return "", nil, err
	}
	h := holder{p}
	creation, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return "", nil, fault.Wrap(fault.Internal, fmt.Errorf("begin a passkey: %w", err))
	}
	id = NewID()
	d.trials.put("passkey/"+p.ID+"/"+id, session, now)
	return id, creation.Response, nil
}

// TakePasskey is the passkey that a browser has made for a person.
func (d *Door) TakePasskey(r *http.Request, now time.Time, p *account.Person, id, name string, credential json.RawMessage) (*account.Passkey, error) {
	session, err := d.trial("passkey/"+p.ID+"/"+id, now)
	if err != nil {
		return nil, err
	}
	rp, err := d.relying(r)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil {
		return nil, badPasskey()
	}
	made, err := rp.CreateCredential(holder{p}, *session, parsed)
	if err != nil {
		return nil, badPasskey()
	}
	made.Attestation = webauthn.CredentialAttestation{} // proves nothing that we ask
	raw, err := json.Marshal(made)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, fmt.Errorf("encode a passkey: %w", err))
	}
	return &account.Passkey{ID: NewID(), Name: name, Credential: raw, Created: now}, nil
}

// AskPasskey begins a sign-in with whatever passkey the browser has.
func (d *Door) AskPasskey(r *http.Request, now time.Time) (id string, options any, err error) {
	rp, err := d.relying(r)
	if err != nil {
		return "", nil, err
	}
	assertion, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", nil, fault.Wrap(fault.Internal, fmt.Errorf("begin a sign-in with a passkey: %w", err))
	}
	id = NewID()
	d.trials.put("signin/"+id, session, now)
	return id, assertion.Response, nil
}

// Passkey signs in whoever holds a passkey, which stands for both factors.
func (d *Door) Passkey(ctx context.Context, r *http.Request, now time.Time, id string, credential json.RawMessage) (v directory.Visit, token string, err error) {
	session, err := d.trial("signin/"+id, now)
	if err != nil {
		return v, "", err
	}
	rp, err := d.relying(r)
	if err != nil {
		return v, "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return v, "", badPasskey()
	}
	var p *account.Person
	_, used, err := rp.ValidatePasskeyLogin(func(_, person []byte) (webauthn.User, error) {
		var there bool
		if p, there = d.Directory.Person(string(person)); !there {
			return nil, errNobody
		}
		return holder{p}, nil
	}, *session, parsed)
	if err != nil || used.Authenticator.CloneWarning {
		return v, "", &fault.Error{Kind: fault.NoKey, Public: "This passkey does not sign anybody in here; use another, or your password"}
	}
	return d.begin(ctx, r, now, p.ID, "passkey", func(_ *directory.Tx, p *account.Person) error { return usePasskey(p, used, now) })
}

// usePasskey writes down the counter of a passkey, and that it was used.
func usePasskey(p *account.Person, used *webauthn.Credential, now time.Time) error {
	p.Passkeys = slices.Clone(p.Passkeys)
	for i := range p.Passkeys {
		k := &p.Passkeys[i]
		var c webauthn.Credential
		if json.Unmarshal(k.Credential, &c) != nil || !slices.Equal(c.ID, used.ID) {
			continue
		}
		raw, err := json.Marshal(used)
		if err != nil {
			return fault.Wrap(fault.Internal, fmt.Errorf("encode a passkey: %w", err))
		}
		k.Credential, k.Used = raw, now
		return nil
	}
	return fault.New(fault.NoKey, "This passkey was deleted; use another, or your password")
}

// trial is the challenge of a trial, once.
func (d *Door) trial(id string, now time.Time) (*webauthn.SessionData, error) {
	what, ok := d.trials.take(id, now)
	session, is := what.(*webauthn.SessionData)
	if !ok || !is {
		return nil, fault.Bad("id", "This attempt has ended or was used; begin again")
	}
	return session, nil
}

// badPasskey says that what a browser sent is no good.
func badPasskey() error {
	return fault.Bad("credential", "The credential is not what was asked for; begin again")
}
