package bedrock

import (
	"bytes"
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
	said := dialect.Said{Code: className(dialect.Get(h, "X-Amzn-Errortype"))}
	if d.Parse(bytes.TrimSpace(body)) == nil {
		read(d.Root(), &said)
	}
	said.Status = statusOf(said.Code)
	if status == 424 { // the model failed
		said.Status = 502
	}
	return judge.Failure(status, h, said)
}

// exception classifies a frame that ends a stream instead of its events. Exceptions are
// what the API defines, errors what may befall any stream of AWS.
func exception(m *eventstream.Message, d *rawjson.Doc) *fault.Error {
	class := m.Header(":exception-type")
	if class == nil {
		class = m.Header(":error-code")
	}
	said := dialect.Said{Code: className(string(class)), Message: string(m.Header(":error-message"))}
	if d.Parse(bytes.TrimSpace(m.Payload)) == nil {
		read(d.Root(), &said)
	}
	said.Status = statusOf(said.Code)
	return judge.Inside(said)
}

func read(root rawjson.Node, said *dialect.Said) {
	for _, key := range []string{"originalMessage", "Message", "message"} {
		if s := root.Get(key).Str(); s != "" {
			said.Message = s
		}
	}
	if t := root.Get("__type").Str(); said.Code == "" && t != "" {
		said.Code = className(t)
	}
}

// className is the bare name of an exception: it comes with a namespace before "#" and a
// URL after ":".
func className(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return dialect.Clip(s[strings.LastIndexByte(s, '#')+1:], 64)
}

// classes are the statuses that exceptions stand for
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html),
// but for two: a quota that is used up comes with 400, and a model that failed with 424.
// Within a stream their names begin with a small letter.
var classes = map[string]int{
	"accessdeniedexception": 403, "internalserverexception": 500, "internalfailure": 500, "modelerrorexception": 502, "modelnotreadyexception": 429,
	"modelstreamerrorexception": 502, "modeltimeoutexception": 408, "resourcenotfoundexception": 404, "servicequotaexceededexception": 429,
	"serviceunavailableexception": 503, "throttlingexception": 429, "validationexception": 400, "unrecognizedclientexception": 403,
}

// statusOf is what a class stands for, 0 if that is not known. Several say that the
// credential is no good.
func statusOf(class string) int {
	class = strings.ToLower(class)
	if strings.Contains(class, "token") || strings.Contains(class, "signature") {
		return 403
	}
	return classes[class]
}

// judge tells refusals with status 400 apart.
var judge = dialect.Judge{
	Operator:  []string{"security token included in the request", "credentials could not be found", "account is not authorized", "model use case details have not been submitted"},
	TooLong:   []string{"input tokens exceeded", "input is too long", "prompt is too long", "exceed context limit", "maximum context length", "exceeds the maximum number of tokens"},
	Moderated: []string{"content filtering policy", "blocked by our content filters", "violates our content policy"},
	Explains:  true,
}
