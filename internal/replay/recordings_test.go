package replay

import (
	"encoding/json"
	"flag"
	"slices"
	"testing"
)

var recordings = flag.String("recordings", "", "directory of recordings to check the extraction against")

// TestExtractionOfRecordings holds the extraction against what every answer of a real
// provider satisfies.
func TestExtractionOfRecordings(t *testing.T) {
	if *recordings == "" {
		t.Skip("no -recordings directory given")
	}
	xs, err := Load(*recordings, nil)
	if err != nil {
		t.Fatal(err)
	}
	vertex, err := Load(*recordings, []string{"vertex.generateContent", "vertex.streamGenerateContent", "vertex.anthropic.rawPredict", "vertex.anthropic.streamRawPredict",
		"openai.responses", "azure.responses", "xai.responses", "deepseek.responses", "openrouter.responses", "bedrock-mantle.responses", "lmstudio.responses",
		"bedrock.converse", "bedrock.converse-stream", "bedrock.invoke", "bedrock.invoke-with-response-stream", "cohere.chat", "ollama.native-chat"})
	if err != nil {
		t.Fatal(err)
	}
	noUsage, unfinished := 0, 0
	for _, x := range append(xs, vertex...) {
		if x.Skip != "" {
			continue
		}
		want := Expect(x)
		if want.Failure != nil {
			if x.Status < 300 {
				t.Logf("%s: error in a 200: %d %s", x.Path, want.Failure.Status, want.Failure.Message)
			} else if want.Failure.Message == "" {
				t.Errorf("%s: an error without a message", x.Path)
			}
			continue
		}
		if !want.Whole && slices.ContainsFunc(want.Choices, func(c *Choice) bool { return c.Native == "queued" }) {
			continue // an answer in the background has none yet
		}
		if !want.Whole && !rules[x.API].NoDone && x.Wire == OpenAI && x.API == "azure.responses" {
			t.Logf("%s: chunks of the other API, without their end", x.Path)
			continue
		}
		if !want.Whole {
			t.Errorf("%s: not whole", x.Path)
		}
		if len(want.Choices) == 0 && !want.Blocked {
			t.Errorf("%s: no choices", x.Path)
		}
		if want.Usage == nil {
			noUsage++
		} else if u := want.Usage; u.Reasoning > u.Completion || max(u.CacheRead, u.CacheWrite) > u.Prompt {
			t.Errorf("%s: a part is greater than the whole: %+v", x.Path, *u)
		} else if u.Total != u.Prompt+u.Completion {
			t.Logf("%s: prompt and completion do not add up: %+v", x.Path, *u)
		}
		for _, c := range want.Choices {
			if c.Finish == "" {
				unfinished++
				t.Logf("%s: finish reason %q", x.Path, c.Native)
			}
			if c.Text+c.Reasoning+c.Refusal == "" && len(c.Tools) == 0 && c.Images == 0 {
				t.Logf("%s: an empty choice (%s)", x.Path, c.Native)
			}
			for _, call := range c.Tools {
				if call.Name == "" {
					t.Errorf("%s: a call without a name", x.Path)
				}
				if _, err := decodeArguments(call.Arguments); err != nil && c.Finish != "length" {
					t.Errorf("%s: arguments %q: %v", x.Path, call.Arguments, err)
				}
			}
		}
		body, err := ClientRequest(x, want, "replay/x", false)
		if err != nil || !json.Valid(body) {
			t.Errorf("%s: request: %v", x.Path, err)
		} else if asksStream(body) != x.Stream {
			t.Errorf("%s: the request's stream flag is not the recording's", x.Path)
		}
		if ps := pieces(x.Body, pieceRand(Playback{Exchange: x})); slices.Min(append(ps, 1)) < 1 || sum(ps) != len(x.Body) {
			t.Errorf("%s: the pieces are not the body", x.Path)
		}
	}
	t.Logf("%d exchanges, %d without usage, %d choices without a finish reason", len(xs)+len(vertex), noUsage, unfinished)
}

func sum(ns []int) int {
	t := 0
	for _, n := range ns {
		t += n
	}
	return t
}

// TestProductsOfRecordings holds the reading of what is no conversation against the least
// that every answer of a provider has.
func TestProductsOfRecordings(t *testing.T) {
	if *recordings == "" {
		t.Skip("no -recordings directory given")
	}
	xs, err := Load(*recordings, []string{"work"})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range xs {
		p := Produced(x)
		some := len(p.Vectors)+len(p.Ranks)+len(p.Pictures) > 0 || p.Count > 0 || p.Sound != nil || p.Text != "" || p.Result != nil && len(p.Result.Choices) > 0
		said := p.Failure != nil && p.Failure.Message != ""
		odd := x.Skip != "" || unwishable(Completed, x, p) != ""
		if len(p.Faults) > 0 || !odd && some == said {
			t.Errorf("%s: %+v", x.Path, p)
		}
		if x.Skip == "" && x.Request != nil && x.upstreamName() == "unnamed" {
			t.Logf("%s: the request names no model", x.Path)
		}
	}
	t.Logf("%d exchanges", len(xs))
}
