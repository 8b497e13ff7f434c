// Package audio speaks the two operations of OpenAI's audio API as OpenRouter extends it:
// text to speech, whose answer is raw audio, and transcription, whose request is a form or
// JSON with base64. Start with Speech, SpeechAdapter, Transcriptions and
// TranscriptionsAdapter.
package audio

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func failure(status int, h dialect.Header, body []byte) *fault.Error {
	return (*openaichat.Adapter)(nil).Failure(status, h, body)
}

// mimes is the content type of each audio format, and the formats of each content type.
var mimes = map[string]string{
	"mp3": "audio/mpeg", "pcm": "audio/pcm", "wav": "audio/wav", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac",
}

// isType compares a Content-Type without its parameters.
func isType(h dialect.Header, mime string) bool {
	got, _, _ := strings.Cut(dialect.Get(h, "Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(got), mime)
}
