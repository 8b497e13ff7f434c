package manage

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/cursor"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// params reads a query string. The first parameter that cannot be read is kept as err. An
// empty one, or the word null, counts as absent.
type params struct {
	values url.Values
	err    error
}

func (c *call) params() *params { return &params{values: c.URL.Query()} }

func (p *params) get(name string) (string, bool) {
	s := strings.TrimSpace(p.values.Get(name))
	return s, s != "" && s != "null"
}

func (p *params) fail(name, must string) {
	if p.err == nil {
		p.err = fault.Bad(name, fmt.Sprintf("Query parameter %s must be %s", name, must))
	}
}

// int is a whole number from least to most.
func (p *params) int(name string, least, most int64) (int64, bool) {
	s, ok := p.get(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		p.fail(name, fmt.Sprintf("a whole number from %d to %d", least, most))
		return 0, false
	}
	return n, true
}

// perMillion is a price in dollars per million tokens.
func (p *params) perMillion(name string) (money.Price, bool) {
	s, ok := p.get(name)
	if !ok {
		return 0, false
	}
	v, err := money.PerMillion(s)
	if err != nil {
		p.fail(name, "a price in dollars per million tokens, such as 0.5")
		return 0, false
	}
	return v, true
}

// flag is true or false, false when absent.
func (p *params) flag(name string) bool {
	s, ok := p.get(name)
	if !ok {
		return false
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		p.fail(name, "true or false")
	}
	return v
}

// choice is one of the given words, "" when absent.
func (p *params) choice(name string, words ...string) string {
	s, ok := p.get(name)
	if ok && !slices.Contains(words, s) {
		p.fail(name, "one of "+strings.Join(words, ", "))
	}
	if !ok {
		return ""
	}
	return s
}

// list is comma-separated words, in lower case.
func (p *params) list(name string) []string {
	s, _ := p.get(name)
	var out []string
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.ToLower(strings.TrimSpace(word)); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// texts are the values of a parameter that may be given several times, at most most.
func (p *params) texts(name string, most int) []string {
	list := slices.DeleteFunc(slices.Clone(p.values[name]), func(s string) bool { return s == "" })
	if len(list) > most {
		p.fail(name, fmt.Sprintf("given at most %d times", most))
	}
	return list
}

// cursor is the place in an account's log that a client goes on from.
func (p *params) cursor(name, account string, from *cursor.Sealer) (n int64, ok bool) {
	text, given := p.get(name)
	if !given {
		return 0, false
	}
	if n, ok = from.Open(account, text); !ok {
		p.fail(name, "before, after or newest of an earlier answer of this log")
	}
	return n, ok
}

// moment is a time, the zero time when absent.
func (p *params) moment(name string) time.Time {
	s, ok := p.get(name)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		p.fail(name, "a time such as 2026-03-04T00:00:00Z")
	}
	return t.UTC()
}

// amount is a number of dollars, 0 when absent.
func (p *params) amount(name string) money.Amount {
	s, ok := p.get(name)
	if !ok {
		return 0
	}
	v, err := money.ParseAmount(s)
	if err != nil || v < 0 {
		p.fail(name, "a number of US dollars with at most 9 decimals")
	}
	return v
}
