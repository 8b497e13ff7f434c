package bedrock

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/eventstream"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Failure classifies an answer that is not 2xx: its class is in the header
// x-amzn-errortype, its body is {"message"}.
func (Converse) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	var d rawjson.Doc
	said := wireError{class: className(dialect.Get(h, "X-Amzn-Errortype"))}
	if d.Parse(bytes.TrimSpace(body)) == nil {
		said.read(d.Root())
	}
	e := classify(status, said)
	e.RetryAfter = dialect.RetryAfter(h)
	e.Err = fmt.Errorf("upstream status %d, type %q", status, said.class) // never the body: it may quote the prompt
	return e
}

// exception classifies a frame that ends a stream instead of its events. Exceptions are
// what the API defines, errors what may befall any stream of AWS.
func exception(m *eventstream.Message, d *rawjson.Doc) *fault.Error {
	class := m.Header(":exception-type")
	if class == nil {
		class = m.Header(":error-code")
	}
	said := wireError{class: className(string(class)), message: string(m.Header(":error-message"))}
	if d.Parse(bytes.TrimSpace(m.Payload)) == nil {
		said.read(d.Root())
	}
	e := classify(classes[strings.ToLower(said.class)], said)
	e.Err = fmt.Errorf("upstream exception inside an answer, type %q", said.class)
	return e
}

type wireError struct{ class, message string }

func (e *wireError) read(root rawjson.Node) {
	for _, key := range []string{"originalMessage", "Message", "message"} {
		if s := root.Get(key).Str(); s != "" {
			e.message = s
		}
	}
	if t := root.Get("__type").Str(); e.class == "" && t != "" {
		e.class = className(t)
	}
}

// className is the bare name of an exception: it comes with a namespace before "#" and a
// URL after ":".
func className(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return dialect.Clip(s[strings.LastIndexByte(s, '#')+1:], 64)
}

// classes are the statuses that exceptions have outside a stream
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
// Within one their names begin with a small letter.
var classes = map[string]int{
	"accessdeniedexception": 403, "internalserverexception": 500, "internalfailure": 500, "modelerrorexception": 424, "modelnotreadyexception": 429,
	"modelstreamerrorexception": 424, "modeltimeoutexception": 408, "resourcenotfoundexception": 404, "servicequotaexceededexception": 400,
	"serviceunavailableexception": 503, "throttlingexception": 429, "validationexception": 400, "unrecognizedclientexception": 403,
	"expiredtokenexception": 403,
}

// classify judges by class, status and what the upstream says; status 0 is unknown.
func classify(status int, said wireError) *fault.Error {
	e := &fault.Error{ProviderCode: said.class}
	text := strings.ToLower(said.message)
	switch class := strings.ToLower(said.class); {
	case class == "throttlingexception" || class == "servicequotaexceededexception" || class == "modelnotreadyexception" || status == 429:
		e.Kind = fault.Overloaded
	case class == "serviceunavailableexception" || status == 503:
		e.Kind, e.Status, e.Type = fault.Overloaded, 503, "provider_overloaded"
	case status == 401 || status == 402 || status == 403 || strings.Contains(class, "token") || strings.Contains(class, "signature") || dialect.Says(text, operators):
		e.Kind = fault.Credential
	case status == 408 || status == 504:
		e.Kind = fault.TimedOut
	case status == 413:
		e.Kind, e.Status = fault.Refused, 413
	case status < 400 || status >= 500 || status == 424 || said == wireError{}:
		e.Kind = fault.Broken
	case dialect.Says(text, tooLong):
		e.Kind = fault.TooLong
	case dialect.Says(text, moderated):
		e.Kind = fault.Moderated
	default:
		e.Kind, e.Status = fault.Refused, status
		if status == 404 {
			e.Type = "not_found"
		}
	}
	if e.Kind == fault.Refused || e.Kind == fault.TooLong || e.Kind == fault.Moderated {
		e.Code = said.class
		e.Quote = dialect.Quote(said.message)
	}
	return e
}

// tooLong are the signs of a prompt over the context.
var tooLong = []string{"input tokens exceeded", "input is too long", "prompt is too long", "exceed context limit", "maximum context length", "exceeds the maximum number of tokens"}

// moderated are the signs of a prompt that the provider's policy refuses.
var moderated = []string{"content filtering policy", "blocked by our content filters", "violates our content policy"}

// operators are refusals with status 400 that concern the operator's account.
var operators = []string{"security token included in the request", "credentials could not be found", "account is not authorized", "model use case details have not been submitted"}
