package gemini

import (
	"encoding/base64"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// media sends an image or a piece of audio that the model made.
func (c *candidate) media(a *answer, body rawjson.Node) error {
	mime, uri, data := body.Get("mimeType").Str(), body.Get("fileUri").Str(), body.Get("data").Str()
	switch {
	case strings.HasPrefix(mime, "image/"):
		if uri == "" {
			uri = "data:" + mime + ";base64," + data
		}
		a.usage.Images++
		a.media = llm.MediaOut{Kind: llm.ImagePart, URL: uri}
		return a.Send(llm.Event{Kind: llm.MediaDelta, Choice: c.index, Media: &a.media})
	case strings.HasPrefix(mime, "audio/") && data != "":
		return c.sound(a, data)
	}
	a.Lose(c.path()+".content.parts", "media of type "+mime+" has no place in the canonical form")
	return nil
}

// sound sends audio so that the pieces' base64 may be joined as it is: no piece but the
// last is padded. What the wire pads between pieces waits for the next.
func (c *candidate) sound(a *answer, data string) error {
	if len(c.audio) > 0 || strings.HasSuffix(data, "=") {
		more, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			return dialect.Broken(err)
		}
		bytes := append(c.audio, more...)
		whole := len(bytes) - len(bytes)%3
		data = base64.StdEncoding.EncodeToString(bytes[:whole])
		c.audio = bytes[whole:]
	}
	if data == "" {
		return nil
	}
	a.media = llm.MediaOut{Kind: llm.AudioPart, Data: data}
	return a.Send(llm.Event{Kind: llm.MediaDelta, Choice: c.index, Media: &a.media})
}

// lastAudio sends what still waits.
func (c *candidate) lastAudio(a *answer) error {
	if len(c.audio) == 0 {
		return nil
	}
	a.media = llm.MediaOut{Kind: llm.AudioPart, Data: base64.StdEncoding.EncodeToString(c.audio)}
	return a.Send(llm.Event{Kind: llm.MediaDelta, Choice: c.index, Media: &a.media})
}
