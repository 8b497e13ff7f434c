package gemini

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

const counts = `"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":3,"totalTokenCount":13}`

const endCounts = "end reported in=10 cache=0 audio=0 image=0 out=3 think=0 audioOut=0 imageOut=0"

func one(candidate string) string {
	return `{"candidates":[` + candidate + `],` + counts + `,"modelVersion":"gemini-2.5-flash","responseId":"r1"}`
}

var eventCases = map[string]struct {
	body string
	want []string
}{
	"thoughts and text over increments": {
		sseBody(`{"candidates":[{"content":{"parts":[{"text":"Let me","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4},"modelVersion":"gemini-2.5-flash","responseId":"r1"}`,
			`{"candidates":[{"content":{"parts":[{"text":" see","thought":true}]},"index":0}]}`,
			`{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"index":0}]}`,
			`{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"c2ln"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":7,"totalTokenCount":13}}`),
		[]string{
			"start r1 gemini-2.5-flash",
			`reasoning.text[0] #0 text="Let me" data="" sig="" id="" google-gemini-v1`,
			`reasoning.text[0] #0 text=" see" data="" sig="" id="" google-gemini-v1`,
			`text[0] "Hi"`,
			`reasoning.encrypted[0] #1 text="" data="c2ln" sig="" id="" google-gemini-v1`,
			"stop[0] stop STOP",
			"end reported in=4 cache=0 audio=0 image=0 out=2 think=7 audioOut=0 imageOut=0",
		},
	},
	"parallel calls without ids finish as tool_calls": {
		one(`{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":1}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"g"}},{"functionCall":{"id":"own","name":"f","args":{}}}]},"finishReason":"STOP"}`),
		[]string{
			"start r1 gemini-2.5-flash",
			`reasoning.encrypted[0] #0 text="" data="c2ln" sig="" id="gem_r1_0" google-gemini-v1`,
			`tool[0] #0 gem_r1_0 f {"x":1}`, `tool[0] #1 gem_r1_1 g {}`, `tool[0] #2 own f {}`,
			"stop[0] tool_calls STOP", endCounts,
		},
	},
	"streamed arguments": {
		sseBody(`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true},"thoughtSignature":"c2ln"}]}}],"usageMetadata":{"trafficType":"ON_DEMAND"},"responseId":"r1","modelVersion":"m"}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"S\u00e3o \"","willContinue":true}],"willContinue":true}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":""},{"jsonPath":"$.days","numberValue":2}],"willContinue":true}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"g","willContinue":true}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{}}]},"finishReason":"STOP"}],`+counts+`}`),
		[]string{
			"start r1 m",
			`reasoning.encrypted[0] #0 text="" data="c2ln" sig="" id="gem_r1_0" google-gemini-v1`,
			`tool[0] #0 gem_r1_0 f `,
			`args[0] #0 {"city":"São \"`, `args[0] #0 ","days":2`, `args[0] #0 }`,
			`tool[0] #1 gem_r1_1 g `, `args[0] #1 {}`,
			"stop[0] tool_calls STOP", endCounts,
		},
	},
	"a call that the limit cut stays cut": {
		sseBody(`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a","stringValue":"b","willContinue":true}],"willContinue":true}}]},"finishReason":"MAX_TOKENS"}],` + counts + `,"responseId":"r1"}`),
		[]string{"start r1 ", `tool[0] #0 gem_r1_0 f `, `args[0] #0 {"a":"b`, "stop[0] length MAX_TOKENS", endCounts},
	},
	"JSON array in pieces, enums as numbers": {
		"[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a]}\\\"\"}]}}],\"responseId\":\"r1\"}\n,\r\n" + one(`{"content":{"parts":[{"text":"b"}]},"finishReason":1}`) + "\n]\n",
		[]string{"start r1 ", `text[0] "a]}\""`, `text[0] "b"`, "stop[0] stop STOP", endCounts},
	},
	"candidates interleave": {
		sseBody(`{"candidates":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"index":1}],"responseId":"r1"}`,
			`{"candidates":[{"finishReason":"STOP","index":1}]}`, one(`{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}`)),
		[]string{"start r1 ", `text[0] "a"`, `text[1] "b"`, `tool[0] #0 gem_r1_0 f {}`, "stop[0] tool_calls STOP", "stop[1] stop STOP", endCounts},
	},
	"a finishReason on every increment": {
		sseBody(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"responseId":"r1"}`, one(`{"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS"}`)),
		[]string{"start r1 ", `text[0] "a"`, `text[0] "b"`, "stop[0] length MAX_TOKENS", endCounts},
	},
	"text after a finishReason without another is not whole": {
		sseBody(`{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"responseId":"r1"}`, `{"candidates":[{"content":{"parts":[{"text":"b"}]}}]}`),
		[]string{"start r1 ", `text[0] "a"`, `text[0] "b"`, "error 15: The provider failed: the answer ends before candidate 0 has a finishReason"},
	},
	"a filter's stop with empty content": {
		one(`{"content":{},"finishReason":"SAFETY","finishMessage":"Not this."}`),
		[]string{"start r1 gemini-2.5-flash", `refusal[0] "Not this."`, "stop[0] content_filter SAFETY", endCounts},
	},
	"a blocked prompt": {
		`{"promptFeedback":{"blockReason":"MODEL_ARMOR","blockReasonMessage":"Blocked."},"usageMetadata":{"trafficType":"ON_DEMAND"},"responseId":"r1"}`,
		[]string{"start r1 ", `refusal[0] "Blocked."`, "stop[0] content_filter MODEL_ARMOR", "end missing in=0 cache=0 audio=0 image=0 out=0 think=0 audioOut=0 imageOut=0"},
	},
	"a malformed call": {
		one(`{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed: print("}`),
		[]string{"start r1 gemini-2.5-flash", "stop[0] error MALFORMED_FUNCTION_CALL", endCounts + " lost:candidates[0].finishMessage"},
	},
	"code that the provider ran": {
		one(`{"content":{"parts":[{"executableCode":{"language":"PYTHON","code":"print(1)"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}},{"toolCall":{"id":"x"}}]},"finishReason":"STOP"}`),
		[]string{"start r1 gemini-2.5-flash", `text[0] "\n` + "```" + `python\nprint(1)\n` + "```" + `\n"`, `text[0] "\n` + "```" + `\n1\n` + "```" + `\n"`, "stop[0] stop STOP", endCounts + " lost:candidates[0].content.parts.toolCall"},
	},
	"image and audio": {
		one(`{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"inlineData":{"mimeType":"audio/L16;rate=24000","data":"REVG"}}]},"finishReason":"STOP"}`),
		[]string{"start r1 gemini-2.5-flash", `media[0] 1 url="data:image/png;base64,QUJD" data=""`, `media[0] 2 url="" data="REVG"`, "stop[0] stop STOP", endCounts},
	},
	"audio pieces join": {
		sseBody(`{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16","data":"QUJDRA=="}}]}}],"responseId":"r1"}`,
			one(`{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16","data":"RUY="}},{"inlineData":{"mimeType":"audio/L16","data":"Rw=="}}]},"finishReason":"STOP"}`)),
		[]string{"start r1 ", `media[0] 2 url="" data="QUJD"`, `media[0] 2 url="" data="REVG"`, `media[0] 2 url="" data="Rw=="`, "stop[0] stop STOP", endCounts},
	},
	"citations count characters": {
		one(`{"content":{"parts":[{"text":"thinking","thought":true},{"text":"Zürich é wärm."}]},"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["q"],"groundingChunks":[{"web":{"uri":"https://a.example/","title":"A"}},{"retrievedContext":{"text":"t"}}],"groundingSupports":[{"segment":{"partIndex":1,"startIndex":8,"endIndex":17,"text":"é wärm."},"groundingChunkIndices":[0,1,9]}]}}`),
		[]string{"start r1 gemini-2.5-flash",
			`reasoning.text[0] #0 text="thinking" data="" sig="" id="" google-gemini-v1`, `text[0] "Zürich é wärm."`,
			`cite[0] {"type":"url_citation","url_citation":{"url":"https://a.example/","title":"A","start_index":7,"end_index":14}}`,
			"stop[0] stop STOP", endCounts + " lost:candidates[0].groundingMetadata.groundingChunks.retrievedContext"},
	},
	"recited sources": {
		one(`{"content":{"parts":[{"text":"héllo"}]},"finishReason":"STOP","citationMetadata":{"citationSources":[{"startIndex":1,"endIndex":3,"uri":"https://b.example/"}]}}`),
		[]string{"start r1 gemini-2.5-flash", `text[0] "héllo"`,
			`cite[0] {"type":"url_citation","url_citation":{"url":"https://b.example/","title":"","start_index":1,"end_index":2}}`, "stop[0] stop STOP", endCounts},
	},
	"log probabilities": {
		one(`{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"é","tokenId":1,"logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"é","logProbability":-0.5},{"token":"a"}]}]}}`),
		[]string{"start r1 gemini-2.5-flash", `text[0] "é"`,
			`logprobs[0] {"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"é","logprob":-0.5,"bytes":[195,169]},{"token":"a","logprob":0,"bytes":[97]}]}],"refusal":null}`,
			"stop[0] stop STOP", endCounts},
	},
	"usage by modality": {
		`{"candidates":[{"finishReason":"STOP"}],"responseId":"r1","usageMetadata":{"promptTokenCount":1000,"cachedContentTokenCount":400,"candidatesTokenCount":50,"thoughtsTokenCount":20,"toolUsePromptTokenCount":30,"totalTokenCount":1100,"promptTokensDetails":[{"modality":"TEXT","tokenCount":200},{"modality":"AUDIO","tokenCount":500},{"modality":"IMAGE","tokenCount":300}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":400}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":40}]}}`,
		[]string{"start r1 ", "stop[0] stop STOP", "end reported in=230 cache=400 audio=100 image=300 out=10 think=20 audioOut=0 imageOut=40"},
	},
	"an error inside a stream": {
		sseBody(`{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"responseId":"r1"}`, `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`),
		[]string{"start r1 ", `text[0] "a"`, `error 14: The provider is rate limiting or overloaded: upstream error inside an answer, code "UNAVAILABLE"`},
	},
	"an error inside an array": {
		`[{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}]`,
		[]string{`error 14: The provider is rate limiting or overloaded: upstream error inside an answer, code "RESOURCE_EXHAUSTED"`},
	},
	"no candidate and no reason": {
		`{"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5},"responseId":"r1"}`,
		[]string{"start r1 ", "error 15: The provider failed: the answer has no candidates and no reason for it"},
	},
	"an HTML page":    {"<html>oops</html>", []string{"error 15: The provider failed: read the answer: the answer is neither JSON nor an event stream"}},
	"nothing":         {" \n", []string{"error 15: The provider failed: read the answer: the answer is empty"}},
	"more after JSON": {one(`{"finishReason":"STOP"}`) + "x", []string{"start r1 gemini-2.5-flash", "error 15: The provider failed: read the answer: the answer is not the JSON it should be"}},
	"arguments that go back": {
		one(`{"content":{"parts":[{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a.b","numberValue":1},{"jsonPath":"$.c","boolValue":true},{"jsonPath":"$.a.d","nullValue":"NULL_VALUE"}]}}]},"finishReason":"STOP"}`),
		[]string{"start r1 gemini-2.5-flash", "tool[0] #0 gem_r1_0 f ", "error 15: The provider failed: read the answer: streamed arguments are out of order"},
	},
}

func TestEvents(t *testing.T) {
	for name, c := range eventCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, trace(strings.NewReader(c.body)), c.want)
			diff(t, trace(slowly(c.body)), c.want)
		})
	}
}

// An answer cut anywhere is an error; the JSON forms cannot look whole before their last
// bracket, and a stream not before the increment with the finishReason.
func TestCutAnswerIsAnError(t *testing.T) {
	for name, c := range eventCases {
		if strings.HasPrefix(c.want[len(c.want)-1], "error") || name == "a finishReason on every increment" { // which looks whole after each
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := strings.TrimRight(c.body, " \r\n")
			for cut := range len(whole) {
				got := trace(strings.NewReader(whole[:cut]))
				if last := got[len(got)-1]; !strings.HasPrefix(last, "error") {
					t.Fatalf("cut at byte %d of %d: %s", cut, len(whole), last)
				}
			}
		})
	}
}

func TestEventsStopWhenTheConsumerDoes(t *testing.T) {
	body := sseBody(one(`{"content":{"parts":[{"text":"a"},{"text":"b"}]},"finishReason":"STOP"}`))
	for limit := 1; limit <= 5; limit++ {
		n := 0
		for range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Body: strings.NewReader(body)}) {
			if n++; n == limit {
				break
			}
		}
		if n != limit {
			t.Errorf("saw %d events, want %d", n, limit)
		}
	}
}

func TestTransportErrorsStayClassified(t *testing.T) {
	late := fault.New(fault.TimedOut, "late")
	for _, head := range []string{"", "data: {", "[{", "{"} {
		body := io.MultiReader(strings.NewReader(head), iotest.ErrReader(late))
		got := trace(body)
		if want := fmt.Sprintf("error %d: late", fault.TimedOut); !slices.Equal(got, []string{want}) {
			t.Errorf("after %q: got %q", head, got)
		}
	}
}

func TestEarlyUsageIsPartial(t *testing.T) {
	body := sseBody(one(`{"content":{"parts":[{"text":"a"}]}}`))
	var last *llm.Event
	for ev, err := range (Adapter{}).Events(&llm.Request{}, dialect.Reply{Body: strings.NewReader(body)}) {
		if err == nil {
			e := *ev
			last = &e
		}
	}
	if last == nil || last.Kind != llm.TextDelta || last.Usage == nil || last.Usage.State != llm.UsagePartial || last.Usage.Prompt() != 10 {
		t.Errorf("the last event before the break is %+v", last)
	}
}
