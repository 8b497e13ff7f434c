package embeddings

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

var errVector = errors.New("a vector is not made of numbers")

// appendVector appends a VectorDelta as JSON: an array of numbers, or a string of base64.
// What is already in the wanted form passes as it is.
func appendVector(dst []byte, ev *llm.Event, asBase64 bool) ([]byte, error) {
	switch {
	case asBase64 && ev.Text != "":
		return rawjson.AppendString(dst, ev.Text), nil
	case asBase64:
		return encodeVector(dst, ev.Raw)
	case ev.Text != "":
		return decodeVector(dst, ev.Text)
	}
	return append(dst, ev.Raw...), nil
}

// encodeVector writes an array of numbers as base64 of little-endian float32.
func encodeVector(dst, numbers []byte) ([]byte, error) {
	var doc rawjson.Doc
	if err := doc.Parse(numbers); err != nil {
		return dst, err
	}
	var raw []byte
	for n := range doc.Root().Elems() {
		f, err := strconv.ParseFloat(string(n.Raw()), 32)
		if err != nil {
			return dst, errVector
		}
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f)))
	}
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), raw), '"'), nil
}

// decodeVector writes base64 of little-endian float32 as an array of the shortest numbers
// that are those floats.
func decodeVector(dst []byte, text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || len(raw)%4 != 0 {
		return dst, errors.New("a vector is not base64 of float32")
	}
	for i := 0; i < len(raw); i += 4 {
		f := float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return dst, errVector
		}
		dst = append(dst, separator(i))
		dst = strconv.AppendFloat(dst, f, 'g', -1, 32)
	}
	return append(dst, ']'), nil
}

// decodeBytes writes base64 of signed bytes as an array of whole numbers (Perplexity).
func decodeBytes(dst []byte, text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 {
		return dst, errors.New("a vector is not base64")
	}
	for i, b := range raw {
		dst = strconv.AppendInt(append(dst, separator(i)), int64(int8(b)), 10)
	}
	return append(dst, ']'), nil
}

func separator(i int) byte {
	if i == 0 {
		return '['
	}
	return ','
}

// isVector reports whether a value is an array of numbers and not empty.
func isVector(v rawjson.Node) bool {
	n := 0
	for e := range v.Elems() {
		if e.Kind() != rawjson.Number {
			return false
		}
		n++
	}
	return n > 0
}
