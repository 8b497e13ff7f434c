package telemetry

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// Config is what a destination's owner says: values by name, and headers of their own.
type Config struct {
	Values  map[string]string `json:"values"`
	Headers map[string]string `json:"headers,omitempty"`
}

// Field is one value of a kind's configuration (reference §8, Observability*Destination).
type Field struct {
	Name     string
	Required bool
	Secret   bool
	Default  string
}

// Kind is a row of the table of destinations.
type Kind struct {
	Name   string
	Fields []Field
	JSON   bool // OTLP as JSON instead of protocol buffers

	target func(get func(string) string) (address string, headers map[string]string)
	about  func(get func(string) string) map[string]string // attributes of the resource; nil: none
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

var regions = map[string]string{"us": "https://otlp.nr-data.net", "eu": "https://otlp.eu01.nr-data.net"}

// Kinds are those that are built. Each of them takes OTLP over HTTP; where, and by which
// headers it knows its caller, is what its own documentation says of OpenTelemetry.
var Kinds = [...]Kind{
	{Name: "webhook", JSON: true, Fields: []Field{{Name: "url", Required: true}, {Name: "method", Default: "POST"}},
		target: func(get func(string) string) (string, map[string]string) { return get("url"), nil }},
	{Name: "otel-collector", Fields: []Field{{Name: "endpoint", Required: true}},
		target: func(get func(string) string) (string, map[string]string) { return traces(get("endpoint")), nil }},
	{Name: "langfuse", Fields: []Field{{Name: "publicKey", Required: true}, {Name: "secretKey", Required: true, Secret: true}, {Name: "baseUrl", Default: "https://us.cloud.langfuse.com"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("baseUrl") + "/api/public/otel/v1/traces", map[string]string{"Authorization": basic(get("publicKey"), get("secretKey")), "x-langfuse-ingestion-version": "4"}
		}},
	{Name: "langsmith", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "endpoint", Default: "https://api.smith.langchain.com"}, {Name: "project", Default: "main"}, {Name: "workspaceId"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("endpoint") + "/otel/v1/traces", map[string]string{"x-api-key": get("apiKey"), "Langsmith-Project": get("project"), "X-Tenant-Id": get("workspaceId")}
		}},
	{Name: "braintrust", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "projectId", Required: true}, {Name: "baseUrl", Default: "https://api.braintrust.dev"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("baseUrl") + "/otel/v1/traces", map[string]string{"Authorization": "Bearer " + get("apiKey"), "x-bt-parent": "project_id:" + get("projectId")}
		}},
	{Name: "arize", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "spaceKey", Required: true, Secret: true}, {Name: "modelId", Required: true}, {Name: "baseUrl", Default: "https://otlp.arize.com"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("baseUrl") + "/v1/traces", map[string]string{"api_key": get("apiKey"), "space_id": get("spaceKey")}
		},
		about: func(get func(string) string) map[string]string {
			return map[string]string{"model_id": get("modelId"), "openinference.project.name": get("modelId")}
		}},
	{Name: "grafana", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "instanceId", Required: true}, {Name: "baseUrl", Default: "https://otlp-gateway-prod-us-west-0.grafana.net"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("baseUrl") + "/otlp/v1/traces", map[string]string{"Authorization": basic(get("instanceId"), get("apiKey"))}
		}},
	{Name: "newrelic", Fields: []Field{{Name: "licenseKey", Required: true, Secret: true}, {Name: "region", Default: "us"}},
		target: func(get func(string) string) (string, map[string]string) {
			return regions[get("region")] + "/v1/traces", map[string]string{"api-key": get("licenseKey")}
		}},
	{Name: "opik", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "workspace", Required: true}, {Name: "projectName", Required: true}},
		target: func(get func(string) string) (string, map[string]string) {
			return "https://www.comet.com/opik/api/v1/private/otel/v1/traces", map[string]string{"Authorization": get("apiKey"), "Comet-Workspace": get("workspace"), "projectName": get("projectName")}
		}},
	{Name: "sentry", Fields: []Field{{Name: "dsn", Required: true, Secret: true}, {Name: "otlpEndpoint", Required: true}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("otlpEndpoint"), map[string]string{"x-sentry-auth": "sentry sentry_key=" + user(get("dsn"))}
		}},
	{Name: "weave", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "entity", Required: true}, {Name: "project", Required: true}, {Name: "baseUrl", Default: "https://trace.wandb.ai"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("baseUrl") + "/otel/v1/traces", map[string]string{"wandb-api-key": get("apiKey")}
		},
		about: func(get func(string) string) map[string]string {
			return map[string]string{"wandb.entity": get("entity"), "wandb.project": get("project")}
		}},
}

// Unbuilt are the kinds of OpenRouter's that this version does not send to: none of them
// takes OTLP as it is.
var Unbuilt = []string{"clickhouse", "datadog", "posthog", "ramp", "s3", "snowflake"}

// KindOf is the row with a name, nil when there is none.
func KindOf(name string) *Kind {
	for i := range Kinds {
		if Kinds[i].Name == name {
			return &Kinds[i]
		}
	}
	return nil
}

// traces is an endpoint as collectors are configured: without a path it is a base
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp-request).
func traces(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Path != "" && u.Path != "/" {
		return endpoint
	}
	return strings.TrimSuffix(endpoint, "/") + "/v1/traces"
}

// user is the public key in a DSN.
func user(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return ""
	}
	return u.User.Username()
}

// Target is where a destination's telemetry goes, and how.
type Target struct {
	Method   string
	URL      string
	Header   map[string]string
	JSON     bool
	Resource map[string]string
}

// Target reads a configuration. Errors may be shown to its owner: they name a value and do
// not hold one.
func (k *Kind) Target(c Config) (Target, error) {
	get := func(name string) string {
		for i := range k.Fields {
			if f := &k.Fields[i]; f.Name == name && c.Values[name] == "" {
				return f.Default
			}
		}
		return strings.TrimSuffix(c.Values[name], "/")
	}
	for i := range k.Fields {
		if f := &k.Fields[i]; f.Required && get(f.Name) == "" {
			return Target{}, fmt.Errorf("config.%s must be given", f.Name)
		}
	}
	t := Target{Method: "POST", JSON: k.JSON, Header: map[string]string{}}
	if m := get("method"); m != "" {
		if t.Method = m; m != "POST" && m != "PUT" {
			return Target{}, fmt.Errorf("config.method must be POST or PUT")
		}
	}
	if region := get("region"); region != "" && regions[region] == "" {
		return Target{}, fmt.Errorf("config.region must be us or eu")
	}
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
	return t, nil
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
