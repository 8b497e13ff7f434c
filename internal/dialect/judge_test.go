package dialect

import (
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func TestJudge(t *testing.T) {
	j := &Judge{Operator: []string{"no credit"}, TooLong: []string{"too_long"}, Moderated: []string{"policy"}, Explains: true}
	for name, c := range map[string]struct {
		status int
		said   Said
		kind   fault.Kind
		http   int
	}{
		"a key":                            {401, Said{}, fault.Credential, 502},
		"a key, by its words":              {400, Said{Message: "There is NO CREDIT"}, fault.Credential, 502},
		"a rate":                           {429, Said{}, fault.Overloaded, 429},
		"overloaded":                       {529, Said{}, fault.Overloaded, 503},
		"its words stand for another":      {400, Said{Status: 503, Code: "x"}, fault.Overloaded, 503},
		"late":                             {524, Said{}, fault.TimedOut, 504},
		"too long":                         {400, Said{Code: "TOO_LONG"}, fault.TooLong, 400},
		"too long, as a failure":           {500, Said{Type: "too_long"}, fault.TooLong, 400},
		"moderated":                        {400, Said{Message: "against our Policy"}, fault.Moderated, 400},
		"moderated, as a lack of rights":   {403, Said{Message: "against our policy"}, fault.Moderated, 403},
		"broken":                           {500, Said{Message: "policy"}, fault.Broken, 502},
		"a redirect":                       {302, Said{Message: "x"}, fault.Broken, 502},
		"a call that they cancelled":       {499, Said{Message: "x"}, fault.Broken, 502},
		"a proxy's":                        {400, Said{}, fault.Broken, 502},
		"a proxy's that says what is long": {413, Said{}, fault.Refused, 413},
		"no model":                         {404, Said{Message: "x"}, fault.Refused, 404},
	} {
		e := j.Failure(c.status, Header{"Retry-After": {"2"}}, c.said)
		if e.Kind != c.kind || e.HTTPStatus() != c.http || e.RetryAfter != 2*time.Second {
			t.Errorf("%s: kind %d, status %d, again after %s", name, e.Kind, e.HTTPStatus(), e.RetryAfter)
		}
		blames := e.Kind == fault.Refused || e.Kind == fault.TooLong || e.Kind == fault.Moderated
		if quoted := e.Quote != ""; quoted != (blames && c.said.Message != "") {
			t.Errorf("%s: quotes %q", name, e.Quote)
		}
	}
	if e := j.Inside(Said{Status: 404, Type: "gone", Message: "m"}); e.Kind != fault.Refused || e.ProviderCode != "gone" || e.Code != "" || e.ErrorType() != "not_found" {
		t.Errorf("%+v", e)
	}
	if e := j.Inside(Said{}); e.Kind != fault.Broken {
		t.Errorf("%+v", e)
	}
}
