package responses

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// roles are those that a message item may have.
var roles = []string{"user", "assistant", "system", "developer"}

// items checks and measures the input.
func (d *decoder) items(name string, v rawjson.Node) error {
	path := field.At(name)
	d.input = true
	if v.Kind() == rawjson.String {
		d.req.Size.Messages++
		d.req.Size.Text += int64(v.StrLen())
		return nil
	}
	if v.Kind() != rawjson.Array {
		return path.Bad("", v, "a string or an array of items")
	}
	i := 0
	var at field.Path // beside the loop, so that it need not be allocated
	for it := range v.Elems() {
		at = path.Elem(i)
		if err := d.item(&at, it); err != nil {
			return err
		}
		i++
	}
	if i == 0 {
		d.input = false // instructions may stand alone
	}
	return nil
}

func (d *decoder) item(path *field.Path, it rawjson.Node) error {
	if err := path.Want("", it, rawjson.Object); err != nil {
		return err
	}
	d.req.Size.Messages++
	size := &d.req.Size
	switch typ := kindOf(it); typ {
	case "message":
		if role := it.Get("role"); !slices.Contains(roles, field.Word(role)) {
			return path.Bad("role", role, "one of user, assistant, system, developer")
		}
		content := path.Member("content")
		return d.content(&content, it.Get("content"))
	case "function_call", "custom_tool_call":
		if it.Get("name").StrLen() == 0 {
			return path.Bad("name", it.Get("name"), "a non-empty string")
		}
		size.Text += int64(it.Get("arguments").StrLen() + it.Get("input").StrLen())
		return callID(path, it)
	case "function_call_output", "custom_tool_call_output":
		if err := callID(path, it); err != nil {
			return err
		}
		output := path.Member("output")
		return d.content(&output, it.Get("output"))
	case "reasoning":
		for _, list := range [...]string{"summary", "content"} {
			for p := range it.Get(list).Elems() {
				size.Text += int64(p.Get("text").StrLen())
			}
		}
	case "item_reference":
		return fault.Bad(path.String(), path.String()+" refers to an item, and items are not kept; send the item itself, as SDKs do when they are told store: false")
	case "":
		return path.Bad("type", it.Get("type"), "a string such as \"message\"")
	default: // an item of a tool that only some upstreams have
		size.Text += int64(len(it.Raw()))
	}
	return nil
}

// kindOf is an item's type. A message may leave it out.
func kindOf(it rawjson.Node) string {
	switch typ := it.Get("type"); {
	case typ.IsNull() && it.Get("role").Exists():
		return "message"
	case typ.Is("reference"):
		return "item_reference"
	case typ.IsNull() && it.Get("id").Exists() && it.Len() <= 2:
		return "item_reference"
	default:
		return field.Word(typ)
	}
}

func callID(path *field.Path, it rawjson.Node) error {
	if v := it.Get("call_id"); v.StrLen() == 0 {
		return path.Bad("call_id", v, "a non-empty string")
	}
	return nil
}

func (d *decoder) content(path *field.Path, v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.Absent, rawjson.Null:
		return nil
	case rawjson.String:
		d.req.Size.Text += int64(v.StrLen())
		return nil
	case rawjson.Array:
	default:
		return path.Bad("", v, "a string or an array of parts")
	}
	i := 0
	var at field.Path
	for p := range v.Elems() {
		at = path.Elem(i)
		if err := d.part(&at, p); err != nil {
			return err
		}
		i++
	}
	return nil
}

func (d *decoder) part(path *field.Path, p rawjson.Node) error {
	if err := path.Want("", p, rawjson.Object); err != nil {
		return err
	}
	size := &d.req.Size
	switch string(p.Get("type").Bytes()) {
	case "input_text", "output_text", "text":
		size.Text += int64(p.Get("text").StrLen())
		return path.Want("text", p.Get("text"), rawjson.String)
	case "refusal":
		size.Text += int64(p.Get("refusal").StrLen())
	case "input_image":
		size.Images++
		d.req.Needs |= llm.NeedImages
		if u := p.Get("image_url"); u.Kind() != rawjson.String && p.Get("file_id").StrLen() == 0 {
			return path.Bad("image_url", u, "a string")
		}
	case "input_file":
		size.Files++
		size.FileData += int64(p.Get("file_data").StrLen())
		d.req.Needs |= llm.NeedFiles
	case "input_audio":
		size.Audio += int64(p.Get("input_audio").Get("data").StrLen())
		d.req.Needs |= llm.NeedAudioIn
		return path.Want("input_audio", p.Get("input_audio"), rawjson.Object)
	case "input_video":
		size.Video += int64(len(p.Raw()))
		d.req.Needs |= llm.NeedVideoIn
	case "":
		return path.Bad("type", p.Get("type"), "a string such as \"input_text\"")
	default: // a type of some upstream: it passes where the dialect is the same
		size.Text += int64(len(p.Raw()))
	}
	return nil
}
