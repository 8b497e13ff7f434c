package telemetry

import (
	"encoding/json"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// message and part are the form that the conventions give to what is said.
type message struct {
	Role   string `json:"role"`
	Parts  []part `json:"parts"`
	Finish string `json:"finish_reason,omitempty"`
}

type part struct {
	Type    string `json:"type"`
	Content string `json:"content"`
}

// asked is the prompt in that form: the texts of its messages. Media and calls of tools stay out.
func asked(body []byte) []message {
	if body == nil {
		return nil
	}
	prompt, written := transcript.Prompt(body)
	if written == nil {
		return []message{{Role: "user", Parts: []part{{"text", prompt}}}}
	}
	list := []message{}
	for _, raw := range written {
		var d rawjson.Doc
		if d.Parse(raw) == nil {
			list = append(list, messageOf(d.Root()))
		}
	}
	return list
}

func messageOf(m rawjson.Node) message {
	out := message{Role: m.Get("role").Str(), Parts: []part{}}
	if m.Kind() == rawjson.String {
		return message{Role: "user", Parts: []part{{"text", m.Str()}}}
	}
	for _, name := range [...]string{"content", "parts", "output", "arguments"} {
		switch v := m.Get(name); v.Kind() {
		case rawjson.String:
			out.Parts = append(out.Parts, part{"text", v.Str()})
		case rawjson.Array:
			for e := range v.Elems() {
				if t := e.Get("text"); t.Kind() == rawjson.String {
					out.Parts = append(out.Parts, part{"text", t.Str()})
				}
			}
		}
	}
	return out
}

// encoded is "" for nothing.
func encoded(list []message) string {
	if list == nil {
		return ""
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return "" // texts can be encoded
	}
	return string(raw)
}

// answered is the answer in that form.
func answered(e Event) []message {
	var parts []part
	if t := e.Said.Reasoning; len(t) > 0 {
		parts = append(parts, part{"reasoning", string(t)})
	}
	if t := e.Said.Completion; len(t) > 0 {
		parts = append(parts, part{"text", string(t)})
	}
	if parts == nil {
		return nil
	}
	return []message{{"assistant", parts, string(e.Record.Finish)}}
}

// turn is a message as most services have it: a role and a text, without reasoning.
type turn struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func turns(list []message) []turn {
	out := make([]turn, len(list))
	for i, m := range list {
		var texts []string
		for _, p := range m.Parts {
			if p.Type == "text" {
				texts = append(texts, valid(p.Content))
			}
		}
		out[i] = turn{m.Role, strings.Join(texts, "\n")}
	}
	return out
}
