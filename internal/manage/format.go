package manage

import (
	"mime"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
)

// format is how rows are written.
type format string

// The formats.
const (
	asJSON  format = "json"
	asCSV   format = "csv"
	asLines format = "jsonl"
)

const (
	csvType   = "text/csv; charset=utf-8"
	linesType = "application/jsonl"
)

// acceptable are the formats of media types that a client may accept.
var acceptable = map[string]format{
	jsonType: asJSON, "*/*": asJSON, "application/*": asJSON,
	"text/csv": asCSV, "application/jsonl": asLines, "application/x-ndjson": asLines, "application/x-jsonlines": asLines,
}

// format is that of the parameter format, or of the first media type of Accept that is one.
func (c *call) format(p *params) format {
	if f := p.choice("format", string(asJSON), string(asCSV), string(asLines)); f != "" {
		return format(f)
	}
	for part := range strings.SplitSeq(c.Header.Get("Accept"), ",") {
		media, _, err := mime.ParseMediaType(part)
		if f, ok := acceptable[media]; ok && err == nil {
			return f
		}
	}
	return asJSON
}

// document is the rows as a file. What JSON says beside the rows is in headers.
func (f format) document(c *call, r *analytics.Result, warnings ...string) document {
	h := c.w.Header()
	h.Set("Vary", "Accept")
	if r.Truncated {
		h.Set("X-Dragoman-Truncated", "true")
	}
	if len(warnings) > 0 {
		h.Set("X-Dragoman-Warnings", strings.Join(warnings, "; "))
	}
	if f == asCSV {
		return document{csvType, r.AppendCSV(nil)}
	}
	return document{linesType, r.AppendLines(nil)}
}
