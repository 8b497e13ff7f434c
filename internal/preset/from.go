package preset

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// From makes settings of the body of an inference request in a dialect: it keeps what a
// preset may hold and the system prompt, and nothing else. The error is a *fault.Error about
// a member that cannot be kept as it is.
func From(root rawjson.Node, d llm.Dialect) (Settings, error) {
	if root.Kind() != rawjson.Object {
		return Settings{}, fault.New(fault.Invalid, "The request body must be a JSON object")
	}
	_, nested, err := Find(root, "")
	if err != nil {
		return Settings{}, err
	}
	if nested {
		return Settings{}, fault.Bad("model", "A preset cannot refer to another; name a model, or leave it out")
	}
	if err := cached(root); err != nil {
		return Settings{}, err
	}
	s := Settings{From: d, Config: kept(root, d)}
	if s.System, err = prompt(root, d); err != nil {
		return Settings{}, err
	}
	if n := len(s.Config) + len(s.System); n > MaxSettings {
		return Settings{}, fault.New(fault.TooLarge, fmt.Sprintf("The settings of a preset take %d bytes of the %d that they may; leave something out", n, MaxSettings))
	}
	return s, nil
}

// kept is an object of the members that a preset may hold.
func kept(root rawjson.Node, d llm.Dialect) []byte {
	var w rawjson.Writer
	w.Open('{')
	for k, v := range root.Members() {
		name := k.Str()
		if v.IsNull() || find(name, d) == nil || root.Get(name) != v { // of several the last counts
			continue
		}
		w.Key(name).Raw(v.Raw())
	}
	w.Close('}')
	return w.B
}

// cached refuses a preset that wants responses to be cached: it would promise what does not
// happen.
func cached(root rawjson.Node) error {
	for _, name := range []string{"cache_enabled", "cache_ttl_seconds"} {
		v := root.Get(name)
		if v.IsNull() || v.Kind() == rawjson.Bool && !v.Bool() {
			continue
		}
		return &fault.Error{Kind: fault.Unbuilt, Param: name, Public: "The caching of responses is not built in this version; leave out cache_enabled and cache_ttl_seconds"}
	}
	return nil
}
