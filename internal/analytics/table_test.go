package analytics

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// piece is some requests at an hour of the day, with a cost each of one nano-dollar.
func piece(hour int, model, app string, requests int64) *Piece {
	t := &Tally{Sums: Sums{Requests: requests, Cost: requests, LatencyMS: requests * 10, LatencyCount: requests}}
	return &Piece{At: now.Truncate(day).Add(time.Duration(hour) * time.Hour).Unix(), Facet: &Facet{Model: model, App: app, Key: "k"}, Tally: t}
}

var pieces = []*Piece{
	piece(0, "a", "x", 1), piece(1, "a", "", 2), piece(1, "b", "x", 4), piece(30, "b", "y", 8), piece(31, "", "y", 16),
}

// answer is the rows as JSON lines.
func answer(t *testing.T, body string) (string, Result) {
	t.Helper()
	table := NewTable(mustQuery(t, body))
	for i, p := range pieces {
		again := *p
		if i%2 == 0 {
			again.FacetID = int64(i + 1)
		}
		if err := table.Add(&again); err != nil {
			t.Fatal(err)
		}
	}
	out := table.Result(func(column, value string) any { return column + " of " + value })
	return strings.ReplaceAll(string(out.AppendLines(nil)), "\n", " "), out
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	filter := func(field, operator, value, more string) string {
		return fmt.Sprintf(`{"metrics":["request_count"],"filters":[{"field":%q,"operator":%q,"value":%s%s}]}`, field, operator, value, more)
	}
	for _, c := range []struct{ body, want string }{
		{`{"metrics":["request_count","total_usage","avg_latency","usage_web"]}`, `{"request_count":31,"total_usage":0.000000031,"avg_latency":10,"usage_web":null} `},
		{`{"metrics":["request_count"],"dimensions":["model"]}`, `{"model":null,"request_count":16} {"model":"b","request_count":12} {"model":"a","request_count":3} `},
		{`{"metrics":["request_count"],"dimensions":["model"],"order_by":{"field":"model","direction":"asc"}}`, `{"model":"a","request_count":3} {"model":"b","request_count":12} {"model":null,"request_count":16} `},
		{`{"metrics":["request_count"],"dimensions":["model"],"order_by":{"field":"model","direction":"desc"}}`, `{"model":"b","request_count":12} {"model":"a","request_count":3} {"model":null,"request_count":16} `},
		{`{"metrics":["request_count"],"granularity":"day"}`, `{"date__day":"2026-03-04T00:00:00.000Z","request_count":7} {"date__day":"2026-03-05T00:00:00.000Z","request_count":24} `},
		{`{"metrics":["total_usage"],"dimensions":["model"],"granularity":"day","group_limit":1,"order_by":{"field":"date","direction":"desc"}}`,
			`{"date__day":"2026-03-05T00:00:00.000Z","model":null,"total_usage":0.000000016} {"date__day":"2026-03-05T00:00:00.000Z","model":"b","total_usage":0.000000008} {"date__day":"2026-03-04T00:00:00.000Z","model":"a","total_usage":0.000000003} `},
		{`{"metrics":["tokens_total"],"dimensions":["model"],"order_by":{"field":"request_count","direction":"asc"},"limit":1}`, `{"model":"a","tokens_total":0} `},
		{`{"metrics":["cache_hit_rate","error_rate"],"dimensions":["api_key_id"]}`, `{"api_key_id":"k","api_key_name":"api_key_name of k","cache_hit_rate":null,"error_rate":0} `},
		{filter("model", "eq", `"a"`, ""), `{"request_count":3} `},
		{filter("model", "eq", `""`, ""), `{"request_count":16} `},
		{filter("model", "neq", `"a"`, ""), `{"request_count":28} `},
		{filter("model", "in", `["a","c"]`, ""), `{"request_count":3} `},
		{filter("model", "in", `["a"]`, `,"include_unset":true`), `{"request_count":19} `},
		{filter("model", "not_in", `["a"]`, ""), `{"request_count":12} `},
		{filter("model", "not_in", `["a"]`, `,"include_unset":true`), `{"request_count":28} `},
		{filter("model", "gt", `"a"`, ""), `{"request_count":12} `},
		{filter("model", "gte", `"a"`, ""), `{"request_count":15} `},
		{filter("model", "lt", `"b"`, ""), `{"request_count":3} `},
		{filter("model", "lte", `"b"`, ""), `{"request_count":15} `},
		{filter("model", "in", `[]`, ""), `{"request_count":0} `},
		{filter("app", "eq", `7`, ""), `{"request_count":0} `},
	} {
		if got, _ := answer(t, c.body); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.body, got, c.want)
		}
	}
}

func TestWhatIsCutIsSaid(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"metrics":["request_count"],"dimensions":["model"]}`:                                      false,
		`{"metrics":["request_count"],"dimensions":["model"],"limit":3}`:                            false,
		`{"metrics":["request_count"],"dimensions":["model"],"limit":2}`:                            true,
		`{"metrics":["request_count"],"dimensions":["model"],"granularity":"hour","group_limit":1}`: true,
		`{"metrics":["request_count"],"granularity":"hour","group_limit":1}`:                        false, // nothing to limit by
	} {
		if _, out := answer(t, body); out.Truncated != want {
			t.Errorf("%s: truncated is %v", body, out.Truncated)
		}
	}
}

// A series in time of several groups is cut only where the query says so.
func TestLimits(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{"metrics":["request_count"],"dimensions":["model"]}`:                                     DefaultLimit,
		`{"metrics":["request_count"],"granularity":"day"}`:                                        DefaultLimit,
		`{"metrics":["request_count"],"dimensions":["model"],"granularity":"day"}`:                 MaxRows,
		`{"metrics":["request_count"],"dimensions":["model"],"granularity":"day","limit":7}`:       7,
		`{"metrics":["request_count"],"dimensions":["model"],"granularity":"day","group_limit":7}`: DefaultLimit,
	} {
		table := NewTable(mustQuery(t, body))
		for i := range 1500 {
			p := piece(i%12, fmt.Sprint(i), "", 1)
			if err := table.Add(p); err != nil {
				t.Fatal(err)
			}
		}
		if got := table.limit(); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
}

func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	table := NewTable(mustQuery(t, `{"metrics":["request_count"],"dimensions":["generation_id"]}`))
	p := piece(1, "m", "", 1)
	for i := range MaxRows + 1 {
		p.ID = fmt.Sprint(i)
		if err := table.Add(p); (err != nil) != (i == MaxRows) || err != nil && fault.Of(err) != fault.Invalid {
			t.Fatalf("group %d: %v", i, err)
		}
	}
}

// What a spreadsheet would run is text, and what is read back is what was written.
func TestCSV(t *testing.T) {
	t.Parallel()
	r := Result{Columns: []string{"app", "n"}, Rows: [][]any{
		{"=1+1", int64(-5)}, {"+a", 0.5}, {"-b", nil}, {"@c", int64(1)}, {"a,\"b\"\nc", int64(2)}, {nil, int64(3)}, {"plain", int64(4)}, {"=a,b", int64(5)},
	}}
	raw := r.AppendCSV(nil)
	want := "app,n\r\n'=1+1,-5\r\n'+a,0.5\r\n'-b,\r\n'@c,1\r\n\"a,\"\"b\"\"\nc\",2\r\n,3\r\nplain,4\r\n\"'=a,b\",5\r\n"
	if string(raw) != want {
		t.Errorf("%q", raw)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil || len(rows) != 9 || rows[5][0] != "a,\"b\"\nc" || rows[7][0] != "plain" {
		t.Errorf("%q %v", rows, err)
	}
}

func TestLinesAreJSON(t *testing.T) {
	t.Parallel()
	r := Result{Columns: []string{"app", "n"}, Rows: [][]any{{"a\"\n\xff", 1e21}, {nil, nil}}}
	for line := range strings.Lines(string(r.AppendLines(nil))) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%q", line)
		}
	}
}

// TestLabelsOfKeys: requests can be told apart by what their keys are labelled with, whatever the labels are called.
func TestLabelsOfKeys(t *testing.T) {
	t.Parallel()
	labels := map[string]map[string]string{"k1": {"team": "red", `a "b",c`: "x"}, "k2": {"team": "red"}, "k3": {"team": "=blue"}}
	ask := func(body string) string {
		t.Helper()
		a, err := ReadAsk([]byte(body))
		if err != nil || !a.Labelled() {
			t.Fatalf("%s: %v", body, err)
		}
		a.Labels = func(key, label string) string { return labels[key][label] }
		q, err := New(a, now)
		if err != nil {
			t.Fatal(err)
		}
		table := NewTable(q)
		for i, key := range []string{"k1", "k2", "k3", "k4"} {
			p := *piece(1, "m", "x", 1<<i)
			p.Facet, p.FacetID = &Facet{Key: key}, int64(i+1)
			if err := table.Add(&p); err != nil {
				t.Fatal(err)
			}
		}
		out := table.Result(nil)
		if csv := string(out.AppendCSV(nil)); strings.Contains(csv, ",=") || strings.HasPrefix(csv, "=") {
			t.Error(csv)
		}
		return strings.ReplaceAll(string(out.AppendLines(nil)), "\n", " ")
	}
	for body, want := range map[string]string{
		`{"metrics":["request_count"],"dimensions":["label.team"]}`:                                                                         `{"label.team":null,"request_count":8} {"label.team":"=blue","request_count":4} {"label.team":"red","request_count":3} `,
		`{"metrics":["request_count"],"filters":[{"field":"label.team","operator":"in","value":["red"]}],"dimensions":["label.a \"b\",c"]}`: `{"label.a \"b\",c":null,"request_count":2} {"label.a \"b\",c":"x","request_count":1} `,
		`{"metrics":["request_count"],"filters":[{"field":"label.team","operator":"neq","value":"red"}]}`:                                   `{"request_count":12} `,
	} {
		if got := ask(body); got != want {
			t.Errorf("%s: %s", body, got)
		}
	}
	for body, says := range map[string]string{
		`{"metrics":["request_count"],"dimensions":["label."]}`:                       `there is no "label."`,
		`{"metrics":["request_count"],"dimensions":["label.team"]}`:                   `there is no "label.team"`, // nobody said what labels say
		`{"metrics":["request_count"],"filters":[{"field":"label","operator":"eq"}]}`: `there is no "label"`,
	} {
		if _, err := query(t, body); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
