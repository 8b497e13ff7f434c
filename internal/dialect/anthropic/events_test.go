package anthropic

import (
	"errors"
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

const (
	begin   = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}`
	stopped = `{"type":"message_stop"}`
)

func starts(index int, block string) string {
	return fmt.Sprintf(`{"type":"content_block_start","index":%d,"content_block":%s}`, index, block)
}

func goesOn(index int, delta string) string {
	return fmt.Sprintf(`{"type":"content_block_delta","index":%d,"delta":%s}`, index, delta)
}

func ends(index int) string { return fmt.Sprintf(`{"type":"content_block_stop","index":%d}`, index) }

func says(text string) string { return fmt.Sprintf(`{"type":"text_delta","text":%q}`, text) }

func because(reason string) string {
	return fmt.Sprintf(`{"type":"message_delta","delta":{"stop_reason":%q,"stop_sequence":null},"usage":{"output_tokens":5}}`, reason)
}

func whole(content, reason, usage string) string {
	return fmt.Sprintf(`{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":%s,"stop_reason":%q,"usage":%s}`, content, reason, usage)
}

const emptyText = `{"type":"text","text":""}`

var eventCases = map[string]struct {
	body string
	want []string
}{
	"text, pings and an unknown event": {
		stream(begin, starts(0, emptyText), `{"type":"ping"}`, goesOn(0, says("Hé")), `{"type":"weather"}`, goesOn(0, says("")), goesOn(0, says("y")), ends(0), because("end_turn"), stopped),
		[]string{"start msg_1 claude-x", `text "Hé"`, `text "y"`, "stop stop end_turn", "end reported in=10 out=5 lost weather"},
	},
	"nothing after message_stop is read": {
		stream(begin, because("end_turn"), stopped) + "data: not JSON\n\n",
		[]string{"start msg_1 claude-x", "stop stop end_turn", "end reported in=10 out=5"},
	},
	"thinking, redacted thinking and thinking again": {
		stream(begin,
			starts(0, `{"type":"thinking","thinking":"","signature":""}`), goesOn(0, `{"type":"thinking_delta","thinking":""}`), goesOn(0, `{"type":"thinking_delta","thinking":"hm"}`), goesOn(0, `{"type":"signature_delta","signature":"c2ln"}`), ends(0),
			starts(1, `{"type":"redacted_thinking","data":"ZGF0YQ=="}`), ends(1),
			starts(2, `{"type":"thinking","thinking":"","signature":""}`), goesOn(2, `{"type":"signature_delta","signature":"b25seQ=="}`), ends(2),
			starts(3, emptyText), goesOn(3, says("4")), ends(3),
			`{"type":"message_delta","delta":{"stop_reason":"stop_sequence"},"usage":{"output_tokens":30,"output_tokens_details":{"thinking_tokens":20}}}`, stopped),
		[]string{"start msg_1 claude-x",
			`reasoning.text #0 text="hm" data="" sig="" anthropic-claude-v1`,
			`reasoning.text #0 text="" data="" sig="c2ln" anthropic-claude-v1`,
			`reasoning.encrypted #1 text="" data="ZGF0YQ==" sig="" anthropic-claude-v1`,
			`reasoning.text #2 text="" data="" sig="b25seQ==" anthropic-claude-v1`,
			`text "4"`, "stop stop stop_sequence", "end reported in=10 out=10 think=20"},
	},
	"a block of thinking that says nothing takes no number": {
		stream(begin, starts(0, `{"type":"thinking","thinking":"","signature":""}`), ends(0), starts(1, `{"type":"thinking","thinking":"hm","signature":"c2ln"}`), ends(1), because("end_turn"), stopped),
		[]string{"start msg_1 claude-x", `reasoning.text #0 text="hm" data="" sig="c2ln" anthropic-claude-v1`, "stop stop end_turn", "end reported in=10 out=5"},
	},
	"tools are numbered apart from blocks, and no arguments are {}": {
		stream(begin, starts(0, emptyText), ends(0),
			starts(1, `{"type":"tool_use","id":"t1","name":"f","input":{}}`), goesOn(1, `{"type":"input_json_delta","partial_json":""}`), goesOn(1, `{"type":"input_json_delta","partial_json":"{\"a\""}`), goesOn(1, `{"type":"input_json_delta","partial_json":":1}"}`), ends(1),
			starts(2, `{"type":"tool_use","id":"t2","name":"g","input":{}}`), goesOn(2, `{"type":"input_json_delta","partial_json":""}`), ends(2),
			starts(3, `{"type":"tool_use","id":"t3","name":"h","input":{"whole":true}}`),
			because("tool_use"), stopped),
		[]string{"start msg_1 claude-x", "tool #0 t1 f", `args #0 {"a"`, "args #0 :1}", "tool #1 t2 g", "args #1 {}",
			"tool #2 t3 h", `args #2 {"whole":true}`, "stop tool_calls tool_use", "end reported in=10 out=5"},
	},
	"the provider's own tools are losses, citations of pages annotations": {
		stream(begin, starts(0, `{"type":"server_tool_use","id":"s","name":"web_search","input":{}}`), goesOn(0, `{"type":"input_json_delta","partial_json":"{}"}`), ends(0),
			starts(1, `{"type":"web_search_tool_result","tool_use_id":"s","content":[]}`), ends(1),
			starts(2, emptyText), goesOn(2, says("né: ")), ends(2),
			starts(3, `{"citations":[],"type":"text","text":""}`),
			goesOn(3, `{"type":"citations_delta","citation":{"type":"web_search_result_location","cited_text":"it \"is\"","url":"https://a.example","title":"A","encrypted_index":"x"}}`),
			goesOn(3, `{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x","document_index":0}}`),
			goesOn(3, says("so")), ends(3), goesOn(9, `{"type":"signature_delta","signature":"x"}`),
			`{"type":"message_delta","delta":{"stop_reason":"pause_turn"},"usage":{"input_tokens":700,"output_tokens":9,"server_tool_use":{"web_search_requests":2,"web_fetch_requests":1}}}`, stopped),
		[]string{"start msg_1 claude-x", `text "né: "`, `text "so"`,
			`annotation {"type":"url_citation","url_citation":{"url":"https://a.example","title":"A","content":"it \"is\"","start_index":4,"end_index":6}}`,
			"stop stop pause_turn", "end reported in=700 out=9 searches=2 fetches=1 lost content[0] lost content[1] lost content[3].citations lost content[9]"},
	},
	"a refusal explains itself": {
		stream(begin, `{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"bio","explanation":"No."}},"usage":{"output_tokens":1}}`, stopped),
		[]string{"start msg_1 claude-x", `refusal "No."`, "stop content_filter refusal", "end reported in=10 out=1"},
	},
	"cache writes by TTL and a later sum": {
		stream(`{"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":4,"cache_creation_input_tokens":30,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},"output_tokens":1,"service_tier":"standard"}}}`,
			`{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":null,"cache_creation_input_tokens":33,"output_tokens":8}}`, stopped),
		[]string{"start m c standard", "stop length max_tokens", "end reported in=4 read=7 write=3 5m=20 1h=10 out=8 tier=standard"},
	},
	"an output count that stayed a placeholder": {
		stream(begin, `{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`, stopped),
		[]string{"start msg_1 claude-x", "stop stop end_turn", "end partial in=10 out=1"},
	},
	"no usage and no message_start": {
		stream(starts(0, emptyText), goesOn(0, says("x")), ends(0), stopped),
		[]string{"start", `text "x"`, "stop stop", "end missing"},
	},
	"no message_stop": {
		stream(begin, starts(0, emptyText), goesOn(0, says("x")), ends(0), because("end_turn")),
		[]string{"start msg_1 claude-x", `text "x"`, "error 502 provider_unavailable"},
	},
	"overloaded inside a 200": {
		stream(begin, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, stopped),
		[]string{"start msg_1 claude-x", "error 503 provider_overloaded"},
	},
	"rate limited inside a 200 by a proxy": {
		"data: {\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\"}}\n\n",
		[]string{"error 429 rate_limit_exceeded"},
	},
	"whole": {
		whole(`[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"redacted_thinking","data":"ZA=="},{"type":"text","text":"see "},{"type":"text","text":"here","citations":[{"type":"web_search_result_location","url":"https://a.example","title":"A"},{"type":"search_result_location","source":"https://b.example","title":"B"},{"type":"search_result_location","source":"shelf 3"}]},{"type":"tool_use","id":"t1","name":"f","input":{"a": 1}},{"type":"tool_use","id":"t2","name":"g","input":{}},{"type":"mcp_tool_use"}]`,
			"tool_use", `{"input_tokens":3,"cache_creation_input_tokens":5,"output_tokens":6,"output_tokens_details":{"thinking_tokens":2}}`),
		[]string{"start msg_1 claude-x",
			`reasoning.text #0 text="hm" data="" sig="c2ln" anthropic-claude-v1`,
			`reasoning.encrypted #1 text="" data="ZA==" sig="" anthropic-claude-v1`,
			`text "see "`, `text "here"`,
			`annotation {"type":"url_citation","url_citation":{"url":"https://a.example","title":"A","start_index":4,"end_index":8}}`,
			`annotation {"type":"url_citation","url_citation":{"url":"https://b.example","title":"B","start_index":4,"end_index":8}}`,
			`tool #0 t1 f {"a": 1}`, "tool #1 t2 g {}", "stop tool_calls tool_use", "end reported in=3 write=5 out=4 think=2 lost content[3].citations lost content[6]"},
	},
	"whole, past the context": {
		whole(`[{"type":"text","text":"x"}]`, "model_context_window_exceeded", `{"input_tokens":3,"output_tokens":6}`),
		[]string{"start msg_1 claude-x", `text "x"`, "stop length model_context_window_exceeded", "end reported in=3 out=6"},
	},
	"whole, refused without content": {
		`{"id":"msg_1","model":"claude-x","content":[],"stop_reason":"refusal","stop_details":{"explanation":"No."},"usage":{"input_tokens":3,"output_tokens":1}}`,
		[]string{"start msg_1 claude-x", `refusal "No."`, "stop content_filter refusal", "end reported in=3 out=1"},
	},
	"whole error inside a 200": {
		`{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}`,
		[]string{"error 400 context_length_exceeded The provider refused the request: prompt is too long: 9 tokens > 8 maximum"},
	},
	"another API's object": {`{"choices":[]}`, []string{"error 502 provider_unavailable"}},
	"empty":                {" \n", []string{"error 502 provider_unavailable"}},
	"a page":               {"<html>Bad gateway</html>", []string{"error 502 provider_unavailable"}},
	"cut whole":            {`{"content":[{"type":"te`, []string{"error 502 provider_unavailable"}},
	"a frame that is cut":  {"data: {\"type\":\n\n", []string{"error 502 provider_unavailable"}},
}

func TestEvents(t *testing.T) {
	for name, c := range eventCases {
		t.Run(name, func(t *testing.T) {
			for reader, body := range map[string]io.Reader{
				"at once": strings.NewReader(c.body), "byte by byte": iotest.OneByteReader(strings.NewReader(c.body)),
			} {
				if got := trace(body); !slices.Equal(got, c.want) {
					t.Errorf("%s:\n got %s\nwant %s", reader, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
				}
			}
		})
	}
}

// TestUsageComesEarly: an answer that breaks off must still be charged for its prompt.
func TestUsageComesEarly(t *testing.T) {
	body := stream(begin, starts(0, emptyText), goesOn(0, says("x")))
	for ev, err := range (Adapter{}).Events(nil, dialect.Reply{Body: strings.NewReader(body)}) {
		if err == nil && (ev.Usage == nil || ev.Usage.State != llm.UsagePartial || ev.Usage.Input != 10) {
			t.Errorf("event %d has usage %+v", ev.Kind, ev.Usage)
		}
	}
}

func TestUsageKeepsTheLastObject(t *testing.T) {
	body := stream(begin, because("end_turn"), stopped)
	for ev, err := range (Adapter{}).Events(nil, dialect.Reply{Body: strings.NewReader(body)}) {
		if err != nil || ev.Kind == llm.End && string(ev.Usage.Raw) != `{"output_tokens":5}` {
			t.Errorf("%v, raw usage %s", err, ev.Usage.Raw)
		}
	}
}

func TestTransportErrorKeepsItsKind(t *testing.T) {
	late := &fault.Error{Kind: fault.TimedOut}
	for _, head := range []string{"", "data: {\"type\":\"ping\"}\n\n", `{"content"`} {
		var got error
		for _, err := range (Adapter{}).Events(nil, dialect.Reply{Body: io.MultiReader(strings.NewReader(head), iotest.ErrReader(late))}) {
			got = err
		}
		if !errors.Is(got, late) {
			t.Errorf("after %q: %v", head, got)
		}
	}
}

// TestWhiteSpaceFirst: gateways keep a connection alive with it while the model thinks.
func TestWhiteSpaceFirst(t *testing.T) {
	blank := strings.Repeat(" \r\n\t", 1<<20)
	body := whole(`[{"type":"text","text":"x"}]`, "end_turn", `{"input_tokens":1,"output_tokens":1}`)
	want := trace(strings.NewReader(body))
	if got := trace(strings.NewReader(blank + body)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	endless := trace(io.MultiReader(strings.NewReader(strings.Repeat(blank, 5)), strings.NewReader(body)))
	if len(endless) != 1 || !strings.HasPrefix(endless[0], "error 502") {
		t.Errorf("20 MiB of it: %q", endless)
	}
}

func TestStopsWhenTheConsumerDoes(t *testing.T) {
	body := stream(begin, starts(0, emptyText), goesOn(0, says("x")), ends(0), because("end_turn"), stopped)
	for most := 1; most < 5; most++ {
		n := 0
		for range (Adapter{}).Events(nil, dialect.Reply{Body: strings.NewReader(body)}) {
			if n++; n == most {
				break
			}
		}
		if n != most {
			t.Errorf("%d events of %d", n, most)
		}
	}
}

func TestBlocksThatNeverStopAreBounded(t *testing.T) {
	events := []string{begin}
	for i := range maxOpenBlocks + 1 {
		events = append(events, starts(i, emptyText))
	}
	if got := trace(strings.NewReader(stream(append(events, stopped)...))); !strings.HasPrefix(got[len(got)-1], "error") {
		t.Errorf("ends with %s", got[len(got)-1])
	}
}
