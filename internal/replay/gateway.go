package replay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file is the only one that knows how a gateway is configured, started and called.

// Gateway is a running gateway and a key for inference.
type Gateway struct {
	Address string `json:"address"` // http://host:port
	Key     string `json:"key"`

	client *http.Client
	stop   func()
}

// lane is one model of the gateway with one endpoint on the Upstream.
func laneName(family string, i int) string { return family + "-" + strconv.Itoa(i) }

func laneModel(lane string) string { return "replay/" + lane }

// family names the exchanges that one kind of provider serves: a wire and its quirks.
func family(x *Exchange) string {
	short, _, _ := strings.Cut(string(x.Wire), ".")
	if x.Wire == Responses || x.Wire == Cohere {
		short = strings.ReplaceAll(string(x.Wire), ".", "-")
	}
	if x.Platform != "" {
		short += "-" + x.Platform
	}
	for _, q := range rulesOf(x.API).Quirks {
		short += "-" + q
	}
	return short
}

// Config is the gateway's configuration: per family and lane one provider and one model.
// platforms says that the gateway knows them; without it a provider on one is configured as
// the vendor's own, which has the same wire for vertex and azure.
func Config(xs []*Exchange, u *Upstream, lanes int, data string, platforms bool) []byte {
	seen := map[string]*Exchange{}
	for _, x := range Conversations(xs) {
		seen[family(x)] = x
	}
	families := make([]string, 0, len(seen))
	for f := range seen {
		families = append(families, f)
	}
	slices.Sort(families)
	var providers, models bytes.Buffer
	for _, f := range families {
		for i := range lanes {
			lane := laneName(f, i)
			fmt.Fprintf(&providers, "  - slug: replay-%s\n    name: Replay %s\n    protocol: %s\n    base_url: %s\n    api_key: replay\n",
				lane, lane, seen[f].Wire, u.LaneURL(lane)+basePath(seen[f].Wire))
			if p := seen[f].Platform; p != "" && platforms {
				fmt.Fprintf(&providers, "    platform: %s\n", p)
			}
			if q := rulesOf(seen[f].API).Quirks; len(q) > 0 {
				fmt.Fprintf(&providers, "    quirks: [%s]\n", strings.Join(q, ", "))
			}
			fmt.Fprintf(&models, "  - slug: %s\n    input_modalities: [text, image, file, audio, video]\n    output_modalities: [text, image, audio]\n"+
				"    endpoints:\n      - provider: replay-%s\n        upstream_model: %s\n        context_length: 10000000\n"+
				"        reasoning: {effort: true, budget: true}\n        price: {prompt: \"1\", completion: \"2\"}\n",
				laneModel(lane), lane, upstreamModel(f, seen[f].Wire))
		}
	}
	workRows(&providers, &models, Works(xs), u)
	return fmt.Appendf(nil, "listen: 127.0.0.1:0\ndata: %s\ndemo: false\nproviders:\n%smodels:\n%s",
		strconv.Quote(data), providers.String(), models.String())
}

// workRows adds the providers of work, each with all that its recordings are of, and a model
// for every exchange. Platforms are always configured as such.
func workRows(providers, models *bytes.Buffer, xs []*Exchange, u *Upstream) {
	by := map[string][]*Exchange{}
	for _, x := range xs {
		if x.Skip != "" {
			continue
		}
		by[x.provider()] = append(by[x.provider()], x)
		fmt.Fprintf(models, "  - slug: %s\n    input_modalities: [text, image, file, audio, video]\n"+
			"    output_modalities: [text, embeddings, rerank, speech, transcription, image]\n"+
			"    endpoints:\n      - provider: %s\n        upstream_model: %s\n        context_length: 10000000\n"+
			"        price: %s\n", workModel(x), x.provider(), strconv.Quote(x.upstreamName()), workPrice(x))
	}
	for _, slug := range slices.Sorted(maps.Keys(by)) {
		x := by[slug][0]
		fmt.Fprintf(providers, "  - slug: %s\n    name: Replay %s\n    protocol: %s\n    base_url: %s\n    api_key: replay\n",
			slug, slug, venues[x.API].protocol, strconv.Quote(u.LaneURL(slug)+x.base()))
		var also []string
		for _, y := range by[slug] {
			if p := venues[y.API].protocol; p != venues[x.API].protocol && !slices.Contains(also, p) {
				also = append(also, p)
			}
		}
		fmt.Fprintf(providers, "    also: [%s]\n    only: []\n", strings.Join(also, ", "))
		if x.Platform != "" {
			fmt.Fprintf(providers, "    platform: %s\n", x.Platform)
		}
		if x.Version != "" {
			fmt.Fprintf(providers, "    api_version: %s\n", x.Version)
		}
		if q := venues[x.API].quirk; q != "" {
			fmt.Fprintf(providers, "    quirks: [%s]\n", q)
		}
	}
}

// workPrice is by what the company counts: Cohere's ranking has no tokens.
func workPrice(x *Exchange) string {
	if v := venues[x.API]; v.work == Rank && v.provider == "" {
		return `{prompt: "0", completion: "0", request: "0.002"}`
	}
	return `{prompt: "1", completion: "2"}`
}

// upstreamModel is what the providers of a family call their model. Platforms tell by the
// name whose it is.
func upstreamModel(family string, w Wire) string {
	if w == Anthropic {
		return "claude-" + family
	}
	return "upstream-" + family
}

// basePath is what a provider's base URL ends with.
func basePath(w Wire) string {
	switch w {
	case Gemini:
		return "/v1beta"
	case Converse, Ollama, Cohere:
		return ""
	}
	return "/v1"
}

// Build compiles the gateway of the module in the working directory into dir.
func Build(ctx context.Context, dir string) (program string, err error) {
	program = filepath.Join(dir, "dragoman")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/dragoman").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the gateway: %w\n%s", err, out)
	}
	return program, nil
}

// Start runs a gateway program in dir, which gets its configuration and data. Its log goes
// to logs. Stop ends it.
func Start(ctx context.Context, program string, config []byte, dir string, logs io.Writer) (*Gateway, error) {
	file := filepath.Join(dir, "replay.yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, fmt.Errorf("write the gateway's configuration: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, "serve", "--config", file)
	cmd.Env = append(os.Environ(), "DRAGOMAN_PRINT=json")
	cmd.Stderr = logs
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start the gateway: %w", err)
	}
	g := &Gateway{stop: func() { cancel(); cmd.Wait() }}
	if err := g.greeting(out, logs); err != nil {
		g.stop()
		return nil, err
	}
	return g.connected(), nil
}

// greeting reads the line that tells address and key; what follows goes to logs.
func (g *Gateway) greeting(out io.Reader, logs io.Writer) error {
	lines := bufio.NewReader(out)
	found := make(chan error, 1)
	go func() {
		for {
			line, err := lines.ReadString('\n')
			if json.Unmarshal([]byte(line), g) == nil && g.Address != "" {
				found <- nil
				io.Copy(logs, lines)
				return
			}
			io.WriteString(logs, line)
			if err != nil {
				found <- fmt.Errorf("the gateway ended before it told its address: %w", err)
				return
			}
		}
	}()
	select {
	case err := <-found:
		return err
	case <-time.After(time.Minute):
		return fmt.Errorf("the gateway did not tell its address")
	}
}

// Connect is a gateway that runs already.
func Connect(address, key string) *Gateway {
	return (&Gateway{Address: strings.TrimSuffix(address, "/"), Key: key, stop: func() {}}).connected()
}

func (g *Gateway) connected() *Gateway {
	g.client = &http.Client{
		Timeout:   2 * time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}
	return g
}

// Stop ends a gateway that was started here.
func (g *Gateway) Stop() { g.stop() }

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// Chat sends a chat request. The error is of a gateway that cannot be reached; a
// connection that breaks during the answer is in the Answer.
func (g *Gateway) Chat(ctx context.Context, body []byte) (*Answer, error) {
	return g.Ask(ctx, "/api/v1/chat/completions", body)
}

// Ask is Chat at any path.
func (g *Gateway) Ask(ctx context.Context, path string, body []byte) (*Answer, error) {
	return g.AskAs(ctx, path, "application/json", body)
}

// AskAs is Ask with a body of any type.
func (g *Gateway) AskAs(ctx context.Context, path, contentType string, body []byte) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.Address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+g.Key)
	req.Header.Set("Content-Type", contentType)
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call the gateway: %w", err)
	}
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header}
	a.Body, a.Broken = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return a, nil
}
