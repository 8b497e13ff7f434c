package audio

import "github.com/dragoman-gateway/dragoman/internal/rawjson"

// maxValue bounds a text beside the audio, in bytes.
const maxValue = 1 << 20

// jsonText is a form's text as a JSON value, so that forms and JSON are checked alike: a
// number or a word of JSON where it is one, else a string.
func jsonText(name string, value []byte) []byte {
	switch name {
	case "temperature", "stream", "provider":
		if rawjson.Valid(value) {
			return value
		}
	}
	return rawjson.AppendString(nil, value)
}
