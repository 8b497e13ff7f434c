package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	trace "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A collector as a customer has one.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*trace.Span
	key   string
}

func newCollector(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		var m trace.TracesData
		if r.URL.Path != "/v1/traces" || proto.Unmarshal(raw, &m) != nil {
			w.WriteHeader(415)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.key = r.Header.Get("Api-Key")
		for _, rs := range m.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				c.spans = append(c.spans, ss.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// told waits for a number of requests and is all that was told.
func (c *collector) told(t *testing.T, requests int) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c.mu.Lock()
		n, all := 0, fmt.Sprint(c.spans)
		for _, s := range c.spans {
			if s.ParentSpanId == nil {
				n++
			}
		}
		c.mu.Unlock()
		if n == requests {
			return all
		}
		if time.Now().After(end) {
			t.Fatalf("told of %d requests, not %d", n, requests)
		}
	}
}

func TestDestinationsAreTold(t *testing.T) {
	t.Parallel()
	col := newCollector(t)
	c := newCompany(t, "observability: {private: true}\n")
	key, _ := c.key("")
	ask := func(text, extra string) {
		call(t, c.handler, "POST", "/api/v1/chat/completions", key, fmt.Sprintf(`{"model":"m/x","messages":[{"role":"user","content":%q}]%s}`, text, extra))
	}
	config := `"type":"otel-collector","config":{"endpoint":"` + col.URL + `","headers":{"Api-Key":"secret-of-collector"}}`
	id := c.manage("POST", "/observability/destinations", `{"name":"metadata",`+config+`,"broadcast_generation_cost":true}`)["id"].(string)
	ask("before it is on", "")
	c.manage("PATCH", "/workspaces/default", `{"is_observability_broadcast_enabled":true}`)
	ask("not to be told", "")
	if got := col.told(t, 1); strings.Contains(got, "to be told") || strings.Contains(got, "hello") || !strings.Contains(got, "gen_ai.usage.cost") || col.key != "secret-of-collector" {
		t.Errorf("metadata only: %s", got)
	}
	c.manage("PATCH", "/workspaces/default", `{"is_observability_io_logging_enabled":true}`)
	ask("may be told", "")
	ask("under zero retention", `,"provider":{"zdr":true}`)
	if got := col.told(t, 3); !strings.Contains(got, "may be told") || strings.Contains(got, "under zero retention") || strings.Contains(got, "before it is on") {
		t.Errorf("with what is said: %s", got)
	}
	if w := call(t, c.handler, "POST", "/vault/rotate", "", ""); w.Code == 200 {
		t.Fatal("rotated without a key")
	}
	w := httptest.NewRecorder()
	c.app.manage.Trusted().ServeHTTP(w, httptest.NewRequest("POST", "/vault/rotate", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"rewrapped":1`) {
		t.Errorf("a rotation leaves the destination under the old key: %s", w.Body)
	}
	c.manage("PATCH", "/observability/destinations/"+id, `{"privacy_mode":true,"config":{"headers":{"Api-Key":"another"}}}`)
	ask("private again", "")
	if got := col.told(t, 4); strings.Contains(got, "private again") || col.key != "another" {
		t.Errorf("privacy mode: %s", got)
	}
	c.manage("PATCH", "/observability/destinations/"+id, `{"filter_rules":{"groups":[{"rules":[{"field":"model","operator":"equals","value":"none"}]}]}}`)
	ask("not chosen", "")
	c.manage("PATCH", "/observability/destinations/"+id, `{"filter_rules":null}`)
	ask("chosen", "")
	col.told(t, 5)
}
