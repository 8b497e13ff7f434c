package broadcast

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
)

// service is a server that takes what a kind sends and is strict about it.
type service struct {
	*httptest.Server
	mu    sync.Mutex
	taken []string
}

func newService(t *testing.T, takes func(r *http.Request, body []byte) (status int)) *service {
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		status := takes(r, body)
		if status/100 == 2 {
			s.mu.Lock()
			s.taken = append(s.taken, r.URL.Path+" "+string(body))
			s.mu.Unlock()
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.taken, "\n")
}

// teller is a broadcaster for one destination of a kind.
func teller(t *testing.T, kind string, values map[string]string, at string) *Broadcaster {
	b := newBroadcaster(t, "", Options{Private: true})
	b.Open = func(context.Context, *account.Destination) (telemetry.Target, error) {
		target, err := telemetry.KindOf(kind).Target(telemetry.Config{Values: values})
		if at != "" {
			target.URL = at
		}
		return target, err
	}
	return b
}

// tells offers two requests and waits until they were taken, after the connection was tried.
func tells(t *testing.T, b *Broadcaster, s *service) {
	t.Helper()
	if err := b.Try(t.Context(), destination()); err != nil {
		t.Fatalf("tried: %v", err)
	}
	for _, id := range []string{"gen-1", "gen-2"} {
		b.Offer(destination(), event(id))
	}
	until(t, "sent or dropped", func() bool { return b.Sent()+b.Dropped() == 2 })
	if last, _ := b.Last("d"); last.Error != "" || !strings.Contains(s.all(), "gen-1") || !strings.Contains(s.all(), "gen-2") || !strings.Contains(s.all(), "said gen-1") {
		t.Errorf("%s: %s", last.Error, s.all())
	}
}

// verified checks a signature of S3 as its documentation says, with nothing of ours
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
func verified(r *http.Request, body []byte, region, id, secret string) error {
	sum := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }
	mac := func(key []byte, s string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		return h.Sum(nil)
	}
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	if err != nil || at.Sub(noon).Abs() > 15*time.Minute {
		return fmt.Errorf("date %q: %v", stamp, err)
	}
	if r.Header.Get("X-Amz-Content-Sha256") != sum(body) {
		return fmt.Errorf("the body has another digest")
	}
	scope := at.Format("20060102") + "/" + region + "/s3/aws4_request"
	var credential, names, signature string
	if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=%s SignedHeaders=%s Signature=%s", &credential, &names, &signature); err != nil {
		return err
	}
	names = strings.TrimSuffix(names, ",")
	if credential != id+"/"+scope+"," {
		return fmt.Errorf("credential %s", credential)
	}
	signed := strings.Split(names, ";")
	if !slices.IsSorted(signed) || !slices.Contains(signed, "host") {
		return fmt.Errorf("signed %s", names)
	}
	headers := ""
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers += name + ":" + strings.TrimSpace(value) + "\n"
	}
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") && !slices.Contains(signed, lower) {
			return fmt.Errorf("%s is not signed", name)
		}
	}
	var path []string
	for _, s := range strings.Split(r.URL.Path, "/") { // as S3 escapes what it has decoded
		path = append(path, strings.ReplaceAll(url.QueryEscape(s), "+", "%20"))
	}
	canonical := strings.Join([]string{r.Method, strings.Join(path, "/"), "", headers, names, sum(body)}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	want := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+sum([]byte(canonical))))
	if signature != want {
		return fmt.Errorf("signature %s, want %s of\n%s", signature, want, canonical)
	}
	return nil
}

func TestS3(t *testing.T) {
	t.Parallel()
	s := newService(t, func(r *http.Request, body []byte) int {
		if err := verified(r, body, "eu-central-1", "AKID", "secret/+="); err != nil {
			t.Log(err)
			return 403
		}
		if r.Method != "PUT" || !strings.HasPrefix(r.URL.Path, "/bucket/") || r.Header.Get("Content-Type") != "application/jsonl" || r.ContentLength != int64(len(body)) {
			return 400
		}
		return 200
	})
	config := map[string]string{"endpoint": s.URL, "bucketName": "bucket", "accessKeyId": "AKID", "secretAccessKey": "secret/+=", "region": "eu-central-1", "pathTemplate": "{prefix}/day={date}/a b+c", "sessionToken": "tok"}
	tells(t, teller(t, "s3", config, ""), s)
	if !strings.Contains(s.all(), "/bucket/openrouter-traces/connection-test.jsonl \n") || !strings.Contains(s.all(), "/bucket/openrouter-traces/day=2026-03-04/a b+c/") {
		t.Error(s.all())
	}
	config["secretAccessKey"] = "another"
	if err := teller(t, "s3", config, "").Try(t.Context(), destination()); err == nil || err.Error() != "it answered 403" {
		t.Errorf("a wrong key: %v", err)
	}
}

func TestClickHouse(t *testing.T) {
	t.Parallel()
	s := newService(t, func(r *http.Request, body []byte) int {
		switch q := r.URL.Query(); {
		case r.Header.Get("X-ClickHouse-User") != "u" || r.Header.Get("X-ClickHouse-Key") != "p/":
			return 403
		case r.Method != "POST" || r.URL.Path != "/" || q.Get("query") != "INSERT INTO `d`.`t` FORMAT JSONEachRow":
			return 400
		}
		for line := range strings.Lines(string(body)) {
			var row map[string]any
			if json.Unmarshal([]byte(line), &row) != nil || row["TRACE_ID"] == nil {
				return 400
			}
		}
		return 200
	})
	config := map[string]string{"host": s.URL, "database": "d", "table": "t", "username": "u", "password": "p/"}
	tells(t, teller(t, "clickhouse", config, ""), s)
	config["table"] = "other"
	if err := teller(t, "clickhouse", config, "").Try(t.Context(), destination()); err == nil || err.Error() != "it answered 400" {
		t.Errorf("what ClickHouse does not take passes: %v", err)
	}
}

func TestSnowflake(t *testing.T) {
	t.Parallel()
	s := newService(t, func(r *http.Request, body []byte) int {
		var m struct {
			Statement, Database, Schema, Warehouse string
			Bindings                               map[string]struct{ Type, Value string }
		}
		var rows []map[string]any
		switch {
		case r.Header.Get("Authorization") != "Bearer pat" || r.Header.Get("X-Snowflake-Authorization-Token-Type") != "PROGRAMMATIC_ACCESS_TOKEN":
			return 401
		case r.Method != "POST" || r.URL.Path != "/api/v2/statements" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Accept") != "application/json" || r.UserAgent() == "":
			return 400
		case json.Unmarshal(body, &m) != nil || m.Database == "" || m.Schema == "" || m.Warehouse == "" || strings.Count(m.Statement, "?") != len(m.Bindings):
			return 400
		case m.Bindings["1"].Type != "TEXT" || json.Unmarshal([]byte(m.Bindings["1"].Value), &rows) != nil:
			return 422
		}
		return 200
	})
	config := map[string]string{"account": "xy12345", "token": "pat"}
	tells(t, teller(t, "snowflake", config, s.URL+"/api/v2/statements"), s)
}

func TestDatadogAndPostHog(t *testing.T) {
	t.Parallel()
	s := newService(t, func(r *http.Request, body []byte) int {
		var m struct {
			Data struct {
				Type       string
				Attributes struct {
					App   string `json:"ml_app"`
					Spans *[]map[string]any
				}
			}
			Key   string `json:"api_key"`
			Batch *[]struct {
				Event      string
				Properties map[string]any
			}
		}
		if r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(body, &m) != nil {
			return 400
		}
		switch a := m.Data.Attributes; r.URL.Path {
		case "/api/intake/llm-obs/v1/trace/spans":
			if r.Header.Get("DD-API-KEY") != "dd" {
				return 403
			}
			if m.Data.Type != "span" || a.App == "" || a.Spans == nil {
				return 400
			}
			for _, span := range *a.Spans {
				for _, must := range []string{"name", "span_id", "trace_id", "parent_id", "start_ns", "duration", "meta"} {
					if span[must] == nil {
						return 400
					}
				}
			}
			return 202
		case "/batch/":
			if m.Key != "phc" || m.Batch == nil {
				return 401
			}
			for _, e := range *m.Batch {
				if e.Event != "$ai_generation" || e.Properties["distinct_id"] == nil || e.Properties["$ai_trace_id"] == nil {
					return 400
				}
			}
			return 200
		}
		return 404
	})
	tells(t, teller(t, "datadog", map[string]string{"apiKey": "dd", "mlApp": "shop", "url": s.URL}, ""), s)
	tells(t, teller(t, "posthog", map[string]string{"apiKey": "phc", "endpoint": s.URL}, ""), s)
}

// What was said does not grow without bound in one call.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, func(*http.Request, []byte) int { return 200 })
	b := teller(t, "posthog", map[string]string{"apiKey": "phc", "endpoint": s.URL}, "")
	b.Gather = time.Minute
	big := event("gen-1")
	big.Said.Completion = make([]byte, mostSaidAtOnce/2)
	for range 4 {
		b.Offer(destination(), big)
	}
	until(t, "sent", func() bool { return b.Sent() == 4 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.taken); n != 2 {
		t.Errorf("%d calls", n)
	}
}
