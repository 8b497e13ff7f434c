package replay

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A Product is the meaning of an answer that is no conversation.
type Product struct {
	Vectors  []Vector
	Ranks    []Ranked
	Count    int64 // of tokens
	Details  string
	Sound    *Sound
	Text     string // of a transcript
	Segments string // of a transcript, as JSON
	Pictures []Picture
	Result   *Result // of a completion

	// Units are what was used, by class, nil when the answer says nothing of it. A class
	// that is not there was not told.
	Units     map[string]int64
	Estimated bool // the gateway's own numbers, and said to be

	Failure *Failure
	Faults  []string
}

// The classes of Units.
const (
	promptUnits   = "prompt"
	answerUnits   = "completion"
	totalUnits    = "total"
	textUnits     = "prompt.text"
	imageUnits    = "prompt.image"
	audioUnits    = "prompt.audio"
	drawnUnits    = "completion.image"
	searchUnits   = "searches"
	thousandthsOf = "milliseconds"
)

// A Vector is in one of two forms.
type Vector struct {
	Numbers []string // as they are written
	Floats  []byte   // little-endian float32, from base64
}

// Ranked is a document's place in a ranking.
type Ranked struct {
	Index    int64
	Score    string // as it is written
	Document string
}

// Sound is audio.
type Sound struct {
	MIME string
	Size int
	Sum  string // SHA-256
}

// Picture is an image, by its bytes or its URL.
type Picture struct {
	URL, Sum, MIME string
	Raw            string // all that the answer says of it, as JSON
}

// addressed reports whether an image comes by URL alone.
func (p *Product) addressed() bool {
	return slices.ContainsFunc(p.Pictures, func(q Picture) bool { return q.Sum == "" })
}

func (p *Product) fault(s string) {
	if !slices.Contains(p.Faults, s) {
		p.Faults = append(p.Faults, s)
	}
}

// count keeps what a vendor tells of a class, and nothing where it does not.
func (p *Product) count(class string, n rawjson.Node) {
	if v, ok := n.Int(); ok {
		if p.Units == nil {
			p.Units = map[string]int64{}
		}
		p.Units[class] = v
	}
}

// Produced is what a client must learn from a recording of work.
func Produced(x *Exchange) *Product {
	switch {
	case x.Skip != "":
		return &Product{}
	case x.Status >= 300:
		return &Product{Failure: upstreamFailure(x.Status, x.Body)}
	case x.Work == Speak:
		return &Product{Sound: recordedSound(x)}
	case x.Work == Complete:
		return &Product{Result: extractText(x)}
	case x.Work == Hear && x.SSE:
		return transcriptStream(x.Body)
	}
	p := &Product{}
	root, err := parse(string(x.Body))
	if err != nil {
		p.Failure = brokenAnswer()
		return p
	}
	switch x.Work {
	case Embed:
		p.embedded(x, root)
	case Rank:
		p.ranked(x, root)
	case Count:
		p.counted(root)
	case Hear:
		p.heard(root)
	case Draw:
		p.drawn(root)
	}
	if nothing(p.Units) {
		p.Units = nil // counts of nothing for something are none
	}
	return p
}

func nothing(units map[string]int64) bool {
	for _, n := range units {
		if n != 0 {
			return false
		}
	}
	return true
}

func (p *Product) embedded(x *Exchange, root rawjson.Node) {
	switch venues[x.API].protocol {
	case "cohere.embed":
		for v := range root.At("embeddings", "float").Elems() {
			p.Vectors = append(p.Vectors, vector(v))
		}
		b := root.At("meta", "billed_units")
		p.count(promptUnits, b.Get("input_tokens"))
		if n := b.Get("image_tokens").Int64(); n > 0 {
			p.count(imageUnits, b.Get("image_tokens"))
			p.Units[promptUnits] += n
		}
	case "ollama.embed":
		for v := range root.Get("embeddings").Elems() {
			p.Vectors = append(p.Vectors, vector(v))
		}
		p.count(promptUnits, root.Get("prompt_eval_count"))
	case "gemini.embedContent":
		p.geminiEmbedded(root)
	default:
		p.openAIEmbedded(root)
		if x.API == "perplexity.embeddings" {
			p.signedBytes()
		}
	}
}

// openAIEmbedded puts vectors into the order of their inputs.
func (p *Product) openAIEmbedded(root rawjson.Node) {
	for d := range root.Get("data").Elems() {
		at := int(d.Get("index").Int64())
		for len(p.Vectors) <= at {
			p.Vectors = append(p.Vectors, Vector{})
		}
		p.Vectors[at] = vector(d.Get("embedding"))
	}
	u := root.Get("usage")
	p.count(promptUnits, u.Get("total_tokens"))
	p.count(promptUnits, u.Get("prompt_tokens"))
	d := u.Get("prompt_tokens_details")
	p.count(imageUnits, d.Get("image_tokens"))
	p.count(audioUnits, d.Get("audio_tokens"))
}

func (p *Product) geminiEmbedded(root rawjson.Node) {
	if v := root.At("embedding", "values"); v.Exists() {
		p.Vectors = append(p.Vectors, vector(v))
	}
	for e := range root.Get("embeddings").Elems() {
		p.Vectors = append(p.Vectors, vector(e.Get("values")))
	}
	u := root.Get("usageMetadata")
	p.count(promptUnits, u.Get("promptTokenCount"))
	for _, key := range []string{"promptTokensDetails", "promptTokenDetails"} {
		for d := range u.Get(key).Elems() {
			switch d.Get("modality").Str() {
			case "IMAGE":
				p.count(imageUnits, d.Get("tokenCount"))
			case "AUDIO":
				p.count(audioUnits, d.Get("tokenCount"))
			}
		}
	}
}

// vector reads either form.
func vector(n rawjson.Node) (v Vector) {
	if n.Kind() == rawjson.String {
		v.Floats, _ = base64.StdEncoding.DecodeString(n.Str()) // an empty vector is found unequal
		return v
	}
	for e := range n.Elems() {
		v.Numbers = append(v.Numbers, string(e.Raw()))
	}
	return v
}

// signedBytes reads vectors again whose base64 holds a signed byte for each number.
func (p *Product) signedBytes() {
	for i, v := range p.Vectors {
		p.Vectors[i] = Vector{}
		for _, b := range v.Floats {
			p.Vectors[i].Numbers = append(p.Vectors[i].Numbers, strconv.Itoa(int(int8(b))))
		}
	}
}

// ranked reads a ranking. A result that does not repeat its document is of the one that was
// sent.
func (p *Product) ranked(x *Exchange, root rawjson.Node) {
	var sent []string
	if req, err := parse(string(x.Request)); err == nil {
		for d := range req.Get("documents").Elems() {
			sent = append(sent, d.Str()+d.Get("text").Str())
		}
	}
	list := root.Get("results")
	if !list.Exists() {
		list = root.Get("data")
	}
	for d := range list.Elems() {
		r := Ranked{d.Get("index").Int64(), string(d.Get("relevance_score").Raw()), d.At("document", "text").Str()}
		if r.Document == "" && r.Index >= 0 && r.Index < int64(len(sent)) {
			r.Document = sent[r.Index]
		}
		p.Ranks = append(p.Ranks, r)
	}
	p.count(searchUnits, root.At("meta", "billed_units", "search_units"))
	p.count(searchUnits, root.At("usage", "search_units"))
	p.count(totalUnits, root.At("usage", "total_tokens"))
}

// counted reads a count of tokens on any wire.
func (p *Product) counted(root rawjson.Node) {
	for _, key := range []string{"input_tokens", "inputTokens", "totalTokens"} {
		if n, ok := root.Get(key).Int(); ok {
			p.Count = n
		}
	}
	if d := root.Get("promptTokensDetails"); d.Exists() {
		p.Details = string(d.Raw())
	}
}

func recordedSound(x *Exchange) *Sound {
	body, mime := x.Body, x.contentType()
	if strings.HasPrefix(mime, "application/json") { // Mistral's
		root, err := parse(string(body))
		if err == nil {
			body, _ = base64.StdEncoding.DecodeString(root.Get("audio_data").Str())
		}
		mime = ""
	}
	s := soundOf(body, mime)
	if !strings.HasPrefix(mime, "audio/") {
		s.MIME = "audio/mpeg" // all that is recorded without a type
	}
	return s
}

func soundOf(body []byte, mime string) *Sound { return &Sound{mime, len(body), checksum(body)} }

func checksum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// format is the API's name for the sound's type.
func (s *Sound) format() string {
	return map[string]string{"audio/mpeg": "mp3", "audio/wav": "wav"}[s.MIME]
}

func (p *Product) heard(root rawjson.Node) {
	p.Text = root.Get("text").Str()
	if s := root.Get("segments"); s.Exists() {
		p.Segments = string(s.Raw())
	}
	p.heardUnits(root.Get("usage"))
}

// heardUnits reads OpenAI's names and Mistral's, which counts audio beside the prompt.
func (p *Product) heardUnits(u rawjson.Node) {
	p.count(promptUnits, u.Get("input_tokens"))
	p.count(answerUnits, u.Get("output_tokens"))
	p.count(totalUnits, u.Get("total_tokens"))
	d := u.Get("input_token_details")
	p.count(textUnits, d.Get("text_tokens"))
	p.count(audioUnits, d.Get("audio_tokens"))
	if s, ok := u.Get("seconds").Float(); ok {
		p.units(thousandthsOf, int64(s*1000))
	}
	if !u.Get("prompt_tokens").Exists() {
		return
	}
	p.count(answerUnits, u.Get("completion_tokens"))
	p.count(audioUnits, u.At("prompt_tokens_details", "audio_tokens"))
	p.count(textUnits, u.Get("prompt_tokens"))
	p.units(promptUnits, p.Units[textUnits]+p.Units[audioUnits])
	if s, ok := u.Get("prompt_audio_seconds").Float(); ok {
		p.units(thousandthsOf, int64(s*1000))
	}
}

func (p *Product) units(class string, n int64) {
	if p.Units == nil {
		p.Units = map[string]int64{}
	}
	p.Units[class] = n
}

// transcriptStream reads a transcript's events: the deltas must be the whole.
func transcriptStream(body []byte) *Product {
	p := &Product{}
	var said strings.Builder
	whole, done := false, false
	for data := range payloads(body) {
		if data == "[DONE]" {
			done = true
			continue
		}
		root, err := parse(data)
		if err != nil {
			p.fault("an event is no JSON")
			continue
		}
		if e := root.Get("error"); !e.IsNull() {
			p.Failure = streamFailure(e, true)
			return p
		}
		switch root.Get("type").Str() {
		case "transcript.text.delta":
			said.WriteString(root.Get("delta").Str())
		case "transcript.text.done":
			whole = true
			p.heard(root)
		}
	}
	if !whole || !done {
		p.fault("the transcript has no end")
	}
	if said.Len() > 0 && said.String() != p.Text {
		p.fault("the deltas are another text than the whole: " + said.String())
	}
	return p
}

func (p *Product) drawn(root rawjson.Node) {
	for d := range root.Get("data").Elems() {
		pic := Picture{URL: d.Get("url").Str(), MIME: d.Get("media_type").Str(), Raw: string(d.Raw())}
		if text := d.Get("b64_json").Str(); text != "" {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				p.fault("an image is not base64")
			}
			pic.Sum = checksum(data)
			if pic.MIME == "" {
				pic.MIME = pictureType(data)
			}
		}
		p.Pictures = append(p.Pictures, pic)
	}
	u := root.Get("usage")
	p.count(promptUnits, u.Get("input_tokens"))
	p.count(promptUnits, u.Get("prompt_tokens"))
	p.count(answerUnits, u.Get("output_tokens"))
	p.count(answerUnits, u.Get("completion_tokens"))
	p.count(totalUnits, u.Get("total_tokens"))
	p.count(drawnUnits, u.At("completion_tokens_details", "image_tokens"))
	p.count(imageUnits, u.At("input_tokens_details", "image_tokens"))
	p.count(textUnits, u.At("input_tokens_details", "text_tokens"))
}

func pictureType(data []byte) string {
	switch s := string(data[:min(len(data), 4)]); {
	case s == "\x89PNG":
		return "image/png"
	case strings.HasPrefix(s, "\xff\xd8\xff"):
		return "image/jpeg"
	}
	return ""
}

// extractText reads a legacy completion or its chunks.
func extractText(x *Exchange) *Result {
	r := &Result{Whole: !x.SSE}
	bad := func(string) { r.Failure = brokenAnswer() }
	for root := range x.objects(func() { r.Whole = true }, bad) {
		if e := root.Get("error"); !e.IsNull() {
			r.Failure = streamFailure(e, x.SSE)
			return r
		}
		for ch := range root.Get("choices").Elems() {
			c := r.choice(int(ch.Get("index").Int64()))
			c.Text += ch.Get("text").Str()
			if f := ch.Get("finish_reason").Str(); f != "" {
				c.Finish, c.Native = f, f
			}
		}
		if u := root.Get("usage"); u.Kind() == rawjson.Object {
			r.Usage = &Usage{
				Prompt: u.Get("prompt_tokens").Int64(), Completion: u.Get("completion_tokens").Int64(), Total: u.Get("total_tokens").Int64(),
				CacheRead: u.At("prompt_tokens_details", "cached_tokens").Int64(), Reasoning: u.At("completion_tokens_details", "reasoning_tokens").Int64(),
			}
		}
	}
	return r
}

// sameValue compares two JSON texts as values, numbers by what is written.
func sameValue(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	va, errA := decodeArguments(a)
	vb, errB := decodeArguments(b)
	if errA != nil || errB != nil {
		return false
	}
	ja, errA := json.Marshal(va)
	jb, errB := json.Marshal(vb)
	return errA == nil && errB == nil && string(ja) == string(jb)
}
