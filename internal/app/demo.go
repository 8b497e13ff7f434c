package app

import (
	"fmt"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/simup"
)

// demo is the built-in providers: the simulator, spoken to over loopback HTTP in the true
// wire protocols. Several providers serve each model at different price, speed and
// reliability, so that routing and fallback can be watched without any key.
type demo struct{ sim *simup.Running }

// demoProvider is one simulated company.
type demoProvider struct {
	slug, name string
	protocol   llm.Dialect
	path       string        // below the company's own root
	first      time.Duration // to the first token
	pace       float64       // tokens per second
	fails      float64       // share of requests
	price      float64       // times the model's base price
	keeps      catalog.Tri   // prompts are retained
}

var demoProviders = []demoProvider{
	{"demo-amber", "Demo Amber", llm.OpenAIChat, "/v1", 120 * time.Millisecond, 90, 0, 1.0, catalog.No},
	{"demo-basalt", "Demo Basalt", llm.Anthropic, "", 180 * time.Millisecond, 60, 0, 1.5, catalog.No},
	{"demo-cobalt", "Demo Cobalt", llm.Gemini, "", 60 * time.Millisecond, 180, 0, 2.0, catalog.Yes},
	{"demo-dune", "Demo Dune (unreliable)", llm.OpenAIChat, "/v1", 250 * time.Millisecond, 40, 0.5, 0.5, catalog.Yes},
}

// demoModel is one simulated model; prices are per million tokens at price 1.0.
type demoModel struct {
	name, title    string
	prompt, output int64 // cents per million tokens
	reasoning      bool
	context        int64
}

var demoModels = []demoModel{
	{"chat", "Demo Chat", 20, 80, false, 128_000},
	{"thinker", "Demo Thinker", 100, 400, true, 200_000},
}

// modelCard is how the demo describes itself wherever a model is shown.
const modelCard = "A simulated model of Dragoman's demo: its answers are made up by a program, not by a language model. Set a provider's API key for real ones."

func startDemo() (*demo, error) {
	cfg := simup.Config{Seed: 1, Now: time.Now}
	for _, p := range demoProviders {
		sp := simup.Provider{Slug: p.slug, Name: p.name}
		for _, m := range demoModels {
			sp.Models = append(sp.Models, simup.Model{ID: m.name, TTFT: p.first, TokensPerSecond: p.pace, FailureRate: p.fails,
				Reasoning: m.reasoning, Tools: true, Vision: true, Context: m.context})
		}
		cfg.Providers = append(cfg.Providers, sp)
	}
	sim, err := simup.Start(cfg)
	if err != nil {
		return nil, fmt.Errorf("start the demo providers: %w", err)
	}
	return &demo{sim}, nil
}

func (d *demo) close() error { return d.sim.Close() }

// overlay puts the demo into the catalogue.
func (d *demo) overlay() catalog.Overlay {
	source := catalog.Source{Name: "built-in demo"}
	o := catalog.Overlay{Origin: "demo"}
	for _, p := range demoProviders {
		o.Providers = append(o.Providers, catalog.ProviderRow{Provider: catalog.Provider{
			Slug: p.slug, Name: p.name, Kind: "demo", BaseURL: d.sim.URL + "/" + p.slug + p.path, Protocol: p.protocol, Auth: "none",
			Data: catalog.DataPolicy{Trains: catalog.No, Retains: p.keeps, RetentionDays: map[catalog.Tri]int{catalog.No: 0, catalog.Yes: 30}[p.keeps], Publishes: catalog.No, Source: source}, Source: source,
		}})
	}
	for _, m := range demoModels {
		slug := "demo/" + m.name
		o.Models = append(o.Models, catalog.ModelRow{Model: catalog.Model{
			Slug: slug, Name: m.title, Author: "demo", Description: modelCard, ContextLength: m.context, MaxOutput: 8192,
			InputModalities: []string{"text", "image"}, OutputModalities: []string{"text"}, Reasoning: m.reasoning, Source: source,
			SupportedParameters: demoParameters(m.reasoning),
		}})
		for _, p := range demoProviders {
			o.Endpoints = append(o.Endpoints, catalog.EndpointRow{
				Provider: p.slug, Model: slug, UpstreamModel: m.name, ContextLength: m.context, MaxOutput: 8192,
				Parameters: demoParameters(m.reasoning), Source: source,
				Reasoning: &catalog.ReasoningOptions{Effort: m.reasoning, Budget: m.reasoning && p.protocol != llm.OpenAIChat},
				Pricing:   &catalog.Pricing{Rates: catalog.Rates{Prompt: demoPrice(m.prompt, p.price), Completion: demoPrice(m.output, p.price)}},
			})
		}
	}
	return o
}

// demoPrice is cents per million tokens, times a factor, as femto-dollars per token.
func demoPrice(cents int64, factor float64) money.Price {
	const femtoPerCentPerMillion = 10_000_000 // 1e15 / 100 / 1e6
	return money.Price(cents * int64(factor*10) * femtoPerCentPerMillion / 10)
}

func demoParameters(reasoning bool) []string {
	p := []string{"max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed", "tools", "tool_choice", "parallel_tool_calls", "response_format", "structured_outputs"}
	if reasoning {
		p = append(p, "reasoning", "include_reasoning", "reasoning_effort")
	}
	return p
}
