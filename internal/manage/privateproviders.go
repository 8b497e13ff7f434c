package manage

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/byok"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/private"
)

func (a *API) listPrivateProviders(c *call) (any, error) {
	set := a.Directory.Private()
	return paged(c, set.Providers, func(p *private.Provider) privateProviderRow { return newPrivateProviderRow(p, set) })
}

func (a *API) getPrivateProvider(c *call) (any, error) {
	p, err := a.findPrivateProvider(c)
	if err != nil {
		return nil, err
	}
	return data{newPrivateProviderRow(p, a.Directory.Private())}, nil
}

func (a *API) findPrivateProvider(c *call) (*private.Provider, error) {
	p, ok := a.Directory.PrivateProvider(c.PathValue("id"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No private provider has this id; list them at /private-providers")
	}
	return p, nil
}

// recatalog changes what is added to the catalogue and puts it in force: change keeps it, and
// says what there is then.
func (a *API) recatalog(c *call, action, target string, detail any, change func(*directory.Tx, private.Set) (private.Set, error)) error {
	return a.Recatalog(func(try func(context.Context, private.Set) error) error {
		return a.change(c, a.entry(c, action, target, detail), func(tx *directory.Tx) error {
			set, err := change(tx, tx.Private())
			if err != nil {
				return err
			}
			return try(c.Context(), set)
		})
	})
}

func (a *API) createPrivateProvider(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	p := &private.Provider{ID: newUUID(), Protocol: llm.OpenAIChat, Created: c.now}
	b.demand("slug", "base_url")
	if p.Slug = b.text("slug", false); b.err == nil && !private.Slug(p.Slug) {
		b.fail("slug", "up to 64 small letters, digits, dots, hyphens and underscores, a letter or digit first and last")
	}
	if err := a.fillPrivateProvider(c, b, p); err != nil {
		return nil, err
	}
	err = a.recatalog(c, "private_provider.create", p.ID, b.set(), func(tx *directory.Tx, set private.Set) (private.Set, error) {
		if len(set.Providers) >= private.MaxProviders {
			return set, tooMany("private providers", private.MaxProviders)
		}
		if a.Catalog().Provider(p.Slug) != nil || slices.ContainsFunc(set.Providers, func(o *private.Provider) bool { return o.Slug == p.Slug }) {
			return set, &fault.Error{Kind: fault.Conflict, Param: "slug", Public: fmt.Sprintf("There is a provider %s already; choose another slug, or add endpoints to that one", p.Slug)}
		}
		return set.PutProvider(p), tx.PutPrivateProvider(p)
	})
	if err != nil {
		return nil, err
	}
	return created{data{newPrivateProviderRow(p, a.Directory.Private())}}, nil
}

func tooMany(what string, most int) error {
	return fault.New(fault.Conflict, fmt.Sprintf("There are %d %s, which is as many as one gateway has; delete one that is not used", most, what))
}

// fillPrivateProvider sets what the body has, and takes the credential out of the body, whose
// copy in the audit log must not have it.
func (a *API) fillPrivateProvider(c *call, b *body, p *private.Provider) error {
	secret, given := b.credential()
	before := hostOf(p.BaseURL)
	b.privateProvider(p, secret != "" || !given && p.Sealed != nil)
	if p.Sealed != nil && !given && hostOf(p.BaseURL) != before {
		b.fail("api_key", "given again with another host, which would get it; or null")
	}
	if given {
		p.Sealed, p.Label = nil, ""
		p.Version++
	}
	if b.err != nil || secret == "" {
		return b.err
	}
	sealed, err := a.Credentials.Vault.Seal(c.Context(), []byte(secret), p.Place())
	if err != nil {
		return &fault.Error{Kind: fault.Unavailable, Err: err, Public: "The vault cannot seal the credential at the moment; try again"}
	}
	p.Sealed, p.Label = sealed, byok.Label(secret)
	return nil
}

// hostOf is where a base URL leads; "" for none.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

const maxAPIKey = 64 << 10 // bytes

// credential takes the member api_key out of the body; null is "".
func (b *body) credential() (secret string, given bool) {
	given = b.has("api_key")
	b.read("api_key", true, &secret, "a string or null")
	delete(b.members, "api_key")
	if len(secret) > maxAPIKey || strings.ContainsAny(secret, " \t\r\n\x00") {
		b.fail("api_key", "at most 64 KiB long, without spaces and line ends")
	}
	return secret, given
}

// privateProvider sets what the body has but the credential.
func (b *body) privateProvider(p *private.Provider, secret bool) {
	if b.has("name") {
		p.Name = b.within("name", true, 0, 100)
	}
	if b.has("base_url") {
		if p.BaseURL = b.within("base_url", false, 1, 2048); b.err == nil {
			if err := private.CheckBase(p.BaseURL); err != nil {
				b.fail("base_url", err.Error())
			}
		}
	}
	if b.has("protocol") {
		if b.read("protocol", false, &p.Protocol, "a string") && !slices.Contains(llm.Upstreams, p.Protocol) {
			b.fail("protocol", "one of "+llm.Names(llm.Upstreams))
		}
	}
	if b.has("disabled") {
		p.Disabled = b.flag("disabled")
	}
	b.authOf(p, secret)
	b.dataPolicy(p)
}

// authOf is how the provider is called: as the body says, else with a credential as bearer.
// secret says that there is one.
func (b *body) authOf(p *private.Provider, secret bool) {
	const must = "none, bearer, or header: and the name of a header"
	if b.has("auth") {
		b.read("auth", false, &p.Auth, must)
		name, header := strings.CutPrefix(p.Auth, "header:")
		if p.Auth != "none" && p.Auth != "bearer" && !(header && headerName(name)) {
			b.fail("auth", must)
		}
	} else if secret && (p.Auth == "" || p.Auth == "none") {
		p.Auth = "bearer"
	} else if p.Auth == "" {
		p.Auth = "none"
	}
	if secret && p.Auth == "none" {
		b.fail("auth", "bearer or header:NAME where there is an api_key")
	}
}

// headerName reports whether s can be the name of a header (RFC 9110 §5.1).
func headerName(s string) bool {
	odd := strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	})
	return s != "" && len(s) <= 100 && odd < 0
}

// dataPolicy sets what happens to prompts.
func (b *body) dataPolicy(p *private.Provider) {
	if !b.has("data_policy") {
		return
	}
	var d privateDataPolicy
	b.read("data_policy", true, &d, "an object with trains, retains and publishes, each true, false or null; or null")
	p.Trains, p.Retains, p.Publishes = d.Trains, d.Retains, d.Publishes
}

func (a *API) updatePrivateProvider(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	old, err := a.findPrivateProvider(c)
	if err != nil {
		return nil, err
	}
	p := *old
	if err := a.fillPrivateProvider(c, b, &p); err != nil {
		return nil, err
	}
	p.Updated = c.now
	detail := map[string]any{"rotated": p.Version != old.Version, "set": b.set()}
	err = a.recatalog(c, "private_provider.update", p.ID, detail, func(tx *directory.Tx, set private.Set) (private.Set, error) {
		now, ok := tx.PrivateProvider(p.ID)
		switch {
		case !ok:
			return set, fault.New(fault.NotFound, "The provider was deleted meanwhile")
		case now != old:
			return set, fault.New(fault.Conflict, "The provider was changed meanwhile; look at it and try again")
		}
		return set.PutProvider(&p), tx.PutPrivateProvider(&p)
	})
	if err != nil {
		return nil, err
	}
	return data{newPrivateProviderRow(&p, a.Directory.Private())}, nil
}

func (a *API) deletePrivateProvider(c *call) (any, error) {
	p, err := a.findPrivateProvider(c)
	if err != nil {
		return nil, err
	}
	err = a.recatalog(c, "private_provider.delete", p.ID, map[string]any{"slug": p.Slug}, func(tx *directory.Tx, set private.Set) (private.Set, error) {
		if n := endpointsAt(p.Slug, set); n > 0 {
			return set, fault.New(fault.Conflict, fmt.Sprintf("The provider has %d private endpoints; delete those first, or disable the provider", n))
		}
		tx.DeletePrivateProvider(p.ID)
		return set.DropProvider(p.ID), nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

func endpointsAt(slug string, set private.Set) (n int) {
	for _, e := range set.Endpoints {
		if e.Provider == slug {
			n++
		}
	}
	return n
}

// privateProviderRow is a private provider as the API shows it: never its credential.
type privateProviderRow struct {
	ID        string            `json:"id"`
	Slug      string            `json:"slug"`
	Name      *string           `json:"name"`
	BaseURL   string            `json:"base_url"`
	Protocol  llm.Dialect       `json:"protocol"`
	Auth      string            `json:"auth"`
	Label     *string           `json:"api_key_label"`
	Data      privateDataPolicy `json:"data_policy"`
	Disabled  bool              `json:"disabled"`
	Endpoints int               `json:"endpoint_count"`
	Created   string            `json:"created_at"`
	Updated   *string           `json:"updated_at"`
}

type privateDataPolicy struct {
	Trains    *bool `json:"trains"`
	Retains   *bool `json:"retains"`
	Publishes *bool `json:"publishes"`
}

func newPrivateProviderRow(p *private.Provider, set private.Set) privateProviderRow {
	return privateProviderRow{
		ID: p.ID, Slug: p.Slug, Name: present(p.Name), BaseURL: p.BaseURL, Protocol: p.Protocol, Auth: p.Auth, Label: present(p.Label),
		Data: privateDataPolicy{p.Trains, p.Retains, p.Publishes}, Disabled: p.Disabled, Endpoints: endpointsAt(p.Slug, set),
		Created: timestamp(p.Created), Updated: since(p.Updated),
	}
}
