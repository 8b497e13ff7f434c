package replay

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// SameWire is what the gateway changed where client and upstream speak one wire, by JSON
// path. A value says how: changed, added or removed.
type SameWire struct {
	Request  map[string]int `json:"request,omitempty"`
	Frames   map[string]int `json:"frames,omitempty"`
	Problems []string       `json:"problems,omitempty"` // what no declared edit explains
}

// Edits that the gateway declares. In a request: the endpoint's model, the end user's
// pseudonym, the ask for usage, the limit that credit sets, and what belongs to the
// gateway's own API.
var declaredRequest = regexp.MustCompile(`^((model|user) changed|stream_options(\.include_usage)? (added|changed)` +
	`|max(_completion)?_tokens (added|changed|removed)` +
	`|(provider|models|route|plugins|transforms|usage|session_id|preset|trace|debug|include_reasoning|reasoning|image_config) removed` +
	`|reasoning_effort added)$`)

// In a frame: identity of the answer, the normalised names and types, the nulls and padding
// that strict clients refuse or need not have, and what repeats the delta.
var declaredFrame = regexp.MustCompile(`^((id|model|object|created) (changed|added)|provider (added|changed)` +
	`|(usage|system_fingerprint|service_tier|obfuscation|p|x_groq) removed|usage (changed|added)` +
	`|choices\[\]\.native_finish_reason added|choices\[\]\.finish_reason (changed|added)` +
	`|choices\[\]\.delta\.(reasoning|reasoning_details) added` +
	`|choices\[\]\.delta\.(reasoning_content|role) (removed|added)|choices\[\]\.message removed` +
	`|choices\[\]\.delta\.content array to (string|null)|choices\[\]\.delta\.tool_calls\[\]\.(index|id) added)$`)

// compareBytes checks a request on its way up and, unless got is nil, a stream on its way
// down.
func compareBytes(sent, saw []byte, x *Exchange, got []byte) *SameWire {
	s := &SameWire{Request: map[string]int{}, Frames: map[string]int{}}
	s.pair("request", sent, saw, s.Request, declaredRequest)
	if x.SSE && got != nil {
		s.frames(x, got)
	}
	return s
}

// frames aligns the content frames; the gateway ends the stream with a usage frame of its
// own, in place of the upstream's.
func (s *SameWire) frames(x *Exchange, got []byte) {
	up, down := contentFrames(x.Body), contentFrames(got)
	if len(up) != len(down) {
		s.problem("frames: %d from the upstream, %d to the client", len(up), len(down))
	}
	for i := range min(len(up), len(down)) {
		s.pair(fmt.Sprintf("frame %d", i), []byte(up[i]), []byte(down[i]), s.Frames, declaredFrame)
	}
}

// contentFrames are the events up to the last one that says something about a choice,
// without those that only tell usage.
func contentFrames(body []byte) []string {
	var out []string
	last := 0
	said := map[int64]string{} // finish reasons by choice
	for p := range payloads(body) {
		root, err := parse(p)
		if err != nil || !root.Get("usage").IsNull() && nothingNew(root, said) {
			continue
		}
		out = append(out, p)
		if !nothingNew(root, nil) {
			last = len(out)
		}
		for c := range root.Get("choices").Elems() {
			if f := c.Get("finish_reason").Str(); f != "" {
				said[c.Get("index").Int64()] = f
			}
		}
	}
	return out[:last]
}

// nothingNew reports whether a chunk says nothing about any choice but a finish reason
// that was said before: a usage chunk may repeat it, for clients that keep the last one.
func nothingNew(root rawjson.Node, said map[int64]string) bool {
	for c := range root.Get("choices").Elems() {
		d, f := c.Get("delta"), c.Get("finish_reason")
		if !f.IsNull() && f.Str() != said[c.Get("index").Int64()] || d.Get("content").Str() != "" || d.Get("tool_calls").Len() > 0 ||
			openAIReasoning(d) != "" {
			return false
		}
	}
	return true
}

func (s *SameWire) problem(format string, args ...any) {
	if len(s.Problems) < 20 {
		s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
	}
}

func (s *SameWire) pair(what string, a, b []byte, count map[string]int, declared *regexp.Regexp) {
	ra, errA := parse(string(a))
	rb, errB := parse(string(b))
	if errA != nil || errB != nil {
		s.problem("%s is no JSON", what)
		return
	}
	d := &jsonDiff{}
	d.walk("", ra, rb)
	for _, p := range d.paths {
		count[p]++
		if !declared.MatchString(p) {
			s.problem("%s: %s", what, p)
		}
	}
	if x, y := skeleton(a, d.left), skeleton(b, d.right); x != y {
		s.problem("%s: bytes outside the edits differ: %s became %s", what, clip(x), clip(y))
	}
}

// jsonDiff lists where two JSON texts differ, and the spans that the differences take up
// in each.
type jsonDiff struct {
	paths       []string
	left, right [][2]int
}

func (d *jsonDiff) walk(path string, a, b rawjson.Node) {
	switch {
	case string(a.Raw()) == string(b.Raw()):
	case a.Kind() == rawjson.Object && b.Kind() == rawjson.Object:
		d.members(path, a, b)
	case a.Kind() == rawjson.Array && b.Kind() == rawjson.Array && a.Len() == b.Len():
		other := slices.Collect(b.Elems())
		i := 0
		for el := range a.Elems() {
			d.walk(path+"[]", el, other[i])
			i++
		}
	default:
		how := " changed"
		if a.Kind() != b.Kind() {
			how = fmt.Sprintf(" %s to %s", a.Kind(), b.Kind())
		}
		d.paths = append(d.paths, path+how)
		d.left = append(d.left, span(a))
		d.right = append(d.right, span(b))
	}
}

func (d *jsonDiff) members(path string, a, b rawjson.Node) {
	for k, v := range a.Members() {
		if w := b.Get(k.Str()); w.Exists() {
			d.walk(join(path, k.Str()), v, w)
			continue
		}
		d.paths = append(d.paths, join(path, k.Str())+" removed")
		d.left = append(d.left, memberSpan(k, v))
	}
	for k, v := range b.Members() {
		if !a.Get(k.Str()).Exists() {
			d.paths = append(d.paths, join(path, k.Str())+" added")
			d.right = append(d.right, memberSpan(k, v))
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func span(n rawjson.Node) [2]int {
	from, to := n.Span()
	return [2]int{from, to}
}

func memberSpan(k, v rawjson.Node) [2]int { return [2]int{span(k)[0], span(v)[1]} }

const (
	edited = "\x00" // stands for an edited value
	member = "\x01" // stands for a member that only one side has
)

// lonely is a member that is only on this side, with the comma it needs.
var lonely = regexp.MustCompile(`,\s*\x01|\x01\s*,\s*|\x01`)

// skeleton is the text without its edited spans: what must be the same on both sides.
func skeleton(text []byte, spans [][2]int) string {
	// Spans are offsets into the trimmed text, as parse reads it.
	s := strings.TrimSpace(string(text))
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	var out strings.Builder
	at := 0
	for _, sp := range spans {
		out.WriteString(s[at:sp[0]])
		if isMember(s[sp[0]:sp[1]]) {
			out.WriteString(member)
		} else {
			out.WriteString(edited)
		}
		at = sp[1]
	}
	out.WriteString(s[at:])
	return lonely.ReplaceAllString(out.String(), "")
}

// isMember tells a key with its value from a value: a value parses alone.
func isMember(s string) bool {
	_, err := parse(s)
	return err != nil
}
