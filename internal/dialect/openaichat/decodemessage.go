package openaichat

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func (d *decoder) messagesField(v rawjson.Node) error {
	if err := field.Want("messages", v, rawjson.Array); err != nil {
		return err
	}
	i := 0
	for m := range v.Elems() {
		if err := d.message(i, m); err != nil {
			return err
		}
		if i++; i > maxMessages {
			return fault.Bad("messages", fmt.Sprintf("messages has more than %d entries", maxMessages))
		}
	}
	if i == 0 {
		return fault.Bad("messages", "messages is empty; send at least one message")
	}
	d.req.Size.Messages = int64(i)
	return nil
}

// message checks one message without building it.
func (d *decoder) message(i int, m rawjson.Node) error {
	if m.Kind() != rawjson.Object {
		return field.Bad(fmt.Sprintf("messages[%d]", i), m, "an object")
	}
	var role, content rawjson.Node
	for k, v := range m.Members() {
		switch {
		case k.Is("role"):
			role = v
		case k.Is("content"):
			content = v
		case k.Is("tool_calls"):
			if v.Kind() != rawjson.Array && !v.IsNull() {
				return field.Bad(fmt.Sprintf("messages[%d].tool_calls", i), v, "an array")
			}
			d.req.Size.Text += int64(len(v.Raw()))
		case k.Is("reasoning"), k.Is("reasoning_content"), k.Is("reasoning_details"):
			d.req.Size.Text += int64(len(v.Raw()))
		}
	}
	switch {
	case role.Is("user"), role.Is("system"), role.Is("assistant"), role.Is("tool"), role.Is("developer"), role.Is("function"):
	case !role.Exists():
		return fault.Bad(fmt.Sprintf("messages[%d].role", i), fmt.Sprintf("messages[%d] has no role; use system, developer, user, assistant or tool", i))
	default:
		return field.Bad(fmt.Sprintf("messages[%d].role", i), role, "one of system, developer, user, assistant, tool")
	}
	switch content.Kind() {
	case rawjson.Absent, rawjson.Null:
		if !role.Is("assistant") && !role.Is("tool") && !role.Is("function") {
			return fault.Bad(fmt.Sprintf("messages[%d].content", i), fmt.Sprintf("messages[%d] has no content", i))
		}
	case rawjson.String:
		d.req.Size.Text += int64(content.StrLen())
	case rawjson.Array:
		j := 0
		for p := range content.Elems() {
			if err := d.part(i, j, p); err != nil {
				return err
			}
			j++
		}
	default:
		return field.Bad(fmt.Sprintf("messages[%d].content", i), content, "a string or an array of parts")
	}
	return nil
}

func (d *decoder) part(i, j int, p rawjson.Node) error {
	path := func(rest string) string { return fmt.Sprintf("messages[%d].content[%d]%s", i, j, rest) }
	if p.Kind() != rawjson.Object {
		return field.Bad(path(""), p, "an object")
	}
	size := &d.req.Size
	need := func(key string, k rawjson.Kind) (rawjson.Node, error) {
		v := p.Get(key)
		if v.Kind() != k {
			return v, field.Bad(path("."+key), v, field.Article(k))
		}
		return v, nil
	}
	switch typ := p.Get("type"); {
	case typ.Is("text"):
		v, err := need("text", rawjson.String)
		size.Text += int64(v.StrLen())
		return err
	case typ.Is("image_url"):
		v := p.Get("image_url")
		if v.Kind() == rawjson.Object {
			v = v.Get("url")
		}
		if v.Kind() != rawjson.String {
			return field.Bad(path(".image_url.url"), v, "a string")
		}
		size.Images++
		d.req.Needs |= llm.NeedImages
	case typ.Is("input_audio"):
		v, err := need("input_audio", rawjson.Object)
		size.Audio += int64(v.Get("data").StrLen())
		d.req.Needs |= llm.NeedAudioIn
		return err
	case typ.Is("video_url"), typ.Is("input_video"):
		size.Video += int64(len(p.Raw()))
		d.req.Needs |= llm.NeedVideoIn
	case typ.Is("file"):
		v, err := need("file", rawjson.Object)
		size.Files++
		size.FileData += int64(v.Get("file_data").StrLen())
		d.req.Needs |= llm.NeedFiles
		return err
	case typ.Kind() != rawjson.String:
		return field.Bad(path(".type"), typ, "a string such as \"text\"")
	default: // a type of some upstream: it passes where the dialect is the same
		size.Text += int64(len(p.Raw()))
	}
	return nil
}
