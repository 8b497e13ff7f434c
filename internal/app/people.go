package app

import (
	"cmp"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/oidc"
	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// door is how people come in.
func (a *App) door() (*signin.Door, error) {
	cfg := &a.file.Config
	vouching, err := providers(cfg.SignIn.OIDC)
	if err != nil {
		return nil, err
	}
	return signin.New(signin.Options{
		Providers: vouching, Issuers: oidc.New(oidc.Options{Private: true, Now: time.Now}), Log: a.log,
		Directory: a.directory, Vault: a.keyring.Vault, Key: a.store.Key,
		Client: a.gateway.Proxies.Client, Secure: a.gateway.Proxies.Secure,
		Idle: cfg.SignIn.Idle.Duration, Life: cfg.SignIn.Life.Duration,
	}), nil
}

// providers are those that vouch for people. The operator names them, so they may be in the
// operator's own network.
func providers(list []config.OIDC) (out []signin.Provider, err error) {
	for i := range list {
		o := &list[i]
		secret, err := o.Secret()
		if err != nil {
			return nil, err
		}
		p := signin.Provider{ID: o.ID, Name: o.Name, Domains: o.Domains, Trusted: o.Trusted, GroupsClaim: o.GroupsClaim,
			Role: account.Role(o.Role), Organization: o.Organization, Create: o.Create,
			Client: oidc.Client{Issuer: o.Issuer, ID: o.ClientID, Secret: secret, Scopes: o.Scopes, Wanted: []string{"email"}}}
		for _, g := range o.Groups {
			p.Groups = append(p.Groups, signin.GroupRule{Group: g.Group, Role: account.Role(g.Role), Workspaces: g.Workspaces})
		}
		if len(p.Groups) > 0 {
			p.Client.Wanted = append(p.Client.Wanted, p.GroupsClaim)
		}
		out = append(out, p)
	}
	return out, nil
}

// PublicURL is where people open the web app: what the configuration says, else the address
// that is given.
func (a *App) PublicURL(address string) string { return cmp.Or(a.file.Config.PublicURL, address) }

// origin is the address by which a client knows the gateway: what the configuration says, else
// the one it asks at.
func (a *App) origin(r *http.Request) string {
	scheme := "http"
	if a.gateway.Proxies.Secure(r) {
		scheme = "https"
	}
	return a.PublicURL(scheme + "://" + r.Host)
}

// Version is what the build recorded of itself.
func Version() string {
	version, rev := "devel", ""
	if b, ok := debug.ReadBuildInfo(); ok {
		if b.Main.Version != "" && b.Main.Version != "(devel)" {
			version = b.Main.Version
		}
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				rev = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return version + rev
}
