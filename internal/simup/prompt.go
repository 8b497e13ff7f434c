package simup

import (
	"bytes"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// imageTokens is what an image counts, in every dialect (Gemini's figure for a small one).
const imageTokens = 258

// tokens is how many tokens a text of that many bytes is.
func tokens(bytes int) int64 { return int64(bytes+3) / 4 }

// A prompt is all that a request gives to read, in the order in which it is read.
type prompt struct {
	pieces []piece
	bytes  int
	images int
}

// A piece is one block of a prompt: caching knows no smaller unit.
type piece struct {
	raw    []byte // what its prefix is recognised by
	bytes  int    // of text in it
	images int
	ttl    string // "5m" or "1h" where a cache_control mark stands; "" for none
}

// text adds a JSON string.
func (p *prompt) text(n rawjson.Node) {
	if size := stringLen(n); size > 0 {
		p.add(piece{raw: n.Raw(), bytes: size})
	}
}

// json adds a value as it is written.
func (p *prompt) json(n rawjson.Node) {
	if n.Exists() {
		p.add(piece{raw: n.Raw(), bytes: len(n.Raw())})
	}
}

// image adds an image, sound or document: all count the same.
func (p *prompt) image(n rawjson.Node) { p.add(piece{raw: n.Raw(), images: 1}) }

// mark makes the last piece a cache breakpoint.
func (p *prompt) mark(ttl string) {
	if len(p.pieces) > 0 {
		p.pieces[len(p.pieces)-1].ttl = ttl
	}
}

func (p *prompt) add(x piece) {
	p.pieces = append(p.pieces, x)
	p.bytes += x.bytes
	p.images += x.images
}

// tokens is the whole prompt's count.
func (p *prompt) tokens() int64 { return tokens(p.bytes) + int64(p.images)*imageTokens }

// stringLen is a JSON string's length in bytes with its escapes resolved.
func stringLen(n rawjson.Node) int {
	if bytes.IndexByte(n.Raw(), '\\') < 0 {
		return n.StrLen()
	}
	return len(n.Bytes())
}
