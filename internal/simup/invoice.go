package simup

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// A Line says what was served to one request. Tokens are what was really generated, not
// what was reported or delivered.
type Line struct {
	Time       time.Time `json:"time"`
	Provider   string    `json:"provider"`
	Model      string    `json:"model"`
	RequestID  string    `json:"request_id"`          // as in the x-request-id or request-id header
	AnswerID   string    `json:"answer_id,omitempty"` // as in the answer's body
	Dialect    string    `json:"dialect"`             // openai, anthropic or gemini
	Stream     bool      `json:"stream"`
	Status     int       `json:"status"`        // 0: the client left before there was one
	Prompt     int64     `json:"prompt_tokens"` // with what was cached or written to the cache
	Cached     int64     `json:"cached_tokens"`
	CacheWrite int64     `json:"cache_write_tokens"`
	Output     int64     `json:"output_tokens"` // with reasoning
	Reasoning  int64     `json:"reasoning_tokens"`
	Complete   bool      `json:"complete"`        // all was generated and nothing broke
	Broke      string    `json:"broke,omitempty"` // what did: "cut", "client left", "error event", "status 429" …
	Billable   bool      `json:"billable"`        // the provider would charge for it
}

// maxLines is how many lines are kept in memory; a file has them all.
const maxLines = 1 << 16

// An invoice is append-only.
type invoice struct {
	mu    sync.Mutex
	lines []Line
	start int // of the oldest, once there are maxLines
	file  *os.File
	err   error // of the file, which ends the writing to it
}

func openInvoice(path string) (*invoice, error) {
	v := &invoice{}
	if path == "" {
		return v, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the invoice: %w", err)
	}
	v.file = f
	return v, nil
}

func (v *invoice) add(l Line) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.lines) < maxLines {
		v.lines = append(v.lines, l)
	} else {
		v.lines[v.start] = l
		v.start = (v.start + 1) % maxLines
	}
	if v.file == nil || v.err != nil {
		return
	}
	b, err := json.Marshal(l)
	if err == nil {
		_, err = v.file.Write(append(b, '\n'))
	}
	if err == nil {
		err = v.file.Sync()
	}
	v.err = err
}

func (v *invoice) all() []Line {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := make([]Line, 0, len(v.lines))
	return append(append(out, v.lines[v.start:]...), v.lines[:v.start]...)
}

// close ends the writing; the error is the first that writing met.
func (v *invoice) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.file == nil {
		return nil
	}
	err := v.file.Close()
	v.file = nil
	if v.err != nil {
		err = v.err
	}
	if err != nil {
		return fmt.Errorf("write the invoice: %w", err)
	}
	return nil
}
