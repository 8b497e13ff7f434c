package llm

// EmbedInput is what a request for embeddings holds.
type EmbedInput struct {
	Items      []EmbedItem
	Dimensions int64  // 0 the model's own
	Base64     bool   // the client wants little-endian float32 in base64, not numbers
	Type       string // what the vectors are for, in the client's word: search_query, RETRIEVAL_DOCUMENT …
	Title      string // of a document
	List       bool   // the client's dialect asked for a list of vectors, not for one
	Extra      []Field
}

// EmbedItem is what becomes one vector.
type EmbedItem struct {
	Parts  []Part  // text and media; nil when it came as tokens
	Tokens []int64 // of the model's own tokenizer
	Path   string
}

// Text is the item as one text; ok is false when it holds anything else.
func (i *EmbedItem) Text() (text string, ok bool) {
	if len(i.Parts) != 1 || i.Parts[0].Kind != TextPart {
		return "", false
	}
	return i.Parts[0].Text, true
}

// RerankInput is what a rerank request holds.
type RerankInput struct {
	Query     string
	Documents []RerankDocument
	Top       int64 // how many results, 0 all
	Extra     []Field
}

// RerankDocument is one document to be judged.
type RerankDocument struct {
	Text  string
	Image string // URL or data URL, "" none
	Path  string
}

// SpeakInput is text to be spoken.
type SpeakInput struct {
	Text         string
	Voice        string
	Format       string // mp3, pcm …, "" the vendor's default
	Speed        []byte // a JSON number, nil unset
	Instructions string
	Extra        []Field
}

// TranscribeInput is audio to be written down. Its texts and bytes share memory with the
// request.
type TranscribeInput struct {
	Audio       []byte // as it is, nil when it came as base64
	Base64      string
	Format      string // wav, mp3 …: what the file name ends with, "" unknown
	Filename    string
	MIME        string
	Language    string
	Prompt      string
	Want        string   // response_format: json, verbose_json, text …, "" json
	Temperature []byte   // a JSON number, nil unset
	Stamps      []string // timestamp_granularities: word, segment
	Form        []Field  // further fields of a form; a value is the field's text, not JSON
	Extra       []Field
}

// DrawInput is an image to be made, or one to be changed.
type DrawInput struct {
	Prompt     string
	Images     []Media // to change or to look at
	Size       string  // WxH, auto, or a tier such as 2K
	Aspect     string  // 16:9
	Resolution string  // 1K
	Quality    string
	Background string
	Format     string // png jpeg webp
	Compress   []byte // output_compression, a JSON number, nil unset
	Seed       []byte // a JSON number, nil unset
	API        string // which of the client's APIs: "" generations, edits, openrouter
	Form       []FormPart
	Extra      []Field
}

// FormPart is a field of a form as it came, for an upstream that takes the same form.
type FormPart struct {
	Name, Filename, MIME string
	Value                []byte
}
