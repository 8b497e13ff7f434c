// Package replay checks a running gateway against recorded provider traffic. It plays the
// part of every upstream, answers with what a provider once said, reads what the gateway
// made of it as a strict client would, and compares the two.
//
// It promises independence: it reads every wire with its own code and shares none with the
// gateway's dialects, so a mistake has to be made twice to go unseen. It lacks judgement
// about requests: they are only valid enough to make the gateway take the recorded path.
// Start with Run, then Expect (what a recording says) and Observe (what the client saw).
package replay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Wire is how a recorded answer is written.
type Wire string

// The wires that can be read.
const (
	OpenAI    Wire = "openai.chat"
	Anthropic Wire = "anthropic.messages"
	Gemini    Wire = "gemini.generateContent"
	Responses Wire = "openai.responses"
	Converse  Wire = "bedrock.converse"
	Cohere    Wire = "cohere.chat"
	Ollama    Wire = "ollama.chat"
)

// An Exchange is one recorded request and answer.
type Exchange struct {
	Path   string // where it was read from, for reports only
	API    string
	Model  string
	Wire   Wire
	Stream bool

	Request []byte // the request's JSON body, nil when the source kept none
	Status  int
	Header  map[string]string
	Body    []byte // the answer as its bytes go over the wire
	SSE     bool   // the body is an event stream
	Frames  bool   // the body is an AWS event stream
	Lines   bool   // the body is one JSON text per line

	Platform string // bedrock, vertex or azure; "" the vendor's own
	Skip     string // why no adapter can serve it, "" when one can

	Work     Work   // what is asked for; "" a conversation
	Target   string // the path that the recorded request went to, "" when the source kept none
	Version  string // of the API, as the recorded request says it in its query
	Form     []byte // a request that is a form
	FormType string // its content type, with the boundary
}

type exchangeFile struct {
	API     string `json:"api"`
	Model   string `json:"model"`
	Stream  bool   `json:"stream"`
	Request *struct {
		Path       string            `json:"path"`
		Headers    map[string]string `json:"headers"`
		Body       json.RawMessage   `json:"body"`
		BodyBase64 *string           `json:"body_base64"`
	} `json:"request"`
	Response struct {
		Status     int               `json:"status"`
		Headers    map[string]string `json:"headers"`
		Body       json.RawMessage   `json:"body"`
		Raw        *string           `json:"raw"`
		SSE        *string           `json:"sse"`
		NDJSON     *string           `json:"ndjson"`
		BodyBase64 *string           `json:"body_base64"`
		Text       *string           `json:"text"`
		Frames     []recordedFrame   `json:"eventstream"`
	} `json:"response"`
}

// notChat are folders that end like OpenAI-compatible ones and speak another wire.
var notChat = []string{"cohere.chat", "ollama.native-chat"}

// WireOf tells which wire an api's answers are written in; ok is false for an api that no
// adapter reads.
func WireOf(api string) (w Wire, ok bool) {
	switch api {
	case "anthropic.messages", "vertex.anthropic.rawPredict", "vertex.anthropic.streamRawPredict",
		"bedrock.invoke", "bedrock.invoke-with-response-stream":
		return Anthropic, true
	case "bedrock.converse", "bedrock.converse-stream":
		return Converse, true
	case "cohere.chat":
		return Cohere, true
	case "ollama.native-chat":
		return Ollama, true
	case "gemini.generateContent", "gemini.streamGenerateContent",
		"vertex.generateContent", "vertex.streamGenerateContent":
		return Gemini, true
	}
	if strings.HasSuffix(api, ".responses") {
		return Responses, true
	}
	return OpenAI, strings.HasSuffix(api, ".chat") && !slices.Contains(notChat, api)
}

// Load reads every exchange below dir whose api is known. A non-empty apis keeps those alone
// (all: every one; work: those that are no conversations); without it the conversations
// that need neither a platform nor a younger protocol. The order is by path.
func Load(dir string, apis []string) ([]*Exchange, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	slices.Sort(paths)
	var out []*Exchange
	for _, p := range paths {
		api := filepath.Base(filepath.Dir(p))
		if _, known := WireOf(api); !known && WorkOf(api) == "" || !wanted(api, apis) {
			continue
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, fmt.Errorf("read recording: %w", err)
		}
		x, err := Parse(data)
		if err != nil {
			return nil, fmt.Errorf("recording %s: %w", p, err)
		}
		x.Path = filepath.Join(api, filepath.Base(p))
		out = append(out, x)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no exchange of a known api below %s", dir)
	}
	return out, nil
}

func wanted(api string, apis []string) bool {
	work := WorkOf(api) != ""
	if len(apis) == 0 {
		if work {
			return false
		}
		w, _ := WireOf(api)
		return platformOf(api) != "vertex" && (w == OpenAI || w == Anthropic || w == Gemini) && !strings.HasPrefix(api, "bedrock.")
	}
	return slices.Contains(apis, api) || slices.Contains(apis, "all") || work && slices.Contains(apis, "work")
}

// Parse reads one recording file.
func Parse(data []byte) (*Exchange, error) {
	var f exchangeFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	wire, ok := WireOf(f.API)
	work := WorkOf(f.API)
	if !ok && work == "" {
		return nil, fmt.Errorf("api %q is not known", f.API)
	}
	x := &Exchange{
		API: f.API, Model: f.Model, Wire: wire, Stream: f.Stream, Work: work, Skip: foreign[f.API],
		Status: f.Response.Status, Header: f.Response.Headers, Platform: platformOf(f.API),
	}
	if strings.HasPrefix(f.API, "bedrock.invoke") && (!strings.Contains(f.Model, "claude") || f.Request != nil && !strings.Contains(string(f.Request.Body), `"messages"`)) {
		x.Skip = "InvokeModel of a model that is no Claude with messages"
	}
	if f.Request != nil && string(f.Request.Body) != "null" {
		x.Request = f.Request.Body
	}
	if f.Request != nil && work != "" {
		x.takeTarget(f.Request.Path)
		if err := x.takeForm(f.Request.Headers, f.Request.BodyBase64); err != nil {
			return nil, fmt.Errorf("request.body_base64: %w", err)
		}
	}
	if err := x.takeBody(&f); err != nil {
		return nil, err
	}
	if x.Wire == Responses && strings.Contains(string(x.Body[:min(len(x.Body), 400)]), "chat.completion.chunk") {
		x.Wire = OpenAI // a host that answers in the other API's chunks
	}
	return x, nil
}

func platformOf(api string) string {
	for _, p := range []string{"bedrock", "vertex", "azure"} {
		if strings.HasPrefix(api, p+".") {
			return p
		}
	}
	return ""
}

func (x *Exchange) takeBody(f *exchangeFile) error {
	r := &f.Response
	switch {
	case r.SSE != nil:
		x.SSE, x.Body = true, []byte(*r.SSE)
	case r.Raw != nil:
		x.Body = []byte(*r.Raw)
	case r.BodyBase64 != nil:
		b, err := base64.StdEncoding.DecodeString(*r.BodyBase64)
		if err != nil {
			return fmt.Errorf("body_base64: %w", err)
		}
		x.Body = b
		x.SSE = strings.HasPrefix(x.contentType(), "text/event-stream")
		x.Frames = r.Frames != nil
	case r.Frames != nil:
		x.Frames, x.Body = true, writeFrames(r.Frames)
	case r.NDJSON != nil:
		x.Lines = true
		x.Body = []byte(*r.NDJSON)
	case r.Text != nil:
		x.Body = []byte(*r.Text)
		x.SSE = x.Stream && strings.HasPrefix(x.contentType(), "text/event-stream")
	default:
		x.Body = r.Body
	}
	return nil
}

func (x *Exchange) contentType() string {
	for k, v := range x.Header {
		if strings.EqualFold(k, "content-type") {
			return v
		}
	}
	return ""
}
