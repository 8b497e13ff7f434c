package manage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

const day = 24 * time.Hour

// traffic settles three requests of the account yesterday, one today, one 40 days ago, a
// failed one and another account's.
func (h *house) traffic() {
	h.t.Helper()
	if err := h.store.OpenAccount(h.t.Context(), "other", true); err != nil {
		h.t.Fatal(err)
	}
	key := string(account.HashKey(inferenceKey))
	for i, r := range []struct {
		ago      time.Duration
		owner    string
		key      string
		endpoint string
		cost     money.Amount
	}{
		{day, "default", key, "acme/openai/gpt-5", 1}, {day + time.Hour, "default", key, "acme/openai/gpt-5", 2},
		{day, "default", "gone", "openai/openai/gpt-5", 4}, {time.Minute, "default", key, "acme/openai/gpt-5", 8},
		{40 * day, "default", key, "acme/openai/gpt-5", 16}, {day, "other", "theirs", "acme/openai/gpt-5", 32}, {day, "default", key, "", 0},
	} {
		rec := &generation.Record{ID: fmt.Sprint("gen-", i), Created: noon.Add(-r.ago), Account: r.owner, Key: r.key, Model: "openai/gpt-5", Endpoint: r.endpoint,
			Provider: "Acme AI", API: "completions", Outcome: generation.Completed, Cost: r.cost, Title: "=cmd|' /C calc'!A0",
			Usage: llm.Usage{Input: 10, Output: 20, Reasoning: 5}, LatencyMS: 100, GenerationMS: 1000}
		if r.endpoint == "" {
			rec.Model, rec.Outcome = "", generation.Failed
		}
		byok := money.Amount(i)
		if r.endpoint == "" {
			byok = 0
		}
		h.settle(rec, byok)
	}
}

func TestActivity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	got := h.call(managementKey, "GET", "/activity", "")
	rows, _ := got.at("data").([]any)
	if len(rows) != 2 {
		t.Fatalf("%s", got.raw)
	}
	for path, want := range map[string]any{
		"date": "2026-03-03", "model": "openai/gpt-5", "model_permaslug": "openai/gpt-5", "endpoint_id": "acme/openai/gpt-5", "provider_name": "Acme AI",
		"usage": json.Number("0.000000003"), "byok_usage_inference": json.Number("0.000000001"), "requests": json.Number("2"),
		"prompt_tokens": json.Number("20"), "completion_tokens": json.Number("50"), "reasoning_tokens": json.Number("10"), "workspace_id": nil,
	} {
		if v := got.at("data", 1, path); v != want {
			t.Errorf("%s is %v, want %v", path, v, want)
		}
	}
	if got.at("data", 0, "usage") != json.Number("0.000000004") {
		t.Errorf("not the most expensive first: %s", got.raw)
	}
}

func TestActivityIsFiltered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	for query, want := range map[string]int{
		"date=2026-03-03": 2, "date=2026-02-02": 0, "api_key_hash=gone": 1, "api_key_hash=theirs": 0, "user_id=ann": 0,
		"workspace_id=" + workspace: 2, "workspace_id=another": 0, "group_by=workspace": 2, "date=null": 2,
	} {
		got := h.call(managementKey, "GET", "/activity?"+query, "")
		rows, _ := got.at("data").([]any)
		if got.status != 200 || len(rows) != want {
			t.Errorf("%s: %d %s", query, got.status, got.raw)
		}
		if query == "group_by=workspace" && got.at("data", 0, "workspace_id") != workspace {
			t.Errorf("%s", got.raw)
		}
	}
	for query, param := range map[string]string{
		"date=2026-03-04": "date", "date=2026-02-01": "date", "date=yesterday": "date", "group_by=model": "group_by", "format=xml": "format",
	} {
		if got := h.call(managementKey, "GET", "/activity?"+query, ""); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%s: %d %s", query, got.status, got.raw)
		}
	}
}

func TestAnalyticsQuery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	got := h.call(managementKey, "POST", "/analytics/query", `{"metrics":["request_count","total_usage","tokens_total","p50_latency","avg_throughput","usage_cache"],
		"dimensions":["api_key_id"],"granularity":"day","filters":[{"field":"outcome","operator":"eq","value":"completed"}],
		"time_range":{"start":"2026-03-03T00:00:00Z","end":"2026-03-05T00:00:00Z"}}`)
	const want = `"data":[` +
		`{"date__day":"2026-03-03T00:00:00.000Z","api_key_id":"%s","api_key_name":"inference","request_count":2,"total_usage":0.000000003,"tokens_total":70,"p50_latency":99.5,"avg_throughput":25,"usage_cache":null},` +
		`{"date__day":"2026-03-03T00:00:00.000Z","api_key_id":"gone","api_key_name":null,"request_count":1,"total_usage":0.000000004,"tokens_total":35,"p50_latency":99.5,"avg_throughput":25,"usage_cache":null},` +
		`{"date__day":"2026-03-04T00:00:00.000Z","api_key_id":"%[1]s","api_key_name":"inference","request_count":1,"total_usage":0.000000008,"tokens_total":35,"p50_latency":99.5,"avg_throughput":25,"usage_cache":null}],` +
		`"metadata":{"query_time_ms":0,"row_count":3,"truncated":false},"warnings":["usage_cache is no part of a bill here and always null"]`
	if w := fmt.Sprintf(want, account.HashKey(inferenceKey)); !strings.Contains(got.raw, w) {
		t.Errorf("got  %s\nwant %s", got.raw, w)
	}
}

// Nothing in a query reaches another account's requests.
func TestAnalyticsAreTheAccountsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	for _, more := range []string{``, `,"granularity":"hour"`, `,"dimensions":["generation_id"]`, `,"dimensions":["api_key_id"]`,
		`,"filters":[{"field":"api_key_id","operator":"in","value":["theirs"],"include_unset":true}]`,
		`,"filters":[{"field":"generation_id","operator":"eq","value":"gen-5"}]`, `,"dimensions":["api_key_id"],"order_by":{"field":"api_key_id","direction":"desc"}`} {
		got := h.call(managementKey, "POST", "/analytics/query", `{"metrics":["total_usage"],"limit":100000`+more+`}`)
		if got.status != 200 || strings.Contains(got.raw, "theirs") || strings.Contains(got.raw, "gen-5") || strings.Contains(got.raw, "0.000000032") || strings.Contains(got.raw, "0.000000047") {
			t.Errorf("%s: %d %s", more, got.status, got.raw)
		}
	}
}

func TestGenerationsAsRows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	got := h.call(managementKey, "POST", "/analytics/query", `{"metrics":["total_usage"],"dimensions":["generation_id"],"granularity":"minute",
		"time_range":{"start":"2026-03-03T12:00:00Z","end":"2026-03-04T12:00:00Z"},"order_by":{"field":"total_usage","direction":"desc"}}`)
	rows, _ := got.at("data", "data").([]any)
	if len(rows) != 4 || got.at("data", "data", 0, "generation_id") != "gen-3" || got.at("data", "data", 0, "date__minute") != "2026-03-04T11:59:00.000Z" {
		t.Errorf("%s", got.raw)
	}
}

func TestAnalyticsRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, param := range map[string]any{
		`{}`: "metrics", `[]`: nil, `{"metrics":[1]}`: "metrics", `{"metrics":["request_count"],"filters":[{"field":7}]}`: "filters.field",
		`{"metrics":["request_count"],"dimensions":["country"]}`: "dimensions[0]",
	} {
		if got := h.call(managementKey, "POST", "/analytics/query", body); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
}

// Several queries at once are answered as each alone, or none of them.
func TestAnalyticsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two := `{"metrics":["request_count"]}`, `{"metrics":["total_usage"],"dimensions":["model"]}`
	got := h.call(managementKey, "POST", "/analytics/queries", `{"queries":[`+one+`,`+two+`]}`)
	for i, query := range []string{one, two} {
		alone := h.call(managementKey, "POST", "/analytics/query", query)
		if want := alone.at("data", "data"); got.status != 200 || !reflect.DeepEqual(got.at("data", i, "data"), want) {
			t.Errorf("query %d: %s, want %v", i, got.raw, want)
		}
	}
	for body, param := range map[string]any{
		`{}`: "queries", `{"queries":[]}`: "queries", `{"queries":7}`: "queries", `{"queries":[` + strings.Repeat(one+`,`, 4) + one + `]}`: "queries",
		`{"queries":[` + one + `,{"metrics":["no"]}]}`: "queries[1].metrics[0]", `{"queries":[7]}`: "queries[0]",
	} {
		if got := h.call(managementKey, "POST", "/analytics/queries", body); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
}

// A query that takes too long is 408, whatever of the store says so.
func TestAnalyticsTimeOut(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	h := newHouse(t)
	r := httptest.NewRequestWithContext(ctx, "POST", "/analytics/query", strings.NewReader(`{"metrics":["request_count"]}`))
	r.Header.Set("Authorization", "Bearer "+managementKey)
	if got := h.through(h.Handler(), r); got.status != 408 || !strings.Contains(got.message(), "narrow") {
		t.Errorf("%d %s", got.status, got.raw)
	}
}

func TestAnalyticsMeta(t *testing.T) {
	t.Parallel()
	got := newHouse(t).call(managementKey, "GET", "/analytics/meta", "")
	for _, want := range []string{
		`{"name":"request_count","display_label":"Requests","display_format":"number","is_rate":false}`,
		`{"name":"cache_hit_rate","display_label":"Cache Hit Rate","display_format":"percent","is_rate":true}`,
		`{"name":"p90_latency","display_label":"P90 Latency","display_format":"latency","is_rate":true}`,
		`{"name":"api_key_id","display_label":"API Key"}`, `{"name":"not_in","value_type":"array"}`, `{"name":"minute","display_label":"Minute"}`,
	} {
		if !strings.Contains(got.raw, want) {
			t.Errorf("%s is not in %s", want, got.raw)
		}
	}
}

// Export is the rows as a file, for whoever asks by parameter or by Accept.
func TestExport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	const query = `{"metrics":["total_usage","usage_web"],"dimensions":["app"],"limit":1,"order_by":{"field":"app","direction":"asc"},
		"time_range":{"start":"2026-03-03T00:00:00Z","end":"2026-03-04T00:00:00Z"}}`
	for _, c := range []struct{ method, target, accept, body, media, want string }{
		{"POST", "/analytics/query?format=csv", "", query, csvType, "app,total_usage,usage_web\r\n'=cmd|' /C calc'!A0,0.000000007,\r\n"},
		{"POST", "/analytics/query", "text/csv;q=1, */*", query, csvType, "app,total_usage,usage_web\r\n'=cmd|' /C calc'!A0,0.000000007,\r\n"},
		{"POST", "/analytics/query", "application/x-ndjson", query, linesType, "{\"app\":\"=cmd|' /C calc'!A0\",\"total_usage\":0.000000007,\"usage_web\":null}\n"},
		{"GET", "/activity?format=csv&api_key_hash=gone&group_by=workspace", "application/json", "", csvType,
			"date,model,model_permaslug,endpoint_id,provider_name,usage,byok_usage_inference,requests,prompt_tokens,completion_tokens,reasoning_tokens,workspace_id\r\n" +
				"2026-03-03,openai/gpt-5,openai/gpt-5,openai/openai/gpt-5,Acme AI,0.000000004,0.000000002,1,10,25,5," + workspace + "\r\n"},
		{"GET", "/activity?format=jsonl&api_key_hash=gone", "", "", linesType,
			`{"date":"2026-03-03","model":"openai/gpt-5","model_permaslug":"openai/gpt-5","endpoint_id":"openai/openai/gpt-5","provider_name":"Acme AI","usage":0.000000004,` +
				`"byok_usage_inference":0.000000002,"requests":1,"prompt_tokens":10,"completion_tokens":25,"reasoning_tokens":5}` + "\n"},
	} {
		r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
		r.Header.Set("Authorization", "Bearer "+managementKey)
		r.Header.Set("Accept", c.accept)
		got := h.through(h.Handler(), r)
		if got.status != 200 || got.header.Get("Content-Type") != c.media || got.raw != c.want {
			t.Errorf("%s %s, Accept %q: %s %q", c.method, c.target, c.accept, got.header.Get("Content-Type"), got.raw)
		}
		if c.method == "POST" && (got.header.Get("X-Dragoman-Truncated") != "" || !strings.Contains(got.header.Get("X-Dragoman-Warnings"), "usage_web")) {
			t.Errorf("%v", got.header)
		}
	}
	cut := strings.Replace(query, `"app"`, `"generation_id"`, 1)
	cut = strings.Replace(cut, `"field":"app"`, `"field":"generation_id"`, 1)
	if got := h.call(managementKey, "POST", "/analytics/query?format=jsonl", cut); got.header.Get("X-Dragoman-Truncated") != "true" {
		t.Errorf("%v %s", got.header, got.raw)
	}
	if got := h.call(managementKey, "GET", "/activity?format=csv&date=2020-01-01", ""); got.status != 400 || got.header.Get("Content-Type") != jsonType {
		t.Errorf("%d %s", got.status, got.raw)
	}
}

// TestSumsByLabel: labels are those of today, also of a key that was replaced and then deleted, and of no other organisation.
func TestSumsByLabel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	ask := func(as string) string {
		t.Helper()
		got := h.call(as, "POST", "/analytics/query", `{"metrics":["total_usage"],"dimensions":["label.team"]}`)
		if got.status != 200 {
			t.Fatal(got.raw)
		}
		rows, _ := json.Marshal(got.at("data", "data"))
		return string(rows)
	}
	h.ok("PATCH", inferencePath, `{"labels":{"team":"red"}}`)
	if got := ask(managementKey); got != `[{"label.team":"red","total_usage":0.000000011},{"label.team":null,"total_usage":0.000000004}]` {
		t.Error(got)
	}
	next := h.ok("POST", inferencePath+"/rotate", "").text("data", "hash")
	h.ok("DELETE", inferencePath, "")
	h.ok("PATCH", "/keys/"+next, `{"labels":{"team":"blue"}}`)
	if got := ask(managementKey); !strings.Contains(got, `{"label.team":"blue","total_usage":0.000000011}`) {
		t.Error(got)
	}
	named := h.ok("POST", "/analytics/query", `{"metrics":["total_usage"],"dimensions":["api_key_id"]}`)
	if !strings.Contains(named.raw, `"api_key_name":"inference","total_usage":0.000000011`) {
		t.Errorf("what replaced a key has not its name: %s", named.raw)
	}
	h.refused(400, `label.… with the name of a label`, "POST", "/analytics/query", `{"metrics":["total_usage"],"dimensions":["team"]}`)
}
