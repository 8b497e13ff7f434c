package telemetry

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"time"

	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	trace "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
)

// The names of attributes: those of the conventions for generative AI
// (https://opentelemetry.io/docs/specs/semconv/gen-ai/, in development), of OpenTelemetry in
// general, and ours below dragoman.
const (
	operationName   = "gen_ai.operation.name"
	providerName    = "gen_ai.provider.name"
	requestModel    = "gen_ai.request.model"
	responseModel   = "gen_ai.response.model"
	responseID      = "gen_ai.response.id"
	finishReasons   = "gen_ai.response.finish_reasons"
	conversationID  = "gen_ai.conversation.id"
	inputTokens     = "gen_ai.usage.input_tokens"
	outputTokens    = "gen_ai.usage.output_tokens"
	cacheReadTokens = "gen_ai.usage.cache_read.input_tokens"
	cacheMadeTokens = "gen_ai.usage.cache_creation.input_tokens"
	reasoningTokens = "gen_ai.usage.reasoning.output_tokens"
	inputMessages   = "gen_ai.input.messages"
	outputMessages  = "gen_ai.output.messages"
	totalCost       = "gen_ai.usage.cost" // US dollars; not in the conventions, and read by most services

	errorType  = "error.type"
	statusCode = "http.response.status_code"
	sessionID  = "session.id"
	userID     = "user.id"
	userEmail  = "user.email"
	userAgent  = "user_agent.original"

	ownGeneration = "dragoman.generation.id"
	ownOutcome    = "dragoman.outcome"
	ownEndpoint   = "dragoman.endpoint"
	ownWorkspace  = "dragoman.workspace"
	ownAttempts   = "dragoman.attempts"
	ownStreamed   = "dragoman.streamed"
	ownFirst      = "dragoman.time_to_first_content_ms"
	ownBYOK       = "dragoman.byok"
	ownUpstream   = "dragoman.upstream_cost" // US dollars, at list price
	ownKey        = "dragoman.key.hash"
	ownKeyName    = "dragoman.key.name"
	ownUser       = "dragoman.external_user"
	ownApp        = "dragoman.app"
	ownOrigin     = "dragoman.origin"

	serviceName  = "service.name"
	serviceValue = "dragoman"
)

// operations are the conventions' names of ours; the others are our own.
var operations = map[string]string{"completions": "chat", "embeddings": "embeddings"}

// spans are the request, and each call of an endpoint in it.
func spans(e Event, d *account.Destination) []*trace.Span {
	r := e.Record
	traceID, spanID := idsOf(r)
	start := uint64(r.Created.UnixNano())
	root := &trace.Span{
		TraceId: traceID, SpanId: spanID, Name: operation(r) + " " + r.Asked, Kind: trace.Span_SPAN_KIND_SERVER,
		StartTimeUnixNano: start, EndTimeUnixNano: start + millis(r.GenerationMS),
		Attributes: attributes(e, d), Status: status(r),
	}
	out := []*trace.Span{root}
	for i := range r.Attempts {
		id := sha256.Sum256([]byte(r.ID + "/" + strconv.Itoa(i)))
		out = append(out, call(&r.Attempts[i], r, root, id[:8]))
	}
	return out
}

// idsOf are the trace and the span of a request, always the same.
func idsOf(r *generation.Record) (trace, span []byte) {
	hash := sha256.Sum256([]byte(r.ID))
	return hash[:16], hash[16:24]
}

func millis(ms int64) uint64 { return uint64(time.Duration(max(ms, 0)) * time.Millisecond) }

func operation(r *generation.Record) string {
	if name := operations[r.API]; name != "" {
		return name
	}
	return r.API
}

func status(r *generation.Record) *trace.Status {
	switch {
	case failed(r):
		return &trace.Status{Code: trace.Status_STATUS_CODE_ERROR, Message: why(r)}
	case r.Outcome == generation.Cancelled:
		return &trace.Status{}
	}
	return &trace.Status{Code: trace.Status_STATUS_CODE_OK}
}

// modelOf is the model that served, or else that was asked for.
func modelOf(r *generation.Record) string { return cmp.Or(r.Model, r.Asked) }

func seconds(ms int64) float64 { return float64(ms) / 1e3 }

func failed(r *generation.Record) bool {
	return r.Outcome != generation.Completed && r.Outcome != generation.Empty && r.Outcome != generation.Cancelled
}

// why is the message of a request's error, "" without one.
func why(r *generation.Record) string {
	if r.Error == nil {
		return ""
	}
	return r.Error.Message
}

// call is the span of one attempt.
func call(a *generation.Attempt, r *generation.Record, root *trace.Span, id []byte) *trace.Span {
	var l list
	l.text(operationName, operation(r))
	l.text(providerName, a.Provider)
	l.text(requestModel, a.Model)
	l.text(responseID, a.UpstreamID)
	l.text(ownEndpoint, a.Endpoint)
	l.number(statusCode, int64(a.Status))
	l.flag(ownBYOK, a.BYOK)
	l.text(errorType, a.Kind)
	s := &trace.Span{
		TraceId: root.TraceId, SpanId: id, ParentSpanId: root.SpanId, Name: operation(r) + " " + a.Model, Kind: trace.Span_SPAN_KIND_CLIENT,
		StartTimeUnixNano: root.StartTimeUnixNano + millis(a.StartMS), EndTimeUnixNano: root.StartTimeUnixNano + millis(max(a.EndMS, a.StartMS)),
		Attributes: l, Status: &trace.Status{},
	}
	if a.Kind != "" {
		s.Status = &trace.Status{Code: trace.Status_STATUS_CODE_ERROR, Message: a.Message}
	}
	return s
}

// attributes are those of the whole request, as far as the destination gets them.
func attributes(e Event, d *account.Destination) list {
	l := facts(e, d)
	if e.Said != nil {
		l.text(inputMessages, encoded(asked(e.Said.Input)))
		l.text(outputMessages, encoded(answered(e)))
	}
	return l
}

// facts are the attributes but for what was said.
func facts(e Event, d *account.Destination) list {
	r, u := e.Record, &e.Record.Usage
	var l list
	l.text(operationName, operation(r))
	l.text(providerName, r.Provider)
	l.text(requestModel, r.Asked)
	l.text(responseModel, r.Model)
	l.text(responseID, r.Upstream)
	l.texts(finishReasons, string(r.Finish))
	l.text(conversationID, r.Session)
	l.text(sessionID, r.Session)
	l.number(inputTokens, u.Prompt())
	l.number(outputTokens, u.Completion())
	l.number(cacheReadTokens, u.CacheRead)
	l.number(cacheMadeTokens, u.CacheWrites())
	l.number(reasoningTokens, u.Reasoning)
	l.text(ownGeneration, r.ID)
	l.text(ownOutcome, string(r.Outcome))
	l.text(ownEndpoint, r.Endpoint)
	l.text(ownWorkspace, r.Workspace)
	l.number(ownAttempts, int64(len(r.Attempts)))
	l.flag(ownStreamed, r.Streamed)
	l.number(ownFirst, r.LatencyMS)
	if r.Error != nil {
		l.text(errorType, r.Error.Type)
	}
	if d.Cost {
		l.dollars(totalCost, int64(r.Cost))
		l.dollars(ownUpstream, int64(r.List))
		l.flag(ownBYOK, r.BYOK)
	}
	if d.Identity {
		l.text(userID, r.Member)
		l.text(userEmail, e.Email)
		l.text(ownUser, r.User)
		l.text(ownKey, r.Key)
		l.text(ownKeyName, e.KeyName)
	}
	if d.Context {
		l.text(ownApp, analytics.App(r))
		l.text(ownOrigin, analytics.Origin(r.Referer))
		l.text(userAgent, r.UserAgent)
	}
	return l
}

// list is attributes, of which those without a value are left out.
type list []*common.KeyValue

func (l *list) add(name string, v *common.AnyValue) {
	*l = append(*l, &common.KeyValue{Key: name, Value: v})
}

func (l *list) text(name, v string) {
	if v != "" {
		l.add(name, &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: valid(v)}})
	}
}

func (l *list) texts(name string, v ...string) {
	if v = slices.DeleteFunc(v, func(s string) bool { return s == "" }); len(v) == 0 {
		return
	}
	a := &common.ArrayValue{}
	for _, s := range v {
		a.Values = append(a.Values, &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: valid(s)}})
	}
	l.add(name, &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: a}})
}

func (l *list) number(name string, v int64) {
	if v != 0 {
		l.add(name, &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: v}})
	}
}

func (l *list) flag(name string, v bool) {
	if v {
		l.add(name, &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: true}})
	}
}

// dollars is an amount of nano-dollars as others read it; the ledger holds the exact figure.
func (l *list) dollars(name string, nano int64) {
	l.add(name, &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: float64(nano) / 1e9}})
}
