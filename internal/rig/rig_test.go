package rig

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test program play the rig's own processes and a gateway.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	ran, err := Child(ctx, os.Args[1:], os.Stdout)
	if len(os.Args) > 3 && os.Args[1] == "serve" {
		ran, err = true, fakeGateway(ctx, os.Args[3])
	}
	stop()
	if !ran {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fakeGateway is the baseline with a gateway's paths, key and model name.
func fakeGateway(ctx context.Context, config string) error {
	raw, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	find := func(pattern string) string { return string(regexp.MustCompile(pattern).FindSubmatch(raw)[1]) }
	up, err := url.Parse(find(`base_url: "([^"]*)/v1"`))
	if err != nil {
		return err
	}
	model, proxy := find(`upstream_model: ([^,]*)`), newRevproxy(up)
	h := http.StripPrefix("/api", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "no key", http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = bytes.Replace(body, []byte(gatewayModel), []byte(model), 1)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		proxy.ServeHTTP(w, r)
	}))
	return serve(ctx, h, announcement{Key: "secret"}, find(`listen: (\S+)`), os.Stdout)
}

func TestRunMeasuresAGateway(t *testing.T) {
	if _, err := processors(); err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &Rig{Gateway: self, Quick: true, Rounds: 1, Only: []string{"chat-16", "chunk-burst", "latency-first", "start"}}
	report, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Rows) != 4 || len(report.Verdicts) != 3 {
		t.Fatalf("%d rows and %d verdicts", len(report.Rows), len(report.Verdicts))
	}
	for _, row := range report.Rows {
		if n, why := row.subject().failed(); n > 0 {
			t.Errorf("%s: %d failed: %s", row.Name, n, why)
		}
		if row.Name != "start" && row.cost(row.subject()).Median() <= 0 {
			t.Errorf("%s costs nothing", row.Name)
		}
	}
	if got := len(report.Rows[3].subject().Starts); got != starts {
		t.Errorf("%d starts were measured", got)
	}
	var text strings.Builder
	if err := report.WriteMarkdown(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| chat, 1 KB, 16 connections | request |", "| start to first answer |", "latency of the first chunk"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("report lacks %q:\n%s", want, text.String())
		}
	}
}

func TestChoose(t *testing.T) {
	all := scenarios(false)
	routes := 2 * len(routed) * len(routed)
	for only, want := range map[string]int{"": len(all) - routes, "all": len(all) - routes, "route": routes, "all,route": len(all), "chat": 2, "chat-16": 1, "chunk,start": 3} {
		var wanted []string
		if only != "" {
			wanted = strings.Split(only, ",")
		}
		got, err := choose(all, wanted)
		if err != nil || len(got) != want {
			t.Errorf("%q: %d scenarios, %v; want %d", only, len(got), err, want)
		}
	}
	if _, err := choose(all, []string{"chta"}); err == nil || !strings.Contains(err.Error(), "chat-16") {
		t.Errorf("unknown scenario: %v", err)
	}
}

func TestEveryBarHasItsScenario(t *testing.T) {
	for _, b := range bars {
		if got, err := choose(scenarios(false), []string{b.scenario}); err != nil || len(got) != 1 {
			t.Errorf("bar %q is about no scenario", b.says)
		}
	}
}
