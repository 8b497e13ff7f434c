package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/byok"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/provider"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/vault"
	"github.com/dragoman-gateway/dragoman/internal/vault/kms"
)

// canaryKind is the store's kind of the one value that tells at the start whether the vault
// has the right key.
const canaryKind = "canary"

// The gateway's own key, and the next one while everything is being put under it.
const (
	ownKey  = "vault.key"
	nextKey = "vault.key.next"
)

// openVault opens the vault, refuses a start with a key that does not open what is there,
// and ends a rotation that was cut short.
func (a *App) openVault(ctx context.Context) error {
	canary, err := a.canary(ctx)
	if err != nil {
		return err
	}
	primary, older, err := a.vaultKeys(canary != nil)
	if err != nil {
		return err
	}
	v, err := vault.New(primary, older...)
	if err != nil {
		return fmt.Errorf("open the vault: %w", err)
	}
	a.keyring = &byok.Keyring{
		Vault:  v,
		Row:    func(slug string) *catalog.Provider { return a.Snapshot().Provider(slug) },
		Latest: a.directory.Credential,
	}
	if canary == nil {
		return a.newCanary(ctx)
	}
	if err := v.Check(ctx, canary); err != nil {
		return fmt.Errorf("the database holds secrets that the vault's key does not open: %w", err)
	}
	if _, err := a.reseal(ctx, audit.Entry{At: time.Now(), Account: DefaultAccount, Actor: "gateway", Action: "vault.rotate", Target: "vault", Detail: "{}"}); err != nil {
		return fmt.Errorf("put secrets under the vault's newest key: %w", err)
	}
	return a.dropOlder()
}

func (a *App) canary(ctx context.Context) (canary []byte, err error) {
	err = a.store.Things(ctx, func(t store.Thing) error {
		if t.Kind != canaryKind {
			return nil
		}
		return json.Unmarshal(t.Doc, &canary)
	})
	if err != nil {
		return nil, fmt.Errorf("read the vault's canary: %w", err)
	}
	return canary, nil
}

func (a *App) newCanary(ctx context.Context) error {
	sealed, err := a.keyring.Vault.Canary(ctx)
	if err != nil {
		return fmt.Errorf("seal the vault's canary: %w", err)
	}
	return a.putCanary(ctx, sealed)
}

func (a *App) putCanary(ctx context.Context, sealed []byte) error {
	doc, err := json.Marshal(sealed)
	if err != nil {
		return err
	}
	return a.store.Apply(ctx, store.Change{Things: []store.Thing{{Kind: canaryKind, ID: "vault", Doc: doc}}})
}

// vaultKeys are the keys that the configuration names, or the gateway's own. Its own is only
// made where nothing has been sealed yet.
func (a *App) vaultKeys(sealed bool) (primary vault.KEK, older []vault.KEK, err error) {
	cfg := &a.file.Config.Vault
	if cfg.Key == nil {
		if primary, older, err = a.ownKeys(sealed); err != nil {
			return nil, nil, err
		}
	} else if primary, err = kek(cfg.Key); err != nil {
		return nil, nil, fmt.Errorf("vault.key: %w", err)
	}
	for i := range cfg.Older {
		k, err := kek(&cfg.Older[i])
		if err != nil {
			return nil, nil, fmt.Errorf("vault.older[%d]: %w", i, err)
		}
		older = append(older, k)
	}
	return primary, older, nil
}

func (a *App) ownKeys(sealed bool) (primary vault.KEK, older []vault.KEK, err error) {
	path := a.dataFile(ownKey)
	primary, err = localKey(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && sealed:
		return nil, nil, fmt.Errorf("%s is missing and the database holds secrets sealed under it; put it back, or name its new place as vault.key in the configuration", path)
	case errors.Is(err, fs.ErrNotExist):
		if err = makeKey(path); err == nil {
			primary, err = localKey(path)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	next, err := localKey(a.dataFile(nextKey)) // of a rotation that was cut short
	if errors.Is(err, fs.ErrNotExist) {
		return primary, nil, nil
	}
	return next, []vault.KEK{primary}, err
}

func (a *App) dataFile(name string) string { return filepath.Join(a.file.Config.Data, name) }

func localKey(path string) (vault.KEK, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return local(text, path)
}

func local(text []byte, where string) (vault.KEK, error) {
	key, err := vault.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return vault.Local(key)
}

// makeKey writes a fresh key to a file that must not be there, and to the disk below it.
func makeKey(path string) error {
	key := make([]byte, vault.KeySize)
	rand.Read(key) // never fails: the runtime ends the process instead
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	return errors.Join(err, f.Sync(), f.Close())
}

// kek is a configured key.
func kek(k *config.VaultKey) (vault.KEK, error) {
	switch {
	case k.Transit != nil:
		t := k.Transit
		key, err := kms.Transit(kms.TransitConfig{Address: t.Address, Mount: t.Mount, Key: t.Key, Namespace: t.Namespace,
			Token: func(context.Context) (string, error) { return t.Token() }})
		return remembered(key, err)
	case k.AWS != nil:
		key, err := kms.AWS(kms.AWSConfig{ARN: k.AWS.ARN, Endpoint: k.AWS.Endpoint, Credential: awsKey})
		return remembered(key, err)
	case k.Google != nil:
		token, err := googleToken()
		if err != nil {
			return nil, err
		}
		key, err := kms.Google(kms.GoogleConfig{Name: k.Google.Name, Endpoint: k.Google.Endpoint, Token: token})
		return remembered(key, err)
	}
	text, err := k.Bytes()
	if err != nil {
		return nil, err
	}
	return local(text, firstOf(k.File, k.Env))
}

// remembered keeps a service from being asked at each request.
func remembered(key vault.KEK, err error) (vault.KEK, error) {
	if err != nil {
		return nil, err
	}
	return vault.Remember(key, vault.Memory{}), nil
}

func awsKey(context.Context) (sigv4.Key, error) {
	text, err := config.Credential("aws")
	if err != nil {
		return sigv4.Key{}, err
	}
	var doc rawjson.Doc
	if text == "" || doc.Parse([]byte(text)) != nil {
		return sigv4.Key{}, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
	}
	r := doc.Root()
	return sigv4.Key{ID: r.Get("access_key_id").Str(), Secret: r.Get("secret_access_key").Str(), Session: r.Get("session_token").Str()}, nil
}

// googleToken takes tokens from where calls of Vertex would.
func googleToken() (kms.Token, error) {
	secret, err := config.Credential("google")
	if err != nil {
		return nil, err
	}
	p, err := provider.New(&catalog.Provider{Slug: "cloud-kms", Name: "Cloud KMS", BaseURL: "https://cloudkms.googleapis.com", Auth: "google"}, secret)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		h := http.Header{}
		if err := p.Sign(ctx, http.MethodPost, "/", h, nil); err != nil {
			return "", err
		}
		return strings.TrimPrefix(h.Get("Authorization"), "Bearer "), nil
	}, nil
}

// rotate makes a new key of the gateway's own and puts everything under it.
func (a *App) rotate(ctx context.Context, entry audit.Entry) (int, error) {
	a.rotating.Lock()
	defer a.rotating.Unlock()
	if a.file.Config.Vault.Key != nil {
		return 0, fault.New(fault.Conflict, "The vault's key is configured; put a new one in vault.key, the one there now in vault.older, and start again")
	}
	old, err := localKey(a.dataFile(ownKey))
	if err == nil {
		if err = makeKey(a.dataFile(nextKey)); err == nil || errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, fmt.Errorf("make a new key of the vault: %w", err))
	}
	next, err := localKey(a.dataFile(nextKey))
	if err == nil {
		err = a.keyring.Vault.Use(next, old)
	}
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, fmt.Errorf("take up a new key of the vault: %w", err))
	}
	n, err := a.reseal(ctx, entry)
	if err == nil && n == 0 { // nothing was sealed: that the key is another is worth an entry all the same
		err = a.directory.Update(ctx, entry, func(*directory.Tx) error { return nil })
	}
	if err == nil {
		err = a.dropOlder()
	}
	if err != nil {
		return n, fault.Wrap(fault.Unavailable, fmt.Errorf("put secrets under a new key of the vault; it goes on at the next try or start: %w", err))
	}
	return n, a.keyring.Vault.Use(next)
}

// dropOlder makes the next key the gateway's own, once nothing is under the one before.
func (a *App) dropOlder() error {
	err := os.Rename(a.dataFile(nextKey), a.dataFile(ownKey))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// reseal puts what is sealed under an older key under the primary one, some at a time, so
// that other changes come between, and the canary last.
func (a *App) reseal(ctx context.Context, entry audit.Entry) (n int, err error) {
	const atOnce = 100
	for {
		stale := a.stale()
		if len(stale) == 0 {
			break
		}
		stale = stale[:min(len(stale), atOnce)]
		entry.Detail = fmt.Sprintf(`{"rewrapped":%d}`, len(stale))
		err := a.directory.Update(ctx, entry, func(tx *directory.Tx) error {
			for _, reseal := range stale {
				if err := reseal(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(stale)
	}
	canary, err := a.canary(ctx)
	if err != nil {
		return n, err
	}
	if current, err := a.keyring.Vault.Current(canary); err != nil || current {
		return n, err
	}
	if canary, err = a.keyring.Vault.Rewrap(ctx, canary, vault.CanaryPlace); err != nil {
		return n, err
	}
	return n, a.putCanary(ctx, canary)
}

// resealing puts one secret under the primary key, unless it is gone meanwhile.
type resealing func(context.Context, *directory.Tx) error

// stale are the secrets under an older key.
func (a *App) stale() (list []resealing) {
	old := func(sealed []byte) bool {
		current, err := a.keyring.Vault.Current(sealed)
		return err == nil && !current
	}
	for _, c := range a.directory.AllCredentials() {
		if old(c.Sealed) {
			list = append(list, func(ctx context.Context, tx *directory.Tx) error { return a.resealCredential(ctx, tx, c.Account, c.ID) })
		}
	}
	for _, d := range a.directory.AllDestinations() {
		if old(d.Sealed) {
			list = append(list, func(ctx context.Context, tx *directory.Tx) error {
				return a.resealDestination(ctx, tx, d.Account, d.ID)
			})
		}
	}
	for _, p := range a.directory.Private().Providers {
		if p.Sealed != nil && old(p.Sealed) {
			list = append(list, func(ctx context.Context, tx *directory.Tx) error { return a.resealProvider(ctx, tx, p.ID) })
		}
	}
	for _, p := range a.directory.Persons() {
		if p.Factor.On() && old(p.Factor.Sealed) {
			list = append(list, func(ctx context.Context, tx *directory.Tx) error { return a.resealFactor(ctx, tx, p.ID) })
		}
	}
	return list
}

func (a *App) resealCredential(ctx context.Context, tx *directory.Tx, of, id string) error {
	now, ok := tx.Credential(of, id)
	if !ok {
		return nil
	}
	c := *now
	changed, err := a.keyring.Rewrap(ctx, &c)
	if err != nil {
		return fmt.Errorf("credential %s: %w", id, err)
	}
	if !changed {
		return nil
	}
	return tx.PutCredential(&c)
}

func (a *App) resealDestination(ctx context.Context, tx *directory.Tx, of, id string) error {
	now, ok := tx.Destination(of, id)
	if !ok {
		return nil
	}
	d := *now
	var err error
	if d.Sealed, err = a.keyring.Vault.Rewrap(ctx, now.Sealed, d.Place()); err != nil {
		return fmt.Errorf("configuration of destination %s: %w", id, err)
	}
	return tx.PutDestination(&d)
}

func (a *App) resealProvider(ctx context.Context, tx *directory.Tx, id string) error {
	now, ok := tx.PrivateProvider(id)
	if !ok || now.Sealed == nil {
		return nil
	}
	p := *now
	var err error
	if p.Sealed, err = a.keyring.Vault.Rewrap(ctx, now.Sealed, p.Place()); err != nil {
		return fmt.Errorf("credential of provider %s: %w", p.Slug, err)
	}
	return tx.PutPrivateProvider(&p)
}

func (a *App) resealFactor(ctx context.Context, tx *directory.Tx, person string) error {
	now, ok := tx.Person(person)
	if !ok || !now.Factor.On() {
		return nil
	}
	p := *now
	var err error
	if p.Factor.Sealed, err = a.keyring.Vault.Rewrap(ctx, now.Factor.Sealed, p.FactorPlace()); err != nil {
		return fmt.Errorf("second factor of %s: %w", person, err)
	}
	return tx.PutPerson(&p)
}

// pay makes a credential of a key's account ready.
func (a *App) pay(ctx context.Context, k *account.Key, id string) (*provider.Provider, error) {
	c, ok := a.directory.Credential(k.Account, id)
	if !ok || !c.Serves(k) {
		return nil, &fault.Error{Kind: fault.Credential, Public: "The account's credential was deleted or switched off meanwhile"}
	}
	return a.keyring.Provider(ctx, c)
}

// lists are where a provider's list of models is, by the dialect it speaks: a call that costs
// nothing and needs a good credential.
var lists = map[llm.Dialect]string{"": "/models", llm.OpenAIChat: "/models", llm.OpenAIResponses: "/models", llm.Anthropic: "/v1/models", llm.Gemini: "/v1beta/models", llm.Cohere: "/v1/models"}

// tryCredential asks a provider for its models with an account's credential.
func (a *App) tryCredential(ctx context.Context, c *account.Credential) error {
	row := a.Snapshot().Provider(c.Provider)
	p, err := a.keyring.Provider(ctx, c)
	if err != nil {
		return err
	}
	path, ok := lists[row.Protocol]
	if !ok || row.Platform != "" && row.Platform != catalog.Azure {
		return fault.New(fault.Unbuilt, "This provider has no call that costs nothing; make a small request with provider.byok set to require")
	}
	var sending atomic.Int32
	ans, _, err := a.upstream.Do(ctx, p, p.Adapter(llm.OpenAIChat, ""), dialect.Call{Method: http.MethodGet, Path: path, Header: dialect.Header{}}, false, &sending)
	if err != nil {
		return fault.OwnCredential(fault.As(err))
	}
	ans.Close(false)
	return nil
}
