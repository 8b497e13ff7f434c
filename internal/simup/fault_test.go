package simup

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	openQuestion   = `{"model":"chat","messages":[{"role":"user","content":"Hello"}]}`
	openStream     = `{"model":"chat","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hello"}]}`
	claudeStream   = `{"model":"chat","max_tokens":999,"stream":true,"messages":[{"role":"user","content":"Hello"}]}`
	claudeQuestion = `{"model":"chat","max_tokens":999,"messages":[{"role":"user","content":"Hello"}]}`
	geminiQuestion = `{"contents":[{"parts":[{"text":"Hello"}]}]}`
)

// last is the invoice's last line, which a cut answer's client may see a moment before it
// is there.
func last(t *testing.T, r *Running, count int) Line {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if l := r.Server.Invoice(); len(l) >= count {
			return l[len(l)-1]
		}
		if time.Now().After(deadline) {
			t.Fatalf("no line %d in the invoice", count)
		}
	}
}

func TestFaultWords(t *testing.T) {
	t.Parallel()
	got, err := ParseFault("cut=120, rst,pause=2s,error-event=3,usage=x3,on=amber,slow-reader")
	want := Fault{Cut: true, CutAt: 120, Reset: true, Pause: 2 * time.Second, ErrorEvent: true, ErrorAfter: 3, Usage: "x3", On: "amber", SlowReader: slowRead}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"cut", "cut=x", "status=99", "usage=double", "html=1", "nothing", "stall=2h", "pause=-1s"} {
		if f, err := ParseFault(bad); err == nil {
			t.Errorf("%s is read as %+v", bad, f)
		}
	}
}

// TestFaultsComeFromEverywhere: script, header, control path and directive, the first two
// used up and only where they are meant.
func TestFaultsComeFromEverywhere(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	status := func(want int, path, body string, h ...string) {
		t.Helper()
		if g := r.post(t, path, body, h...); g.status != want {
			t.Errorf("status %d, want %d: %s", g.status, want, g.body)
		}
	}
	r.Server.Fault("amber", "slow", Fault{Status: 500}, 1)
	r.Server.Fault("amber", "chat", Fault{Status: 503}, 2)
	status(503, chat, openQuestion)
	status(418, chat, openQuestion, "X-Sim-Fault", "status=418") // does not use up the script
	status(503, chat, openQuestion)
	status(200, chat, openQuestion)
	order := func(body string) int { return r.post(t, "/_sim/faults", body).status }
	if got := order(`{"provider":"amber","model":"chat","times":-1,"fault":"status=504"}`); got != 204 {
		t.Errorf("order: %d", got)
	}
	status(504, chat, openQuestion)
	status(504, chat, openQuestion)
	r.Server.ClearFaults()
	status(200, chat, openQuestion)
	for _, bad := range []string{`{"provider":"nobody","fault":"html"}`, `{"fault":"htlm"}`, `{`} {
		if got := order(bad); got != 400 {
			t.Errorf("%s: %d", bad, got)
		}
	}
	directive := func(s string) string { return strings.Replace(openQuestion, "Hello", "Hello [[sim:"+s+"]]", 1) }
	status(529, chat, directive("status=529"))
	status(529, chat, directive("status=529,on=amber"))
	status(200, chat, directive("status=529,on=basalt"))
	status(400, chat, directive("sttus=529"))
	status(400, chat, openQuestion, "X-Sim-Fault", "sttus=529")
}

func TestBodyFaults(t *testing.T) {
	t.Parallel()
	for fault, check := range map[string]func(got) bool{
		"html": func(g got) bool {
			return g.status == 502 && strings.HasPrefix(g.body, "<html>") && g.header.Get("Content-Type") == "text/html"
		},
		"html,status=403": func(g got) bool { return g.status == 403 && strings.Contains(g.body, "403 Forbidden") },
		"empty":           func(g got) bool { return g.status == 200 && g.body == "" && g.err == nil },
		"empty,status=500": func(g got) bool {
			return g.status == 500 && g.body == ""
		},
		"truncated": func(g got) bool { return g.status == 200 && g.err == nil && !json.Valid([]byte(g.body)) },
		"malformed": func(g got) bool { return g.status == 200 && g.err == nil && !json.Valid([]byte(g.body)) },
		"cut=50":    func(g got) bool { return len(g.body) == 50 && errors.Is(g.err, io.ErrUnexpectedEOF) },
		"cut=50,end": func(g got) bool {
			return len(g.body) == 50 && g.err == nil
		},
		"error-event": func(g got) bool { return g.status == 200 && strings.Contains(g.body, "error") },
		"usage=missing": func(g got) bool {
			return !strings.Contains(g.body, "sage\"") || strings.Contains(g.body, "\"message\"") && !strings.Contains(g.body, "_tokens")
		},
		"usage=zero": func(g got) bool {
			return strings.Contains(g.body, "okens\":0") || strings.Contains(g.body, "okens\": 0") || strings.Contains(g.body, "TokenCount\": 0")
		},
	} {
		for dialect, q := range map[string][2]string{"openai": {chat, openQuestion}, "anthropic": {messages, claudeQuestion}, "gemini": {generate, geminiQuestion}} {
			t.Run(fault+" "+dialect, func(t *testing.T) {
				t.Parallel()
				r := start(t, standard())
				if g := r.post(t, q[0], q[1], "X-Sim-Fault", fault); !check(g) {
					t.Errorf("status %d, err %v, %v: %s", g.status, g.err, g.header, g.body)
				}
			})
		}
	}
}

func TestStreamFaults(t *testing.T) {
	t.Parallel()
	valid := func(body string) (n, bad int) {
		for _, d := range datas(body) {
			if n++; !json.Valid([]byte(d)) && d != "[DONE]" {
				bad++
			}
		}
		return n, bad
	}
	plain := map[string]int{} // frames without a fault
	for fault, check := range map[string]func(body string, err error, frames int) bool{
		"cut=700": func(body string, err error, _ int) bool {
			return len(body) == 700 && errors.Is(err, io.ErrUnexpectedEOF)
		},
		"cut=700,end": func(body string, err error, _ int) bool {
			return len(body) == 700 && err == nil
		},
		"cut=0": func(body string, err error, _ int) bool { return body == "" && err != nil },
		"malformed": func(body string, err error, frames int) bool {
			n, bad := valid(body)
			return err == nil && bad == 1 && n == frames
		},
		"truncated": func(body string, err error, frames int) bool {
			n, bad := valid(body)
			return err == nil && bad == 1 && n < frames
		},
		"duplicate":   func(body string, err error, frames int) bool { n, bad := valid(body); return bad == 0 && n == frames+1 },
		"usage-twice": func(body string, err error, frames int) bool { n, bad := valid(body); return bad == 0 && n == frames+1 },
		"error-event": func(body string, err error, _ int) bool {
			n, _ := valid(body)
			return err == nil && n == 1 && strings.Contains(body, "error")
		},
		"error-event=2": func(body string, err error, frames int) bool {
			n, bad := valid(body)
			return err == nil && bad == 0 && n > 2 && n < frames && strings.Contains(body[strings.LastIndex(body, "data: "):], `"error"`)
		},
		"no-terminator": func(body string, err error, _ int) bool {
			return err == nil && !strings.Contains(body, "[DONE]") && !strings.Contains(body, "message_stop") && !strings.Contains(body, "finishReason")
		},
		"no-content": func(body string, err error, frames int) bool {
			n, bad := valid(body)
			return bad == 0 && n < frames && n > 0 && !strings.Contains(body, "Amber")
		},
		"usage=missing": func(body string, err error, _ int) bool { return !strings.Contains(body, "sage\"") },
		"pause=1ms": func(body string, err error, frames int) bool {
			n, bad := valid(body)
			return n == frames && bad == 0
		},
	} {
		for dialect, q := range map[string][2]string{"openai": {chat, openStream}, "anthropic": {messages, claudeStream}, "gemini": {streamSSE, geminiQuestion}} {
			if plain[dialect] == 0 {
				plain[dialect], _ = valid(start(t, standard()).post(t, q[0], q[1]).body)
			}
			t.Run(fault+" "+dialect, func(t *testing.T) {
				frames := plain[dialect]
				r := start(t, standard())
				g := r.post(t, q[0], q[1], "X-Sim-Fault", fault)
				body := g.body
				if fault == "usage=missing" { // Anthropic's message_start is named so too
					body = strings.ReplaceAll(body, `"message"`, "")
				}
				if g.status != 200 || !check(body, g.err, frames) {
					t.Errorf("status %d, err %v, usually %d frames: %s", g.status, g.err, frames, g.body)
				}
			})
		}
	}
}

func TestGeminiArrayErrorStaysAnArray(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	for fault, at := range map[string]int{"error-event": 0, "error-event=2": 2} {
		g := r.post(t, "v1beta/models/chat:streamGenerateContent", geminiQuestion, "X-Sim-Fault", fault)
		if value(t, g.body, at, "error", "status") != "UNAVAILABLE" {
			t.Errorf("%s: %s", fault, g.body)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	g := r.post(t, chat, openStream, "X-Sim-Fault", "cut=700,rst")
	if !errors.Is(g.err, syscall.ECONNRESET) || len(g.body) > 700 {
		t.Errorf("%d bytes, then %v", len(g.body), g.err)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	for name, q := range map[string][2]string{"whole": {messages, claudeQuestion}, "stream": {messages, claudeStream}} {
		g := r.post(t, q[0], q[1], "X-Sim-Fault", "gzip")
		z, err := gzip.NewReader(strings.NewReader(g.body))
		if err != nil || g.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %v, %v", name, err, g.header)
		}
		b, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(b, []byte("end_turn")) {
			t.Errorf("%s: %v in %s", name, err, b)
		}
	}
}

func TestStallAndSlowReader(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	for fault, least := range map[string]time.Duration{"stall=40ms": 40 * time.Millisecond, "slow-reader=15ms": 40 * time.Millisecond} {
		begin := time.Now()
		body := strings.Replace(openQuestion, "Hello", strings.Repeat("Hello ", 1700), 1) // three pieces
		if g := r.post(t, chat, body, "X-Sim-Fault", fault); g.status != 200 || time.Since(begin) < least {
			t.Errorf("%s: status %d after %v", fault, g.status, time.Since(begin))
		}
	}
}

// TestEarly: the answer is there although the request's body never ends.
func TestEarly(t *testing.T) {
	t.Parallel()
	r := start(t, standard())
	r.Server.Fault("amber", "", Fault{Early: true}, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	in, out := io.Pipe()
	defer out.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+"/amber/"+chat, in)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	out.Close()
	if resp.StatusCode != 200 || !strings.Contains(read(t, resp), "Amber") {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// TestClientThatLeaves: its answer would take more than a minute. How long it was heard is
// left to the machine; what was made then must fit that time.
func TestClientThatLeaves(t *testing.T) {
	t.Parallel()
	for _, stream := range []string{"true", "false"} {
		t.Run("stream "+stream, func(t *testing.T) {
			t.Parallel()
			r := start(t, standard()) // slow makes 100 tokens a second
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+"/amber/"+chat, strings.NewReader(`{"model":"slow","stream":`+stream+`,"messages":[{"role":"user","content":"Hello [[sim:words=5000]]"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			if stream == "false" {
				go func() {
					for r.Server.requests.Load() == 0 {
						time.Sleep(time.Millisecond)
					}
					time.Sleep(100 * time.Millisecond)
					leave()
				}()
			}
			if resp, err := client.Do(req); err == nil {
				if _, err := io.CopyN(io.Discard, resp.Body, 2000); err != nil {
					t.Fatal(err)
				}
				leave()
				resp.Body.Close()
			} else if stream == "true" {
				t.Fatal(err)
			}
			l := last(t, r, 1)
			most := int64(time.Since(begin).Seconds()*100) + 1
			if l.Broke != "client left" || l.Complete || l.Output > most || stream == "true" && (l.Output < 2 || !l.Billable) {
				t.Errorf("at most %d tokens, cut short: %+v", most, l)
			}
		})
	}
}
