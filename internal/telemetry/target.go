package telemetry

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
)

// Target is where a destination's telemetry goes, and how: its configuration, checked.
type Target struct {
	Method   string
	URL      string
	Header   map[string]string
	JSON     bool // OTLP as JSON
	Exact    bool // see Kind
	Resource map[string]string
	Signer   *Signer // nil: the headers say who calls

	write writer
}

// Signer is a key of AWS by which each call is signed, and what the signature holds for.
type Signer struct {
	Key   sigv4.Key
	Scope sigv4.Scope
}

// Call is one call that tells a destination of events.
type Call struct {
	URL  string
	Type string // media type of the body
	Body []byte
}

// writer is how a kind writes events; none are a test.
type writer func(t *Target, d *account.Destination, events []Event) ([]Call, error)

// Calls tell a destination of events, of which it gets what it may have. Made again, they
// are the same. No events make a call that tests the connection.
func (t *Target) Calls(d *account.Destination, events []Event) ([]Call, error) {
	told := make([]Event, len(events))
	for i := range events {
		told[i] = events[i].For(d)
	}
	return t.write(t, d, told)
}

// Target reads a configuration. Errors may be shown to its owner: they name a value and do
// not hold one.
func (k *Kind) Target(c Config) (Target, error) {
	get := func(name string) string { return k.value(c, name) }
	for i := range k.Fields {
		f := &k.Fields[i]
		switch v := get(f.Name); {
		case v == "" && f.Required:
			return Target{}, fmt.Errorf("config.%s must be given", f.Name)
		case v != "" && f.Shape != nil && !f.Shape.like.MatchString(v):
			return Target{}, fmt.Errorf("config.%s must be %s", f.Name, f.Shape.Must)
		}
	}
	t := Target{Method: cmp.Or(get("method"), "POST"), JSON: k.JSON, Exact: k.Exact, Header: map[string]string{}, write: otlp}
	var headers map[string]string
	t.URL, headers = k.target(get)
	if u, err := url.Parse(t.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return Target{}, fmt.Errorf("config has no http or https URL without a user name to send to")
	}
	for _, set := range [...]map[string]string{c.Headers, headers} {
		for name, value := range set {
			if value == "" {
				continue
			}
			if !token(name) || strings.ContainsAny(value, "\r\n\x00") {
				return Target{}, fmt.Errorf("config makes a header that HTTP does not allow")
			}
			t.Header[name] = value
		}
	}
	if k.about != nil {
		t.Resource = k.about(get)
	}
	if k.signer != nil {
		t.Method, t.Signer = "PUT", k.signer(get)
	}
	if k.writer != nil {
		t.write = k.writer(get)
	}
	return t, nil
}

// value is what a configuration says, or its default. Addresses and paths lose a slash at
// their end; secrets stay as they are.
func (k *Kind) value(c Config, name string) string {
	for i := range k.Fields {
		f := &k.Fields[i]
		switch {
		case f.Name != name:
		case c.Values[name] == "":
			return f.Default
		case f.Secret:
			return c.Values[name]
		}
	}
	return strings.TrimSuffix(c.Values[name], "/")
}

// token reports whether a name may be a header's (RFC 9110, section 5.6.2), and one that is
// not the connection's own.
func token(name string) bool {
	for _, own := range [...]string{"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Trailer", "Te", "Upgrade"} {
		if strings.EqualFold(name, own) {
			return false
		}
	}
	return name != "" && strings.Trim(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
