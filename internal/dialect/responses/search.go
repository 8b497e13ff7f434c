package responses

import (
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// searching is the tool of this API that searches the web
// (https://platform.openai.com/docs/guides/tools-web-search).
const searching = "web_search"

// searches reports whether a tool of another API, by its type, searches the web.
func searches(typ string) bool { return strings.HasPrefix(typ, searching) }

// search writes the tool that searches the web, once. Options are those of another API:
// web_search_options of chat completions, or the search tool of messages.
func (e *encoder) search(path string, options []byte) {
	if e.searches {
		e.lose(path, "the provider's search is asked for already")
		return
	}
	e.searches = true
	w := e.w.Elem()
	w.Open('{')
	w.Key("type").Str(searching)
	var d rawjson.Doc
	if d.Parse(options) == nil {
		e.searchOptions(path, d.Root())
	}
	w.Close('}')
}

func (e *encoder) searchOptions(path string, options rawjson.Node) {
	domains := map[string]rawjson.Node{}
	for k, v := range options.Members() {
		switch name := k.Str(); {
		case name == "type", name == "name", v.IsNull():
		case name == "search_context_size":
			e.w.Key(name).Raw(v.Raw())
		case name == "user_location":
			e.place(v)
		case name == "allowed_domains" && v.Kind() == rawjson.Array, name == "blocked_domains" && v.Kind() == rawjson.Array:
			domains[name] = v
		case name == "filters" && v.Kind() == rawjson.Object:
			e.w.Key(name).Raw(v.Raw())
		default:
			e.lose(path+"."+name, "the provider's search has no such option")
		}
	}
	if len(domains) == 0 || options.Get("filters").Exists() {
		return
	}
	e.w.Key("filters").Open('{')
	for _, name := range [...]string{"allowed_domains", "blocked_domains"} {
		if v, ok := domains[name]; ok {
			e.w.Key(name).Raw(v.Raw())
		}
	}
	e.w.Close('}')
}

// place is where the user is, which chat completions nest one deeper.
func (e *encoder) place(v rawjson.Node) {
	if a := v.Get("approximate"); a.Exists() {
		v = a
	}
	if v.Kind() != rawjson.Object {
		return
	}
	e.w.Key("user_location").Open('{')
	e.w.Key("type").Str("approximate")
	for _, name := range [...]string{"city", "region", "country", "timezone"} {
		if s := v.Get(name).Str(); s != "" {
			e.w.Key(name).Str(s)
		}
	}
	e.w.Close('}')
}
