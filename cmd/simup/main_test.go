package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServesUntilToldToStop(t *testing.T) {
	dir := t.TempDir()
	config, invoice := filepath.Join(dir, "sim.json"), filepath.Join(dir, "invoice.jsonl")
	err := os.WriteFile(config, []byte(`{"providers":[{"slug":"acme","name":"Acme","models":[{"id":"m","ttft":"1ms"}]}]}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--listen", "127.0.0.1:0", "--config", config, "--invoice", invoice, "--key", "k"}, w, io.Discard)
		w.Close()
	}()
	url, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("no URL was printed: %v, %v", err, <-ended)
	}
	url = strings.TrimSpace(url)
	for key, status := range map[string]int{"k": 200, "other": 401} {
		req, err := http.NewRequest("POST", url+"/acme/v1/chat/completions", strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"hi"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("key %q: status %d, want %d", key, resp.StatusCode, status)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
	b, err := os.ReadFile(invoice)
	if err != nil || strings.Count(string(b), "\n") != 2 || !strings.Contains(string(b), `"provider":"acme"`) {
		t.Errorf("invoice is %q, %v; want two lines", b, err)
	}
}

func TestRefusesWhatItDoesNotKnow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sim.json")
	if err := os.WriteFile(file, []byte(`{"providers":[{"slug":"acme","modles":[]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"now"}, {"--config", "/does/not/exist"}, {"--config", file}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
