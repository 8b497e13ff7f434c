package telemetry

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/sigv4"
)

// Field is one value of a kind's configuration (reference §8, Observability*Destination).
type Field struct {
	Name     string
	Required bool
	Secret   bool
	Default  string
	Shape    *Shape // nil: any text
}

// Shape is what a value must look like.
type Shape struct {
	Must string // in words
	like *regexp.Regexp
}

func shape(must, like string) *Shape { return &Shape{must, regexp.MustCompile("^(?:" + like + ")$")} }

var (
	identifier  = shape("a name of letters, digits and _, which does not begin with a digit", "[A-Za-z_][A-Za-z0-9_]{0,254}")
	bucket      = shape("the name of a bucket: 3 to 63 lower-case letters, digits, - and .", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
	awsRegion   = shape("a region, such as eu-central-1", "[a-z0-9-]{1,40}")
	template    = shape("a path without variables but {prefix}, {date}, {year}, {month}, {day} and {apiKeyName}", `(?:[^{}]|\{(?:prefix|date|year|month|day|apiKeyName)\})*`)
	accountName = shape("an account identifier, such as xy12345.us-east-1", "[a-zA-Z0-9_]+(?:[.-][a-zA-Z0-9_]+)*")
)

// Kind is a row of the table of destinations.
type Kind struct {
	Name   string
	Fields []Field
	JSON   bool // OTLP as JSON instead of protocol buffers
	Exact  bool // refuses with 400 what it does not take; others do so with an empty body alone

	target func(get func(string) string) (address string, headers map[string]string)
	about  func(get func(string) string) map[string]string // attributes of the resource; nil: none
	signer func(get func(string) string) *Signer           // nil: the headers say who calls
	writer func(get func(string) string) writer            // nil: OTLP
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

var regions = map[string]string{"us": "https://otlp.nr-data.net", "eu": "https://otlp.eu01.nr-data.net"}

// Kinds are those that are built. Where each is called, and by which headers it knows its
// caller, is what its own documentation says; those without a writer take OTLP over HTTP.
var Kinds = [...]Kind{
	{Name: "webhook", JSON: true, Fields: []Field{{Name: "url", Required: true}, {Name: "method", Default: "POST", Shape: shape("POST or PUT", "POST|PUT")}},
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
	{Name: "newrelic", Fields: []Field{{Name: "licenseKey", Required: true, Secret: true}, {Name: "region", Default: "us", Shape: shape("us or eu", "us|eu")}},
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
	{Name: "s3", Exact: true, Fields: []Field{{Name: "bucketName", Required: true, Shape: bucket}, {Name: "accessKeyId", Required: true}, {Name: "secretAccessKey", Required: true, Secret: true},
		{Name: "sessionToken", Secret: true}, {Name: "region", Default: "us-east-1", Shape: awsRegion}, {Name: "endpoint"}, {Name: "prefix", Default: "openrouter-traces"}, {Name: "pathTemplate", Default: "{prefix}/{date}", Shape: template}},
		target: func(get func(string) string) (string, map[string]string) { return bucketURL(get), nil },
		signer: func(get func(string) string) *Signer {
			return &Signer{sigv4.Key{ID: get("accessKeyId"), Secret: get("secretAccessKey"), Session: get("sessionToken")}, sigv4.Scope{Region: get("region"), Service: "s3"}}
		}, writer: objects},
	{Name: "clickhouse", Exact: true, Fields: []Field{{Name: "host", Required: true}, {Name: "database", Required: true, Shape: identifier}, {Name: "table", Default: "OPENROUTER_TRACES", Shape: identifier},
		{Name: "username", Required: true}, {Name: "password", Required: true, Secret: true}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("host") + "/?" + clickhouseQuery(get("database"), get("table")), map[string]string{"X-ClickHouse-User": get("username"), "X-ClickHouse-Key": get("password")}
		}, writer: lines},
	{Name: "snowflake", Exact: true, Fields: []Field{{Name: "account", Required: true, Shape: accountName}, {Name: "token", Required: true, Secret: true}, {Name: "database", Default: "SNOWFLAKE_LEARNING_DB"},
		{Name: "schema", Default: "PUBLIC"}, {Name: "table", Default: "OPENROUTER_TRACES", Shape: identifier}, {Name: "warehouse", Default: "COMPUTE_WH"}},
		target: func(get func(string) string) (string, map[string]string) {
			return "https://" + get("account") + ".snowflakecomputing.com/api/v2/statements",
				map[string]string{"Authorization": "Bearer " + get("token"), "X-Snowflake-Authorization-Token-Type": "PROGRAMMATIC_ACCESS_TOKEN", "Accept": jsonType}
		}, writer: statement},
	{Name: "datadog", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "mlApp", Required: true}, {Name: "url", Default: "https://api.us5.datadoghq.com"}},
		target: func(get func(string) string) (string, map[string]string) {
			return get("url") + "/api/intake/llm-obs/v1/trace/spans", map[string]string{"DD-API-KEY": get("apiKey")}
		}, writer: datadogSpans},
	{Name: "posthog", Fields: []Field{{Name: "apiKey", Required: true, Secret: true}, {Name: "endpoint", Default: "https://us.i.posthog.com"}},
		target: func(get func(string) string) (string, map[string]string) { return get("endpoint") + "/batch/", nil }, writer: captures},
}

// Unbuilt are the kinds of OpenRouter's that this version does not send to: what Ramp takes
// from OpenRouter is between the two of them.
var Unbuilt = []string{"ramp"}

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
