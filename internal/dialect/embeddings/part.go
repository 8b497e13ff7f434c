package embeddings

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// part reads one content part of a multimodal input (reference §3.4, §4.10).
func (d *decoder) part(path string, p rawjson.Node) (llm.Part, error) {
	part := llm.Part{Path: path}
	if err := field.Want(path, p, rawjson.Object); err != nil {
		return part, err
	}
	size := &d.req.Size
	kind := p.Get("type").Str()
	body := p.Get(kind)
	switch kind {
	case "text":
		if err := field.Want(path+".text", body, rawjson.String); err != nil {
			return part, err
		}
		size.Text += int64(body.StrLen())
		part.Text = body.Str()
		return part, nil
	case "image_url", "video_url", "input_video":
		if kind == "input_video" && !body.Exists() {
			body = p.Get("video_url")
		}
		url := body.Get("url")
		if err := field.Want(path+"."+kind+".url", url, rawjson.String); err != nil {
			return part, err
		}
		part.Media = dialect.MediaAt(url.Str())
		if part.Kind = llm.ImagePart; kind == "image_url" {
			d.req.Needs |= llm.NeedImages
			size.Images++
			return part, nil
		}
		part.Kind = llm.VideoPart
		d.req.Needs |= llm.NeedVideoIn
		size.Video += int64(len(part.Media.Data))
	case "input_audio":
		data := body.Get("data")
		if err := field.Want(path+".input_audio.data", data, rawjson.String); err != nil {
			return part, err
		}
		part.Kind, part.Media = llm.AudioPart, &llm.Media{Data: data.Str()}
		if f := body.Get("format").Str(); f != "" {
			part.Media.MIME = "audio/" + f
		}
		d.req.Needs |= llm.NeedAudioIn
		size.Audio += int64(data.StrLen())
	case "file", "input_file":
		data := body.Get("file_data")
		if err := field.Want(path+"."+kind+".file_data", data, rawjson.String); err != nil {
			return part, err
		}
		part.Kind, part.Media = llm.FilePart, dialect.MediaAt(data.Str())
		part.Media.Filename = body.Get("filename").Str()
		d.req.Needs |= llm.NeedFiles
		size.Files++
		size.FileData += int64(len(part.Media.Data))
	default:
		return part, field.Bad(path+".type", p.Get("type"), "one of text, image_url, input_audio, input_video, file")
	}
	return part, nil
}
