package gemini

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func decoded(t testing.TB, s Surface, body string) (*llm.Request, *llm.Conversation) {
	t.Helper()
	req, err := s.DecodeRequest(dialect.Inbound{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := req.Conversation()
	if err != nil {
		t.Fatal(err)
	}
	return req, c
}

// show is a conversation, one line a part.
func show(c *llm.Conversation) []string {
	var out []string
	for i := range c.Messages {
		m := &c.Messages[i]
		for j := range m.Parts {
			out = append(out, string(m.Role)+" "+m.Parts[j].Path+" "+showPart(&m.Parts[j]))
		}
	}
	return out
}

func showPart(p *llm.Part) string {
	s := ""
	switch p.Kind {
	case llm.TextPart:
		s = fmt.Sprintf("text %q", p.Text)
	case llm.CallPart:
		s = fmt.Sprintf("call %s %s %s", p.Call.ID, p.Call.Name, p.Call.Args)
	case llm.ResultPart:
		s = fmt.Sprintf("result %s %s error=%t", p.Result.CallID, p.Result.Name, p.Result.Error)
		for i := range p.Result.Parts {
			s += " [" + showPart(&p.Result.Parts[i]) + "]"
		}
	case llm.ReasoningPart:
		r := p.Reasoning
		s = fmt.Sprintf("%s #%d text=%q data=%q sig=%q id=%q %s", r.Type, r.Index, r.Text+r.Summary, r.Data, r.Signature, r.ID, r.Format)
	case llm.NativePart:
		s = "native " + p.Native.Type
	default:
		s = fmt.Sprintf("media %d %s data=%q url=%q file=%q", p.Kind, p.Media.MIME, p.Media.Data, p.Media.URL, p.Media.FileID)
	}
	for _, f := range p.Extra {
		s += " +" + f.Path
	}
	return s
}

const allOfIt = `{
"systemInstruction":{"parts":[{"text":"be brief"}]},
"contents":[
 {"role":"user","parts":[{"text":"look"},{"inlineData":{"mimeType":"image/png","data":"QUI_"}},
  {"fileData":{"mimeType":"video/mp4","fileUri":"https://a.example/v"},"videoMetadata":{"fps":1}},
  {"fileData":{"mimeType":"application/pdf","fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x1"}}]},
 {"role":"model","parts":[{"text":"I ","thought":true},{"text":"think","thought":true,"thoughtSignature":"SHRo"},{"text":"so","thoughtSignature":"SHh0"},
  {"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"ZmN0"},{"functionCall":{"id":"k","name":"g"}},
  {"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK"}},{"text":"","thoughtSignature":"TGFzdA=="}]},
 {"role":"function","parts":[{"functionResponse":{"name":"g","response":{"output":"ok"}}},{"functionResponse":{"name":"f","response":{"x":[1]},"parts":[{"inlineData":{"mimeType":"audio/wav","data":"QUJD"}}],"willContinue":false}}]},
 {"parts":[{"text":"and?"}]}],
"tools":[{"functionDeclarations":[
  {"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"a":{"type":"INTEGER","nullable":true,"format":"int32"},"type":{"type":"STRING","format":"enum","enum":["X"]},"l":{"type":"ARRAY","minItems":"2","items":{"anyOf":[{"type":"STRING"},{"type":"NULL"}]},"example":["a"]}},"required":["a"],"propertyOrdering":["a","l"]},"behavior":"BLOCKING"},
  {"name":"g","parametersJsonSchema":{"type":"object","additionalProperties":false}}]},
 {"googleSearch":{"timeRangeFilter":{}}},{"codeExecution":{}},{"urlContext":{}}],
"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"]},"retrievalConfig":{}},
"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
"generationConfig":{"stopSequences":["END"],"responseMimeType":"application/json","responseSchema":{"type":"STRING"},"responseModalities":["TEXT","IMAGE"],
 "candidateCount":2,"maxOutputTokens":100,"temperature":0.5,"topP":0.9,"topK":40,"seed":7,"presencePenalty":0.1,"frequencyPenalty":0.2,"responseLogprobs":true,"logprobs":3,
 "thinkingConfig":{"includeThoughts":true,"thinkingBudget":1024},"mediaResolution":"MEDIA_RESOLUTION_LOW","speechConfig":{"languageCode":"de-DE","voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}},"imageConfig":{"aspectRatio":"1:1"}},
"labels":{"team":"a"},"serviceTier":"FLEX","odd":1,"provider":{"order":["x"]},"models":["b/c"],"session_id":"s"}`

var allParts = []string{
	`system systemInstruction.parts[0] text "be brief"`,
	`user contents[0].parts[0] text "look"`,
	`user contents[0].parts[1] media 1 image/png data="QUI/" url="" file=""`,
	`user contents[0].parts[2] media 3 video/mp4 data="" url="https://a.example/v" file="" +contents[0].parts[2].videoMetadata`,
	`user contents[0].parts[3] media 4 application/pdf data="" url="" file="files/x1"`,
	`assistant contents[1].parts[0] reasoning.text #0 text="I think" data="" sig="SHRo" id="" google-gemini-v1`,
	`assistant contents[1].parts[2] reasoning.encrypted #1 text="" data="SHh0" sig="" id="" google-gemini-v1`,
	`assistant contents[1].parts[2] text "so"`,
	`assistant contents[1].parts[3] reasoning.encrypted #2 text="" data="ZmN0" sig="" id="gem_t2_3" google-gemini-v1`,
	`assistant contents[1].parts[3] call gem_t2_3 f {"a":1}`,
	`assistant contents[1].parts[4] call k g {}`,
	`assistant contents[1].parts[5] native executableCode`,
	`assistant contents[1].parts[6] native codeExecutionResult`,
	`assistant contents[1].parts[7] reasoning.encrypted #3 text="" data="TGFzdA==" sig="" id="" google-gemini-v1`,
	`tool contents[2].parts[0] result k g error=false [text "ok"]`,
	`tool contents[2].parts[1] result gem_t2_3 f error=false [text "{\"x\":[1]}"] [media 2 audio/wav data="QUJD" url="" file=""] +contents[2].parts[1].functionResponse.willContinue`,
	`user contents[3].parts[0] text "and?"`,
}

// Every documented member is read, in both spellings.
func TestConversation(t *testing.T) {
	for name, body := range map[string]string{"JSON names": allOfIt, "proto names": snaked(allOfIt)} {
		t.Run(name, func(t *testing.T) {
			req, c := decoded(t, streamed, body)
			diff(t, show(c), allParts)
			if req.Model != "g/m" || !req.Stream || req.MaxOutput != 100 || req.Choices != 2 || req.ServiceTier != "flex" || req.Session != "s" || fmt.Sprint(req.Models, req.Routing.Order) != "[b/c] [x]" {
				t.Errorf("head %+v", req)
			}
			if r := req.Reasoning; r == nil || r.MaxTokens != 1024 || r.Exclude {
				t.Errorf("reasoning %+v", r)
			}
			if want := llm.NeedImages | llm.NeedVideoIn | llm.NeedFiles | llm.NeedAudioIn | llm.NeedTools | llm.NeedImageOut | llm.NeedJSONSchema | llm.NeedLogprobs | llm.NeedChoices | llm.NeedReasoning; req.Needs != want {
				t.Errorf("needs %b, want %b", req.Needs, want)
			}
			if s := req.Size; s.Messages != 4 || s.Images != 1 || s.Files != 1 || s.Audio != 4 || s.Text == 0 {
				t.Errorf("size %+v", s)
			}
			const schema = `{"type":"object","properties":{"a":{"type":["integer","null"],"format":"int32"},"type":{"type":"string","enum":["X"]},"l":{"type":"array","minItems":2,"items":{"anyOf":[{"type":"string"},{"type":"null"}]},"examples":[["a"]]}},"required":["a"]}`
			if f := c.Tools[0]; f.Name != "f" || f.Description != "d" || string(f.Schema) != schema {
				t.Errorf("tool %s", f.Schema)
			}
			if g := c.Tools[1]; string(g.Schema) != `{"type":"object","additionalProperties":false}` && name == "JSON names" || c.Tools[2].Name != "code_execution" || c.Tools[3].Name != "url_context" || c.WebSearch == nil {
				t.Errorf("tools %+v", c.Tools)
			}
			if c.ToolChoice != (llm.ToolChoice{Mode: "function", Name: "g"}) || c.Format.Kind != "json_schema" || string(c.Format.Schema) != `{"type":"string"}` {
				t.Errorf("choice %+v format %+v", c.ToolChoice, c.Format)
			}
			if fmt.Sprintln(*c.Temperature, *c.TopP, *c.TopK, *c.Seed, *c.PresencePenalty, *c.FrequencyPenalty, c.Stop, c.Logprobs, *c.TopLogprobs, c.Modalities, string(c.Audio)) != `0.5 0.9 40 7 0.1 0.2 [END] true 3 [text image] {"voice":"Kore","format":"pcm16"}`+"\n" {
				t.Errorf("sampling of %+v", c)
			}
			var extra []string
			for _, f := range c.Extra {
				extra = append(extra, f.Path)
			}
			slices.Sort(extra)
			diff(t, extra, []string{"generationConfig.mediaResolution", "generationConfig.speechConfig.languageCode", "image_config", "labels", "odd", "safetySettings",
				"toolConfig.retrievalConfig", "tools[0].functionDeclarations[0].behavior", "tools[1].googleSearch.timeRangeFilter"})
		})
	}
}

// snaked is a body with the proto names of its members.
func snaked(body string) string {
	var out strings.Builder
	for i, piece := range strings.Split(body, `"`) {
		if i > 0 {
			out.WriteByte('"')
		}
		if i%2 == 1 && len(piece) > 0 && piece[0] >= 'a' && piece[0] <= 'z' && !strings.ContainsAny(piece, " /.:") {
			piece = snake(piece)
		}
		out.WriteString(piece)
	}
	return out.String()
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ body, param string }{
		"no contents":       {`{}`, "contents"},
		"empty contents":    {`{"contents":[]}`, "contents"},
		"contents as text":  {`{"contents":"hi"}`, "contents"},
		"a content as text": {`{"contents":["hi"]}`, "contents[0]"},
		"another role":      {`{"contents":[{"role":"assistant","parts":[]}]}`, "contents[0].role"},
		"text as number":    {`{"contents":[{"parts":[{"text":1}]}]}`, "contents[0].parts[0].text"},
		"a part as text":    {`{"contents":[{"parts":["x"]}]}`, "contents[0].parts[0]"},
		"nameless call":     {`{"contents":[{"parts":[{"functionCall":{}}]}]}`, "contents[0].parts[0].functionCall.name"},
		"nameless function": {`{"contents":[{"parts":[]}],"tools":[{"functionDeclarations":[{}]}]}`, "tools[0].functionDeclarations[0].name"},
		"no output":         {`{"contents":[{"parts":[]}],"generationConfig":{"maxOutputTokens":0}}`, "generationConfig.maxOutputTokens"},
		"a warm word":       {`{"contents":[{"parts":[]}],"generation_config":{"temperature":"warm"}}`, "generationConfig.temperature"},
		"a level":           {`{"contents":[{"parts":[]}],"generationConfig":{"thinkingConfig":{"thinkingLevel":"DEEP"}}}`, "generationConfig.thinkingConfig.thinkingLevel"},
		"a budget":          {`{"contents":[{"parts":[]}],"generationConfig":{"thinkingConfig":{"thinkingBudget":-2}}}`, "generationConfig.thinkingConfig.thinkingBudget"},
		"routing":           {`{"contents":[{"parts":[]}],"provider":1}`, "provider"},
	} {
		_, err := streamed.DecodeRequest(dialect.Inbound{Body: []byte(c.body)})
		if e := fault.As(err); e.Kind != fault.Invalid || e.Param != c.param {
			t.Errorf("%s: %v at %q", name, err, e.Param)
		}
	}
	if _, err := (Surface{}).DecodeRequest(dialect.Inbound{Body: []byte(`{"contents":[{}]}`)}); fault.As(err).Param != "model" {
		t.Errorf("no model: %v", err)
	}
	for name, body := range map[string]string{
		"an answer to no call": `{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]}`,
		"content of Google's":  `{"contents":[{"parts":[]}],"cachedContent":"cachedContents/x"}`,
	} {
		req, err := streamed.DecodeRequest(dialect.Inbound{Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := req.Conversation(); err == nil || fault.As(err).Param == "" {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := (Adapter{}).EncodeRequest(req, dialect.Target{Model: "m"}); err != nil {
			t.Errorf("%s cannot go to Google: %v", name, err)
		}
	}
}

// Results find their calls: by id, by name, by order.
func TestResultsFindCalls(t *testing.T) {
	model := `{"role":"model","parts":[{"functionCall":{"name":"f","id":"1"}},{"functionCall":{"name":"g"}},{"functionCall":{"name":"f"}}]}`
	for name, c := range map[string]struct{ responses, want string }{
		"by name and order":   {`{"name":"f"},{"name":"g"},{"name":"f"}`, "1 gem_t1_1 gem_t1_2"},
		"by id before name":   {`{"name":"g","id":"1"},{"name":"f"}`, "1 gem_t1_2"},
		"an id nobody gave":   {`{"name":"g","id":"call-7"},{"name":"f","id":"call-8"}`, "gem_t1_1 1"},
		"a name nobody has":   {`{"name":"default_api:f"}`, "1"},
		"the same again":      {`{"name":"f","id":"1"},{"name":"f","id":"1"}`, "1 1"},
		"an error of its own": {`{"name":"f","id":"1","response":{"error":"no"}}`, "1"},
	} {
		var parts []string
		for _, r := range strings.SplitAfter(c.responses, "},{") {
			parts = append(parts, `{"functionResponse":{`+strings.Trim(strings.TrimSuffix(r, ",{"), "{")+`}`)
		}
		_, conv := decoded(t, streamed, `{"contents":[`+model+`,{"role":"user","parts":[`+strings.Join(parts, ",")+`]}]}`)
		var got []string
		for _, p := range conv.Messages[1].Parts {
			got = append(got, p.Result.CallID)
			if p.Result.Error != strings.Contains(c.responses, "error") {
				t.Errorf("%s: error is %t", name, p.Result.Error)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestThinkingConfig(t *testing.T) {
	for config, want := range map[string]string{
		`{}`:                     "effort= tokens=0 on=false off=false hidden=true",
		`{"thinkingBudget":0}`:   "effort= tokens=0 on=false off=true hidden=true",
		`{"thinkingBudget":-1}`:  "effort= tokens=0 on=true off=false hidden=true",
		`{"thinkingBudget":512}`: "effort= tokens=512 on=true off=false hidden=true",
		`{"thinking_level":"HIGH","include_thoughts":true}`: "effort=high tokens=0 on=true off=false hidden=false",
		`{"includeThoughts":true}`:                          "effort= tokens=0 on=false off=false hidden=false",
	} {
		r := asks(t, streamed, `,"generationConfig":{"thinkingConfig":`+config+`}`).Reasoning
		if got := fmt.Sprintf("effort=%s tokens=%d on=%t off=%t hidden=%t", r.Effort, r.MaxTokens, r.On(), r.Off(), r.Exclude); got != want {
			t.Errorf("%s: %s", config, got)
		}
	}
}

// Recorded requests are read, pass unchanged, and have a canonical form.
func TestRecordedRequests(t *testing.T) {
	folder := os.Getenv("DRAGOMAN_RECORDINGS")
	if folder == "" {
		t.Skip("DRAGOMAN_RECORDINGS names no folder of recordings")
	}
	for _, api := range []string{"gemini.generateContent", "gemini.streamGenerateContent", "vertex.generateContent", "vertex.streamGenerateContent", "gemini.countTokens", "vertex.countTokens"} {
		files, err := filepath.Glob(filepath.Join(folder, api, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatal("no recordings", err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var r recording
			if json.Unmarshal(raw, &r) != nil || r.Response.Status != 200 || len(r.Request.Body) == 0 || r.Request.Body[0] != '{' { // some have no request
				continue
			}
			checkRecorded(t, filepath.Base(file), strings.HasSuffix(api, "countTokens"), r.Request.Body)
		}
	}
}

func checkRecorded(t *testing.T, file string, counts bool, body []byte) {
	var s dialect.Surface = streamed
	var a dialect.Adapter = Adapter{}
	if counts {
		s, a = CountSurface{Model: "m"}, CountAdapter{}
	}
	req, err := s.DecodeRequest(dialect.Inbound{Body: body})
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	call, _, err := a.EncodeRequest(req, dialect.Target{Model: "gemini-3-pro"})
	if got := bytes.Join(call.Body, nil); err != nil || !bytes.Equal(got, body) && !bytes.Contains(body, []byte(`"model"`)) {
		t.Errorf("%s: the request did not pass unchanged: %v", file, err)
	}
	if _, err := req.Conversation(); err != nil && fault.Of(err) != fault.Refused {
		t.Errorf("%s: %v", file, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(allOfIt))
	f.Add([]byte(snaked(allOfIt)))
	f.Add([]byte(`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"` + packSignature(&llm.ReasoningDetail{Data: "d"}) + `"}]}],"model":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := streamed.DecodeRequest(dialect.Inbound{Body: body})
		if err != nil {
			if k := fault.Of(err); k != fault.Invalid && k != fault.Unbuilt {
				t.Fatalf("refused as %v: %v", k, err)
			}
			return
		}
		c, err := req.Conversation()
		if k := fault.Of(err); err != nil && k != fault.Invalid && k != fault.Refused {
			t.Fatal(err)
		}
		for i := 0; err == nil && i < len(c.Tools); i++ {
			if s := c.Tools[i].Schema; s != nil && !rawjson.Valid(s) {
				t.Fatalf("schema %s", s)
			}
		}
		for _, to := range []dialect.Target{{Model: "gemini-3", Clamp: 5}, {Model: "gemini-2.5-pro"}} {
			call, _, err := Adapter{}.EncodeRequest(req, to)
			if err != nil || !rawjson.Valid(bytes.Join(call.Body, nil)) {
				t.Fatalf("%v sent %s", err, bytes.Join(call.Body, nil))
			}
		}
	})
}
