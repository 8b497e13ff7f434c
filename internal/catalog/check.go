package catalog

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// check is what every provider must satisfy.
func (p *Provider) check() error {
	for _, d := range append([]llm.Dialect{p.Protocol}, p.Also...) {
		if !slices.Contains(llm.Upstreams, d) {
			return fmt.Errorf("protocol %q is none of %s", d, llm.Names(llm.Upstreams))
		}
	}
	for _, o := range p.Only {
		if err := p.checkOnly(o); err != nil {
			return err
		}
	}
	switch p.Platform {
	case "", Bedrock, Vertex, Azure:
	default:
		return fmt.Errorf("platform %q is none of %s", p.Platform, PlatformNames)
	}
	return CheckAuth(p.Auth)
}

// checkOnly is what an entry of Only must satisfy.
func (p *Provider) checkOnly(o string) error {
	d, pattern, ok := strings.Cut(o, ":")
	if _, err := path.Match(pattern, ""); err != nil || !ok || pattern == "" {
		return fmt.Errorf("only %q must be a protocol, a colon and a pattern of model names such as openai.responses:*-pro", o)
	}
	if llm.Dialect(d) != p.Protocol && !slices.Contains(p.Also, llm.Dialect(d)) {
		return fmt.Errorf("only %q names a protocol that the provider does not speak", o)
	}
	return nil
}

// Serves reports whether a model, by its upstream name, can be called in a dialect that the
// provider speaks.
func (p *Provider) Serves(d llm.Dialect, model string) bool {
	for _, o := range p.Only {
		only, pattern, _ := strings.Cut(o, ":")
		if ok, _ := path.Match(pattern, model); ok && llm.Dialect(only).Operation() == d.Operation() {
			return llm.Dialect(only) == d
		}
	}
	return true
}

// CheckAuth is what every way to authenticate must satisfy.
func CheckAuth(auth string) error {
	if name, ok := strings.CutPrefix(auth, "header:"); ok && name != "" || slices.Contains([]string{"none", "bearer", "aws", "google", "entra"}, auth) {
		return nil
	}
	return fmt.Errorf("auth %q is none of %s", auth, AuthNames)
}

// Filled is the base URL with values in its {placeholders}.
func (p *Provider) Filled(values map[string]string) string { return fill(p.BaseURL, values) }

// Holes are the names of the unfilled {placeholders} of the base URL.
func (p *Provider) Holes() (names []string) {
	for rest := p.BaseURL; ; {
		hole := firstHole(rest)
		if hole == "" {
			return names
		}
		if !slices.Contains(names, hole) {
			names = append(names, hole)
		}
		_, rest, _ = strings.Cut(rest, "}")
	}
}

// check is what every price list must satisfy; nil, the unpriced, does.
func (p *Pricing) check() error {
	if p == nil {
		return nil
	}
	if !p.Free && p.Prompt == 0 && p.Completion == 0 && p.Request == nil && p.Image == nil && p.ImageOutput == nil &&
		p.Search == nil && p.Character == nil && p.AudioSecond == nil && p.OutputImage == nil {
		return errors.New("the price is zero; say free: true if that is meant")
	}
	above := int64(-1)
	for i := range p.Tiers {
		if p.Tiers[i].AbovePrompt <= above {
			return errors.New("tiers must rise by their threshold")
		}
		above = p.Tiers[i].AbovePrompt
		if err := p.Tiers[i].check(); err != nil {
			return err
		}
	}
	if p.Priority != nil {
		if err := p.Priority.check(); err != nil {
			return err
		}
	}
	return p.Rates.check()
}

func (r *Rates) check() error {
	if r.Prompt < 0 || r.Completion < 0 {
		return errors.New("a price is negative")
	}
	for _, name := range RateNames {
		if v := *r.Optional(name); v != nil && *v < 0 {
			return fmt.Errorf("price %s is negative", name)
		}
	}
	return nil
}

// cutSlug splits author/name; ok is false when a slug with a slash lacks either part.
func cutSlug(slug string) (author, name string, ok bool) {
	author, name, found := strings.Cut(slug, "/")
	if !found {
		return "", slug, slug != ""
	}
	return author, name, author != "" && name != ""
}

// fill replaces the {placeholders} of a base URL that values names.
func fill(url string, values map[string]string) string {
	for name, v := range values {
		url = strings.ReplaceAll(url, "{"+name+"}", v)
	}
	return url
}

// firstHole is the name of the first unfilled {placeholder}, "" if there is none.
func firstHole(url string) string {
	_, rest, ok := strings.Cut(url, "{")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "}")
	return name
}
