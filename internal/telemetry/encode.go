package telemetry

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// The media types of OTLP over HTTP.
const (
	protobufType = "application/x-protobuf"
	jsonType     = "application/json"
)

// otlp is one call with all events.
func otlp(t *Target, d *account.Destination, events []Event) ([]Call, error) {
	body, mediaType, err := encode(t, d, events)
	if err != nil {
		return nil, err
	}
	return []Call{{t.URL, mediaType, body}}, nil
}

// encode is events as traces, and their media type. No events are an empty message.
func encode(t *Target, d *account.Destination, events []Event) (body []byte, mediaType string, err error) {
	m := &trace.TracesData{} // on the wire the same as an ExportTraceServiceRequest
	if len(events) > 0 {
		scope := &trace.ScopeSpans{Scope: &common.InstrumentationScope{Name: serviceValue}}
		for i := range events {
			scope.Spans = append(scope.Spans, spans(events[i], d)...)
		}
		m.ResourceSpans = []*trace.ResourceSpans{{Resource: &resource.Resource{Attributes: about(t)}, ScopeSpans: []*trace.ScopeSpans{scope}}}
	}
	if !t.JSON {
		body, err = proto.Marshal(m)
		mediaType = protobufType
	} else {
		body, err = protojson.Marshal(m)
		body, mediaType = hexIDs(body), jsonType
	}
	if err != nil {
		return nil, "", fmt.Errorf("encode telemetry: %w", err)
	}
	return body, mediaType, nil
}

func about(t *Target) list {
	var l list
	l.text(serviceName, serviceValue)
	for _, name := range slices.Sorted(maps.Keys(t.Resource)) {
		l.text(name, t.Resource[name])
	}
	return l
}

// ids are the members that OTLP has in hexadecimal where JSON of protocol buffers has base64
// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Within a text the quotes are escaped, so none is
// mistaken for a member.
var ids = regexp.MustCompile(`"(traceId|spanId|parentSpanId)":\s*"([A-Za-z0-9+/]+={0,2})"`)

func hexIDs(body []byte) []byte {
	return ids.ReplaceAllFunc(body, func(m []byte) []byte {
		parts := ids.FindSubmatch(m)
		raw, err := base64.StdEncoding.DecodeString(string(parts[2]))
		if err != nil {
			return m
		}
		return fmt.Appendf(nil, `"%s":"%s"`, parts[1], hex.EncodeToString(raw))
	})
}

// valid makes a text one that protocol buffers take.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
