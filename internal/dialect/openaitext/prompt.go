package openaitext

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// prompts is what the prompt of a request holds: a string, an array of strings, an array
// of tokens, or an array of such arrays.
type prompts struct {
	count  int64 // completions wanted, n apart
	text   int64 // bytes
	tokens int64
}

func readPrompt(v rawjson.Node) (p prompts, err error) {
	switch v.Kind() {
	case rawjson.String:
		return prompts{count: 1, text: int64(v.StrLen())}, nil
	case rawjson.Absent, rawjson.Null:
		return p, fault.Bad("prompt", "prompt is missing; send a text")
	case rawjson.Array:
	default:
		return p, field.Bad("prompt", v, "a string or an array")
	}
	var first rawjson.Kind
	i := 0
	for e := range v.Elems() {
		path := fmt.Sprintf("prompt[%d]", i)
		if i == 0 {
			first = e.Kind()
		}
		if e.Kind() != first {
			return p, field.Bad(path, e, "of the same kind as the entries before it")
		}
		switch e.Kind() {
		case rawjson.String:
			p.count++
			p.text += int64(e.StrLen())
		case rawjson.Number:
			p.count, p.tokens = 1, p.tokens+1
			_, err = field.Whole(path, e, 0, 1<<31)
		case rawjson.Array:
			p.count++
			p.tokens += int64(e.Len())
			for t := range e.Elems() {
				if err == nil {
					_, err = field.Whole(path, t, 0, 1<<31)
				}
			}
		default:
			err = field.Bad(path, e, "a string, a token or an array of tokens")
		}
		if err != nil {
			return p, err
		}
		if i++; p.count > maxPrompts {
			return p, fault.Bad("prompt", fmt.Sprintf("prompt has more than %d entries", maxPrompts))
		}
	}
	if i == 0 {
		return p, fault.Bad("prompt", "prompt is empty; send a text")
	}
	return p, nil
}

// single is the one text of a prompt; ok is false when it is anything else.
func single(v rawjson.Node) (text string, ok bool) {
	if v.Kind() == rawjson.Array && v.Len() == 1 {
		for e := range v.Elems() {
			v = e
		}
	}
	return v.Str(), v.Kind() == rawjson.String
}
