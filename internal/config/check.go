package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// checker collects mistakes with their places.
type checker struct {
	f    *File
	errs []error
}

func (c *checker) add(path, format string, args ...any) {
	c.errs = append(c.errs, c.f.At(path, fmt.Sprintf(format, args...)))
}

func (c *checker) oneOf(path, v string, allowed ...string) {
	if v != "" && !slices.Contains(allowed, v) {
		c.add(path, "%q is none of %s", v, strings.Join(allowed, ", "))
	}
}

// check finds what the YAML decoder cannot know. What needs the catalogue (unknown
// providers and models, quirks) is checked where it is joined with it, by package app.
func (f *File) check() []error {
	c := &checker{f: f}
	cfg := &f.Config
	if host, _, err := net.SplitHostPort(cfg.Listen); err != nil {
		c.add("$.listen", "listen %q must be HOST:PORT such as 127.0.0.1:8080", cfg.Listen)
	} else if host == "" {
		c.add("$.listen", "listen %q names no host; write 0.0.0.0 to listen on every interface", cfg.Listen)
	}
	if k := cfg.Limits.MaxKept; k < -1 || k > 1<<34 {
		c.add("$.limits.keepsakes", "keepsakes %d must be -1 for none, or up to 17179869184 bytes", k)
	}
	if m := cfg.Media.MaxBytes; m < 0 || m > 1<<26 {
		c.add("$.media.max_bytes", "max_bytes %d must be up to 67108864 bytes", m)
	}
	if cfg.Media.Timeout.Duration < 0 {
		c.add("$.media.timeout", "timeout must not be negative")
	}
	if cfg.Limits.MaxBody < 1024 || cfg.Limits.MaxBody > 1<<30 {
		c.add("$.limits.max_body", "max_body %d must be from 1024 to 1073741824 bytes", cfg.Limits.MaxBody)
	}
	c.responses(&cfg.Responses)
	c.signIn(&cfg.SignIn)
	if cfg.PublicURL != "" && !origin(cfg.PublicURL) {
		c.add("$.public_url", "public_url %q must be a scheme and a host such as https://ai.example.com", cfg.PublicURL)
	}
	c.proxies(cfg.Trusted)
	c.vault(&cfg.Vault)
	c.oneOf("$.log.level", cfg.Log.Level, "debug", "info", "warn", "error")
	c.oneOf("$.log.format", cfg.Log.Format, "text", "json")
	c.oneOf("$.ledger.sync", cfg.Ledger.Sync, "normal", "full")
	c.oneOf("$.policy.sort", cfg.Policy.Sort, "price", "throughput", "latency")
	t := cfg.Timeouts
	for name, d := range map[string]int64{"connect": int64(t.Connect.Duration), "first_token": int64(t.FirstToken.Duration), "idle": int64(t.Idle.Duration), "answer": int64(t.Answer.Duration), "keep_alive": int64(t.KeepAlive.Duration), "body": int64(t.Body.Duration), "shutdown": int64(t.Shutdown.Duration)} {
		if d < 0 {
			c.add("$.timeouts."+name, "%s must not be negative", name)
		}
	}
	seen := map[string]bool{}
	for i := range cfg.Providers {
		p := &cfg.Providers[i]
		c.provider(fmt.Sprintf("$.providers[%d]", i), p)
		if p.Slug != "" && seen[p.Slug] {
			c.add(fmt.Sprintf("$.providers[%d].slug", i), "provider %q is listed twice", p.Slug)
		}
		seen[p.Slug] = true
	}
	models := map[string]bool{}
	for i := range cfg.Models {
		m := &cfg.Models[i]
		c.model(fmt.Sprintf("$.models[%d]", i), m)
		if m.Slug != "" && models[m.Slug] {
			c.add(fmt.Sprintf("$.models[%d].slug", i), "model %q is listed twice", m.Slug)
		}
		models[m.Slug] = true
	}
	return c.errs
}

func (c *checker) signIn(s *SignIn) {
	if s.Idle.Duration < time.Minute {
		c.add("$.sign_in.idle", "idle %s must be at least 1m", s.Idle.Duration)
	}
	if s.Life.Duration < s.Idle.Duration {
		c.add("$.sign_in.life", "life %s must be at least idle, %s", s.Life.Duration, s.Idle.Duration)
	}
	c.oidc(s.OIDC)
}

// origin reports whether a URL is a scheme and a host and nothing else.
func origin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && s == u.Scheme+"://"+u.Host
}

func (c *checker) responses(r *Responses) {
	c.oneOf("$.responses.store", r.Store, "none", "asked", "all")
	if r.Days < 1 || r.Days > 36500 {
		c.add("$.responses.days", "days %d must be from 1 to 36500", r.Days)
	}
	if r.MaxBytes < 1<<20 || r.MaxBytes > 1<<44 {
		c.add("$.responses.max_bytes", "max_bytes %d must be from 1048576 to 17592186044416", r.MaxBytes)
	}
	if r.Store == "none" || r.KeyFile == "" {
		return
	}
	if info, err := os.Stat(r.KeyFile); err != nil {
		c.add("$.responses.key_file", "%v", err)
	} else if info.Size() != 32 {
		c.add("$.responses.key_file", "%s has %d bytes; it must have 32 random ones (head -c 32 /dev/urandom)", r.KeyFile, info.Size())
	}
}

func (c *checker) provider(path string, p *Provider) {
	if !slug(p.Slug) {
		c.add(path+".slug", "slug %q must be lower-case letters, digits, dots and hyphens", p.Slug)
	}
	for _, d := range append([]string{p.Protocol}, p.Also...) {
		if d != "" && !slices.Contains(llm.Upstreams, llm.Dialect(d)) {
			c.add(path+".protocol", "%q is none of %s", d, llm.Names(llm.Upstreams))
		}
	}
	if p.BaseURL != "" {
		if u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(p.BaseURL)); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
			c.add(path+".base_url", "base_url %q must be an http or https URL without user and query", p.BaseURL)
		}
	}
	c.oneOf(path+".platform", p.Platform, catalog.Bedrock, catalog.Vertex, catalog.Azure)
	if err := catalog.CheckAuth(p.Auth); p.Auth != "" && err != nil {
		c.add(path+".auth", "%v", err)
	}
	for name, v := range p.Values {
		if !Plain(v) {
			c.add(path+".values."+name, "%s: %q must be letters, digits, dots, underscores and hyphens", name, v)
		}
	}
	c.single(path, "provider "+p.Slug, "api_key", p.APIKey, p.APIKeyEnv, p.APIKeyFile)
	if p.Disabled {
		return
	}
	if _, err := p.Secret(); err != nil {
		at := path + ".api_key_env"
		if os.IsNotExist(err) || p.APIKeyFile != "" {
			at = path + ".api_key_file"
		}
		c.add(at, "%v", err)
	}
}

// single finds a secret that is in more than one place.
func (c *checker) single(path, whose, field string, places ...string) {
	if len(slices.DeleteFunc(places, func(s string) bool { return s == "" })) > 1 {
		c.add(path, "%s has more than one of %s, %[2]s_env, %[2]s_file", whose, field)
	}
}

func (c *checker) model(path string, m *Model) {
	if author, name, ok := strings.Cut(m.Slug, "/"); !ok || !slug(author) || name == "" || strings.ContainsAny(name, "/ @") {
		c.add(path+".slug", "slug %q must be author/name", m.Slug)
	}
	for i := range m.Endpoints {
		e, at := &m.Endpoints[i], fmt.Sprintf("%s.endpoints[%d]", path, i)
		if e.Provider == "" {
			c.add(at, "an endpoint of %s names no provider", m.Slug)
		}
		if e.UpstreamModel == "" {
			c.add(at, "an endpoint of %s names no upstream_model", m.Slug)
		}
		if e.Price == nil && !e.Free {
			c.add(at, "an endpoint of %s has neither price nor free: true; an unpriced endpoint is never called", m.Slug)
		}
		if e.Price != nil && e.Free {
			c.add(at, "an endpoint of %s has both price and free: true", m.Slug)
		}
		if e.ContextLength < 0 || e.MaxOutput < 0 {
			c.add(at, "an endpoint of %s has a negative limit", m.Slug)
		}
	}
}

// Plain reports whether a value may stand in a URL's host or path: nothing in it ends
// either.
func Plain(v string) bool { return slug(strings.ToLower(v)) && !strings.HasPrefix(v, ".") }

func slug(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' {
			return false
		}
	}
	return true
}
