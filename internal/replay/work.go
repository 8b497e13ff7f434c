package replay

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// Work is what a recorded call asks for beside a conversation; "" is a conversation.
type Work string

// The kinds of work. Foreign is what no part of the gateway speaks.
const (
	Embed    Work = "embed"
	Rank     Work = "rank"
	Count    Work = "count"
	Speak    Work = "speak"
	Hear     Work = "hear"
	Draw     Work = "draw"
	Complete Work = "complete"
	Foreign  Work = "foreign"
)

// The surfaces of work, each an API of the gateway that a client may ask through.
const (
	Embeddings   Surface = "embeddings"         // with numbers
	Embeddings64 Surface = "embeddings base64"  // the same in base64
	GeminiEmbeds Surface = "gemini embeddings"  // embedContent or batchEmbedContents
	Reranked     Surface = "rerank"             //
	MessageCount Surface = "messages count"     // /messages/count_tokens
	GeminiCount  Surface = "gemini count"       // :countTokens
	Speech       Surface = "speech"             //
	Heard        Surface = "transcriptions"     // with a form
	HeardJSON    Surface = "transcription json" // with base64 in JSON
	Drawn        Surface = "images"             // OpenAI's generations and edits
	DrawnRouter  Surface = "openrouter images"  // OpenRouter's one operation
	Completed    Surface = "completions"        //
	NoSurface    Surface = "none"
)

var workSurfaces = map[Work][]Surface{
	Embed: {Embeddings, Embeddings64, GeminiEmbeds}, Rank: {Reranked}, Speak: {Speech}, Hear: {Heard, HeardJSON},
	Draw: {Drawn, DrawnRouter}, Complete: {Completed}, Foreign: {NoSurface},
}

// A venue is how the gateway is configured for the recordings of an api.
type venue struct {
	work     Work
	protocol string
	provider string // the catalogue's slug where the company has quirks of its own, "" one made up
	quirk    string
	at       string // where the gateway calls instead of the recorded path, "" nowhere else
}

var venues = map[string]venue{
	"openai.embeddings":     {work: Embed, protocol: "openai.embeddings", provider: "openai"},
	"azure.embeddings":      {work: Embed, protocol: "openai.embeddings"},
	"mistral.embeddings":    {work: Embed, protocol: "openai.embeddings", provider: "mistral"},
	"voyage.embeddings":     {work: Embed, protocol: "openai.embeddings", provider: "voyageai"},
	"perplexity.embeddings": {work: Embed, protocol: "openai.embeddings", provider: "perplexity"},
	"openrouter.embeddings": {work: Embed, protocol: "openai.embeddings", provider: "openrouter"},
	"cohere.embed-v2":       {work: Embed, protocol: "cohere.embed"},
	"ollama.native-embed":   {work: Embed, protocol: "ollama.embed"},

	"gemini.embedContent":       {work: Embed, protocol: "gemini.embedContent"},
	"gemini.batchEmbedContents": {work: Embed, protocol: "gemini.embedContent"},
	"vertex.embedContent":       {work: Embed, protocol: "gemini.embedContent"},

	"cohere.rerank-v1":  {work: Rank, protocol: "cohere.rerank", at: "/v2/rerank"}, // an answer of v2's shape
	"cohere.rerank-v2":  {work: Rank, protocol: "cohere.rerank"},
	"voyage.rerank":     {work: Rank, protocol: "cohere.rerank", provider: "voyageai"},
	"openrouter.rerank": {work: Rank, protocol: "cohere.rerank", provider: "openrouter"},

	"anthropic.count_tokens": {work: Count, protocol: "anthropic.messages"},
	"bedrock.count-tokens":   {work: Count, protocol: "anthropic.messages"},
	"gemini.countTokens":     {work: Count, protocol: "gemini.generateContent"},
	"vertex.countTokens":     {work: Count, protocol: "gemini.generateContent"},

	"openai.audio-speech":     {work: Speak, protocol: "openai.audio-speech", provider: "openai"},
	"mistral.audio-speech":    {work: Speak, protocol: "openai.audio-speech", provider: "mistral"},
	"openrouter.audio-speech": {work: Speak, protocol: "openai.audio-speech", provider: "openrouter"},

	"openai.audio-transcriptions":     {work: Hear, protocol: "openai.audio-transcriptions", provider: "openai"},
	"mistral.audio-transcriptions":    {work: Hear, protocol: "openai.audio-transcriptions", provider: "mistral"},
	"openrouter.audio-transcriptions": {work: Hear, protocol: "openai.audio-transcriptions", provider: "openrouter"},

	"openai.images":     {work: Draw, protocol: "openai.images", provider: "openai"},
	"xai.images":        {work: Draw, protocol: "openai.images", provider: "xai"},
	"openrouter.images": {work: Draw, protocol: "openai.images", provider: "openrouter"},

	"openai.completions":   {work: Complete, protocol: "openai.completions", quirk: "strict-fields"},
	"together.completions": {work: Complete, protocol: "openai.completions"},
	"vllm.completions":     {work: Complete, protocol: "openai.completions"},
	"writer.completions":   {work: Complete, protocol: "openai.completions"},
}

// foreign are apis of recordings that the gateway has no adapter for, with the reason.
var foreign = map[string]string{
	"anthropic.complete-legacy": "no adapter: Anthropic's Text Completions, which the Messages API has replaced",
	"cohere.chat-v1":            "no adapter: version 1 of Cohere's chat; version 2 is spoken",
	"cohere.generate-v1":        "no adapter: Cohere's generate, which chat has replaced",
	"cohere.embed-v1":           "no adapter: version 1 of Cohere's embed, here with int8 vectors, which no client's API has",
	"gemini.interactions":       "no adapter: the Interactions API keeps its state at the provider",
	"gemini.cachedContents":     "no adapter: a cache is kept at one provider, which routing may not choose",
	"ollama.embeddings":         "no adapter: Ollama's superseded /api/embeddings; /api/embed is spoken",
	"openai.moderations":        "no adapter: no surface asks for moderation",
	"openai.responses-compact":  "no adapter: compaction of responses kept at the provider",
}

// WorkOf tells what kind of work an api's recordings are of, "" for conversations and for
// folders that are not known.
func WorkOf(api string) Work {
	if foreign[api] != "" {
		return Foreign
	}
	return venues[api].work
}

// surfacesOf are the surfaces that an exchange's work is asked for through.
func surfacesOf(x *Exchange) []Surface {
	switch {
	case x.Work != Count:
		return workSurfaces[x.Work]
	case venues[x.API].protocol == "anthropic.messages":
		return []Surface{MessageCount}
	}
	return []Surface{GeminiCount}
}

// suffixes are what calls end with below an OpenAI-like base URL, the longer before the
// shorter.
var suffixes = []string{"/embeddings", "/rerank", "/audio/speech", "/audio/transcriptions", "/images/generations", "/images/edits", "/images", "/completions"}

// base is the path that the provider's base URL must have for its calls to go where the
// recorded one went.
func (x *Exchange) base() string {
	if v := venues[x.API]; v.provider == "" && !strings.HasPrefix(v.protocol, "openai.") { // below the host, or a project
		before, _, project := strings.Cut(x.Target, "/publishers/")
		if project {
			return before
		}
		return ""
	}
	if before, _, ok := strings.Cut(x.Target, "/deployments/"); ok {
		return before
	}
	for _, s := range suffixes {
		if base, ok := strings.CutSuffix(x.Target, s); ok {
			return base
		}
	}
	return "/v1"
}

// provider is the slug of the provider that an exchange's work is configured at.
func (x *Exchange) provider() string {
	if p := venues[x.API].provider; p != "" {
		return p
	}
	plain := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}
	return "replay-" + strings.Trim(strings.Map(plain, strings.ToLower(x.API+x.base())), "-")
}

// upstreamName is the model as the recorded request calls it, if it does.
func (x *Exchange) upstreamName() string {
	if _, rest, ok := strings.Cut(x.Target, "/deployments/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		return name
	}
	for _, before := range []string{"/models/", "/model/"} {
		if _, rest, ok := strings.Cut(x.Target, before); ok {
			name, _, _ := strings.Cut(rest, "/")
			if at := strings.LastIndexByte(name, ':'); at >= 0 && before == "/models/" {
				name = name[:at]
			}
			return name
		}
	}
	if root, err := parse(string(x.Request)); err == nil && root.Get("model").Str() != "" {
		return root.Get("model").Str()
	}
	for _, p := range x.parts() {
		if p.name == "model" {
			return string(p.value)
		}
	}
	return cmp.Or(x.Model, "unnamed")
}

// takeTarget keeps where the recorded request went. Names that a source has put placeholders
// for are written without their brackets, which no path holds.
func (x *Exchange) takeTarget(raw string) {
	u, err := url.Parse("/" + strings.TrimLeft(strings.NewReplacer("<", "", ">", "").Replace(raw), "/"))
	if err != nil || raw == "" {
		return
	}
	x.Target = u.Path
	x.Version = u.Query().Get("api-version")
}

// takeForm keeps a request that is no JSON.
func (x *Exchange) takeForm(headers map[string]string, body *string) (err error) {
	if body == nil {
		return nil
	}
	for k, v := range headers {
		if strings.EqualFold(k, "content-type") {
			x.FormType = v
		}
	}
	x.Form, err = base64.StdEncoding.DecodeString(*body)
	return err
}

// Works are the exchanges that are no conversations.
func Works(xs []*Exchange) []*Exchange {
	return slices.DeleteFunc(slices.Clone(xs), func(x *Exchange) bool { return x.Work == "" })
}

// Conversations are the others.
func Conversations(xs []*Exchange) []*Exchange {
	return slices.DeleteFunc(slices.Clone(xs), func(x *Exchange) bool { return x.Work != "" })
}
