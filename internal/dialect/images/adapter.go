package images

import (
	"fmt"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Adapter calls POST /images/generations and /images/edits (OpenAI API reference,
// "Images"), or OpenRouter's POST /images.
type Adapter struct{ Quirks Quirks }

// Quirks are a vendor's deviations.
type Quirks struct {
	OpenRouter bool // has OpenRouter's one operation
	AsksBytes  bool // sends URLs unless response_format asks for b64_json (xAI)
	Ratios     bool // takes aspect_ratio and resolution, and no size (xAI)
}

// Dialect is llm.OpenAIImages.
func (*Adapter) Dialect() llm.Dialect { return llm.OpenAIImages }

// Failure classifies an answer that is not 2xx.
func (*Adapter) Failure(status int, h dialect.Header, body []byte) *fault.Error {
	return (*openaichat.Adapter)(nil).Failure(status, h, body)
}

// EncodeRequest edits the client's bytes where the upstream has the same API, and writes a
// request where it has another.
func (a *Adapter) EncodeRequest(req *llm.Request, to dialect.Target) (dialect.Call, []llm.Loss, error) {
	if req.From != llm.OpenAIImages {
		return dialect.Call{}, nil, fault.Wrap(fault.Internal, fmt.Errorf("a %s request reached the image adapter", req.From))
	}
	in := inputOf(req)
	call := dialect.Call{Method: "POST", Header: dialect.JSON()}
	switch {
	case a.Quirks.OpenRouter:
		call.Path = "/images"
	case API(in.API) == Edits || len(in.Images) > 0:
		call.Path = "/images/edits"
	default:
		call.Path = "/images/generations"
	}
	switch {
	case a.Quirks.OpenRouter && in.Form != nil:
		return call, nil, &fault.Error{Kind: fault.Refused, Param: "image", Public: "The provider takes images as URLs in JSON, not as a form; send images as data URLs or choose another model"}
	case in.Form != nil:
		call.Header["Content-Type"], call.Body = form(in, to.Model)
		return call, nil, nil
	case a.Quirks.OpenRouter == (API(in.API) == OpenRouter):
		p := new(rawjson.Patch)
		openaichat.EditHead(p, req.Doc.Root(), to.Model, func(string) bool { return false })
		call.Body = p.Segments(req.Raw)
		return call, nil, nil
	}
	body, losses := a.write(req, in, to.Model)
	call.Body = [][]byte{body}
	return call, losses, nil
}

// gatewayForm are fields of a form that speak to the gateway.
var gatewayForm = map[string]bool{"model": true, "provider": true, "models": true, "session_id": true, "metadata": true, "trace": true}

// form is the client's form with the upstream's model.
func form(in *llm.DrawInput, model string) (contentType []string, body [][]byte) {
	content := [][]byte{[]byte(model)}
	for _, p := range in.Form {
		content = append(content, p.Value)
	}
	f := dialect.NewForm(content...)
	f.Add("model", "", "", []byte(model))
	for _, p := range in.Form {
		switch {
		case gatewayForm[p.Name]:
		case p.Name == "user":
			f.Add(p.Name, "", "", []byte(openaichat.HashUser(string(p.Value))))
		default:
			f.Add(p.Name, p.Filename, p.MIME, p.Value)
		}
	}
	return []string{f.ContentType()}, f.Close()
}

// write makes a request of one API from one of the other.
func (a *Adapter) write(req *llm.Request, in *llm.DrawInput, model string) ([]byte, []llm.Loss) {
	w := rawjson.Writer{B: make([]byte, 0, 512)}
	var losses []llm.Loss
	text := func(name, v string, takes bool) {
		switch {
		case v == "":
		case takes:
			w.Key(name).Str(v)
		default:
			losses = append(losses, llm.Loss{Path: name, Why: "the provider takes no " + name})
		}
	}
	raw := func(name string, v []byte, takes bool) {
		switch {
		case len(v) == 0:
		case takes:
			w.Key(name).Raw(v)
		default:
			losses = append(losses, llm.Loss{Path: name, Why: "the provider takes no " + name})
		}
	}
	both := a.Quirks.OpenRouter
	w.Open('{')
	w.Key("model").Str(model)
	w.Key("prompt").Str(in.Prompt)
	if req.Choices > 1 {
		w.Key("n").Int(req.Choices)
	}
	text("size", in.Size, both || !a.Quirks.Ratios && !isTier(in.Size))
	text("aspect_ratio", in.Aspect, both || a.Quirks.Ratios)
	text("resolution", lower(in.Resolution, a.Quirks.Ratios), both || a.Quirks.Ratios)
	text("quality", in.Quality, both || !a.Quirks.Ratios)
	text("background", in.Background, both || !a.Quirks.Ratios)
	text("output_format", in.Format, both || !a.Quirks.Ratios && in.Format != "svg")
	raw("output_compression", in.Compress, both || !a.Quirks.Ratios)
	raw("seed", in.Seed, both)
	if req.Stream {
		w.Key("stream").Word("true")
	}
	if a.Quirks.AsksBytes || !both && strings.HasPrefix(model, "dall-e") { // OpenAI's newer models send bytes, and refuse the member
		w.Key("response_format").Str("b64_json")
	}
	a.references(&w, in)
	losses = openaichat.MoreLosses(losses, in.Extra, "this provider's wire has no such field")
	w.Close('}')
	return w.B, losses
}

// isTier reports whether a size is a tier, which only OpenRouter knows.
func isTier(size string) bool { return size == "512" || len(size) == 2 && size[1] == 'K' }

// lower is xAI's spelling of a tier.
func lower(tier string, on bool) string {
	if on && len(tier) == 2 && tier[1] == 'K' {
		return tier[:1] + "k"
	}
	return tier
}

// references writes images in the vendor's shape.
func (a *Adapter) references(w *rawjson.Writer, in *llm.DrawInput) {
	if len(in.Images) == 0 {
		return
	}
	name := "images"
	if a.Quirks.OpenRouter {
		name = "input_references"
	}
	w.Key(name).Open('[')
	for _, m := range in.Images {
		w.Elem().Open('{')
		switch {
		case m.URL == "":
			w.Key("file_id").Str(m.FileID)
		case a.Quirks.OpenRouter:
			w.Key("type").Str("image_url")
			w.Key("image_url").Open('{')
			w.Key("url").Str(m.URL)
			w.Close('}')
		case a.Quirks.Ratios:
			w.Key("type").Str("image_url")
			w.Key("url").Str(m.URL)
		default:
			w.Key("image_url").Str(m.URL)
		}
		w.Close('}')
	}
	w.Close(']')
}

var _ dialect.Adapter = (*Adapter)(nil)
