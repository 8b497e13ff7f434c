package simup

import (
	"iter"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// geminiFinish: calls end with STOP too.
var geminiFinish = map[finish]string{finishStop: "STOP", finishSequence: "STOP", finishLength: "MAX_TOKENS", finishTools: "STOP", finishRefused: "SAFETY"}

// geminiTextSignature is what a signature on a text part is bound to: any text, since
// clients may join parts.
const geminiTextSignature = "\x00text"

// geminiPart is one part of a content.
type geminiPart struct {
	text, args, signature string
	name                  string // of a call
	thought               bool
}

func (p geminiPart) append(b []byte) []byte {
	if p.name != "" {
		b = rawjson.AppendString(append(b, `{"functionCall": {"name": `...), p.name)
		b = append(append(append(b, `,"args": `...), p.args...), '}')
	} else {
		b = rawjson.AppendString(append(b, `{"text": `...), p.text)
	}
	if p.thought {
		b = append(b, `,"thought": true`...)
	}
	if p.signature != "" {
		b = rawjson.AppendString(append(b, `,"thoughtSignature": `...), p.signature)
	}
	return append(b, '}')
}

func (gemini) signCall(r *reply, a *answer, i int) string {
	if i > 0 || a.signature == "" { // of parallel calls only the first is signed
		return ""
	}
	return sign(r.seed, uint64(len(a.reasoning)), a.calls[0].name)
}

func (gemini) signText(r *reply, a *answer) string {
	if a.signature == "" {
		return ""
	}
	return sign(r.seed, uint64(len(a.reasoning)), geminiTextSignature)
}

func (w gemini) whole(dst []byte, r *reply) []byte {
	b := append(make([]byte, 0, 2048), `{"candidates": [`...)
	for i := range r.choices {
		a := &r.choices[i]
		var parts []geminiPart
		if a.reasoning != "" && r.showThoughts {
			parts = append(parts, geminiPart{text: a.reasoning, thought: true})
		}
		if a.text != "" {
			parts = append(parts, geminiPart{text: a.text, signature: w.signText(r, a)})
		}
		for j, c := range a.calls {
			parts = append(parts, geminiPart{name: c.name, args: c.object(), signature: w.signCall(r, a, j)})
		}
		b = append(b, pick(i == 0, "", ",")...)
		b = appendCandidate(b, parts, geminiFinish[a.finish], i)
	}
	b = append(b, "],"...)
	return indent(dst, appendGeminiTail(b, r), "  ")
}

func appendCandidate(b []byte, parts []geminiPart, finish string, index int) []byte {
	b = append(b, `{"content": {`...)
	for i, p := range parts {
		b = p.append(append(b, pick(i == 0, `"parts": [`, ",")...))
	}
	if len(parts) > 0 {
		b = append(b, "],"...)
	}
	b = append(b, `"role": "model"}`...)
	if finish != "" {
		b = append(append(append(b, `,"finishReason": "`...), finish...), '"')
	}
	return append(strconv.AppendInt(append(b, `,"index": `...), int64(index), 10), '}')
}

// appendGeminiTail appends the members after candidates and its comma, and closes the
// object.
func appendGeminiTail(b []byte, r *reply) []byte {
	if u, ok := r.reported(); ok {
		b = appendGeminiUsage(append(b, `"usageMetadata": `...), u, r)
		b = append(b, ',')
	}
	b = rawjson.AppendString(append(b, `"modelVersion": `...), r.model.ID)
	b = rawjson.AppendString(append(b, `,"responseId": `...), r.id)
	return append(b, '}')
}

// appendGeminiUsage: candidatesTokenCount leaves thoughts out, promptTokenCount holds what
// was cached, and counts of nothing are absent.
func appendGeminiUsage(b []byte, u usage, r *reply) []byte {
	b = strconv.AppendInt(append(b, `{"promptTokenCount": `...), u.tokens, 10)
	if n := u.output - u.reasoning; n > 0 {
		b = strconv.AppendInt(append(b, `,"candidatesTokenCount": `...), n, 10)
	}
	b = strconv.AppendInt(append(b, `,"totalTokenCount": `...), u.tokens+u.output, 10)
	if u.cached > 0 {
		b = strconv.AppendInt(append(b, `,"cachedContentTokenCount": `...), u.cached, 10)
	}
	images := min(int64(r.prompt.images)*imageTokens, u.tokens)
	b = strconv.AppendInt(append(b, `,"promptTokensDetails": [{"modality": "TEXT","tokenCount": `...), u.tokens-images, 10)
	if images > 0 {
		b = strconv.AppendInt(append(b, `},{"modality": "IMAGE","tokenCount": `...), images, 10)
	}
	b = append(b, "}]"...)
	if u.reasoning > 0 {
		b = strconv.AppendInt(append(b, `,"thoughtsTokenCount": `...), u.reasoning, 10)
	}
	return append(b, '}')
}

// geminiPiece is how many bytes a chunk of text has at least: Gemini's are long.
const geminiPiece = 40

// geminiStream writes whole responses, as events or as the elements of one array.
type geminiStream struct {
	r     *reply
	buf   []byte
	sent  int
	yield func(frame) bool
}

func (w gemini) frames(r *reply) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		s := &geminiStream{r: r, yield: yield}
		for i := range r.choices {
			if !w.choice(s, i) {
				return
			}
		}
		if r.fault.UsageTwice && !s.send(false, func(b []byte) []byte { return append(b, '{') }) {
			return
		}
		if r.array && !r.fault.NoTerminator {
			yield(frame{data: []byte("\n]")})
		}
	}
}

func (w gemini) choice(s *geminiStream, i int) bool {
	a := &s.r.choices[i]
	finish := geminiFinish[a.finish]
	if s.r.fault.NoTerminator {
		finish = ""
	}
	list := a.steps(geminiPiece, 1<<30)
	sign := a.signature != "" && a.text != "" // an empty text at the end carries it
	if len(list) == 0 {
		return s.candidate(i, nil, finish, false)
	}
	for at, x := range list {
		a.take(x)
		part, say := w.partOf(s.r, a, x)
		end := ""
		if at == len(list)-1 && !sign {
			end = finish
		}
		if !say && end == "" {
			continue
		}
		var parts []geminiPart
		if say {
			parts = []geminiPart{part}
		}
		if !s.candidate(i, parts, end, true) {
			return false
		}
	}
	return !sign || s.candidate(i, []geminiPart{{signature: w.signText(s.r, a)}}, finish, false)
}

// partOf is what a step shows; false is nothing: a hidden thought, or a call whose
// arguments are still to come.
func (w gemini) partOf(r *reply, a *answer, x step) (geminiPart, bool) {
	switch x.kind {
	case stepThought:
		return geminiPart{text: x.text, thought: true}, r.showThoughts
	case stepText:
		return geminiPart{text: x.text}, true
	}
	c := a.calls[x.call]
	return geminiPart{name: c.name, args: c.object(), signature: w.signCall(r, a, x.call)}, x.last
}

func (s *geminiStream) candidate(i int, parts []geminiPart, finish string, content bool) bool {
	return s.send(content, func(b []byte) []byte {
		return append(appendCandidate(append(b, `{"candidates": [`...), parts, finish, i), "],"...)
	})
}

// send frames one response: body appends what stands before usageMetadata.
func (s *geminiStream) send(content bool, body func([]byte) []byte) bool {
	if !s.r.array {
		b := appendGeminiTail(body(append(s.buf[:0], "data: "...)), s.r)
		s.buf = append(b, "\r\n\r\n"...)
	} else {
		b := append(s.buf[:0], pick(s.sent == 0, "[", "\n,\r\n")...)
		b = indent(b, appendGeminiTail(body(nil), s.r), "  ")
		s.buf = b[:len(b)-1]
	}
	s.sent++
	return s.yield(frame{data: s.buf, content: content})
}
