package manage

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

const (
	maxBody = 1 << 20 // bytes
	maxText = 256     // characters of a text that we keep
)

// body is the JSON object of a request. Members nobody asks for are ignored, as OpenRouter
// does. The first member that cannot be read is kept as err; a reader of a member that is
// absent, null or wrong gives the zero value.
type body struct {
	members map[string]json.RawMessage
	asked   []string // members that somebody has looked for
	err     error
}

// parsed is the request's body in doc, which must be an object.
// hint follows on the sentence that it is too large.
func (c *call) parsed(doc *rawjson.Doc, hint string) ([]byte, error) {
	raw, err := c.bytes(maxBody, hint)
	if err != nil {
		return nil, err
	}
	if err := doc.Parse(raw); err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Public: "The request body is not valid: " + err.Error(), Err: err}
	}
	if doc.Root().Kind() != rawjson.Object {
		return nil, errNoObject
	}
	return raw, nil
}

var errNoObject = fault.New(fault.Invalid, "The request body must be a JSON object")

func (c *call) body() (*body, error) { return c.bodyOf(maxBody) }

// bodyOrNone is body where nothing needs to be said.
func (c *call) bodyOrNone() (*body, error) {
	raw, err := c.bytes(maxBody, "")
	if err == nil && len(raw) == 0 {
		return &body{members: map[string]json.RawMessage{}}, nil
	}
	if err != nil {
		return nil, err
	}
	return readBody(raw)
}

// bodyOf is body with another bound, in bytes.
func (c *call) bodyOf(most int64) (*body, error) {
	raw, err := c.bytes(most, "")
	if err != nil {
		return nil, err
	}
	return readBody(raw)
}

func readBody(raw []byte) (*body, error) {
	b := &body{}
	if err := json.Unmarshal(raw, &b.members); err != nil || b.members == nil {
		return nil, errNoObject
	}
	return b, nil
}

// bytes are the whole body of a request. hint follows on the sentence that it is too large.
func (c *call) bytes(most int64, hint string) ([]byte, error) {
	if err := fault.Encoded(c.Header.Get("Content-Encoding")); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.Body, most))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, fault.New(fault.TooLarge, fmt.Sprintf("The request body is over the limit of %d MiB%s", most>>20, hint))
	}
	if slow, ok := errors.AsType[*fault.Error](err); ok {
		return nil, slow
	}
	if err != nil {
		return nil, fault.Wrap(fault.Gone, fmt.Errorf("read the request body: %w", err))
	}
	return raw, nil
}

func (b *body) has(name string) bool {
	b.asked = append(b.asked, name)
	_, ok := b.members[name]
	return ok
}

// set are the members that somebody has looked for, for the audit log. The others do nothing, and may hold anything: a secret
// under a wrong name.
func (b *body) set() map[string]json.RawMessage {
	known := maps.Clone(b.members)
	maps.DeleteFunc(known, func(name string, _ json.RawMessage) bool { return !slices.Contains(b.asked, name) })
	return known
}

func (b *body) fail(name, must string) {
	if b.err == nil {
		b.err = fault.Bad(name, name+" must be "+must)
	}
}

// read decodes a member. Null is the zero value where it is allowed.
func (b *body) read(name string, null bool, out any, must string) bool {
	b.asked = append(b.asked, name)
	raw, ok := b.members[name]
	switch {
	case !ok, null && string(raw) == "null":
		return false
	case string(raw) == "null" || json.Unmarshal(raw, out) != nil:
		b.fail(name, must)
		return false
	}
	return true
}

func (b *body) flag(name string) (v bool) {
	b.read(name, false, &v, "true or false")
	return v
}

// text is a text of 1 to maxText characters.
func (b *body) text(name string, null bool) (s string) {
	if b.read(name, null, &s, "a string") {
		switch n := utf8.RuneCountInString(s); {
		case strings.TrimSpace(s) == "":
			b.fail(name, "a string that is not empty")
		case n > maxText:
			b.fail(name, fmt.Sprintf("at most %d characters long, not %d", maxText, n))
		}
	}
	return s
}

// within is a text of least to most characters; "" for null where it is allowed.
func (b *body) within(name string, null bool, least, most int) (s string) {
	if b.read(name, null, &s, "a string") {
		if n := utf8.RuneCountInString(s); n < least || n > most {
			b.fail(name, fmt.Sprintf("%d to %d characters long, not %d", least, most, n))
		}
	}
	return s
}

// fixed refuses another value for a member that stays as it was made: an answer without an error would say that it changed.
// Several spellings may mean the same; null is "".
func (b *body) fixed(name, instead string, same ...string) {
	if !b.has(name) {
		return
	}
	var s string
	b.read(name, true, &s, "a string")
	if !slices.Contains(same, s) {
		b.fail(name, "absent, or as it is: it cannot be changed; "+instead)
	}
}

// flagOrNull is true, false or null; nil is null or absent.
func (b *body) flagOrNull(name string) *bool {
	var v bool
	if !b.read(name, true, &v, "true, false or null") {
		return nil
	}
	return &v
}

// texts is a list of 1 to most texts that are not empty; nil for null where it is allowed.
func (b *body) texts(name string, null bool, most int) (list []string) {
	if !b.read(name, null, &list, "a list of strings") {
		return nil
	}
	if len(list) == 0 || len(list) > most || slices.Contains(list, "") {
		b.fail(name, fmt.Sprintf("a list of 1 to %d strings that are not empty", most))
	}
	return list
}

// amount is a number of dollars, never a float: its digits are read as they stand.
func (b *body) amount(name string, null bool) *money.Amount {
	const must = "a number of US dollars with at most 9 decimals"
	var n json.Number
	if !b.read(name, null, &n, must) {
		return nil
	}
	if b.members[name][0] == '"' { // json.Number takes those too
		b.fail(name, must)
		return nil
	}
	v, err := money.ParseAmount(n.String())
	if err != nil {
		b.fail(name, must)
		return nil
	}
	return &v
}

// limit is an amount that is not negative; nil is none.
func (b *body) limit(name string) *money.Amount {
	v := b.amount(name, true)
	if v != nil && *v < 0 {
		b.fail(name, "0 or more; null is no limit")
	}
	return v
}

func (b *body) window(name string) account.Window {
	const must = "daily, weekly, monthly or null"
	var w account.Window
	if b.read(name, true, &w, must) && w != account.Daily && w != account.Weekly && w != account.Monthly {
		b.fail(name, must)
	}
	return w
}
