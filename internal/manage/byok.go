package manage

import (
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// listCredentials is in the order they are tried.
func (a *API) listCredentials(c *call) (any, error) {
	p := c.params()
	workspace := a.workspaceOf(c, p)
	provider, _ := p.get("provider")
	list := slices.DeleteFunc(a.Directory.Credentials(a.account(c)), func(k *account.Credential) bool {
		return workspace != "" && k.Workspace != "" && k.Workspace != workspace || provider != "" && k.Provider != provider
	})
	return paged(c, list, a.credentialRow)
}

func (a *API) getCredential(c *call) (any, error) {
	k, err := a.findCredential(c)
	if err != nil {
		return nil, err
	}
	return data{a.credentialRow(k)}, nil
}

func (a *API) findCredential(c *call) (*account.Credential, error) {
	k, ok := a.Directory.Credential(a.account(c), c.PathValue("id"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No credential has this id; list them at /byok")
	}
	return k, nil
}

func (a *API) createCredential(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	k := &account.Credential{ID: newUUID(), Account: a.account(c), Workspace: a.home(c), Created: c.now}
	for _, name := range []string{"provider", "key"} {
		if !b.has(name) {
			b.fail(name, "given")
		}
	}
	k.Provider = b.text("provider", false)
	if b.has("workspace_id") {
		k.Workspace = a.workspaceIn(c, b)
	}
	if a.credential(c, b, k); b.err != nil {
		return nil, b.err
	}
	if err := a.seal(c, b, k); err != nil {
		return nil, err
	}
	err = a.change(c, a.entry(c, "credential.create", k.ID, a.credentialRow(k)), func(tx *directory.Tx) error {
		for _, other := range tx.Credentials(k.Account) {
			k.Order = max(k.Order, other.Order+1)
		}
		return tx.PutCredential(k)
	})
	if err != nil {
		return nil, err
	}
	return created{data{a.credentialRow(k)}}, nil
}

// workspaceIn is the workspace that the body names; "" for null, which is every one.
func (a *API) workspaceIn(c *call, b *body) string {
	ref := b.text("workspace_id", true)
	if ref == "" || b.err != nil {
		return ""
	}
	w, err := a.findWorkspace(c, ref)
	if err != nil {
		b.fail("workspace_id", "the id of a workspace, or null for every one; list them at /workspaces")
		return ""
	}
	return w.ID
}

// seal takes the secret out of the body, whose copy in the audit log must not have it.
func (a *API) seal(c *call, b *body, k *account.Credential) error {
	var secret string
	if !b.read("key", false, &secret, "a string; write a key that is JSON as a string too") {
		return b.err
	}
	delete(b.members, "key")
	return a.Credentials.Seal(c.Context(), k, secret)
}

// credential sets what the body has, but for the secret.
func (a *API) credential(c *call, b *body, k *account.Credential) {
	if b.has("name") {
		k.Name = b.within("name", true, 0, 255)
	}
	if b.has("disabled") {
		k.Disabled = b.flag("disabled")
	}
	if b.has("is_fallback") {
		k.Fallback = b.flag("is_fallback")
	}
	if b.has("is_required") {
		k.Required = b.flag("is_required")
	}
	if b.has("is_byok_only") {
		k.Sole = b.flag("is_byok_only")
	}
	if k.Sole && k.Fallback {
		b.fail("is_byok_only", "false where is_fallback is true")
	}
	if b.has("declared_zdr") {
		k.KeepsNothing = b.flagOrNull("declared_zdr")
	}
	if b.has("sort_order") {
		b.read("sort_order", false, &k.Order, "a whole number")
	}
	if b.has("allowed_models") {
		k.Models = b.texts("allowed_models", true, 100)
	}
	if b.has("allowed_user_ids") {
		before := k.Members
		k.Members = b.texts("allowed_user_ids", true, 100)
		for _, id := range k.Members {
			if _, err := a.findMember(c, id); err != nil && !slices.Contains(before, id) {
				b.fail("allowed_user_ids", fmt.Sprintf("ids of members; %.40q is none", id))
			}
		}
	}
	if b.has("allowed_api_key_hashes") {
		k.Keys = a.subjects(c, b, "allowed_api_key_hashes", k.Keys)
	}
}

// subjects are the keys that a member of the body names by their hashes; nil for null. What was
// named already may be sent back, though the key is deleted, or was replaced by another.
func (a *API) subjects(c *call, b *body, name string, before []account.KeyHash) (list []account.KeyHash) {
	for _, h := range b.texts(name, true, 100) {
		if slices.Contains(before, account.KeyHash(h)) {
			list = append(list, account.KeyHash(h))
			continue
		}
		key, ok := a.Store.Key(account.KeyHash(h))
		if !ok || !a.owns(c, key) {
			b.fail(name, fmt.Sprintf("hashes of keys; %.64q is none", h))
			continue
		}
		list = append(list, key.Subject())
	}
	return list
}

func (a *API) updateCredential(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	old, err := a.findCredential(c)
	if err != nil {
		return nil, err
	}
	fresh := *old // gets the new secret, if there is one
	if b.has("key") {
		if err := a.seal(c, b, &fresh); err != nil {
			return nil, err
		}
	}
	var k account.Credential
	err = a.change(c, a.entry(c, "credential.update", old.ID, nil), telling(func(tx *directory.Tx) error {
		now, ok := tx.Credential(old.Account, old.ID)
		if !ok {
			return fault.New(fault.NotFound, "The credential was deleted meanwhile")
		}
		k = *now
		if fresh.Version != old.Version {
			k.Sealed, k.Label, k.Version = fresh.Sealed, fresh.Label, now.Version+1
		}
		b.fixed("provider", "add another credential", k.Provider)
		b.fixed("workspace_id", "add another credential there", k.Workspace)
		if a.credential(c, b, &k); b.err != nil {
			return b.err
		}
		k.Updated = c.now
		return tx.PutCredential(&k)
	}, func() any { return map[string]any{"rotated": fresh.Version != old.Version, "set": b.set()} }))
	if err != nil {
		return nil, err
	}
	a.Credentials.Note(k.ID, nil, c.now) // what went wrong before may be mended
	return data{a.credentialRow(&k)}, nil
}

func (a *API) deleteCredential(c *call) (any, error) {
	k, err := a.findCredential(c)
	if err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "credential.delete", k.ID, map[string]any{"provider": k.Provider, "name": k.Name}), func(tx *directory.Tx) error {
		tx.DeleteCredential(k.ID)
		return nil
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// testCredential calls the provider with the credential: its list of models, or what else
// costs nothing there.
func (a *API) testCredential(c *call) (any, error) {
	k, err := a.findCredential(c)
	if err != nil {
		return nil, err
	}
	err = a.TryCredential(c.Context(), k)
	a.Credentials.Note(k.ID, err, c.now)
	row := struct {
		OK    bool         `json:"ok"`
		Error *failureInfo `json:"error"`
	}{OK: err == nil}
	if f, failed := a.Credentials.Last(k.ID); failed {
		row.Error = &failureInfo{timestamp(f.At), f.Message}
	}
	return data{row}, nil
}

// rotateVault puts everything sealed under a new key.
func (a *API) rotateVault(c *call) (any, error) {
	n, err := a.Rotate(c.Context(), a.entry(c, "vault.rotate", "vault", nil))
	if err != nil {
		return nil, stored("rotate the vault's key", err)
	}
	return data{struct {
		Rewrapped int `json:"rewrapped"`
	}{n}}, nil
}

// credentialRow is a credential as the API shows it: never its secret.
type credentialRow struct {
	ID        string            `json:"id"`
	Provider  string            `json:"provider"`
	Called    string            `json:"provider_name"` // ours
	Name      *string           `json:"name"`
	Label     string            `json:"label"`
	Workspace *string           `json:"workspace_id"`
	Fallback  bool              `json:"is_fallback"`
	Required  bool              `json:"is_required"`
	Sole      bool              `json:"is_byok_only"`
	ZDR       *bool             `json:"declared_zdr"`
	Order     int               `json:"sort_order"`
	Disabled  bool              `json:"disabled"`
	Models    []string          `json:"allowed_models"`
	Keys      []account.KeyHash `json:"allowed_api_key_hashes"`
	Members   []string          `json:"allowed_user_ids"`
	LastError *failureInfo      `json:"last_error"`
	Created   string            `json:"created_at"`
	Updated   *string           `json:"updated_at"`
}

type failureInfo struct {
	At      string `json:"at"`
	Message string `json:"message"`
}

func (a *API) credentialRow(k *account.Credential) credentialRow {
	r := credentialRow{
		ID: k.ID, Provider: k.Provider, Name: present(k.Name), Label: k.Label, Workspace: present(k.Workspace),
		Fallback: k.Fallback, Required: k.Required, Sole: k.Sole, ZDR: k.KeepsNothing, Order: k.Order, Disabled: k.Disabled,
		Models: k.Models, Keys: k.Keys, Members: k.Members, Created: timestamp(k.Created), Updated: since(k.Updated),
	}
	r.Called = k.Provider
	if p := a.Catalog().Provider(k.Provider); p != nil {
		r.Called = p.Name
	}
	if f, failed := a.Credentials.Last(k.ID); failed {
		r.LastError = &failureInfo{timestamp(f.At), f.Message}
	}
	return r
}
