package replay

import (
	"maps"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// chosen are the members of a request that this tool or the gateway sets: the name of the
// model where that is in the path, the form of vectors and of audio, a stream and its counts,
// the client's user, which is hashed, and how many results are wanted, which has two names.
var chosen = map[string]bool{
	"model": true, "encoding_format": true, "response_format": true, "stream": true, "stream_options": true, "user": true, "top_n": true, "top_k": true,
}

// callDiffs is how a call differs from the recorded one, for a client that sent the recorded
// request: where it went, and each member that is neither chosen nor null.
func callDiffs(x *Exchange, got Called) (out []Diff) {
	at := venues[x.API].at
	if at == "" {
		at = x.Target
	}
	if got.Path != at {
		out = append(out, Diff{"upstream.path", at, got.Path})
	}
	if x.Platform == "bedrock" { // the body is base64 in another, with members of the gateway's own
		return out
	}
	want, saw := requestMembers(x.Request), requestMembers(got.Body)
	if x.Form != nil {
		want, saw = formMembers(x), formMembers(&Exchange{Form: got.Body, FormType: got.MIME})
	}
	all := maps.Clone(want)
	maps.Copy(all, saw)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if !chosen[k] && want[k] != saw[k] && !sameValue(want[k], saw[k]) {
			out = append(out, Diff{"upstream.request." + k, want[k], saw[k]})
		}
	}
	return out
}

func requestMembers(body []byte) map[string]string {
	out := map[string]string{}
	root, err := parse(string(body))
	if err != nil {
		return out
	}
	for k, v := range root.Members() {
		if v.Kind() != rawjson.Null {
			out[k.Str()] = string(v.Raw())
		}
	}
	return out
}

func formMembers(x *Exchange) map[string]string {
	out := map[string]string{}
	for _, p := range x.parts() {
		v := string(p.value)
		if p.file != "" {
			v = p.file + " " + checksum(p.value)
		}
		out[p.name] += v + "\n"
	}
	return out
}
