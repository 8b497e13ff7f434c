package gemini

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Requests pass but for the declared edits.
func TestRequestsPassUnchanged(t *testing.T) {
	for _, body := range []string{
		`{"contents":[{"parts":[{"text":"a"}]}],"x":1,"x":2}`,
		"{\r\n\t\"big\":123456789012345678901234567890.5e+300,\"contents\" : {\"role\":\"USER\",\"parts\":{\"text\":\"\\u00e9\\/\\ud83d\\ude00\"}}}\r\n",
		`{"contents":[{"parts":[{"new":null},{"text":"x","thoughtSignature":"dHRo"}]}],"cached_content":"c","generation_config":{"max_output_tokens":5,"odd":[]}}`,
	} {
		req, _ := streamed.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		call, losses, err := Adapter{}.EncodeRequest(req, dialect.Target{Model: "c"})
		if got := string(bytes.Join(call.Body, nil)); err != nil || len(losses) > 0 || got != body {
			t.Errorf("%s became %s (%v, %v)", body, got, losses, err)
		}
		if call.Path != "/v1beta/models/c:streamGenerateContent?alt=sse" {
			t.Error(call.Path)
		}
	}
}

func TestDeclaredEdits(t *testing.T) {
	foreign := packSignature(&llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "d", Format: llm.FormatOpenAI})
	const contents = `"contents":[{"parts":[{"text":"hi"}]}]`
	for name, c := range map[string]struct {
		body, want string
		to         dialect.Target
		losses     int
	}{
		"ours go":                 {`{"model":"models/x","provider":{},` + contents + `,"models":["a"],"metadata":{}}`, `{` + contents + `}`, dialect.Target{Model: "c"}, 1},
		"an unset option of ours": {`{"plugins":null,` + contents + `,"metadata":null}`, `{` + contents + `}`, dialect.Target{Model: "c"}, 0},
		"the limit of credit":     {`{` + contents + `}`, `{` + contents + `,"generationConfig":{"maxOutputTokens":3}}`, dialect.Target{Model: "c", Clamp: 3}, 0},
		"in a config":             {`{"generation_config":{"topK":1},` + contents + `}`, `{"generation_config":{"topK":1,"maxOutputTokens":3},` + contents + `}`, dialect.Target{Model: "c", Clamp: 3}, 0},
		"over another":            {`{"generationConfig":{"max_output_tokens":9},` + contents + `}`, `{"generationConfig":{"max_output_tokens":3},` + contents + `}`, dialect.Target{Model: "c", Clamp: 3}, 0},
		"for null":                {`{"generationConfig":null,` + contents + `}`, `{"generationConfig":{"maxOutputTokens":3},` + contents + `}`, dialect.Target{Model: "c", Clamp: 3}, 0},
		"a foreign blob":          {`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"` + foreign + `"}]}]}`, `{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"}]}]}`, dialect.Target{Model: "gemini-3-pro"}, 1},
		"calls of another model": {`{"contents":[{"role":"model","parts":[{"text":"x"},{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},{"role":"model","parts":[{"functionCall":{"name":"f"},"thought_signature":"dHRo"},{"functionCall":{"name":"g"}}]}]}`,
			`{"contents":[{"role":"model","parts":[{"text":"x"},{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"name":"g"}}]},{"role":"model","parts":[{"functionCall":{"name":"f"},"thought_signature":"dHRo"},{"functionCall":{"name":"g"}}]}]}`, dialect.Target{Model: "gemini-3-pro"}, 1},
		"an older model wants none": {`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]}]}`, `{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"}}]}]}`, dialect.Target{Model: "gemini-2.5-pro"}, 0},
		"for an older model":        {`{"contents":[{"role":"model","parts":[{"text":"x","thought_signature":"` + foreign + `"},{"text":"y"}]}]}`, `{"contents":[{"role":"model","parts":[{"text":"x"},{"text":"y"}]}]}`, dialect.Target{Model: "gemini-2.5-pro"}, 1},
		"thoughts for a blob":       {`{"contents":[{"role":"model","parts":[ {"text":"","thought":true,"thoughtSignature":"` + foreign + `"} , {"text":"hm","thought":true,"thoughtSignature":"` + foreign + `"},{"text":"","thought":true,"thoughtSignature":"` + foreign + `"},{"text":"x"},{"text":"","thought":true,"thoughtSignature":"` + foreign + `"} ]}]}`, `{"contents":[{"role":"model","parts":[ {"text":"hm","thought":true},{"text":"x"} ]}]}`, dialect.Target{Model: "gemini-3-pro"}, 4},
		"nothing but a blob":        {`{"contents":[{"role":"model","parts":[{"text":"","thought":true,"thoughtSignature":"` + foreign + `"}]}]}`, `{"contents":[{"role":"model","parts":[{"text":"","thought":true}]}]}`, dialect.Target{Model: "gemini-3-pro"}, 1},
		"Google's own one stays":    {`{"contents":[{"role":"model","parts":[{"text":"ZHJhZ29tYW4u","thoughtSignature":"ZHJhZ29tYW4u"}]}]}`, `{"contents":[{"role":"model","parts":[{"text":"ZHJhZ29tYW4u","thoughtSignature":"ZHJhZ29tYW4u"}]}]}`, dialect.Target{Model: "gemini-3-pro"}, 0},
	} {
		req, err := Surface{Model: "m"}.DecodeRequest(dialect.Inbound{Body: []byte(c.body)})
		if err != nil {
			t.Fatal(err)
		}
		call, losses, err := Adapter{}.EncodeRequest(req, c.to)
		if got := string(bytes.Join(call.Body, nil)); err != nil || got != c.want || len(losses) != c.losses {
			t.Errorf("%s: %s (%v, %v)", name, got, losses, err)
		}
	}
}

// A blob of another vendor's comes home whole, whatever the SDK does to its base64.
func TestForeignBlobs(t *testing.T) {
	want := llm.ReasoningDetail{Type: llm.ReasoningText, Signature: "s?>~" + strings.Repeat("x", 7), Format: llm.FormatAnthropic}
	s := packSignature(&want)
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !strings.HasPrefix(s, packedHead) {
		t.Fatal(s, err)
	}
	for _, form := range []string{s, base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw)} {
		if got := unpackSignature(form); len(got) != 1 || got[0] != want {
			t.Errorf("%+v of %s", got, form)
		}
	}
	for _, s := range []string{"", "dHRo", packedHead, packedHead + "!", standIn} {
		if unpackSignature(s) != nil {
			t.Errorf("%q is not ours", s)
		}
	}
	turn := []llm.ReasoningDetail{{Type: llm.ReasoningText, Text: "hm,", Signature: "s", Format: llm.FormatAnthropic}, {Type: llm.ReasoningSummary, Summary: "so", ID: "rs"}}
	if got := unpackSignature(packTurn(turn)); !slices.Equal(got, turn) {
		t.Errorf("%+v", got)
	}
	if !isStandIn(standIn) || !isStandIn(base64.StdEncoding.EncodeToString([]byte(standIn))) || isStandIn("dHRo") {
		t.Error("stand-ins")
	}
}
