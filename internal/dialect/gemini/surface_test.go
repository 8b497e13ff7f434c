package gemini

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

var streamed = Surface{Model: "g/m", Stream: true}

func asks(t testing.TB, s Surface, extra string) *llm.Request {
	t.Helper()
	req, err := s.DecodeRequest(dialect.Inbound{Body: []byte(`{"contents":[{"role":"user","parts":[{"text":"hi"}]}]` + extra + `}`)})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func written(t testing.TB, s Surface, req *llm.Request, events ...llm.Event) string {
	t.Helper()
	enc := s.Encode(req, &dialect.Answer{GenerationID: "gen-1", Model: "served", Provider: "P"})
	var out []byte
	for i := range events {
		var err error
		if out, err = enc.Event(out, &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

const seesThoughts = `,"generationConfig":{"thinkingConfig":{"includeThoughts":true}}`

var answered = []llm.Event{
	{Kind: llm.Start, ID: "x"},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: "hm", Format: llm.FormatAnthropic}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Text: "?", Format: llm.FormatAnthropic}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningText, Signature: "sig", Format: llm.FormatAnthropic}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "d", ID: "rs", Format: llm.FormatOpenAI, Index: 1}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: "so", ID: "rs", Format: llm.FormatOpenAI, Index: 2}},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningSummary, Summary: "!", ID: "rs", Format: llm.FormatOpenAI, Index: 2}},
	{Kind: llm.TextDelta, Text: "Let me \"see\"."},
	{Kind: llm.AnnotationDelta, Raw: []byte(`{"type":"url_citation","url_citation":{"url":"https://a.example/","title":"A","start_index":4,"end_index":6}}`)},
	{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "b3du", ID: "t2", Format: llm.FormatGemini, Index: 3}},
	{Kind: llm.ToolStart, Tool: llm.ToolRef{ID: "t1", Name: "f"}},
	{Kind: llm.ToolStart, Tool: llm.ToolRef{Index: 1, ID: "t2", Name: "g"}},
	{Kind: llm.ToolDelta, Text: `{"a"`},
	{Kind: llm.ToolDelta, Tool: llm.ToolRef{Index: 1}, Text: ``},
	{Kind: llm.ToolDelta, Text: `:1}`},
	{Kind: llm.Stop, Finish: llm.FinishTools},
	{Kind: llm.End, Usage: &llm.Usage{State: llm.UsageReported, Input: 7, CacheRead: 2, ImageInput: 3, Output: 4, Reasoning: 1}},
}

// forms are the three that an answer may have.
var forms = map[string]Surface{"whole": {Model: "g/m"}, "events": streamed, "array": {Model: "g/m", Stream: true, Array: true}}

// The package's own adapter reads what its surface writes.
func TestWrittenIsRead(t *testing.T) {
	for name, s := range forms {
		t.Run(name, func(t *testing.T) {
			out := written(t, s, asks(t, s, seesThoughts), answered...)
			h := hear(out)
			if h.err != nil || h.text.String() != `Let me "see".` || h.thoughts.String() != "hm?so!" || h.stops[0] != 1 {
				t.Errorf("heard %+v from %s", h, out)
			}
			if len(h.calls) != 2 || h.calls[0] != (llm.ToolCall{ID: "t1", Name: "f", Args: `{"a":1}`}) || h.calls[1] != (llm.ToolCall{ID: "t2", Name: "g", Args: "{}"}) {
				t.Errorf("calls %+v", h.calls)
			}
			if u := h.usage; u.Input != 7 || u.CacheRead != 2 || u.ImageInput != 3 || u.Output != 4 || u.Reasoning != 1 || u.Prompt() != 12 {
				t.Errorf("usage %+v", u)
			}
			if len(h.signatures) != 5 || h.signatures[4] != "b3du" {
				t.Errorf("signatures %q", h.signatures)
			}
			checkSDK(t, out)
			if name == "whole" {
				return
			}
			for cut := range len(strings.TrimRight(out, "\r\n")) {
				if h := hear(out[:cut]); h.err == nil {
					t.Fatalf("cut at byte %d is taken for whole", cut)
				}
			}
		})
	}
}

// checkSDK reads an answer as Google's SDK for Go does: signatures are bytes.
func checkSDK(t *testing.T, out string) {
	t.Helper()
	type object struct {
		Candidates []struct {
			Content struct {
				Parts []struct {
					Text             string
					ThoughtSignature []byte
				}
			}
			FinishReason      string
			GroundingMetadata *struct {
				GroundingSupports []struct {
					Segment struct {
						StartIndex, EndIndex int
						Text                 string
					}
				}
			}
		}
		UsageMetadata struct{ PromptTokenCount, CandidatesTokenCount, ThoughtsTokenCount, TotalTokenCount int }
		ModelVersion  string
		ResponseID    string
	}
	var last object
	next, done, err := open(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for {
		raw, err := next()
		if err == io.EOF {
			break
		}
		last = object{}
		if err := json.Unmarshal(raw, &last); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		if last.ModelVersion != "served" || last.ResponseID != "gen-1" {
			t.Errorf("who answered: %s", raw)
		}
	}
	u := last.UsageMetadata
	if u.PromptTokenCount+u.CandidatesTokenCount+u.ThoughtsTokenCount != u.TotalTokenCount {
		t.Errorf("counts do not add up: %+v", u)
	}
	c := last.Candidates[0]
	if c.FinishReason != "STOP" || c.GroundingMetadata == nil || c.GroundingMetadata.GroundingSupports[0].Segment.Text != "me" {
		t.Errorf("last object %+v", last)
	}
}

// What a client does not ask to see is not shown, and its signatures go all the same.
func TestThoughtsUnseen(t *testing.T) {
	for name, s := range forms {
		h := hear(written(t, s, asks(t, s, ""), answered...))
		if h.err != nil || h.thoughts.String() != "" || len(h.signatures) != 5 {
			t.Errorf("%s: %q %q %v", name, h.thoughts.String(), h.signatures, h.err)
		}
	}
}

// Pieces of other kinds, as they come in a stream.
func TestWrittenParts(t *testing.T) {
	end := []llm.Event{{Kind: llm.Stop, Finish: llm.FinishLength}, {Kind: llm.End, Usage: new(llm.Usage)}}
	for name, c := range map[string]struct {
		events []llm.Event
		want   string
	}{
		"image as a data URL": {[]llm.Event{{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, URL: "data:image/webp;base64,QUJD"}}},
			`{"inlineData":{"mimeType":"image/webp","data":"QUJD"}}`},
		"image by reference": {[]llm.Event{{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, URL: "https://a.example/x"}}},
			`{"fileData":{"mimeType":"image/png","fileUri":"https://a.example/x"}}`},
		"image without a URL": {[]llm.Event{{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.ImagePart, Image: "QUJD", MIME: "image/jpeg"}}},
			`{"inlineData":{"mimeType":"image/jpeg","data":"QUJD"}}`},
		"audio": {[]llm.Event{{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.AudioPart, Data: "QUJD"}}},
			`{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"QUJD"}}`},
		"what audio says": {[]llm.Event{{Kind: llm.MediaDelta, Media: &llm.MediaOut{Kind: llm.AudioPart, Transcript: "hi"}}},
			`{"audioTranscription":{"text":"hi"}}`},
		"a signature before its text": {[]llm.Event{
			{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "b3du", Format: llm.FormatGemini}},
			{Kind: llm.TextDelta, Text: "x"}}, `{"text":"x","thoughtSignature":"b3du"}`},
		"a signature without a part": {[]llm.Event{
			{Kind: llm.ReasoningDelta, Reasoning: &llm.ReasoningDetail{Type: llm.ReasoningEncrypted, Data: "b3du", ID: "none", Format: llm.FormatGemini}}},
			`{"text":"","thoughtSignature":"b3du"}`},
		"arguments that a limit cut": {[]llm.Event{{Kind: llm.ToolStart, Tool: llm.ToolRef{ID: "t", Name: "f"}, Text: `{"a":`}},
			`{"functionCall":{"id":"t","name":"f","args":{"arguments":"{\"a\":"}}}`},
	} {
		for form, s := range forms {
			out := written(t, s, asks(t, s, ""), append(slices.Clone(c.events), end...)...)
			if !strings.Contains(out, `"parts":[`+c.want+`]`) || !strings.Contains(out, `"finishReason":"MAX_TOKENS"`) || strings.Contains(out, "usageMetadata") {
				t.Errorf("%s, %s: %s", name, form, out)
			}
			if h := hear(out); h.err != nil {
				t.Errorf("%s, %s: %v", name, form, h.err)
			}
		}
	}
}

// A refusal is why an answer ended, or where the provider calls it an answer, the answer.
func TestRefusals(t *testing.T) {
	for name, s := range forms {
		for finish, want := range map[llm.Finish]string{
			llm.FinishFilter: `"finishReason":"SAFETY","finishMessage":"no, never"`,
			llm.FinishStop:   `{"text":"no, never"}`,
		} {
			out := written(t, s, asks(t, s, ""), llm.Event{Kind: llm.RefusalDelta, Text: "no, "}, llm.Event{Kind: llm.RefusalDelta, Text: "never"},
				llm.Event{Kind: llm.Stop, Finish: finish}, llm.Event{Kind: llm.End, Usage: new(llm.Usage)})
			if strings.Count(out, "no, never") != 1 || !strings.Contains(out, want) {
				t.Errorf("%s, %s: %s", name, finish, out)
			}
		}
	}
}

func TestLogprobsAndChoices(t *testing.T) {
	s := Surface{Model: "m"}
	out := written(t, s, asks(t, s, ""),
		llm.Event{Kind: llm.TextDelta, Text: "a"}, llm.Event{Kind: llm.TextDelta, Choice: 1, Text: "b"},
		llm.Event{Kind: llm.LogprobsDelta, Raw: []byte(`{"content":[{"token":"a","logprob":-0.5,"top_logprobs":[{"token":"a","logprob":-0.5},{"token":"c","logprob":-1}]}],"refusal":null}`)},
		llm.Event{Kind: llm.Stop, Finish: llm.FinishFilter, Native: "refusal"}, llm.Event{Kind: llm.Stop, Choice: 1, Finish: llm.FinishStop, Native: "end_turn"},
		llm.Event{Kind: llm.End, Usage: new(llm.Usage)})
	const want = `{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"finishReason":"SAFETY","index":0,` +
		`"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"c","logProbability":-1}]}]}},` +
		`{"content":{"parts":[{"text":"b"}],"role":"model"},"finishReason":"STOP","index":1}],"modelVersion":"served","responseId":"gen-1"}`
	if out != want {
		t.Errorf("got %s", out)
	}
}

// A call that was whole cannot go on: it is an error, not a mixed answer.
func TestCallsThatGoOn(t *testing.T) {
	enc := streamed.Encode(asks(t, streamed, ""), &dialect.Answer{})
	for i, ev := range []llm.Event{
		{Kind: llm.ToolStart, Tool: llm.ToolRef{ID: "t", Name: "f"}, Text: "{}"}, {Kind: llm.TextDelta, Text: "x"}, {Kind: llm.ToolDelta, Text: "1"},
	} {
		if _, err := enc.Event(nil, &ev); (err != nil) != (i == 2) || err != nil && fault.Of(err) != fault.Broken {
			t.Errorf("event %d: %v", i, err)
		}
	}
	if _, err := enc.Event(nil, &llm.Event{Kind: llm.TextDelta, Choice: maxCandidates, Text: "x"}); fault.Of(err) != fault.Broken {
		t.Errorf("a choice too many: %v", err)
	}
}

func TestFail(t *testing.T) {
	e := &fault.Error{Kind: fault.Limited, Public: "slow down", Param: "contents", RetryAfter: 2500e6, Provider: "P"}
	const want = `{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED","details":[` +
		`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","domain":"dragoman","metadata":{"error_type":"rate_limit_exceeded","provider":"P"}},` +
		`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents","description":"slow down"}]},` +
		`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.5s"}]}}`
	if got := string(Surface{}.EncodeError(nil, e, nil)); got != want {
		t.Error(got)
	}
	if got := string(Surface{}.Encode(asks(t, Surface{Model: "m"}, ""), &dialect.Answer{}).Fail(nil, e)); got != want {
		t.Error(got)
	}
	for k := range fault.Kinds {
		f := fault.New(fault.Kind(k), "")
		back := (Adapter{}).Failure(f.HTTPStatus(), nil, Surface{}.EncodeError(nil, f, []byte(`{"a":1}`)))
		if !rawjson.Valid(Surface{}.EncodeError(nil, f, []byte(`{"a":1}`))) || back.ProviderCode == "" {
			t.Errorf("kind %d: %+v", k, back)
		}
	}
	for name, beat := range map[string]string{"whole": "", "events": "\r\n\r\n", "array": "\n"} {
		s := forms[name]
		enc := s.Encode(asks(t, s, ""), &dialect.Answer{})
		if got := string(enc.KeepAlive(nil)); got != beat {
			t.Errorf("%s: %q", name, got)
		}
		got, fail := string(enc.Fail(nil, e)), map[string]string{"whole": want, "events": want + "\r\n\r\n", "array": "[" + want}[name]
		if got != fail || enc.(dialect.Cutter).Cuts() != s.Stream {
			t.Errorf("%s ends as %q", name, got)
		}
	}
}

// What audio says is no text of the answer.
func TestTranscriptsAreRead(t *testing.T) {
	said := ""
	for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Body: strings.NewReader(one(`{"content":{"parts":[{"audioTranscription":{"text":"hi"}}]},"finishReason":"STOP"}`))}) {
		switch {
		case err != nil:
			t.Fatal(err)
		case ev.Kind == llm.TextDelta:
			t.Errorf("text %q", ev.Text)
		case ev.Kind == llm.MediaDelta:
			said += ev.Media.Transcript
		}
	}
	if said != "hi" {
		t.Errorf("heard %q", said)
	}
}
