package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// What clients make of a stream: the whole answer, put together as their SDKs do it. An error
// is a stream that no SDK would take.

// events are the data of a stream of events.
func events(t *testing.T, stream string) (out []map[string]any) {
	t.Helper()
	for line := range strings.Lines(stream) {
		data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data: ")
		if !ok || data == "[DONE]" {
			continue
		}
		var ev map[string]any
		if err := json.Unmarshal([]byte(data), &ev); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		out = append(out, ev)
	}
	return out
}

// fold puts a stream together by the path that was asked.
func fold(path, stream string, list []map[string]any) (map[string]any, error) {
	switch {
	case strings.HasSuffix(path, "/chat/completions"):
		return foldChat(stream, list)
	case strings.HasSuffix(path, "/messages"):
		return foldMessages(list)
	case strings.HasSuffix(path, "/responses"):
		return foldResponses(list)
	}
	return foldGemini(list)
}

// extend adds the strings of a piece to those there, and takes other members over.
func extend(to, piece map[string]any) {
	for k, v := range piece {
		switch s, ok := v.(string); {
		case ok && k != "id" && k != "type" && k != "role" && k != "format" && k != "name":
			to[k] = str(to, k) + s
		case v != nil:
			to[k] = v
		}
	}
}

func foldChat(stream string, list []map[string]any) (map[string]any, error) {
	message, choice := map[string]any{"role": "assistant"}, map[string]any{}
	out := map[string]any{"choices": []any{choice}}
	choice["message"] = message
	for _, ev := range list {
		if ev["error"] != nil {
			return nil, fmt.Errorf("an error: %v", ev["error"])
		}
		extend(out, map[string]any{"usage": ev["usage"], "openrouter_metadata": ev["openrouter_metadata"]})
		for _, c := range ev["choices"].([]any) {
			c := c.(map[string]any)
			if f := str(c, "finish_reason"); f != "" {
				choice["finish_reason"] = f
			}
			delta, _ := c["delta"].(map[string]any)
			for k, v := range delta {
				switch v := v.(type) {
				case []any:
					message[k] = join(message[k], v)
				default:
					extend(message, map[string]any{k: v})
				}
			}
		}
	}
	if !strings.HasSuffix(stream, "data: [DONE]\n\n") || choice["finish_reason"] == nil {
		return nil, fmt.Errorf("no end: %.200s", stream[max(0, len(stream)-200):])
	}
	calls, _ := message["tool_calls"].([]any)
	for _, c := range calls {
		delete(c.(map[string]any), "index")
	}
	return out, nil
}

// join adds pieces of a list, each to the one of its index and type.
func join(have any, pieces []any) []any {
	list, _ := have.([]any)
	for _, p := range pieces {
		p := p.(map[string]any)
		var to map[string]any
		for _, h := range list {
			h := h.(map[string]any)
			if h["index"] == p["index"] && (p["type"] == nil || h["type"] == p["type"]) {
				to = h
			}
		}
		if to == nil {
			to = map[string]any{}
			list = append(list, to)
		}
		if f, ok := p["function"].(map[string]any); ok { // of a call
			known, _ := to["function"].(map[string]any)
			if known == nil {
				known = map[string]any{}
			}
			extend(known, f)
			p["function"] = known
		}
		extend(to, p)
	}
	return list
}

func foldMessages(list []map[string]any) (map[string]any, error) {
	var out map[string]any
	content := []any{}
	var open map[string]any
	args, ended := "", false
	for _, ev := range list {
		switch ev["type"] {
		case "message_start":
			out = ev["message"].(map[string]any)
		case "content_block_start":
			if open != nil || int(ev["index"].(float64)) != len(content) {
				return nil, fmt.Errorf("block %v begins out of order", ev["index"])
			}
			open, args = ev["content_block"].(map[string]any), ""
			content = append(content, open)
		case "content_block_delta":
			if open == nil || int(ev["index"].(float64)) != len(content)-1 {
				return nil, fmt.Errorf("a delta of block %v, which is not open", ev["index"])
			}
			d := ev["delta"].(map[string]any)
			if d["type"] == "input_json_delta" {
				args += str(d, "partial_json")
				continue
			}
			delete(d, "type")
			extend(open, d)
		case "content_block_stop":
			if open["type"] == "tool_use" && args != "" {
				var input any
				if err := json.Unmarshal([]byte(args), &input); err != nil {
					return nil, fmt.Errorf("arguments %q: %w", args, err)
				}
				open["input"] = input
			}
			open = nil
		case "message_delta":
			extend(out, ev["delta"].(map[string]any))
			out["usage"] = ev["usage"]
		case "message_stop":
			ended = true
			out["openrouter_metadata"] = ev["openrouter_metadata"]
		case "error":
			return nil, fmt.Errorf("an error: %v", ev["error"])
		}
	}
	if !ended || open != nil {
		return nil, fmt.Errorf("no end of %v", list)
	}
	out["content"] = content
	return out, nil
}

// foldResponses is the last event's response, whose items are those that were done.
func foldResponses(list []map[string]any) (map[string]any, error) {
	items, open := map[int]any{}, map[int]bool{}
	for i, ev := range list {
		if n, ok := ev["sequence_number"].(float64); ok && int(n) != i {
			return nil, fmt.Errorf("event %d has the number %v", i, n)
		}
		at, _ := ev["output_index"].(float64)
		switch ev["type"] {
		case "response.output_item.added":
			open[int(at)] = true
		case "response.output_item.done":
			items[int(at)] = ev["item"]
			open[int(at)] = false
		case "error", "response.failed":
			return nil, fmt.Errorf("an error: %v", ev)
		case "response.completed", "response.incomplete":
			r := ev["response"].(map[string]any)
			output := r["output"].([]any)
			if len(output) != len(items) || i != len(list)-1 {
				return nil, fmt.Errorf("%d items, %d were done", len(output), len(items))
			}
			for i, item := range output {
				if asJSON(items[i]) != asJSON(item) {
					return nil, fmt.Errorf("item %d was done as %s and is %s", i, asJSON(items[i]), asJSON(item))
				}
			}
			return r, nil
		default:
			if _, about := ev["item_id"]; about && !open[int(at)] {
				return nil, fmt.Errorf("%v of an item that is not open", ev["type"])
			}
		}
	}
	return nil, fmt.Errorf("no end of %v", list)
}

func foldGemini(list []map[string]any) (map[string]any, error) {
	parts, candidate := []any{}, map[string]any{}
	out := map[string]any{"candidates": []any{candidate}}
	for _, ev := range list {
		if ev["error"] != nil {
			return nil, fmt.Errorf("an error: %v", ev["error"])
		}
		extend(out, map[string]any{"usageMetadata": ev["usageMetadata"], "openrouter_metadata": ev["openrouter_metadata"]})
		candidates, _ := ev["candidates"].([]any)
		for _, c := range candidates {
			c := c.(map[string]any)
			if f := str(c, "finishReason"); f != "" {
				candidate["finishReason"] = f
			}
			content, _ := c["content"].(map[string]any)
			more, _ := content["parts"].([]any)
			parts = append(parts, more...)
		}
	}
	if candidate["finishReason"] == nil {
		return nil, fmt.Errorf("no end of %v", list)
	}
	candidate["content"] = map[string]any{"role": "model", "parts": parts}
	return out, nil
}
