package telemetry

import (
	"net/url"
	"strings"
)

// Config is what a destination's owner says: values by name, and headers of their own.
type Config struct {
	Values  map[string]string `json:"values"`
	Headers map[string]string `json:"headers,omitempty"`
}

// Shown is a configuration without its secrets, for its owner to see. The query of a URL
// may be one.
func (k *Kind) Shown(c Config) Config {
	out := Config{Values: map[string]string{}, Headers: map[string]string{}}
	for i := range k.Fields {
		f := &k.Fields[i]
		v, _, query := strings.Cut(c.Values[f.Name], "?")
		switch {
		case v == "":
		case f.Secret:
			v = Hidden
		case query:
			v += "?" + Hidden
		}
		if v != "" {
			out.Values[f.Name] = v
		}
	}
	for name := range c.Headers {
		out.Headers[name] = Hidden
	}
	return out
}

// Hidden stands for a secret, in what is shown; where it comes back, the secret before stays.
const Hidden = "***"

// Moves reports whether a newer configuration leads to another host than the one before:
// the secrets of the one must not go to the other.
func (k *Kind) Moves(before, newer Config) bool {
	host := func(c Config) string {
		t, err := k.Target(c)
		if err != nil {
			return ""
		}
		u, err := url.Parse(t.URL)
		if err != nil {
			return ""
		}
		return u.Scheme + "://" + u.Host
	}
	return host(before) != host(k.Over(before, newer))
}

// Over is the configuration before with what a newer one says. A value that is not given,
// or as it was shown, stays.
func (k *Kind) Over(before, newer Config) Config {
	shown := k.Shown(before)
	merge := func(before, shown, newer map[string]string) map[string]string {
		out := map[string]string{}
		for name, v := range newer {
			if old, there := before[name]; there && v == shown[name] {
				v = old
			}
			out[name] = v
		}
		return out
	}
	out := Config{Values: merge(before.Values, shown.Values, newer.Values), Headers: merge(before.Headers, shown.Headers, newer.Headers)}
	for name, v := range before.Values {
		if _, given := newer.Values[name]; !given {
			out.Values[name] = v
		}
	}
	if newer.Headers == nil {
		out.Headers = before.Headers
	}
	return out
}
