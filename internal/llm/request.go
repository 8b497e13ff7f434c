// Package llm is the vocabulary that every dialect is translated through: one request,
// one conversation, one stream of events, one way to count usage. It keeps what it has no
// name for, so that a loss can be reported instead of happening.
//
// It deliberately knows no wire format and no provider. Start with Request and Event.
package llm

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Dialect names a wire protocol: one kind of call of one API.
type Dialect string

// The dialects.
const (
	OpenAIChat      Dialect = "openai.chat"
	OpenAIResponses Dialect = "openai.responses"
	OpenAIText      Dialect = "openai.completions" // the legacy one
	Anthropic       Dialect = "anthropic.messages"
	Gemini          Dialect = "gemini.generateContent"
	Converse        Dialect = "bedrock.converse"
	Cohere          Dialect = "cohere.chat" // v2
	Ollama          Dialect = "ollama.chat" // native

	AnthropicCount Dialect = "anthropic.count_tokens"
	GeminiCount    Dialect = "gemini.countTokens"

	OpenAIEmbeddings Dialect = "openai.embeddings"
	GeminiEmbed      Dialect = "gemini.embedContent"
	CohereEmbed      Dialect = "cohere.embed"
	OllamaEmbed      Dialect = "ollama.embed"

	CohereRerank Dialect = "cohere.rerank" // v2, which OpenRouter's follows

	Own Dialect = "dragoman" // questions of the gateway's own: no wire

	OpenAISpeech         Dialect = "openai.audio-speech"
	OpenAITranscriptions Dialect = "openai.audio-transcriptions"
	OpenAIImages         Dialect = "openai.images"
)

// Upstreams are the dialects that a provider may be called in.
var Upstreams = []Dialect{OpenAIChat, OpenAIText, OpenAIResponses, Anthropic, Gemini,
	OpenAIEmbeddings, GeminiEmbed, CohereEmbed, OllamaEmbed, CohereRerank, OpenAISpeech, OpenAITranscriptions, OpenAIImages, Converse, Cohere, Ollama}

// Names are dialects as a list to read.
func Names(list []Dialect) string {
	var b strings.Builder
	for i, d := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(d))
	}
	return b.String()
}

// Operation is what a call asks for. A request is answered by an endpoint whose provider
// speaks some dialect of the same operation.
type Operation string

// The operations.
const (
	Generate    Operation = "generate"
	CountTokens Operation = "count_tokens"
	Embed       Operation = "embed"
	Rerank      Operation = "rerank"
	Speak       Operation = "speak"
	Transcribe  Operation = "transcribe"
	Draw        Operation = "draw"
)

// Operation is what calls of the dialect ask for.
func (d Dialect) Operation() Operation {
	switch d {
	case AnthropicCount, GeminiCount:
		return CountTokens
	case OpenAIEmbeddings, GeminiEmbed, CohereEmbed, OllamaEmbed:
		return Embed
	case CohereRerank:
		return Rerank
	case OpenAISpeech:
		return Speak
	case OpenAITranscriptions:
		return Transcribe
	case OpenAIImages:
		return Draw
	}
	return Generate
}

// Request is one inference request as far as the gateway acts on it. The head is filled
// when the client's bytes are decoded; the conversation is built only for an endpoint that
// speaks another dialect. A Request is not changed after decoding, but for Watched before the
// first attempt and Fetched: attempts read it again.
type Request struct {
	From   Dialect             // the surface that decoded it
	Header map[string][]string // headers that go to providers of a dialect (anthropic-beta …), canonical keys; nil none
	Raw    []byte              // the client's own bytes; owned by the pipeline until the request ends
	Doc    *rawjson.Doc        // Raw, parsed
	Model  string              // as the client wrote it, variants included
	Models []string            // further models to fall back to, in order
	Stream bool

	MaxOutput   int64      // requested limit of output tokens, 0 none
	Choices     int64      // n, at least 1
	Drafts      int64      // answers that are written for the choices to be the best of (best_of); 0: as many as choices
	Params      []string   // names of the optional parameters sent, in the API's spelling
	Needs       Needs      // what an endpoint must be able to do
	Size        Size       // what the prompt holds, for limits and estimates
	Routing     Routing    // what the client asks of routing
	Reasoning   *Reasoning // nil: not mentioned
	ServiceTier string
	Fast        bool   // Anthropic's speed "fast", which is the priority tier by another name
	Session     string // session_id of body or header
	CacheKey    string // prompt_cache_key
	User        string
	WantsMeta   bool   // router metadata asked for
	Quoted      bool   // the gateway wants to know what is said and thought
	Ignored     []Loss // fields that ask something of the gateway which it does not do

	// Conversation builds the canonical conversation. It is safe to call again and
	// returns the same value; the error is a *fault.Error of kind Invalid.
	Conversation func() (*Conversation, error)

	// Watched: the texts of the answer are looked at on their way, so an adapter gives them as
	// events, also to a client of its own dialect.
	Watched bool

	// Fetched is what the gateway has got of the URLs that an adapter wanted inline.
	Fetched map[string]*Media

	// Input is to the other operations what Conversation is to generating: an *EmbedInput,
	// *RerankInput, *SpeakInput, *TranscribeInput or *DrawInput, by From.Operation. It is nil
	// where there is a Conversation, and never fails: surfaces check when they decode.
	Input any
}

// Tier is the service tier that is asked for, under any name; "" none.
func (r *Request) Tier() string {
	if r.Fast {
		return "fast"
	}
	return r.ServiceTier
}

// Written is how many answers a request has written, and pays for: at least 1.
func (r *Request) Written() int64 { return max(r.Choices, r.Drafts, 1) }

// Relays reports whether an answer in dialect d may go to the client in frames that nobody has
// looked into.
func (r *Request) Relays(d Dialect) bool { return r != nil && r.From == d && !r.Watched }

// Demands reports whether the answer must fit a JSON Schema, against which the gateway
// checks it.
func (r *Request) Demands() bool { return r.Needs&NeedJSONSchema != 0 }

// Quotes reports whether frames of the answer are to come with their text.
func (r *Request) Quotes() bool { return r.Quoted || r.Demands() }

// Inline is m, or what has been fetched of its URL.
func (r *Request) Inline(m *Media) *Media {
	got := r.Fetched[m.URL]
	if m.Data != "" || got == nil {
		return m
	}
	c := *m
	c.URL, c.Data = "", got.Data
	if c.MIME == "" {
		c.MIME = got.MIME
	}
	return &c
}

// Needs is a set of abilities a request demands of an endpoint.
type Needs uint32

// The abilities.
const (
	NeedTools Needs = 1 << iota
	NeedImages
	NeedFiles
	NeedAudioIn
	NeedVideoIn
	NeedAudioOut
	NeedImageOut
	NeedJSONSchema
	NeedJSONObject
	NeedReasoning
	NeedLogprobs
	NeedChoices // n > 1
)

// Size counts what a prompt holds. Text is in bytes as written in the JSON.
type Size struct {
	Text     int64 // bytes of text, tool definitions and arguments included
	Messages int64
	Images   int64
	Files    int64 // documents
	FileData int64 // bytes of documents, base64 as written
	Audio    int64 // bytes of audio, base64 as written
	Video    int64 // bytes of video, base64 as written

	Tokens      int64 // text that came as token numbers
	Characters  int64 // text to speak
	AudioMillis int64 // audio to transcribe, the most it can be
	Searches    int64 // search units of a rerank, the most they can be
}

// Reasoning is the unified reasoning request (reference §4.7).
type Reasoning struct {
	Effort    string // none minimal low medium high xhigh max, "" unset
	MaxTokens int64  // 0 unset
	Exclude   bool   // do not return it
	Enabled   *bool
	Summary   string // auto concise detailed, "" unset
}

// Off reports whether reasoning is explicitly switched off.
func (r *Reasoning) Off() bool {
	return r != nil && (r.Effort == "none" || r.Enabled != nil && !*r.Enabled)
}

// On reports whether reasoning is asked for.
func (r *Reasoning) On() bool {
	return r != nil && !r.Off() && (r.Effort != "" || r.MaxTokens > 0 || r.Enabled != nil && *r.Enabled)
}

// EffortShare is the part of the output limit that an effort may spend on reasoning
// (reference §4.7), 0 for an unknown effort.
func EffortShare(effort string) float64 {
	switch effort {
	case "minimal":
		return .10
	case "low":
		return .20
	case "medium":
		return .50
	case "high":
		return .80
	case "xhigh", "max":
		return .95
	}
	return 0
}

// Routing is the client's `provider` object (reference §4.2) and its deprecated twins.
type Routing struct {
	Order              []string
	Only               []string
	Ignore             []string
	NoFallbacks        bool // allow_fallbacks: false
	RequireParameters  bool
	DenyDataCollection bool // data_collection: "deny"
	ZDR                bool
	DistillableOnly    bool
	Quantizations      []string
	Sort               string // price throughput latency exacto, "" default
	SortAcrossModels   bool   // sort.partition: "none"
	MinThroughput      Percentiles
	MaxLatency         Percentiles // seconds
	MaxPrice           map[string]string
	BYOK               string // prefer allow require never; "" prefer
}

// Percentiles are cutoffs; 0 is none.
type Percentiles struct{ P50, P75, P90, P99 float64 }

// IsZero reports whether no cutoff is set.
func (p Percentiles) IsZero() bool { return p == Percentiles{} }

// A Loss is something the target wire cannot carry: reported, never swallowed.
type Loss struct {
	Path string `json:"path"` // JSON path in the client's request or the upstream's answer
	Why  string `json:"why"`
}
