package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// services are configurations of the kinds that take no OTLP as it is.
var services = map[string]map[string]string{
	"s3":         {"bucketName": "traces", "accessKeyId": "AKID", "secretAccessKey": "secret/"},
	"clickhouse": {"host": "https://ch.test:8443/", "database": "analytics", "username": "default", "password": "secret/"},
	"snowflake":  {"account": "xy12345.us-east-1", "token": "pat"},
	"datadog":    {"apiKey": "dd", "mlApp": "shop"},
	"posthog":    {"apiKey": "phc", "endpoint": "https://eu.i.posthog.com/"},
}

func targetOf(t *testing.T, kind string, more map[string]string) Target {
	t.Helper()
	values := maps.Clone(services[kind])
	maps.Copy(values, more)
	target, err := KindOf(kind).Target(Config{Values: values})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func callsOf(t *testing.T, target Target, d *account.Destination, events ...Event) []Call {
	t.Helper()
	calls, err := target.Calls(d, events)
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// A service is told what the destination may have and no more, the same however often, and
// each test of a connection is a call without a request.
func TestServicesAreToldWhatTheyMay(t *testing.T) {
	t.Parallel()
	for kind := range services {
		target := targetOf(t, kind, nil)
		all := func(d *account.Destination) string {
			e := anEvent()
			e.Record.Error = &generation.Failure{Type: "t", Message: "m"}
			calls := callsOf(t, target, d, e)
			if len(calls) != 1 || fmt.Sprint(callsOf(t, target, d, e)) != fmt.Sprint(calls) {
				t.Errorf("%s: another time it is %v", kind, calls)
			}
			return string(calls[0].Body)
		}
		bare := all(&account.Destination{Private: true})
		for _, secret := range []string{"Be brief", "and this", "hello", "ann", "the key", "their user", "the app", "0.0015", "agent/1"} {
			if strings.Contains(bare, secret) {
				t.Errorf("%s has %q without being asked for: %s", kind, secret, bare)
			}
		}
		if !strings.Contains(bare, "openai/gpt-5") || !strings.Contains(bare, "gen-1") {
			t.Errorf("%s: %s", kind, bare)
		}
		full := all(&account.Destination{Cost: true, Identity: true, Context: true})
		for _, wanted := range []string{"Be brief", "and this", "hello", "the key", "their user", "the app", "0.0015"} {
			if !strings.Contains(full, wanted) {
				t.Errorf("%s lacks %q: %s", kind, wanted, full)
			}
		}
		if test := callsOf(t, target, &account.Destination{}); len(test) != 1 || strings.Contains(string(test[0].Body), "gen-1") {
			t.Errorf("%s is tried by %v", kind, test)
		}
	}
}

func TestObjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		more map[string]string
		want string
	}{
		{nil, "https://traces.s3.us-east-1.amazonaws.com/openrouter-traces/2026-03-04/"},
		{map[string]string{"region": "eu-central-1", "bucketName": "my.traces"}, "https://s3.eu-central-1.amazonaws.com/my.traces/openrouter-traces/2026-03-04/"},
		{map[string]string{"endpoint": "https://minio.test:9000/", "prefix": "a b/", "pathTemplate": "/{prefix}/y={year}/{month}/{day}/{apiKeyName}/"}, "https://minio.test:9000/traces/a%20b/y%3D2026/03/04/the%20key/"},
	} {
		calls := callsOf(t, targetOf(t, "s3", c.more), &account.Destination{}, anEvent())
		if name, ok := strings.CutPrefix(calls[0].URL, c.want); !ok || !regexp.MustCompile(`^[0-9a-f]{32}-1772625600000\.jsonl$`).MatchString(name) {
			t.Errorf("%s, want %s", calls[0].URL, c.want)
		}
	}
	// One object for each path, a line for each request.
	next, later := anEvent(), anEvent()
	record := *next.Record
	next.Record, record.ID = &record, "gen-2"
	moved := record
	later.Record, moved.ID, moved.Created = &moved, "gen-3", noon.Add(12*time.Hour)
	target := targetOf(t, "s3", nil)
	calls := callsOf(t, target, &account.Destination{}, anEvent(), next, later)
	if len(calls) != 2 || bytes.Count(calls[0].Body, []byte("\n")) != 2 || bytes.Count(calls[1].Body, []byte("\n")) != 1 || !strings.Contains(calls[1].URL, "/2026-03-05/") {
		t.Fatalf("%v", calls)
	}
	for line := range bytes.Lines(calls[0].Body) {
		var m struct{ ResourceSpans []json.RawMessage }
		if err := json.Unmarshal(line, &m); err != nil || len(m.ResourceSpans) != 1 {
			t.Errorf("%s: %v", line, err)
		}
	}
	if s := target.Signer; target.Method != "PUT" || s.Key.Secret != "secret/" || s.Scope.Region != "us-east-1" || s.Scope.Service != "s3" {
		t.Errorf("%+v", target)
	}
	later.KeyName = "../x"
	if c := callsOf(t, targetOf(t, "s3", map[string]string{"pathTemplate": "{apiKeyName}"}), &account.Destination{}, later); !strings.Contains(c[0].URL, ".com/.._x/") {
		t.Errorf("the name of a key leads to %s", c[0].URL)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	d := &account.Destination{Cost: true, Identity: true}
	want := map[string]any{"GENERATION_ID": "gen-1", "TIMESTAMP": "2026-03-04 12:00:00.000", "SPAN_TYPE": "GENERATION", "STATUS": "ok", "MODEL": "openai/gpt-5", "PROVIDER_NAME": "OpenAI",
		"FINISH_REASON": "stop", "SESSION_ID": "s", "USER_ID": "their user", "API_KEY_NAME": "the key", "DURATION_MS": 1200.0, "TIME_TO_FIRST_TOKEN_MS": 250.0, "PROMPT_TOKENS": 15.0,
		"COMPLETION_TOKENS": 27.0, "TOTAL_TOKENS": 42.0, "TOTAL_COST": 0.0015}
	check := func(kind string, raw []byte) map[string]any {
		var got map[string]any
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %v in %s", kind, err, raw)
		}
		for name, v := range want {
			if got[name] != v {
				t.Errorf("%s: %s is %v, want %v", kind, name, got[name], v)
			}
		}
		return got
	}
	calls := callsOf(t, targetOf(t, "clickhouse", nil), d, anEvent(), anEvent())
	if calls[0].URL != "https://ch.test:8443/?input_format_skip_unknown_fields=1&query=INSERT+INTO+%60analytics%60.%60OPENROUTER_TRACES%60+FORMAT+JSONEachRow" || bytes.Count(calls[0].Body, []byte("\n")) != 2 {
		t.Errorf("%s %s", calls[0].URL, calls[0].Body)
	}
	line, _, _ := bytes.Cut(calls[0].Body, []byte("\n"))
	if got := check("clickhouse", line); got["OUTPUT"] != `{"messages":[{"role":"assistant","content":"hello"}]}` {
		t.Errorf("%v", got["OUTPUT"])
	}
	var s struct {
		Statement, Database, Schema, Warehouse string
		Bindings                               map[string]struct{ Type, Value string }
	}
	calls = callsOf(t, targetOf(t, "snowflake", map[string]string{"table": "T1", "schema": "S"}), d, anEvent())
	if err := json.Unmarshal(calls[0].Body, &s); err != nil {
		t.Fatal(err)
	}
	if s.Database != "SNOWFLAKE_LEARNING_DB" || s.Schema != "S" || s.Warehouse != "COMPUTE_WH" || s.Bindings["1"].Type != "TEXT" ||
		!strings.HasPrefix(s.Statement, "INSERT INTO T1 (TRACE_ID, GENERATION_ID, ") || !strings.Contains(s.Statement, "SELECT value:TRACE_ID::STRING, ") || !strings.HasSuffix(s.Statement, "value:ATTRIBUTES FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))") {
		t.Errorf("%+v", s)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal([]byte(s.Bindings["1"].Value), &rows); err != nil || len(rows) != 1 {
		t.Fatal(err)
	}
	got := check("snowflake", rows[0])
	if first := got["INPUT"].(map[string]any)["messages"].([]any)[0].(map[string]any); first["role"] != "system" || first["content"] != "Be brief" {
		t.Errorf("%v", got["INPUT"])
	}
	if got["ATTRIBUTES"].(map[string]any)["gen_ai.request.model"] != "gpt-5" {
		t.Errorf("%v", got["ATTRIBUTES"])
	}
}

// The tables that the documentation creates have every column.
func TestTablesAreDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := strings.Split(string(doc), "CREATE TABLE OPENROUTER_TRACES")[1:]
	if len(tables) != 2 {
		t.Fatalf("%d tables", len(tables))
	}
	for i, table := range tables {
		var names []string
		for _, m := range regexp.MustCompile(`(?m)([A-Z_]+) [A-Z]\w+`).FindAllStringSubmatch(table[:strings.Index(table, ";")], -1) {
			names = append(names, m[1])
		}
		for _, c := range columns {
			if !slices.Contains(names, c.name) {
				t.Errorf("table %d has no %s", i, c.name)
			}
		}
	}
}

func TestDatadogSpans(t *testing.T) {
	t.Parallel()
	failure := anEvent()
	failure.Record.API, failure.Record.Outcome, failure.Record.Error = "embeddings", generation.Failed, &generation.Failure{Type: "no_route", Message: "nobody"}
	target := targetOf(t, "datadog", nil)
	calls := callsOf(t, target, &account.Destination{}, anEvent(), failure)
	var m struct {
		Data struct {
			Type       string
			Attributes struct {
				App   string `json:"ml_app"`
				Spans []map[string]any
			}
		}
	}
	if err := json.Unmarshal(calls[0].Body, &m); err != nil {
		t.Fatal(err)
	}
	if target.URL != "https://api.us5.datadoghq.com/api/intake/llm-obs/v1/trace/spans" || target.Header["DD-API-KEY"] != "dd" || m.Data.Type != "span" || m.Data.Attributes.App != "shop" {
		t.Errorf("%+v %+v", target, m)
	}
	spans := m.Data.Attributes.Spans
	if s := spans[0]; s["parent_id"] != "undefined" || s["start_ns"] != float64(noon.UnixNano()) || s["duration"] != 1.2e9 || s["status"] != "ok" || s["session_id"] != "s" ||
		fmt.Sprint(s["metrics"]) != "map[input_tokens:15 output_tokens:27 time_to_first_token:0.25 total_tokens:42]" {
		t.Errorf("%v", s)
	}
	meta := spans[0]["meta"].(map[string]any)
	if meta["kind"] != "llm" || fmt.Sprint(meta["output"]) != "map[messages:[map[content:hello role:assistant]]]" || meta["error"] != nil {
		t.Errorf("%v", meta)
	}
	for name, v := range meta["metadata"].(map[string]any) { // no lists and no objects
		switch v.(type) {
		case string, float64, bool:
		default:
			t.Errorf("metadata %s is %v", name, v)
		}
	}
	meta = spans[1]["meta"].(map[string]any)
	if spans[1]["status"] != "error" || meta["kind"] != "embedding" || fmt.Sprint(meta["error"]) != "map[message:nobody type:no_route]" || spans[1]["metrics"] != nil || meta["input"].(map[string]any)["messages"] != nil {
		t.Errorf("%v", spans[1])
	}
}

func TestCaptures(t *testing.T) {
	t.Parallel()
	read := func(d *account.Destination) (e posthogEvent) {
		var b posthogBody
		calls := callsOf(t, targetOf(t, "posthog", nil), d, anEvent())
		if err := json.Unmarshal(calls[0].Body, &b); err != nil || b.Key != "phc" || len(b.Batch) != 1 || calls[0].URL != "https://eu.i.posthog.com/batch/" {
			t.Fatalf("%s %s %v", calls[0].URL, calls[0].Body, err)
		}
		return b.Batch[0]
	}
	e := read(&account.Destination{Cost: true, Identity: true})
	for name, want := range map[string]string{
		"distinct_id": "their user", "$process_person_profile": "true", "$ai_model": "openai/gpt-5", "$ai_provider": "OpenAI", "$ai_input_tokens": "15", "$ai_output_tokens": "27",
		"$ai_latency": "1.2", "$ai_time_to_first_token": "0.25", "$ai_stream": "true", "$ai_is_error": "false", "$ai_total_cost_usd": "0.0015", "$ai_cache_reporting_exclusive": "false",
		"$ai_cache_read_input_tokens": "5", "$ai_session_id": "s", "$ai_stop_reason": "stop", "$ai_output_choices": "[map[content:hello role:assistant]]",
	} {
		if got := fmt.Sprint(e.Properties[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if e.Event != "$ai_generation" || e.Timestamp != "2026-03-04T12:00:00Z" || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(e.ID) {
		t.Errorf("%+v", e)
	}
	if e := read(&account.Destination{}); e.Properties["distinct_id"] != e.ID || e.Properties["$process_person_profile"] != false {
		t.Errorf("somebody is named without being asked for: %v", e.Properties)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, name, value string }{
		{"s3", "bucketName", "evil.test/x"}, {"s3", "bucketName", "a"}, {"s3", "region", "x.evil.test/"}, {"s3", "pathTemplate", "{secret}"}, {"s3", "pathTemplate", "{date"},
		{"clickhouse", "table", "t` SELECT"}, {"clickhouse", "database", "a-b"}, {"snowflake", "account", "evil.test/x"}, {"snowflake", "table", "t; DROP"}, {"newrelic", "region", "moon"},
	} {
		values := map[string]string{"licenseKey": "l", c.name: c.value}
		maps.Copy(values, services[c.kind])
		values[c.name] = c.value
		if _, err := KindOf(c.kind).Target(Config{Values: values}); err == nil || !strings.HasPrefix(err.Error(), "config."+c.name+" must be ") {
			t.Errorf("%s of %s may be %q: %v", c.name, c.kind, c.value, err)
		}
	}
}
