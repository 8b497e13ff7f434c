package e2e

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genai"
)

func googleClient(t *testing.T, key string) *genai.Client {
	t.Helper()
	c, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: key, Backend: genai.BackendGeminiAPI, HTTPClient: &http.Client{},
		HTTPOptions: genai.HTTPOptions{BaseURL: house.Address}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// googleCollect puts a stream together as this SDK's users do: part after part.
func googleCollect(t *testing.T, model string, contents []*genai.Content, config *genai.GenerateContentConfig) (*genai.Content, *genai.GenerateContentResponse) {
	t.Helper()
	whole := &genai.Content{Role: genai.RoleModel}
	var last *genai.GenerateContentResponse
	for r, err := range googleClient(t, house.Key).Models.GenerateContentStream(t.Context(), model, contents, config) {
		if err != nil {
			t.Fatal(err)
		}
		last = r
		for _, c := range r.Candidates {
			if c.Content != nil {
				whole.Parts = append(whole.Parts, c.Content.Parts...)
			}
		}
	}
	return whole, last
}

func wordsOf(c *genai.Content) (text string) {
	for _, p := range c.Parts {
		if !p.Thought {
			text += p.Text
		}
	}
	return text
}

func googleCounts(t *testing.T, u *genai.GenerateContentResponseUsageMetadata) {
	t.Helper()
	if u == nil || u.PromptTokenCount != promptTokens || u.CachedContentTokenCount != cachedTokens ||
		u.CandidatesTokenCount+u.ThoughtsTokenCount != outputTokens || u.TotalTokenCount != promptTokens+outputTokens {
		t.Errorf("usage %+v", u)
	}
}

func TestGoogleGenerate(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		r, err := googleClient(t, house.Key).Models.GenerateContent(t.Context(), model, genai.Text("Hi"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Text() != firstWords+lastWords || r.Candidates[0].FinishReason != genai.FinishReasonStop || r.ResponseID == "" || r.ModelVersion == "" {
			t.Errorf("%+v", r)
		}
		googleCounts(t, r.UsageMetadata)
	})
}

func TestGoogleStream(t *testing.T) {
	eachRoute(t, func(t *testing.T, model string) {
		whole, last := googleCollect(t, model, genai.Text("Hi"), nil)
		if wordsOf(whole) != firstWords+lastWords || last.Candidates[0].FinishReason != genai.FinishReasonStop {
			t.Errorf("%+v %+v", whole, last)
		}
		googleCounts(t, last.UsageMetadata)
	})
}

// Calls and their results go round, with ids and, as older clients send them, without.
func TestGoogleTools(t *testing.T) {
	city := &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"city": {Type: genai.TypeString, Nullable: new(true)}}}
	config := &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{
		{Name: "weather", Description: "The weather", Parameters: city},
		{Name: "clock", ParametersJsonSchema: map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}}},
	}}}}
	everyWire(t, func(t *testing.T, model string) {
		for _, ids := range []bool{true, false} {
			turns := genai.Text("Weather in Paris, time in Zürich?")
			whole, _ := googleCollect(t, model, turns, config)
			answers := &genai.Content{Role: genai.RoleUser}
			for _, p := range whole.Parts {
				if p.FunctionCall == nil {
					continue
				}
				fr := &genai.FunctionResponse{Name: p.FunctionCall.Name, Response: map[string]any{"output": map[string]string{"weather": "sunny", "clock": "noon"}[p.FunctionCall.Name]}}
				if ids {
					fr.ID = p.FunctionCall.ID
				} else {
					p.FunctionCall.ID = ""
				}
				if p.FunctionCall.Args["city"] == nil {
					t.Errorf("arguments %+v", p.FunctionCall)
				}
				answers.Parts = append(answers.Parts, &genai.Part{FunctionResponse: fr})
			}
			if len(answers.Parts) != 2 || !strings.HasPrefix(wordsOf(whole), "Let me look.") {
				t.Fatalf("%+v", whole)
			}
			if r, _ := googleCollect(t, model, append(turns, whole, answers), config); wordsOf(r) != "It is sunny and noon" {
				t.Errorf("ids %t: %q", ids, wordsOf(r))
			}
		}
	})
}

func TestGoogleSchemaAndImage(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		c := googleClient(t, house.Key)
		r, err := c.Models.GenerateContent(t.Context(), model, genai.Text("Name it."), &genai.GenerateContentConfig{
			ResponseMIMEType: "application/json", Temperature: new(float32(0.5)), MaxOutputTokens: 500, StopSequences: []string{"END"},
			SystemInstruction: genai.NewContentFromText("Be brief.", genai.RoleUser),
			ResponseSchema:    &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"name": {Type: genai.TypeString}}, Required: []string{"name"}}})
		if err != nil || r.Text() != `{"name":"dot"}` {
			t.Errorf("%+v %v", r, err)
		}
		_, data, _ := strings.Cut(pixel, ",")
		dot, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		seen := []*genai.Content{genai.NewContentFromParts([]*genai.Part{genai.NewPartFromText("What is this?"), genai.NewPartFromBytes(dot, "image/png")}, genai.RoleUser)}
		if r, err = c.Models.GenerateContent(t.Context(), model, seen, nil); err != nil || r.Text() != imageSeen {
			t.Errorf("%+v %v", r, err)
		}
	})
}

func TestGoogleModelsAndCounts(t *testing.T) {
	c := googleClient(t, house.Key)
	found := map[string]bool{}
	for m, err := range c.Models.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		found[m.Name] = true
	}
	eachRoute(t, func(t *testing.T, model string) {
		if !found["models/"+model] {
			t.Errorf("%s is not listed", model)
		}
		if m, err := c.Models.Get(t.Context(), model, nil); err != nil || m.Name != "models/"+model {
			t.Errorf("%+v %v", m, err)
		}
		n, err := c.Models.CountTokens(t.Context(), model, genai.Text("How many tokens are these?"), nil)
		if err != nil || n.TotalTokens < 1 {
			t.Errorf("%+v %v", n, err)
		}
	})
}

// googleStatus is the status of the SDK's typed error, and its sentence must be there.
func googleStatus(t *testing.T, err error) int {
	t.Helper()
	e, ok := errors.AsType[genai.APIError](err)
	if !ok || e.Message == "" || e.Status == "" {
		t.Errorf("not a typed error with a message: %v", err)
		return 0
	}
	return e.Code
}

func TestGoogleErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		model, key string
		status     int
	}{
		"wrong key":      {routes[0], "sk-or-v1-wrong", 401},
		"no credit":      {routes[0], house.newKey(t, `,"limit":0.000001`), 402},
		"management key": {routes[0], house.Management, 403},
		"unknown model":  {"e2e/none", house.Key, 400},
	} {
		if _, err := googleClient(t, tc.key).Models.GenerateContent(t.Context(), tc.model, genai.Text("Hi"), nil); googleStatus(t, err) != tc.status {
			t.Errorf("%s: %v", name, err)
		}
	}
	everyWire(t, func(t *testing.T, model string) {
		for text, status := range upstreamFailures {
			if _, err := googleClient(t, house.Key).Models.GenerateContent(t.Context(), model, genai.Text(text), nil); googleStatus(t, err) != status {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}

// A stream that broke off is a typed error to the SDK, after what came before it.
func TestGoogleBrokenStream(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		for _, text := range []string{"fail inside", "cut"} {
			got, failed := "", error(nil)
			for r, err := range googleClient(t, house.Key).Models.GenerateContentStream(t.Context(), model, genai.Text(text), nil) {
				if failed = err; err != nil {
					break
				}
				got += r.Text()
			}
			if status := googleStatus(t, failed); status < 500 || got != firstWords || strings.Contains(failed.Error(), hiddenWords) {
				t.Errorf("%s: %q, then %v", text, got, failed)
			}
		}
	})
}

func TestGoogleCancel(t *testing.T) {
	everyWire(t, func(t *testing.T, model string) {
		ctx, cancel := context.WithCancel(t.Context())
		var failed error
		for _, err := range googleClient(t, house.Key).Models.GenerateContentStream(ctx, model, genai.Text("hold"), nil) {
			cancel()
			failed = err
		}
		if !errors.Is(failed, context.Canceled) {
			t.Error(failed)
		}
		cancel()
		ups.awaitLeft(t, model)
	})
}
