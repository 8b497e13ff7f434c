package simup

import "fmt"

// A refusal is an error answer, before a dialect gives it its body.
type refusal struct {
	status      int
	message     string
	param, code string // OpenAI's, and Gemini's reason in code
	retryAfter  int    // seconds; 0 none
}

func invalid(message string) *refusal { return &refusal{status: 400, message: message} }

func invalidf(format string, a ...any) *refusal { return invalid(fmt.Sprintf(format, a...)) }

// at says which parameter is at fault, and OpenAI's code for it.
func (e *refusal) at(param, code string) *refusal {
	e.param, e.code = param, code
	return e
}

// defaultRetry is the Retry-After of a 429 that names none.
const defaultRetry = 7

// statusRefusal is what a provider says with a status for no fault of the client's.
func statusRefusal(status, retryAfter int) *refusal {
	e := &refusal{status: status}
	if status == 429 {
		if e.retryAfter = retryAfter; retryAfter == 0 {
			e.retryAfter = defaultRetry
		}
	}
	return e
}
