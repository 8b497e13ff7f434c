package llm

// EventKind says which fields of an Event are set.
type EventKind uint8

// The kinds of event, in the order they may come: one Start, deltas of any choice, a Stop
// for each choice, one End. After an End or an error nothing follows.
const (
	Start           EventKind = iota // ID, Model, Created, ServiceTier, Fingerprint: what is known
	TextDelta                        // Text
	RefusalDelta                     // Text
	ReasoningDelta                   // Reasoning: an increment of the block with that Index
	ToolStart                        // Tool: Index, ID, Name; Text may hold first arguments
	ToolDelta                        // Tool.Index; Text: a piece of the arguments' JSON
	MediaDelta                       // Media: an image, or audio data or transcript
	AnnotationDelta                  // Raw: one annotation in OpenAI's shape
	LogprobsDelta                    // Raw: {"content":[…],"refusal":[…]} in OpenAI's shape
	Stop                             // Finish, Native
	Frame                            // Frame only: same dialect, content not looked into
	End                              // Usage (never nil); Frame when the same dialect relays, Raw: what was held back until then

	// The answers of the other operations; an End follows them too.
	VectorDelta // Choice: which input; Raw: a JSON array of numbers, or Text: base64 of little-endian float32
	RankDelta   // Choice: which document; Raw: its score, a JSON number. Best first
	BytesDelta  // Raw: audio as it goes to the client; MIME of the Start says which
	WordsDelta  // Raw: {"task","language","duration","segments","words"} of a transcript, those that are known
)

// Event is one element of an answer. It and what it points to are valid until the next
// one is asked for.
type Event struct {
	Kind   EventKind
	Choice int
	Text   string

	Reasoning *ReasoningDetail
	Tool      ToolRef
	Media     *MediaOut
	Raw       []byte // raw JSON, see the kinds

	Finish Finish
	Native string // the upstream's own word for Finish

	ID, Model, ServiceTier, Fingerprint string
	Created                             int64  // Unix seconds, 0 unknown
	MIME                                string // of the bytes of the answer, "" when it has none

	Usage  *Usage
	Losses []Loss // what of the answer the canonical form could not hold

	// Frame is the upstream's own bytes when both sides speak one dialect. Content says
	// whether it carries something the client sees as answer, Size how many bytes of text,
	// reasoning and tool arguments that is.
	Frame   []byte
	Content bool
	Size    int64
	Said    string // the answer's own text in it, of the first choice; only for a request that Quotes
	Thought string // the reasoning's text in it, likewise
}

// IsContent reports whether the client has received answer once it has received the
// event: from then on no other endpoint may answer.
func (e *Event) IsContent() bool {
	switch e.Kind {
	case TextDelta, RefusalDelta, ToolDelta:
		return e.Text != ""
	case ReasoningDelta, ToolStart, MediaDelta, AnnotationDelta, LogprobsDelta, Stop, End, VectorDelta, RankDelta, BytesDelta, WordsDelta:
		return true
	case Frame:
		return e.Content
	}
	return false
}

// ToolRef points at a tool call of the answer. Index counts calls from 0 without gaps.
type ToolRef struct {
	Index    int
	ID, Name string
}

// MediaOut is generated media.
type MediaOut struct {
	Kind       PartKind // ImagePart or AudioPart
	URL        string   // of an image: a data URL, or where it can be fetched
	Image      string   // base64 of an image that came without a URL
	MIME       string   // of Image, "" unknown
	Revised    string   // the prompt that the image was made from, when the upstream changed it
	Partial    int      // 1 for the first preview of an image, 0 for the image itself
	AudioID    string
	Data       string // base64 audio
	Transcript string
	ExpiresAt  int64
}

// Finish is why a choice ended, normalised (reference §1.6).
type Finish string

// The finish reasons.
const (
	FinishStop    Finish = "stop"
	FinishLength  Finish = "length"
	FinishTools   Finish = "tool_calls"
	FinishFilter  Finish = "content_filter"
	FinishError   Finish = "error"
	FinishUnknown Finish = ""
)

// UsageState says where counts come from.
type UsageState uint8

// The usage states. A missing usage is never a zero: it becomes an estimate with its own
// state.
const (
	UsageMissing   UsageState = iota // the upstream sent none
	UsageReported                    // the upstream's final counts
	UsagePartial                     // the upstream's counts up to where the answer broke off
	UsageEstimated                   // ours
	UsageCounted                     // ours and exact: characters spoken, images drawn
)

func (s UsageState) String() string {
	return [...]string{"missing", "reported", "partial", "estimated", "counted"}[s]
}

// Usage counts tokens in disjoint classes: Prompt is the sum of the input classes,
// Completion the sum of the output classes, whatever the upstream includes in what.
type Usage struct {
	State UsageState

	Input        int64 // text and everything else not counted below
	CacheRead    int64
	CacheWrite   int64 // TTL unknown or the provider's default
	CacheWrite5m int64
	CacheWrite1h int64
	AudioInput   int64
	ImageInput   int64
	VideoInput   int64

	Output      int64 // text, tool arguments, and everything else not counted below
	Reasoning   int64
	AudioOutput int64
	ImageOutput int64

	AcceptedPrediction int64 // inside Output
	RejectedPrediction int64 // inside Output

	WebSearches int64
	WebFetches  int64
	Images      int64 // generated
	Searches    int64 // search units of a rerank
	Characters  int64 // spoken
	AudioMillis int64 // milliseconds of audio transcribed

	ServiceTier string // as the upstream says it served
	Cost        string // the upstream's own reported cost in USD, a decimal, "" none
	Raw         []byte // the upstream's usage object, for audit
}

// Prompt is all input tokens.
func (u *Usage) Prompt() int64 {
	return u.Input + u.CacheRead + u.CacheWrite + u.CacheWrite5m + u.CacheWrite1h + u.AudioInput + u.ImageInput + u.VideoInput
}

// Completion is all output tokens.
func (u *Usage) Completion() int64 { return u.Output + u.Reasoning + u.AudioOutput + u.ImageOutput }

// CacheWrites is all tokens written to a cache.
func (u *Usage) CacheWrites() int64 { return u.CacheWrite + u.CacheWrite5m + u.CacheWrite1h }
