package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
)

// TestOpenAIResponsesKept: OpenAI's SDK stores a response, continues from it, also after a
// kill of the gateway, fetches it and deletes it, whatever wire the provider speaks. What
// was said is on the disk sealed alone.
func TestOpenAIResponsesKept(t *testing.T) {
	const said = "my grandmother's recipe"
	l := configured(t, "responses: {store: asked}\n")
	g, err := start(l)
	if err != nil {
		t.Fatal(err)
	}
	client := func(g *gateway) openai.Client {
		return openai.NewClient(option.WithBaseURL(g.Address+"/v1"), option.WithAPIKey(g.Key), option.WithMaxRetries(0))
	}
	c := client(g)
	var last string
	for _, model := range routes {
		p := responseTo(model, said)
		p.Store = openai.Bool(true)
		one, err := c.Responses.New(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		p = responseTo(model, "and then?")
		p.Store, p.PreviousResponseID = openai.Bool(true), openai.String(one.ID)
		stream := c.Responses.NewStreaming(t.Context(), p)
		var two responses.Response
		for stream.Next() {
			if ev, ok := stream.Current().AsAny().(responses.ResponseCompletedEvent); ok {
				two = ev.Response
			}
		}
		if stream.Err() != nil || two.PreviousResponseID != one.ID {
			t.Fatalf("%s: %v, continues from %q", model, stream.Err(), two.PreviousResponseID)
		}
		again, err := c.Responses.Get(t.Context(), two.ID, responses.ResponseGetParams{})
		if err != nil || again.OutputText() != firstWords+lastWords || again.Usage.TotalTokens != two.Usage.TotalTokens {
			t.Errorf("%s: %v, %v", model, again, err)
		}
		if two.ID == one.ID { // the provider played here that gives ids of its own gives one
			continue
		}
		if err := c.Responses.Delete(t.Context(), one.ID); err != nil {
			t.Error(err)
		}
		if _, err := c.Responses.Get(t.Context(), one.ID, responses.ResponseGetParams{}); status(err) != http.StatusNotFound {
			t.Errorf("%s: after its deletion: %v", model, err)
		}
		last = two.ID
	}
	if err := g.kill(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(l.dir, "data", "*"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if raw, err := os.ReadFile(name); err == nil && bytes.Contains(raw, []byte("grandmother")) {
			t.Errorf("%s has what was said in it", name)
		}
	}
	after := launched(t, l)
	after.Key = g.Key
	c = client(after)
	p := responseTo("e2e/openai", "go on")
	p.PreviousResponseID = openai.String(last)
	if r, err := c.Responses.New(t.Context(), p); err != nil || r.PreviousResponseID != last {
		t.Errorf("after the kill: %v, %s", err, detail(err))
	}
	p.PreviousResponseID = openai.String("resp_nobody")
	if _, err := c.Responses.New(t.Context(), p); status(err) != http.StatusBadRequest {
		t.Errorf("from nowhere: %v", err)
	}
}

// detail is what the gateway said.
func detail(err error) string {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return e.RawJSON()
	}
	return ""
}

// status is the HTTP status of an error of the SDK, 0 of any other.
func status(err error) int {
	if e, ok := errors.AsType[*openai.Error](err); ok {
		return e.StatusCode
	}
	return 0
}
