package provider

import (
	"errors"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// shortest is how long a part of a credential must be to be looked for: a shorter one is in any text.
const shortest = 8

// hiding takes a credential, and what is in one that is a JSON object, out of texts; nil for none.
func hiding(secret string) *strings.Replacer {
	parts := []string{strings.TrimSpace(secret)}
	if d, ok := fields(secret); ok {
		for _, v := range d.Root().Members() {
			if v.Kind() == rawjson.String {
				parts = append(parts, v.Str())
			}
		}
	}
	var pairs []string
	for _, p := range parts {
		if len(p) >= shortest {
			pairs = append(pairs, p, "[redacted]")
		}
	}
	if pairs == nil {
		return nil
	}
	return strings.NewReplacer(pairs...)
}

// Hide is an error of a call without the credential, should the provider have repeated it.
func (p *Provider) Hide(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || p.hidden == nil {
		return err
	}
	c := *f
	for _, text := range []*string{&c.Quote, &c.Public, &c.Code, &c.ProviderCode, &c.Param} {
		*text = p.hidden.Replace(*text)
	}
	return &c
}
