package analytics

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

var now = time.Date(2026, 3, 4, 12, 34, 56, 0, time.UTC) // a Wednesday

func query(t *testing.T, body string) (*Query, error) {
	t.Helper()
	a, err := ReadAsk([]byte(body))
	if err != nil {
		return nil, err
	}
	return New(a, now)
}

func mustQuery(t *testing.T, body string) *Query {
	t.Helper()
	q, err := query(t, body)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return q
}

// rangeOf is a member time_range of that many hours before now.
func rangeOf(hours int) string {
	return fmt.Sprintf(`"time_range":{"start":%q,"end":%q}`, now.Add(-time.Duration(hours)*time.Hour).Format(time.RFC3339), now.Format(time.RFC3339))
}

func TestWrongQueriesAreRefusedPrecisely(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{"field":"model","operator":"eq","value":"a"},`, 21), ",")
	for _, c := range []struct{ body, param, says string }{
		{`[]`, "", "JSON object"},
		{`{}`, "metrics", "request_count"},
		{`{"metrics":[]}`, "metrics", "at least one"},
		{`{"metrics":"request_count"}`, "metrics", "must not be a string"},
		{`{"metrics":["cost"]}`, "metrics[0]", `no "cost"; there are request_count`},
		{`{"metrics":["request_count"],"dimensions":["model","app","user"]}`, "dimensions", "at most 2 names, not 3"},
		{`{"metrics":["request_count"],"dimensions":["country"]}`, "dimensions[0]", "generation_id"},
		{`{"metrics":["request_count"],"dimensions":["model","model"]}`, "dimensions[1]", "second time"},
		{`{"metrics":["request_count"],"filters":[` + many + `]}`, "filters", "at most 20 conditions, not 21"},
		{`{"metrics":["request_count"],"filters":[{"field":"m","operator":"eq","value":"a"}]}`, "filters[0].field", "there are model"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"like","value":"a"}]}`, "filters[0].operator", "not_in"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq","value":["a"]}]}`, "filters[0].value", "a string or a number"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"in","value":"a"}]}`, "filters[0].value", "an array"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"in","value":[{}]}]}`, "filters[0].value", "strings and numbers"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq"}]}`, "filters[0].value", "strings and numbers"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq","value":null}]}`, "filters[0].value", "strings and numbers"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq","value":"a","include_unset":true}]}`, "filters[0].include_unset", "in and not_in"},
		{`{"metrics":["request_count"],"filters":[{"field":"model","operator":"in","value":[` + strings.Repeat(`"a",`, 1000) + `"a"]}]}`, "filters", "1000 values"},
		{`{"metrics":["request_count"],"granularity":"year"}`, "granularity", "minute, hour, day, week, month"},
		{`{"metrics":["request_count"],"time_range":{"start":"yesterday","end":"2026-03-04T00:00:00Z"}}`, "time_range.start", "2026-03-04T00:00:00Z"},
		{`{"metrics":["request_count"],"time_range":{"start":"2026-03-04T00:00:00Z"}}`, "time_range.end", "must be a time"},
		{`{"metrics":["request_count"],"time_range":{"start":"2026-03-04T00:00:00Z","end":"2026-03-04T00:00:00Z"}}`, "time_range", "later"},
		{`{"metrics":["p90_latency"],` + rangeOf(31*24+1) + `}`, "time_range", "p90_latency is for a time_range of at most 31 days"},
		{`{"metrics":["avg_throughput"],` + rangeOf(31*24+1) + `}`, "time_range", "31 days"},
		{`{"metrics":["request_count"],"dimensions":["generation_id"],` + rangeOf(31*24+1) + `}`, "time_range", "generation_id"},
		{`{"metrics":["request_count"],"filters":[{"field":"generation_id","operator":"eq","value":"g"}],` + rangeOf(31*24+1) + `}`, "time_range", "generation_id"},
		{`{"metrics":["request_count"],"granularity":"minute",` + rangeOf(25) + `}`, "time_range", "24 hours"},
		{`{"metrics":["request_count"],"granularity":"hour",` + rangeOf(31*24+1) + `}`, "time_range", "31 days"},
		{`{"metrics":["request_count"],"order_by":{"field":"request_count","direction":"up"}}`, "order_by.direction", "asc or desc"},
		{`{"metrics":["tokens_total"],"order_by":{"field":"total_usage","direction":"asc"}}`, "order_by.field", "there are request_count, tokens_total in this query"},
		{`{"metrics":["tokens_total"],"order_by":{"field":"date","direction":"asc"}}`, "order_by.field", "in this query"},
		{`{"metrics":["request_count"],"limit":0}`, "limit", "from 1 to 100000"},
		{`{"metrics":["request_count"],"limit":1.5}`, "limit", "number"},
		{`{"metrics":["request_count"],"group_limit":-1}`, "group_limit", "from 1 to"},
		{`{"metrics":["request_count"],"classifier_filters":{"classifier_id":"x","filters":[]}}`, "classifier_filters", "no"},
	} {
		_, err := query(t, c.body)
		f := fault.As(err)
		if err == nil || f.Kind != fault.Invalid || f.Param != c.param || !strings.Contains(f.Public, c.says) {
			t.Errorf("%.120s: %q about %q, want %q about %q", c.body, f.Public, f.Param, c.says, c.param)
		}
	}
}

func TestQueriesThatAreFine(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"metrics":["request_count"],"dimensions":null,"filters":null,"granularity":null,"time_range":null,"order_by":null,"limit":null,"classifier_filters":null,"more":1}`,
		`{"metrics":["request_count","request_count"],"granularity":"month","time_range":{"start":"1970-01-01T00:00:00Z","end":"2030-01-01T00:00:00+02:00"}}`,
		`{"metrics":["tokens_total"],"order_by":{"field":"request_count","direction":"desc"}}`,
		`{"metrics":["tokens_total"],"granularity":"day","order_by":{"field":"date__day","direction":"desc"}}`,
		`{"metrics":["p99_latency"],"granularity":"hour",` + rangeOf(31*24) + `}`,
	} {
		mustQuery(t, body)
	}
}

// Every metric and dimension can be asked, and needs what it is made of.
func TestTablesAreWhole(t *testing.T) {
	t.Parallel()
	full := &Tally{}
	for i := range full.Sums {
		full.Sums[i] = int64(i + 1)
	}
	full.Latency, full.Time, full.Speed = Histogram{{8, 1}}, Histogram{{9, 1}}, Histogram{{10, 1}}
	seen := map[string]bool{}
	for i := range Metrics {
		m := &Metrics[i]
		q := mustQuery(t, fmt.Sprintf(`{"metrics":[%q]}`, m.Name))
		var part group
		part.add(full, q.want.measures(), &q.want)
		if got, want := m.of(part.tally()), m.of(full); got != want || (want == nil) != m.absent {
			t.Errorf("%s of what it wants is %v, of everything %v", m.Name, got, want)
		}
		if seen[m.Name] || m.Label == "" || m.Format == "" {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
	}
	for i := range Dimensions {
		if d := &Dimensions[i]; seen[d.Name] || d.Label == "" {
			t.Errorf("%+v", d)
		}
		seen[Dimensions[i].Name] = true
		mustQuery(t, fmt.Sprintf(`{"metrics":["request_count"],"dimensions":[%q],"filters":[{"field":%q,"operator":"neq","value":3}]}`, Dimensions[i].Name, Dimensions[i].Name))
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	midnight := now.Truncate(day)
	for body, want := range map[string]Span{
		`{"metrics":["request_count"]}`:                                           {"acme", midnight.AddDate(0, 0, -7), midnight.AddDate(0, 0, 1), Days},
		`{"metrics":["request_count"],"granularity":"hour"}`:                      {"acme", midnight.AddDate(0, 0, -7), midnight.AddDate(0, 0, 1), Hours},
		`{"metrics":["request_count"],"granularity":"minute",` + rangeOf(1) + `}`: {"acme", now.Add(-time.Hour), midnight.AddDate(0, 0, 1), Records},
		`{"metrics":["request_count"],"dimensions":["generation_id"],"time_range":{"start":"2026-03-01T01:00:00Z","end":"2026-03-01T02:30:00Z"}}`: {"acme",
			time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC), Records},
	} {
		if got := mustQuery(t, body).Span("acme"); got != want {
			t.Errorf("%s: %v, want %v", body, got, want)
		}
	}
}

func TestGranularities(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 12, 34, 56, 0, time.UTC)
	for g, want := range map[Granularity]string{
		Minute: "2026-03-04T12:34:00Z", Hour: "2026-03-04T12:00:00Z", Day: "2026-03-04T00:00:00Z", Week: "2026-03-02T00:00:00Z", Month: "2026-03-01T00:00:00Z", None: "1970-01-01T00:00:00Z",
	} {
		if got := time.Unix(g.start(at.Unix()), 0).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", g, got, want)
		}
	}
	for _, c := range []struct{ at, want string }{{"2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"}, {"2026-03-01T23:59:59Z", "2026-02-23T00:00:00Z"}, {"1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z"}} {
		at, _ := time.Parse(time.RFC3339, c.at)
		if got := time.Unix(Week.start(at.Unix()), 0).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("the week of %s begins %s, want %s", c.at, got, c.want)
		}
	}
}

func FuzzQuery(f *testing.F) {
	f.Add([]byte(`{"metrics":["request_count"],"filters":[{"field":"model","operator":"in","value":["a",1e3]}],"order_by":{"field":"date","direction":"asc"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := ReadAsk(body)
		if err == nil {
			_, err = New(a, now)
		}
		if err != nil && fault.Of(err) != fault.Invalid {
			t.Fatalf("%v", err)
		}
		if err != nil {
			return
		}
		if _, err := json.Marshal(a); err != nil {
			t.Fatal(err)
		}
	})
}
