package kms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// TransitConfig names a key of HashiCorp Vault's transit engine, of a symmetric type such as
// aes256-gcm96, derived or not. The policy of the token needs update, and no more, on
// MOUNT/encrypt/KEY and MOUNT/decrypt/KEY: with create a misspelled key would be made.
type TransitConfig struct {
	Address   string // https://vault.example.com:8200
	Mount     string // "transit" when ""
	Key       string
	Namespace string // "" none
	Token     Token
	Caller    Caller
}

type transit struct {
	service   *service
	id        string
	mount     string
	key       string
	namespace string
	token     Token
}

// names is what mounts, keys and namespaces may be called: parts of a path, no dots alone.
var names = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

// Transit is a key of HashiCorp Vault
// (https://developer.hashicorp.com/vault/api-docs/secret/transit). The place goes as
// associated_data, which Vault knows since 1.13 and ignores before, and as context, from
// which a derived key derives. Its id is "transit/", the namespace, the mount and the key.
func Transit(c TransitConfig) (vault.KEK, error) {
	if c.Mount == "" {
		c.Mount = "transit"
	}
	c.Mount, c.Namespace = strings.Trim(c.Mount, "/"), strings.Trim(c.Namespace, "/")
	if !names.MatchString(c.Mount) || !names.MatchString(c.Key) || strings.Contains(c.Key, "/") || c.Namespace != "" && !names.MatchString(c.Namespace) {
		return nil, fmt.Errorf("kms: transit mount %q, key %q, namespace %q: a name has letters, digits, _, - and .", c.Mount, c.Key, c.Namespace)
	}
	if c.Token == nil {
		return nil, errors.New("kms: HashiCorp Vault needs a token; configure one")
	}
	s, err := newService(c.Caller, c.Address)
	if err != nil {
		return nil, fmt.Errorf("kms: HashiCorp Vault: %w", err)
	}
	id := "transit/" + c.Mount + "/" + c.Key
	if c.Namespace != "" {
		id = "transit/" + c.Namespace + "/" + c.Mount + "/" + c.Key
	}
	return &transit{service: s, id: id, mount: c.Mount, key: c.Key, namespace: c.Namespace, token: c.Token}, nil
}

// ID is "transit/", the namespace, the mount and the key.
func (t *transit) ID() string { return t.id }

// Wrap keeps Vault's own form, which has the key's version in it.
func (t *transit) Wrap(ctx context.Context, dek []byte, place string) ([]byte, error) {
	a, err := t.call(ctx, "encrypt", "plaintext", encode(dek), place)
	if err != nil {
		return nil, err
	}
	wrapped := a.root.At("data", "ciphertext").Str()
	if !strings.HasPrefix(wrapped, "vault:v") {
		return nil, failure(vault.Denied, "its answer lacks data.ciphertext")
	}
	return []byte(wrapped), nil
}

// Unwrap answers Mismatch for what Vault cannot authenticate.
func (t *transit) Unwrap(ctx context.Context, wrapped []byte, place string) ([]byte, error) {
	a, err := t.call(ctx, "decrypt", "ciphertext", string(wrapped), place)
	if err != nil {
		return nil, err
	}
	return a.bytes("data", "plaintext")
}

func (t *transit) call(ctx context.Context, operation, field, value, place string) (answer, error) {
	var w rawjson.Writer
	w.Open('{')
	w.Key(field).Str(value)
	w.Key("associated_data").Str(encode([]byte(place)))
	w.Key("context").Str(encode([]byte(place)))
	w.Close('}')
	var token string
	a, err := t.service.post(ctx, "/v1/"+t.mount+"/"+operation+"/"+t.key, w.B, func(ctx context.Context, req *http.Request) (err error) {
		if token, err = credential(ctx, t.token); err != nil {
			return err
		}
		req.Header.Set("X-Vault-Token", token)
		req.Header.Set("X-Vault-Request", "true") // agents may insist on it
		if t.namespace != "" {
			req.Header.Set("X-Vault-Namespace", t.namespace)
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	if a.status != http.StatusOK {
		return answer{}, t.refused(a, token)
	}
	return a, nil
}

// refused reads Vault's words, for it has no codes. A failed authentication is 400 or,
// between 1.5 and 1.6, 500 (https://github.com/hashicorp/vault/issues/10842).
func (t *transit) refused(a answer, token string) error {
	var words string
	for e := range a.root.Get("errors").Elems() {
		words = e.Str()
		break
	}
	kind := kindOf(a.status)
	for _, altered := range []string{"message authentication failed", "invalid ciphertext", "unable to decrypt"} {
		if strings.Contains(words, altered) {
			kind = vault.Mismatch
		}
	}
	const enough = 200
	if words == "" || len(words) > enough || strings.Contains(words, token) {
		return failure(kind, "it answers %d", a.status)
	}
	return failure(kind, "it answers %d, %q", a.status, words)
}
