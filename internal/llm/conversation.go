package llm

// Conversation is a request's content in canonical form. Raw JSON values in it share
// memory with the request.
type Conversation struct {
	Messages []Message
	Tools    []Tool

	ToolChoice        ToolChoice
	ParallelToolCalls *bool
	Format            Format

	Temperature, TopP, MinP, TopA     *float64
	FrequencyPenalty, PresencePenalty *float64
	RepetitionPenalty                 *float64
	TopK, Seed                        *int64
	Stop                              []string
	Logprobs                          bool
	TopLogprobs                       *int64
	LogitBias                         []byte // raw object, nil none
	Modalities                        []string
	Audio                             []byte // raw {voice,format}, nil none
	Prediction                        []byte // raw, nil none
	Verbosity                         string
	Metadata                          []byte // raw object, nil none
	WebSearch                         []byte // raw web_search_options, nil none
	CacheAll                          *CacheMark
	Extra                             []Field // top-level fields without a name here
}

// A Field is a member the vocabulary has no name for.
type Field struct {
	Path  string // JSON path in the client's request
	Value []byte // raw JSON
}

// Role is who speaks.
type Role string

// The roles. A tool message holds exactly the results of tool calls.
const (
	System    Role = "system"
	Developer Role = "developer"
	User      Role = "user"
	Assistant Role = "assistant"
	ToolRole  Role = "tool"
)

// Message is one turn.
type Message struct {
	Role  Role
	Name  string
	Parts []Part
	Path  string  // JSON path in the client's request: "messages[3]"
	Extra []Field // members without a name here
}

// Instructs reports whether a message is the system's or the developer's.
func (m *Message) Instructs() bool { return m.Role == System || m.Role == Developer }

// Lead counts the messages that instruct before any other. A conversation of nothing else
// has none: wires that keep a place for them want a message beside them.
func (c *Conversation) Lead() int {
	for i := range c.Messages {
		if !c.Messages[i].Instructs() {
			return i
		}
	}
	return 0
}

// PartKind says which fields of a Part are set.
type PartKind uint8

// The kinds of part.
const (
	TextPart      PartKind = iota
	ImagePart              // Media
	AudioPart              // Media
	VideoPart              // Media
	FilePart               // Media
	CallPart               // Call: the assistant calls a tool
	ResultPart             // Result: a tool's answer
	ReasoningPart          // Reasoning
	RefusalPart            // Text
	NativePart             // Native: what only the client's own dialect can say
)

// IsResult reports whether a part is a tool's answer.
func IsResult(p Part) bool { return p.Kind == ResultPart }

// Part is one piece of a message.
type Part struct {
	Kind      PartKind
	Text      string
	Media     *Media
	Call      *ToolCall
	Result    *ToolResult
	Reasoning *ReasoningDetail
	Native    *Native
	Cache     *CacheMark // a cache breakpoint after this part
	Path      string     // JSON path in the client's request
	Extra     []Field
}

// Native is a block or item that the canonical form does not describe: a server tool's call
// or result, a container, a compaction. An adapter of another dialect reports it as lost.
type Native struct {
	Type string // its type in the client's dialect
	Raw  []byte // raw JSON
}

// Media is an image, a document, audio or video: inline or by reference.
type Media struct {
	URL      string // http(s) URL; "" when inline
	Data     string // base64; "" when by reference
	MIME     string // "image/png"; "" unknown
	Filename string
	FileID   string // provider's or gateway's file id
	Detail   string // image detail: auto low high original
}

// CacheMark asks for the prompt up to here to be cached.
type CacheMark struct{ TTL string } // "5m", "1h" or "" for the provider's default

// Tool is something the model may call.
type Tool struct {
	Name        string
	Description string
	Schema      []byte // raw JSON Schema of the arguments, nil none
	Strict      *bool
	Cache       *CacheMark
	Path        string
	Native      []byte // raw: a tool type this vocabulary does not describe; Name holds its type
}

// ToolChoice says whether and what the model must call.
type ToolChoice struct {
	Mode string // "" unset, auto, none, required, or function
	Name string // for function
}

// Format is the demanded shape of the answer.
type Format struct {
	Kind        string // "" or text, json_object, json_schema, grammar, python
	Name        string
	Description string
	Schema      []byte // raw
	Strict      *bool
	Raw         []byte // the whole response_format
}

// ToolCall is a call of a tool by the model.
type ToolCall struct {
	ID   string
	Name string
	Args string // JSON text, "{}" when the model sent nothing
	Type string // "function" or another
}

// ToolResult is a tool's answer to a call.
type ToolResult struct {
	CallID string
	Name   string // of the tool, "" unknown
	Parts  []Part
	Error  bool
}

// ReasoningDetail is one block of reasoning (reference §4.7). Signature, Data and ID are
// opaque and go back to the upstream byte for byte.
type ReasoningDetail struct {
	Type      string // reasoning.text, reasoning.summary, reasoning.encrypted
	Text      string // of reasoning.text
	Summary   string
	Data      string // of reasoning.encrypted
	Signature string
	ID        string
	Format    string // anthropic-claude-v1, google-gemini-v1, openai-responses-v1, unknown …
	Index     int64
}

// The values of ReasoningDetail.Type and .Format.
const (
	ReasoningText      = "reasoning.text"
	ReasoningSummary   = "reasoning.summary"
	ReasoningEncrypted = "reasoning.encrypted"

	FormatAnthropic = "anthropic-claude-v1"
	FormatGemini    = "google-gemini-v1"
	FormatOpenAI    = "openai-responses-v1"
	FormatXAI       = "xai-responses-v1"
	FormatUnknown   = "unknown"
)
