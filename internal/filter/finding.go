package filter

import "github.com/dragoman-gateway/dragoman/internal/fault"

// Finding is a match. It holds nothing of the text.
type Finding struct {
	Start, End int    // bytes of the text scanned: text[Start:End]
	Slug       string // the detector's, or Custom
	Name       string // finer: the format of a secret, the pattern of an injection; else empty
	Label      string // what replaces the match
	Action     Action
	Guardrail  string // of the rule that wanted Action
}

// Blocked is the first finding that refuses the request.
func Blocked(findings []Finding) (Finding, bool) {
	for _, f := range findings {
		if f.Action == Block {
			return f, true
		}
	}
	return Finding{}, false
}

// Refusal is the error for the client when a finding blocks, else nil (reference §1.4:
// guardrail block).
func Refusal(findings []Finding) *fault.Error {
	f, ok := Blocked(findings)
	if !ok {
		return nil
	}
	e := fault.New(fault.Denied, "Request blocked by content filter: "+f.title())
	if f.Slug == Injection {
		e.Metadata = map[string]any{"patterns": names(findings)}
	}
	return e
}

// Withheld is the error for the client when a finding in an answer blocks it.
func Withheld(f Finding) *fault.Error {
	return fault.New(fault.Denied, "Answer blocked by content filter: "+f.title())
}

// title is how a refusal calls what was found.
func (f Finding) title() string {
	if d := builtinOf(f.Slug); d < builtins {
		return catalogue[d].title
	}
	if f.Label == redacted {
		return "[BLOCKED]"
	}
	return f.Label
}

// names are those of the injections that block, each once.
func names(findings []Finding) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range findings {
		if f.Slug == Injection && f.Action == Block && !seen[f.Name] {
			seen[f.Name] = true
			out = append(out, f.Name)
		}
	}
	return out
}
