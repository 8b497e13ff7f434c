package simup

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// The agent's part: asked by the directive agent=PATH anywhere in the prompt, the model
// writes a file by a tool that is offered, reads it by another, and says what it read. How
// far it has come it tells by the results that the prompt holds. A coding agent can be tried
// with it from end to end.

// agentContent is what it writes.
const agentContent = "written through a tool"

// writers and readers are names of tools that coding agents offer, best first.
var (
	writers = []string{"write", "write_file", "create_file", "exec_command", "shell", "shell_command", "bash", "run_shell_command"}
	readers = []string{"read", "read_file", "view", "exec_command", "shell", "shell_command", "bash", "run_shell_command"}
)

// agentPath is the file that the agent's part is about, "" for none.
func (a *ask) agentPath() string {
	const open = directiveOpen + "agent="
	for _, p := range a.prompt.pieces {
		if at := bytes.Index(p.raw, []byte(open)); at >= 0 {
			path, _, _ := strings.Cut(string(p.raw[at+len(open):]), directiveClose)
			return path
		}
	}
	return ""
}

// act is the agent's next move: a call, or its last words. ok is false for a request that
// asks for no agent, or offers it nothing to work with.
func (a *ask) act() (c *call, text string, ok bool) {
	path := a.agentPath()
	if path == "" || len(a.tools) == 0 || a.choice.never {
		return nil, "", false
	}
	names := writers
	switch {
	case a.results >= 2:
		return nil, "Done. The file says: " + clip(a.result, 400), true
	case a.results == 1:
		names = readers
	}
	for _, name := range names {
		at := slices.IndexFunc(a.tools, func(t tool) bool { return strings.EqualFold(t.name, name) })
		if at >= 0 {
			return &call{name: a.tools[at].name, arguments: agentArguments(a.tools[at].schema, path, a.results == 0)}, "", true
		}
	}
	return nil, "I have no tool to work with.", true
}

// agentArguments fills a tool's required arguments, and those that say where and what.
func agentArguments(schema rawjson.Node, path string, write bool) string {
	command := fmt.Sprintf("cat '%s'", path)
	if write {
		command = fmt.Sprintf("printf '%%s' '%s' > '%s'", agentContent, path)
	}
	required := map[string]bool{}
	for r := range schema.Get("required").Elems() {
		required[r.Str()] = true
	}
	out := []byte{'{'}
	for k, p := range schema.Get("properties").Members() {
		var v []byte
		switch name := strings.ToLower(strings.ReplaceAll(k.Str(), "_", "")); name {
		case "filepath", "path", "absolutepath", "filename":
			v = rawjson.AppendString(nil, path)
		case "content", "contents", "text", "filetext":
			v = rawjson.AppendString(nil, agentContent)
		case "command", "cmd":
			v = rawjson.AppendString(nil, command)
			if schemaType(p) == "array" {
				v = append(append([]byte(`["bash","-c",`), v...), ']')
			}
		default:
			if !required[k.Str()] {
				continue
			}
			v = sampleSchema(nil, p, "agent")
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, k.Raw()...), ':'), v...)
	}
	return string(append(out, '}'))
}
