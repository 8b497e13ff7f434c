package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/canary"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/simup"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/sqlite"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// What the client may see of a fault. A cell with three words has one for each of dialects.
const (
	invisible  = "invisible"  // the next endpoint's whole answer, and no trace of an error
	terminated = "terminated" // content, then a well-formed error chunk and no [DONE]
	harmless   = "harmless"   // the faulty endpoint's whole answer
	hollow     = "hollow"     // a whole answer in which nothing was said
	failed     = "failed"     // an error answer: there is no next endpoint
)

var dialects = []llm.Dialect{llm.OpenAIChat, llm.Anthropic, llm.Gemini}

// Whose count a whole answer is charged by.
const (
	byInvoice  = ""         // the upstream's, which its invoice agrees with
	byEstimate = "estimate" // ours
	byReport   = "report"   // the upstream's, three times what it invoices
)

// faults is every fault of the simulator and what must come of it. A fault "" does not
// exist in that mode.
var faults = []struct {
	fault         string
	stream, whole string
	charged       string
}{
	{fault: "status=400", stream: invisible, whole: invisible},
	{fault: "status=401", stream: invisible, whole: invisible},
	{fault: "status=404", stream: invisible, whole: invisible},
	{fault: "status=429", stream: invisible, whole: invisible},
	{fault: "status=500", stream: invisible, whole: invisible},
	{fault: "status=529", stream: invisible, whole: invisible},
	{fault: "html", stream: invisible, whole: invisible},
	{fault: "html,status=200", stream: invisible, whole: invisible},
	{fault: "empty", stream: invisible, whole: invisible},
	{fault: "truncated", stream: terminated, whole: invisible},
	{fault: "stall=1m", stream: invisible, whole: invisible},
	{fault: "pause=1ms", stream: harmless, whole: harmless},
	// Gemini's first frame has content, so silence after it is a broken answer.
	{fault: "pause=1m", stream: "invisible invisible terminated", whole: harmless},
	{fault: "cut=0,fin", stream: invisible, whole: invisible},
	{fault: "cut=0,rst", stream: invisible, whole: invisible},
	{fault: "cut=20,fin", stream: invisible, whole: invisible},
	{fault: "cut=20,rst", stream: invisible, whole: invisible},
	{fault: "cut=20,end", stream: invisible, whole: invisible},
	{fault: "cut=1500,fin", stream: terminated},
	{fault: "cut=1500,rst", stream: terminated},
	{fault: "cut=1500,end", stream: terminated},
	{fault: "cut=300,fin", whole: invisible},
	{fault: "cut=300,rst", whole: invisible},
	{fault: "cut=300,end", whole: invisible},
	{fault: "malformed", stream: invisible, whole: invisible},
	{fault: "error-event", stream: invisible, whole: invisible},
	{fault: "error-event=1", stream: terminated},
	{fault: "error-event=3", stream: terminated},
	// At OpenAI a finish reason and the usage after it are the end as well.
	{fault: "no-terminator", stream: "harmless terminated terminated", whole: harmless},
	{fault: "no-terminator,usage=missing", stream: terminated, whole: harmless, charged: byEstimate},
	{fault: "usage=missing", stream: harmless, whole: harmless, charged: byEstimate},
	{fault: "usage=zero", stream: harmless, whole: harmless, charged: byEstimate},
	{fault: "usage=x3", stream: harmless, whole: harmless, charged: byReport},
	{fault: "usage-twice", stream: harmless, whole: harmless},
	{fault: "slow-reader=5ms", stream: harmless, whole: harmless},
	// Only Gemini's path says that a stream is wanted. The others answer with plain JSON, which
	// the Anthropic dialect takes for an answer.
	{fault: "early", stream: "invisible harmless harmless", whole: harmless},
	{fault: "gzip", stream: harmless, whole: harmless},
	{fault: "duplicate", stream: harmless, whole: harmless},
	{fault: "no-content", stream: hollow, whole: hollow},
}

// lonely faults strike where no other endpoint is left.
var lonely = []string{"status=400", "status=401", "status=429", "status=500", "empty", "stall=1m", "cut=20,rst", "malformed", "error-event"}

// TestFaults plays every fault in every dialect, streamed and whole, and compares what the
// client got with the table, and the books with the simulator's invoice.
func TestFaults(t *testing.T) {
	var silent, others []*cell
	for _, c := range faultCells() {
		if c.fault == "stall=1m" || c.fault == "pause=1m" {
			silent = append(silent, c)
		} else {
			others = append(others, c)
		}
	}
	var cost, loss money.Amount
	for _, part := range []struct {
		cells    []*cell
		timeouts string
	}{{silent, "first_token: 3s, idle: 2s, answer: 3s"}, {others, patient}} {
		s := newStage(t, part.cells, part.timeouts)
		turns := make(chan struct{}, 12)
		var wg sync.WaitGroup
		for _, c := range part.cells {
			wg.Go(func() {
				turns <- struct{}{}
				defer func() { <-turns }()
				c.heard = s.ask(t.Context(), c)
			})
		}
		wg.Wait()
		invoice := s.end()
		for _, c := range part.cells {
			t.Run(c.String(), func(t *testing.T) { s.judge(t, c, invoice) })
		}
		c, l := s.audit()
		cost, loss = cost+c, loss+l
	}
	if cost == 0 || loss == 0 {
		t.Errorf("cost %s, loss %s: the table has both", cost, loss)
	}
}

// patient are deadlines that no cell meets, however busy the machine.
const patient = "first_token: 1m, idle: 1m, answer: 1m"

// A cell is one request: its own provider with a fault, before a healthy one or alone.
type cell struct {
	slug    string
	dialect llm.Dialect
	fault   string
	stream  bool
	want    string
	charged string
	pace    float64
	heard   heard
}

func (c *cell) String() string {
	mode := "whole"
	if c.stream {
		mode = "stream"
	}
	name := fmt.Sprintf("%s/%s/%s", c.fault, c.dialect, mode)
	if c.want == failed {
		name = "alone/" + name
	}
	return name
}

func faultCells() []*cell {
	var cells []*cell
	add := func(fault, charged string, stream bool, d int, want string) {
		if want == "" {
			return
		}
		if each := strings.Fields(want); len(each) > 1 {
			want = each[d]
		}
		cells = append(cells, &cell{slug: fmt.Sprintf("cell-%d", len(cells)), dialect: dialects[d], fault: fault, stream: stream, want: want, charged: charged})
	}
	for d := range dialects {
		for _, f := range faults {
			add(f.fault, f.charged, true, d, f.stream)
			add(f.fault, f.charged, false, d, f.whole)
		}
		for _, f := range lonely {
			add(f, byInvoice, true, d, failed)
			add(f, byInvoice, false, d, failed)
		}
	}
	return cells
}

// Prices in nano-dollars per token: whole, so that nothing is rounded.
const (
	faultyPrompt, faultyOutput   = 2000, 10000
	healthyPrompt, healthyOutput = 1000, 5000
	healthy                      = "healthy"
	words                        = 60 // of an answer: more than 1500 bytes of frames
)

// A stage is a gateway between a client and the simulator.
type stage struct {
	t        *testing.T
	app      *App
	sim      *simup.Server
	url, key string
	front    *httptest.Server
	back     *httptest.Server
	arrived  chan string // slugs whose provider got a request
	left     chan string // slugs whose provider is done with one
	ended    chan generation.Record
	ids      map[string]generation.Record // after end
}

func newStage(t *testing.T, cells []*cell, timeouts string) *stage {
	t.Helper()
	s := &stage{t: t, arrived: make(chan string, 1000), left: make(chan string, 1000), ended: make(chan generation.Record, 1000)}
	s.simulate(cells)
	f, err := config.Load(writeConfig(t, stageConfig(canary.Dir(t), s.back.URL, timeouts, cells)))
	if err != nil {
		t.Fatal(err)
	}
	s.app, err = New(f, canary.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.app.Close(); err != nil {
			t.Error(err)
		}
	})
	observe := s.app.gateway.Observer
	s.app.gateway.Observer = func(r *generation.Record, said *transcript.Transcript, took time.Duration) {
		observe(r, said, took)
		s.ended <- *r
	}
	keys, err := s.app.FirstRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.key = keys.Inference
	s.front = httptest.NewServer(canary.Handler(t, s.app.Handler()))
	t.Cleanup(s.front.Close)
	s.url = s.front.URL
	return s
}

// simulate starts a provider for each cell, with the cell's fault for ever, and a healthy one.
func (s *stage) simulate(cells []*cell) {
	s.t.Helper()
	cfg := simup.Config{Seed: 1, Providers: []simup.Provider{{Slug: healthy, Name: "Healthy", Models: []simup.Model{{ID: "up"}}}}}
	for _, c := range cells {
		cfg.Providers = append(cfg.Providers, simup.Provider{Slug: c.slug, Name: "Faulty", Models: []simup.Model{{ID: "up", TokensPerSecond: c.pace}}})
	}
	var err error
	if s.sim, err = simup.New(cfg); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range cells {
		f, err := simup.ParseFault(c.fault)
		if err != nil {
			s.t.Fatal(err)
		}
		s.sim.Fault(c.slug, "", f, 0)
	}
	s.back = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		slug := strings.Split(r.URL.Path, "/")[1]
		s.arrived <- slug
		defer func() { s.left <- slug }()
		s.sim.ServeHTTP(w, r)
	}))
	s.t.Cleanup(s.back.Close)
}

func stageConfig(data, url, timeouts string, cells []*cell) string {
	var providers, models strings.Builder
	provider := func(slug, name string, d llm.Dialect) {
		base := url + "/" + slug
		if d == llm.OpenAIChat {
			base += "/v1"
		}
		fmt.Fprintf(&providers, "  - {slug: %s, name: %s, protocol: %s, base_url: %q}\n", slug, name, d, base)
	}
	endpoint := func(slug, prompt, output string) {
		fmt.Fprintf(&models, "      - {provider: %s, upstream_model: up, max_output: 4096, price: {prompt: %q, completion: %q}}\n", slug, prompt, output)
	}
	provider(healthy, "Healthy", llm.OpenAIChat)
	for _, c := range cells {
		provider(c.slug, "Faulty", c.dialect)
		fmt.Fprintf(&models, "  - slug: fault/%s\n    endpoints:\n", c.slug)
		endpoint(c.slug, "2", "10")
		if c.want != failed {
			endpoint(healthy, "1", "5")
		}
	}
	return fmt.Sprintf(`data: %q
demo: false
timeouts: {%s, keep_alive: 200ms}
providers:
%smodels:
%s`, data, timeouts, providers.String(), models.String())
}

func writeConfig(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "dragoman.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// end waits until every request has settled and every provider is done, and returns the
// invoice by provider and by answer.
func (s *stage) end() map[string]simup.Line {
	s.t.Helper()
	s.front.Close()
	s.app.gateway.Drain(10 * time.Second)
	s.app.upstream.Close()
	s.back.Close()
	s.ids = map[string]generation.Record{}
	for len(s.ended) > 0 {
		r := <-s.ended
		s.ids[r.ID] = r
	}
	invoice := map[string]simup.Line{}
	for _, l := range s.sim.Invoice() {
		key := l.Provider
		if key == healthy {
			key = l.AnswerID
		}
		if _, twice := invoice[key]; twice {
			s.t.Errorf("%s was asked twice", key)
		}
		invoice[key] = l
	}
	return invoice
}

// audit compares the accounts with the records, and returns what these come to.
func (s *stage) audit() (cost, loss money.Amount) {
	s.t.Helper()
	for _, r := range s.ids {
		cost, loss = cost+r.Cost, loss+r.Loss
	}
	if mine := s.balance(DefaultAccount); mine.Held != 0 || mine.Spent != cost || mine.Posted != -cost {
		s.t.Errorf("the account has %+v; its records cost %s", mine, cost)
	}
	if operator := s.balance(ledger.OperatorLoss); operator.Spent != loss {
		s.t.Errorf("the operator's loss is %+v; the records' is %s", operator, loss)
	}
	if house := s.balance(ledger.Revenue); house.Posted != cost+loss {
		s.t.Errorf("the house has %+v; the records come to %s", house, cost+loss)
	}
	findings, err := s.app.store.(*sqlite.Store).Audit(context.Background())
	if err != nil || len(findings) > 0 {
		s.t.Errorf("audit: %v %v", findings, err)
	}
	return cost, loss
}

// balance is nothing for a house account that has never been moved.
func (s *stage) balance(id ledger.AccountID) ledger.Balance {
	s.t.Helper()
	b, err := s.app.store.Balance(context.Background(), id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.t.Fatal(err)
	}
	return b
}

// request sends a chat request for a cell.
func (s *stage) request(ctx context.Context, c *cell) (*http.Response, error) {
	text := fmt.Sprintf("Tell me about the sea. [[sim:words=%d]]", words)
	if strings.HasPrefix(c.fault, "slow-reader") || c.fault == "early" {
		text = strings.Repeat("The sea is wide and deep. ", 800) + text
	}
	body := fmt.Sprintf(`{"model":"fault/%s","stream":%t,"messages":[{"role":"user","content":%q}],"provider":{"order":[%q,%q]}}`, c.slug, c.stream, text, c.slug, healthy)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	return s.front.Client().Do(req)
}

// heard is an answer as its client has it.
type heard struct {
	err          error
	status       int
	id           string // of the generation
	text, finish string
	failure      string // the error's message
	done         bool   // a stream's [DONE], a whole answer's end
	cost         json.Number
	after        bool // something came after the end or the error
}

// ask sends a cell's request and listens to the end.
func (s *stage) ask(ctx context.Context, c *cell) (h heard) {
	resp, err := s.request(ctx, c)
	if err != nil {
		h.err = err
		return h
	}
	defer resp.Body.Close()
	h.status, h.id = resp.StatusCode, resp.Header.Get("X-Generation-Id")
	if resp.Header.Get("Content-Type") != "text/event-stream" {
		var raw []byte
		if raw, h.err = io.ReadAll(resp.Body); h.err == nil {
			h.err = h.chunk(raw)
		}
		h.done = h.failure == ""
		return h
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue // blank, or a comment that keeps the stream alive
		}
		h.after = h.done || h.failure != ""
		if data == "[DONE]" {
			h.done = true
		} else if err := h.chunk([]byte(data)); err != nil {
			h.err = err
		}
	}
	if err := lines.Err(); err != nil {
		h.err = err
	}
	return h
}

// chunk takes in one chunk of a stream, or a whole answer.
func (h *heard) chunk(raw []byte) error {
	type said struct{ Content string }
	var v struct {
		Choices []struct {
			Delta, Message said
			Finish         string `json:"finish_reason"`
		}
		Usage struct{ Cost json.Number }
		Error struct{ Message string }
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("%q: %w", raw, err)
	}
	for _, c := range v.Choices {
		h.text += c.Delta.Content + c.Message.Content
		if c.Finish != "" {
			h.finish = c.Finish
		}
	}
	if v.Usage.Cost != "" {
		h.cost = v.Usage.Cost
	}
	h.failure += v.Error.Message
	return nil
}

// judge holds a cell against its row of the table.
func (s *stage) judge(t *testing.T, c *cell, invoice map[string]simup.Line) {
	h, line := c.heard, invoice[c.slug]
	if h.err != nil {
		t.Fatal(h.err)
	}
	rec, ok := s.ids[h.id]
	if !ok {
		t.Fatalf("no record of %q", h.id)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("heard %+v\nrecord %+v\ninvoice %+v", h, rec, line)
		}
	})
	if line.Provider == "" {
		t.Fatal("the faulty provider was not asked")
	}
	switch c.want {
	case invisible:
		whole(t, c, h, "Healthy")
		charged(t, h, &rec, bill(t, invoice[rec.Upstream], healthyPrompt, healthyOutput))
		if len(rec.Attempts) != 2 || rec.Attempts[0].Kind == "" || rec.Provider != "Healthy" {
			t.Errorf("attempts %+v", rec.Attempts)
		}
		lost(t, c, &rec, line)
	case harmless:
		whole(t, c, h, "Faulty")
		c.charge(t, &rec, bill(t, line, faultyPrompt, faultyOutput))
	case hollow:
		if h.text != "" || h.status != http.StatusOK || !h.done || h.failure != "" {
			t.Error("not an empty answer")
		}
		free(t, &rec, generation.Empty)
		if rec.Loss != bill(t, line, faultyPrompt, faultyOutput) || rec.Loss == 0 {
			t.Errorf("loss %s: want the prompt", rec.Loss)
		}
	case terminated:
		if h.status != http.StatusOK || !strings.HasPrefix(h.text, "This") || h.failure == "" || h.finish != "error" || h.done || h.after {
			t.Error("not content, then an error chunk, then the end")
		}
		free(t, &rec, generation.Broken)
		lost(t, c, &rec, line)
	case failed:
		if h.status < 400 && !c.stream || h.failure == "" || h.text != "" || h.done {
			t.Error("not an error")
		}
		free(t, &rec, generation.Failed)
		lost(t, c, &rec, line)
	}
}

// whole wants all of an answer by the provider of that name, and nothing else.
func whole(t *testing.T, c *cell, h heard, name string) {
	t.Helper()
	text := h.text
	if c.fault == "duplicate" && c.stream {
		text = once(text)
	}
	n := len(strings.Fields(text))
	complete := n == words
	if name == "Faulty" && c.fault == "early" { // it has not read how long its answer is to be
		complete = n > 10 && strings.HasSuffix(text, ".")
	}
	if h.status != http.StatusOK || h.failure != "" || !h.done || h.after || h.finish != "stop" || !strings.HasPrefix(text, "This is "+name) || !complete {
		t.Errorf("not the whole answer of %s", name)
	}
}

// once takes away what a text says twice at its beginning.
func once(text string) string {
	for n := 1; 2*n <= len(text); n++ {
		if text[:n] == text[n:2*n] {
			return text[n:]
		}
	}
	return "nothing came twice: " + text
}

// bill is what an invoice's line comes to at prices in nano-dollars per token.
func bill(t *testing.T, l simup.Line, prompt, output int64) money.Amount {
	t.Helper()
	if l.Provider == "" || l.Cached+l.CacheWrite != 0 {
		t.Errorf("cannot bill %+v", l)
	}
	return money.Amount(l.Prompt*prompt + l.Output*output)
}

// charge wants a completed answer to cost what the row says.
func (c *cell) charge(t *testing.T, rec *generation.Record, invoiced money.Amount) {
	t.Helper()
	state := llm.UsageReported
	switch c.charged {
	case byReport:
		invoiced *= 3
	case byEstimate:
		state = llm.UsageEstimated
		if rec.Usage.Prompt() == 0 || rec.Usage.Completion() == 0 {
			t.Errorf("usage %+v: something was read and said", rec.Usage)
		}
		invoiced = money.Amount(rec.Usage.Prompt()*faultyPrompt + rec.Usage.Completion()*faultyOutput)
	}
	charged(t, c.heard, rec, invoiced)
	if rec.Usage.State != state || rec.UsageState != state.String() || rec.Loss != 0 || len(rec.Attempts) != 1 {
		t.Errorf("usage %s, loss %s, %d attempts; want %s, none, one", rec.UsageState, rec.Loss, len(rec.Attempts), state)
	}
}

// charged wants the record and the client to agree on the cost of a completed answer.
func charged(t *testing.T, h heard, rec *generation.Record, want money.Amount) {
	t.Helper()
	told, err := money.ParseAmount(h.cost.String())
	if err != nil {
		t.Errorf("usage.cost: %v", err)
	}
	if rec.Outcome != generation.Completed || rec.Cost != want || told != want || want <= 0 {
		t.Errorf("%s at %s, the client was told %s; want completed at %s", rec.Outcome, rec.Cost, told, want)
	}
}

func free(t *testing.T, rec *generation.Record, want generation.Outcome) {
	t.Helper()
	if rec.Outcome != want || rec.Cost != 0 {
		t.Errorf("%s at %s, want %s for nothing", rec.Outcome, rec.Cost, want)
	}
}

// lost wants the operator to bear what a failed attempt is known to have used. OpenAI
// says it at the end of an answer only; a stream of the others begins with it.
func lost(t *testing.T, c *cell, rec *generation.Record, l simup.Line) {
	t.Helper()
	least, most := money.Amount(0), money.Amount(0)
	if c.stream && c.dialect != llm.OpenAIChat && !strings.Contains(c.fault, "usage=missing") {
		// Anthropic's first count of output is 1, whatever follows.
		most = money.Amount(l.Prompt*faultyPrompt + max(l.Output, 1)*faultyOutput)
		opened := c.dialect == llm.Anthropic && (c.fault == "malformed" || c.fault == "pause=1m")
		if c.want == terminated || opened { // the first counts had come
			least = money.Amount(l.Prompt * faultyPrompt)
		}
	}
	if rec.Loss < least || rec.Loss > most {
		t.Errorf("loss %s, want from %s to %s", rec.Loss, least, most)
	}
}

// aborts are the points at which a client leaves: after so many chunks with content.
// Without a stream it leaves as soon as the provider is asked.
var aborts = []struct {
	name, fault string
	stream      bool
	chunks      int
}{
	{"before the headers", "stall=1m", true, 0},
	{"while a whole answer is made", "", false, 0},
	{"after the first chunk", "", true, 1},
	{"after five chunks", "", true, 5},
}

// TestAborts: who leaves pays for what was used until then, and the provider is told to
// stop within a second.
func TestAborts(t *testing.T) {
	var cells []*cell
	for _, d := range dialects {
		for _, a := range aborts {
			cells = append(cells, &cell{slug: fmt.Sprintf("cell-%d", len(cells)), dialect: d, fault: a.fault, stream: a.stream, want: failed, pace: 50})
		}
	}
	s := newStage(t, cells, patient)
	records := make([]generation.Record, len(cells))
	for i, c := range cells {
		records[i] = s.abort(c, aborts[i%len(aborts)].chunks)
	}
	invoice := s.end()
	for i, c := range cells {
		a := aborts[i%len(aborts)]
		t.Run(a.name+"/"+string(c.dialect), func(t *testing.T) {
			rec, line := &records[i], invoice[c.slug]
			s.ids[rec.ID] = *rec
			if line.Broke != "client left" || line.Complete {
				t.Errorf("the provider did not notice: %+v", line)
			}
			if rec.Outcome != generation.Cancelled || !rec.Cancelled || rec.Cost <= 0 || rec.Loss != 0 || rec.UsageState != llm.UsageEstimated.String() {
				t.Errorf("%s at %s, loss %s, usage %s", rec.Outcome, rec.Cost, rec.Loss, rec.UsageState)
			}
			said := rec.Usage.Completion()
			if (said > 0) != (a.chunks > 0) || said > 0 && said < int64(a.chunks) {
				t.Errorf("%d tokens of output after %d chunks", said, a.chunks)
			}
			if want := money.Amount(rec.Usage.Prompt()*faultyPrompt + said*faultyOutput); rec.Cost != want {
				t.Errorf("cost %s, want %s", rec.Cost, want)
			}
		})
	}
	if cost, loss := s.audit(); cost == 0 || loss != 0 {
		t.Errorf("cost %s, loss %s: those who left pay", cost, loss)
	}
}

// abort sends a cell's request, leaves after so many chunks, and returns the record once
// the provider has stopped.
func (s *stage) abort(c *cell, chunks int) generation.Record {
	s.t.Helper()
	ctx, leave := context.WithCancel(s.t.Context())
	defer leave()
	gone := make(chan error, 1)
	go func() { gone <- s.listen(ctx, c, chunks) }()
	receive(s.t, s.arrived, 10*time.Second)
	if chunks > 0 {
		if err := receive(s.t, gone, 10*time.Second); err != nil {
			s.t.Fatal(err)
		}
	}
	leave()
	if slug := receive(s.t, s.left, 10*time.Second); slug != c.slug {
		s.t.Fatalf("%s stopped, not %s", slug, c.slug)
	}
	return receive(s.t, s.ended, 10*time.Second)
}

// listen reads an answer until so many chunks with content have come. Its client leaves
// when ctx ends.
func (s *stage) listen(ctx context.Context, c *cell, chunks int) error {
	resp, err := s.request(ctx, c)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"content":"`) && !strings.Contains(lines.Text(), `"content":""`) {
			if chunks--; chunks == 0 {
				return nil
			}
		}
	}
	return fmt.Errorf("%d chunks too few: %w", chunks, lines.Err())
}

// receive waits for something that must come.
func receive[T any](t *testing.T, from chan T, within time.Duration) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(within):
		t.Fatalf("nothing came within %s", within)
		panic("unreachable")
	}
}
