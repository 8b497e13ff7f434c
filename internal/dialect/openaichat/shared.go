package openaichat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// What the rooms of OpenAI's other operations share with this one.

// EditHead makes the edits that every operation's request needs when the client's bytes go
// on: the model's upstream name, a hash instead of the user, and no member that speaks to
// the gateway. drop says which further members go.
func EditHead(p *rawjson.Patch, root rawjson.Node, model string, drop func(name string) bool) {
	named := false
	for k, v := range root.Members() {
		switch {
		case k.Is("model"):
			named = true
			p.Set(v, rawjson.AppendString(nil, model))
		case k.Is("user") && v.Kind() == rawjson.String && !drop("user"):
			p.Set(v, rawjson.AppendString(nil, HashUser(v.Str())))
		}
	}
	if !named {
		p.Append(root, "model", rawjson.AppendString(nil, model))
	}
	p.Remove(root, func(k rawjson.Node) bool {
		name := k.Str()
		ours := gatewayFields[name] && name != "max_tool_calls" // in Responses it bounds the provider's own tools
		return name != "model" && (ours || drop(name))
	})
}

// HashUser is what an upstream hears instead of the client's own user id.
func HashUser(user string) string {
	sum := sha256.Sum256([]byte(user))
	return hex.EncodeToString(sum[:])
}

// ReadWhole reads an answer that is one JSON object. An error object inside of it is the
// error, as is anything that is not whole.
func ReadWhole(r dialect.Reply, doc *rawjson.Doc) (rawjson.Node, error) {
	raw, err := dialect.ReadBody(nil, r.Header, r.Body)
	if err != nil {
		return rawjson.Node{}, upstreamErr(err)
	}
	if err := doc.Parse(bytes.TrimSpace(raw)); err != nil {
		return rawjson.Node{}, broken("The provider's answer is not JSON", err)
	}
	root := doc.Root()
	if root.Kind() != rawjson.Object {
		return rawjson.Node{}, broken("The provider's answer is no JSON object", nil)
	}
	if !root.Get("error").IsNull() {
		return rawjson.Node{}, streamFailure(root)
	}
	return root, nil
}

// Broken is an answer that cannot be trusted to be whole.
func Broken(public string, err error) error { return broken(public, err) }

// Cut is a body that broke off. It keeps a classification that the body's reader made.
func Cut(err error) error { return upstreamErr(err) }

// FrameFailure is the error that an object inside of a 200 tells.
func FrameFailure(root rawjson.Node) error { return streamFailure(root) }

// AppendCost appends the members of a usage object that say what it cost (reference §3.1).
func AppendCost(dst []byte, c *dialect.Charge) []byte { return appendCost(dst, c) }

// ReportedCost is what the upstream's usage object says it took, in USD, "" nothing.
func ReportedCost(usage rawjson.Node) string { return reportedCost(usage) }

// MoreLosses reports extra members that the target wire has no place for.
func MoreLosses(to []llm.Loss, extra []llm.Field, why string) []llm.Loss {
	for _, f := range extra {
		to = append(to, llm.Loss{Path: f.Path, Why: why})
	}
	return to
}

// AppendUsage writes a usage object in OpenRouter's shape (reference §3.1).
func AppendUsage(dst []byte, u *llm.Usage, c *dialect.Charge) []byte { return appendUsage(dst, u, c) }

// ReadUsage reads an OpenAI-shaped usage object into disjoint classes, nil when it is none.
// Raw shares memory with it.
func ReadUsage(u rawjson.Node) *llm.Usage { return readUsage(u) }

// NormalFinish is the API's word for an upstream's (reference §1.6).
func NormalFinish(word string) llm.Finish { return normalFinish(word) }
