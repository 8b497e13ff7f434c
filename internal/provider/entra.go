package provider

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

const (
	entraDomain = "microsoftonline.com"
	entraScope  = "https://cognitiveservices.azure.com/.default"
)

// newEntra reads an application's secret of Microsoft Entra, a JSON object of tenant_id,
// client_id and client_secret
// (https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow),
// or a bare access token, which is sent until it expires.
func newEntra(row *catalog.Provider, base *url.URL, secret string) (signer, error) {
	d, ok := fields(secret)
	if !ok {
		if strings.HasPrefix(strings.TrimSpace(secret), "{") {
			return nil, fmt.Errorf("provider %s: the Entra credential is not a JSON object", row.Slug)
		}
		return bearer(secret), nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {entraScope}}
	root := d.Root()
	for _, key := range []string{"client_id", "client_secret"} {
		v := root.Get(key).Str()
		if v == "" {
			return nil, fmt.Errorf("provider %s: the Entra credential lacks %s", row.Slug, key)
		}
		form.Set(key, v)
	}
	if s := root.Get("scope").Str(); s != "" {
		form.Set("scope", s)
	}
	raw, tenant := root.Get("token_url").Str(), root.Get("tenant_id").Str()
	if raw == "" {
		if tenant == "" {
			return nil, fmt.Errorf("provider %s: the Entra credential lacks tenant_id", row.Slug)
		}
		raw = "https://login.microsoftonline.com/" + url.PathEscape(tenant) + "/oauth2/v2.0/token"
	}
	at, err := tokenURL(row, base, raw, entraDomain)
	if err != nil {
		return nil, err
	}
	return &tokens{
		where: "provider " + row.Slug + ": the token server", url: at, now: now, http: tokenClient,
		form: func(time.Time) (url.Values, error) { return form, nil },
	}, nil
}
