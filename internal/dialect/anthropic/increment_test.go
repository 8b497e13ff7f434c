package anthropic

import (
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// hearOne reads one event, by the short way or the long one, with a block of thinking open.
func hearOne(data []byte, short bool) (heard []string, done bool, err error) {
	a := answer{started: true, doc: new(rawjson.Doc), blocks: []block{{index: 1, kind: thinkingBlock}, {index: 2, kind: textBlock}}}
	a.Teller = dialect.NewTeller(func(ev *llm.Event, _ error) bool {
		heard = append(heard, render(ev))
		return true
	})
	if short {
		done, err = a.increment(data)
		return heard, done, err
	}
	if err = a.doc.Parse(data); err == nil {
		_, err = a.frame(a.doc.Root())
	}
	return heard, err == nil, err
}

var increments = map[string]bool{ // whether the short way knows them
	goesOn(0, `{"type":"text_delta","text":"Hé"}`):                                                          true,
	goesOn(12, `{"type":"text_delta","text":""}`):                                                           true,
	`{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"a"}      }`:               true,
	goesOn(1, `{"type":"thinking_delta","thinking":"hm"}`):                                                  true,
	goesOn(9, `{"type":"thinking_delta","thinking":"of no block"}`):                                         false,
	goesOn(0, `{"type":"text_delta","text":"a\nb"}`):                                                        true,
	goesOn(0, `{"type":"text_delta","text":"a\"}}"}`):                                                       true,
	goesOn(1, `{"type":"thinking_delta","thinking":"\"\\\/\n\r\t\b\f"}`):                                    true,
	goesOn(0, `{"type":"text_delta","text":"\u00e9"}`):                                                      false,
	goesOn(0, `{"type":"text_delta","text":"\x"}`):                                                          false,
	goesOn(0, `{"type":"text_delta","text":"a\`):                                                            false,
	goesOn(0, `{"text":"a","type":"text_delta"}`):                                                           false,
	goesOn(0, `{"type":"text_delta","text":"a","text":"b"}`):                                                false,
	goesOn(0, `{"type":"input_json_delta","partial_json":"1"}`):                                             false,
	goesOn(0, `{"type":"text_delta","text":"a"}`) + "x":                                                     false,
	"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\xff\"}}":  false,
	"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\t\"}}":    false,
	`{"type":"content_block_delta","index":-1,"delta":{"type":"text_delta","text":"a"}}`:                    false,
	`{"type":"content_block_delta","index":01,"delta":{"type":"text_delta","text":"a"}}`:                    false,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a`:                        false,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}`:                      false,
	`{"type":"content_block_delta","index":,"delta":{"type":"text_delta","text":"a"}}`:                      false,
	`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}},"delta":{"type":"x"`: false,
}

func TestIncrement(t *testing.T) {
	for data, short := range increments {
		if _, done, err := hearOne([]byte(data), true); done != short || err != nil {
			t.Errorf("%s: read the short way %t, %v", data, done, err)
		}
	}
}

// FuzzIncrement: what the short way reads, the long way reads the same.
func FuzzIncrement(f *testing.F) {
	for data := range increments {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, done, err := hearOne(data, true)
		if !done {
			if len(got) > 0 || err != nil {
				t.Fatalf("%q: not read, yet %q %v", data, got, err)
			}
			return
		}
		want, valid, _ := hearOne(data, false)
		if err != nil || !valid || !slices.Equal(got, want) {
			t.Fatalf("%q: %q %v, the long way %q %t", data, got, err, want, valid)
		}
	})
}
