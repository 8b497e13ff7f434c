package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// Secret is the client's secret from wherever the file says it is, "" none.
func (o *OIDC) Secret() (string, error) {
	return secret("sign-in provider "+o.ID, o.ClientSecret, o.ClientSecretEnv, o.ClientSecretFile)
}

func (c *checker) oidc(list []OIDC) {
	seen := map[string]bool{}
	for i := range list {
		o, at := &list[i], fmt.Sprintf("$.sign_in.oidc[%d]", i)
		if !slug(o.ID) {
			c.add(at+".id", "id %q must be lower-case letters, digits, dots and hyphens", o.ID)
		} else if seen[o.ID] {
			c.add(at+".id", "sign-in provider %q is listed twice", o.ID)
		}
		seen[o.ID] = true
		if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
			c.add(at+".issuer", "issuer %q must be an https URL", o.Issuer)
		}
		if o.ClientID == "" {
			c.add(at, "sign-in provider %s has no client_id", o.ID)
		}
		if len(o.Domains) == 0 {
			c.add(at, "sign-in provider %s has no domains; list those of your people's e-mail addresses, or write \"*\" where the provider knows nobody else", o.ID)
		}
		for _, d := range o.Domains {
			if d != "*" && (d != strings.ToLower(d) || !strings.Contains(d, ".") || strings.ContainsAny(d, "@* /")) {
				c.add(at+".domains", "%q must be a domain in lower case such as example.com", d)
			}
		}
		c.role(at+".role", o.Role)
		for j, g := range o.Groups {
			if g.Group == "" {
				c.add(fmt.Sprintf("%s.groups[%d]", at, j), "a rule of sign-in provider %s names no group", o.ID)
			}
			c.role(fmt.Sprintf("%s.groups[%d].role", at, j), g.Role)
		}
		c.single(at, "sign-in provider "+o.ID, "client_secret", o.ClientSecret, o.ClientSecretEnv, o.ClientSecretFile)
		if _, err := o.Secret(); err != nil {
			c.add(at, "%v", err)
		}
	}
}

func (c *checker) role(path, v string) {
	if v != "" && !slices.Contains(account.Roles[:], account.Role(v)) {
		c.add(path, "%q is none of owner, admin, billing, developer, viewer", v)
	}
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }
