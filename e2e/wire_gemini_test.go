package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// geminiRequest is what the generateContent wire needs to see of a request.
type geminiRequest struct {
	Contents []struct {
		Role  string
		Parts []struct {
			Text             string
			InlineData       struct{ MimeType, Data string }
			FunctionCall     struct{ Name string }
			FunctionResponse struct {
				Name     string
				Response map[string]any
			}
			ThoughtSignature string
		}
	}
	Tools            []struct{ FunctionDeclarations []struct{ Name string } }
	GenerationConfig struct {
		ResponseMimeType   string
		ResponseSchema     json.RawMessage
		ResponseJSONSchema json.RawMessage `json:"responseJsonSchema"`
	}
}

func (q *geminiRequest) read() asked {
	c := q.GenerationConfig
	a := asked{schema: c.ResponseMimeType == "application/json" && len(c.ResponseSchema)+len(c.ResponseJSONSchema) > 0}
	for _, t := range q.Tools {
		for _, f := range t.FunctionDeclarations {
			a.tools = append(a.tools, f.Name)
		}
	}
	var open []string // names of calls that wait for a response, in order
	for i, m := range q.Contents {
		if m.Role != "user" && m.Role != "model" {
			a.refused = "Please use a valid role: user, model."
			return a
		}
		if m.Role == "user" {
			a.text, a.image = "", ""
		}
		for _, p := range m.Parts {
			switch {
			case p.FunctionCall.Name != "":
				if len(open) == 0 && p.ThoughtSignature == "" {
					a.refused = fmt.Sprintf("contents[%d]: Function call is missing a thought_signature", i)
				}
				open = append(open, p.FunctionCall.Name)
			case p.FunctionResponse.Name != "":
				if len(open) == 0 || open[0] != p.FunctionResponse.Name {
					a.refused = fmt.Sprintf("contents[%d]: response of %s where %v were called", i, p.FunctionResponse.Name, open)
					return a
				}
				open = open[1:]
				for _, v := range p.FunctionResponse.Response {
					a.results = append(a.results, fmt.Sprint(v))
				}
			case p.InlineData.Data != "":
				a.image = describeImage(p.InlineData.MimeType, p.InlineData.Data)
			case m.Role == "user":
				a.text += p.Text
			}
		}
	}
	return a
}

func (u *upstream) gemini(w http.ResponseWriter, r *http.Request) {
	var q geminiRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestRequest)).Decode(&q); err != nil {
		u.wrong("gemini: %v", err)
	}
	a := q.read()
	switch verb := r.PathValue("call"); verb {
	case "gemini-3-flash:countTokens":
		u.check("gemini", r, &a, "X-Goog-Api-Key", "up-gemini-key")
		fmt.Fprintf(w, `{"totalTokens":%d,"promptTokensDetails":[{"modality":"TEXT","tokenCount":%[1]d}]}`, promptTokens)
		return
	case "gemini-3-flash:generateContent":
	case "gemini-3-flash:streamGenerateContent":
		a.stream = true
		if r.URL.Query().Get("alt") != "sse" {
			a.refused = "a stream without alt=sse is one JSON array"
		}
	default:
		a.refused = "no such method: " + verb
	}
	u.check("gemini", r, &a, "X-Goog-Api-Key", "up-gemini-key")
	s := a.answer("gemini")
	if s.status != 0 {
		geminiError(w, s.status, a.refused)
		return
	}
	// candidatesTokenCount leaves out what was thought.
	last := fmt.Sprintf(`,"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":%d,"cachedContentTokenCount":%d,"candidatesTokenCount":%d,"thoughtsTokenCount":%d,"totalTokenCount":%d},"modelVersion":"gemini-3-flash-preview","responseId":"resp-1"}`,
		promptTokens, cachedTokens, outputTokens-reasoningTokens, reasoningTokens, promptTokens+outputTokens)
	content := func(parts ...string) string {
		return `{"candidates":[{"content":{"parts":[` + strings.Join(parts, ",") + `],"role":"model"}`
	}
	calls := geminiCalls(s.calls)
	if !a.stream {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		fmt.Fprint(w, content(append([]string{`{"text":` + quote(strings.Join(s.pieces, "")) + `}`}, calls...)...), last)
		return
	}
	chunk := func(body string) string { return "data: " + body + "\r\n\r\n" }
	u.stream(w, r, "gemini", s, "",
		func(text string) string {
			return chunk(content(`{"text":`+quote(text)+`}`) + `,"index":0}],"usageMetadata":{"trafficType":"ON_DEMAND"},"modelVersion":"gemini-3-flash-preview","responseId":"resp-1"}`)
		},
		chunk(`{"error":{"code":503,"message":"`+hiddenWords+`","status":"UNAVAILABLE"}}`),
		func() string {
			if len(calls) == 0 {
				calls = []string{`{"text":""}`}
			}
			return chunk(content(calls...) + last)
		})
}

// geminiCalls are the parts of a turn that calls: without ids, the first one signed.
func geminiCalls(calls []call) (parts []string) {
	for i, c := range calls {
		signature := ""
		if i == 0 {
			signature = `,"thoughtSignature":"c2lnbmVkIGJ5IHRoZSBtb2RlbA=="`
		}
		parts = append(parts, fmt.Sprintf(`{"functionCall":{"name":%q,"args":%s}%s}`, c.name, c.arguments, signature))
	}
	return parts
}

func geminiError(w http.ResponseWriter, status int, why string) {
	// Google answers a bad key with 400, and says when to retry in the body alone.
	code, word, details := status, map[int]string{400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}[status], "[]"
	switch status {
	case 401:
		code, word, details = 400, "INVALID_ARGUMENT", `[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]`
	case 429:
		details = `[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"` + retryAfterSeconds + `s"}]`
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":%s,"status":%q,"details":%s}}`, code, quote(refusalText(status, why)), word, details)
}
