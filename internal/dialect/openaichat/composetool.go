package openaichat

import (
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// tools writes functions. Tools that a provider runs itself are another company's, but for
// searching the web.
func (c *composer) tools() {
	at := len(c.w.B)
	c.w.Key("tools").Open('[')
	empty := len(c.w.B)
	for i := range c.conv.Tools {
		t := &c.conv.Tools[i]
		if t.Native != nil && strings.HasPrefix(t.Name, "web_search") {
			c.search(t.Path, t.Native)
			continue
		}
		if t.Native != nil {
			c.lose(t.Path, "the provider has no tool of the type "+t.Name)
			continue
		}
		c.function(t)
	}
	any := len(c.w.B) > empty
	if any {
		c.w.Close(']')
	} else {
		c.w.B = c.w.B[:at]
	}
	c.choose(any)
	if v := c.conv.WebSearch; v != nil {
		c.search("web_search_options", v)
	}
	if c.searchOptions != nil {
		c.w.Key("web_search_options").Raw(c.searchOptions)
	}
}

// search notes the wish for a search of the web, with options as they are or as a tool of
// another API has them.
func (c *composer) search(path string, options []byte) {
	if !c.q.WebSearch && !strings.Contains(c.to.Model, "-search") { // OpenAI's models that always search
		c.lose(path, "the provider does not search the web")
		return
	}
	var d rawjson.Doc
	if d.Parse(options) != nil {
		return
	}
	w := rawjson.Writer{}
	w.Open('{')
	for k, v := range d.Root().Members() {
		switch name := k.Str(); name {
		case "type", "name":
		case "search_context_size":
			w.Key(name).Raw(v.Raw())
		case "user_location":
			if v.Get("approximate").Exists() {
				w.Key(name).Raw(v.Raw())
			} else if v.Kind() == rawjson.Object {
				w.Key(name).Word(`{"type":"approximate","approximate":{`)
				for _, place := range []string{"city", "region", "country", "timezone"} {
					if is := v.Get(place); is.Kind() == rawjson.String {
						w.Key(place).Raw(is.Raw())
					}
				}
				w.Word("}}")
			}
		default:
			c.lose(path+"."+name, "the provider's search has no such option")
		}
	}
	w.Close('}')
	c.searchOptions = w.B
}

func (c *composer) function(t *llm.Tool) {
	c.w.Elem().Open('{')
	c.w.Key("type").Str("function")
	c.w.Key("function").Open('{')
	c.w.Key("name").Str(t.Name)
	if t.Description != "" {
		c.w.Key("description").Str(t.Description)
	}
	c.w.Key("parameters")
	c.schema(t.Schema)
	if t.Strict != nil {
		c.w.Key("strict").Word(strconv.FormatBool(*t.Strict))
	}
	c.w.Close('}')
	if p := (llm.Part{Path: t.Path, Cache: t.Cache}); t.Cache != nil {
		c.mark(&p)
	}
	c.w.Close('}')
}

// schema writes a JSON Schema that says it is of an object, as the wire demands.
func (c *composer) schema(raw []byte) {
	var d rawjson.Doc
	switch {
	case d.Parse(raw) != nil || d.Root().Kind() != rawjson.Object || d.Root().Len() == 0:
		c.w.Word(`{"type":"object","properties":{}}`)
	case d.Root().Get("type").Exists():
		c.w.Raw(d.Root().Raw())
	default:
		c.w.Word(`{"type":"object",`)
		c.w.Raw(d.Root().Raw()[1:])
	}
}

// choose writes whether and what the model must call. Without tools the wire takes none
// of it.
func (c *composer) choose(tools bool) {
	choice := c.conv.ToolChoice
	if !tools {
		if choice.Mode == "required" || choice.Mode == "function" {
			c.lose("tool_choice", "the provider is sent no tool to call")
		}
		return
	}
	switch choice.Mode {
	case "":
	case "auto", "none", "required":
		c.str("tool_choice", choice.Mode)
	case "function":
		if c.takes("tool_choice") {
			c.w.Key("tool_choice").Word(`{"type":"function","function":{"name":`)
			c.w.Str(choice.Name)
			c.w.Word("}}")
		}
	default:
		c.lose("tool_choice", "the provider has no such choice")
	}
	if p := c.conv.ParallelToolCalls; p != nil && c.takes("parallel_tool_calls") {
		c.w.Key("parallel_tool_calls").Word(strconv.FormatBool(*p))
	}
}
