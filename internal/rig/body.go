package rig

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Sizes of the large requests, in bytes of JSON text.
const (
	promptSize = 200 << 10
	imageSize  = 2 << 20
)

// requestBody is a request of a shape in a dialect.
func (d *dialect) requestBody(shape, model string, streamed bool) ([]byte, error) {
	messages, err := messagesOf(shape)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := writeJSON(&b, d.body(model, messages, streamed)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// The bodies of the dialects. The model comes first, as the official SDKs send it.

type chatRequest struct {
	Model       string          `json:"model"`
	Messages    []message       `json:"messages"`
	Temperature float64         `json:"temperature"`
	MaxTokens   int             `json:"max_tokens"`
	Stream      bool            `json:"stream,omitempty"`
	Options     map[string]bool `json:"stream_options,omitempty"`
}

const temperature, maxTokens = 0.7, 2048

func chatBody(model string, messages []message, streamed bool) any {
	r := chatRequest{Model: model, Messages: messages, Temperature: temperature, MaxTokens: maxTokens, Stream: streamed}
	if streamed {
		r.Options = map[string]bool{"include_usage": true}
	}
	return r
}

func messagesBody(model string, messages []message, streamed bool) any {
	return struct {
		Model       string    `json:"model"`
		MaxTokens   int       `json:"max_tokens"`
		System      any       `json:"system"`
		Messages    []message `json:"messages"`
		Temperature float64   `json:"temperature"`
		Stream      bool      `json:"stream,omitempty"`
	}{model, maxTokens, messages[0].Content, messages[1:], temperature, streamed}
}

func responsesBody(model string, messages []message, streamed bool) any {
	return struct {
		Model           string    `json:"model"`
		Instructions    any       `json:"instructions"`
		Input           []message `json:"input"`
		MaxOutputTokens int       `json:"max_output_tokens"`
		Temperature     float64   `json:"temperature"`
		Stream          bool      `json:"stream,omitempty"`
	}{model, messages[0].Content, messages[1:], maxTokens, temperature, streamed}
}

func geminiBody(_ string, messages []message, _ bool) any {
	type part struct {
		Text any `json:"text"`
	}
	type content struct {
		Role  string `json:"role,omitempty"`
		Parts []part `json:"parts"`
	}
	contents := []content{}
	for _, m := range messages[1:] {
		role := map[string]string{"user": "user", "assistant": "model"}[m.Role]
		contents = append(contents, content{role, []part{{m.Content}}})
	}
	return map[string]any{
		"contents": contents, "systemInstruction": content{Parts: []part{{messages[0].Content}}},
		"generationConfig": map[string]any{"temperature": temperature, "maxOutputTokens": maxTokens},
	}
}

// writeJSON writes v as client SDKs do: angle brackets and ampersands as they are.
func writeJSON(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}

type message struct {
	Role    string `json:"role"`
	Content any    `json:"content"`
}

func messagesOf(shape string) ([]message, error) {
	system := message{"system", "You are a careful assistant for a team of engineers. Answer in short sentences, say what you are unsure of, and show code only when it is asked for."}
	switch shape {
	case "chat":
		return []message{system,
			{"user", "Our nightly export stops after about forty minutes with \"connection reset by peer\". It reads from a replica and writes gzip files. Where would you look first?"},
			{"assistant", "Look at the replica: a query that runs that long may conflict with replay of the primary's log and be cancelled. The message of the server, not of the client, will say so."},
			{"user", "The server log says: canceling statement due to conflict with recovery. We cannot change the replica's settings before next week.\n\nWhat can we do on the side of the export until then? Please give two ways, with what each of them costs us in time and in risk, and tell me which of the two you would take for a table of 80 million rows."},
		}, nil
	case "prompt":
		return []message{system, {"user", longText(promptSize)}}, nil
	case "image":
		url := "data:image/jpeg;base64," + randomBase64(imageSize)
		return []message{system, {"user", []any{
			map[string]any{"type": "text", "text": "What is on this picture?"},
			map[string]any{"type": "image_url", "image_url": map[string]string{"url": url}},
		}}}, nil
	}
	return nil, fmt.Errorf("there is no request shape %q", shape)
}

// passages are what longText is mixed from: prose with quotes and non-ASCII letters, code
// with tabs, quotes and backslashes, a table, a log.
var passages = []string{
	"The ferry to Þingvöllur was late, and nobody on the quay seemed to mind. \"It comes when it comes,\" said the woman with the thermos; she had said so, she told us, every Tuesday since 1987.\n\n",
	"func (q *queue) pop() (item, bool) {\n\tq.mu.Lock()\n\tdefer q.mu.Unlock()\n\tif len(q.items) == 0 {\n\t\treturn item{}, false // \"empty\" is not an error\n\t}\n\thead := q.items[0]\n\tq.items = q.items[1:]\n\treturn head, true\n}\n\n",
	"Die Prüfung ergab, dass 37 von 412 Belegen doppelt erfasst waren; der Betrag (§ 14 Abs. 2) weicht um 1.204,50 € ab. Rückfragen bitte an die Buchhaltung.\n\n",
	"SELECT o.id, c.name AS \"customer\", sum(l.qty * l.price)\n  FROM orders o JOIN customers c ON c.id = o.customer_id\n  JOIN lines l ON l.order_id = o.id\n WHERE o.state <> 'cancelled' AND c.email LIKE '%\\_test@%' ESCAPE '\\'\n GROUP BY 1, 2;\n\n",
	"In the second experiment we kept the temperature at 4 °C and doubled the flow. The yield rose from 0.31 to 0.44 (n = 12), which we had not expected: the model of the first chapter predicts no change at all below 10 °C.\n\n",
	"2026-03-04T09:12:55Z WARN retrying {\"attempt\":3,\"path\":\"C:\\\\data\\\\in\\\\a.csv\",\"error\":\"timeout\"}\n2026-03-04T09:12:59Z INFO done {\"rows\":18233,\"took\":\"4.1s\"}\n\n",
	"質問は三つあります。まず、納期は六月末で変わりませんか。次に、図面の改訂版はどこにありますか。最後に、試験の費用は誰が負担しますか。\n\n",
	"if (!res.ok) {\n  throw new Error(`GET ${url}: ${res.status} \"${await res.text()}\"`);\n}\nconst rows = (await res.json()).items.map(({ id, ...rest }) => [id, rest]);\n\n",
}

// longText mixes passages, the same way in every run, until its JSON form has size bytes.
func longText(size int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	var quoted bytes.Buffer
	for quoted.Len() < size {
		p := fmt.Sprintf("[%04d] ", rnd.IntN(10000)) + passages[rnd.IntN(len(passages))]
		text.WriteString(p)
		if err := writeJSON(&quoted, p); err != nil {
			panic(err) // a string always has a JSON form
		}
		quoted.Truncate(quoted.Len() - len(`""`))
	}
	return text.String()
}

func randomBase64(size int) string {
	rnd := rand.New(rand.NewPCG(3, 4))
	raw := make([]byte, size/4*3)
	for i := range raw {
		raw[i] = byte(rnd.Uint32())
	}
	return base64.StdEncoding.EncodeToString(raw)
}
