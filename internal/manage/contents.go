package manage

import (
	"cmp"
	"encoding/json"
	"errors"

	"github.com/dragoman-gateway/dragoman/internal/contents"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// getContent shows what a request said. That somebody looked is in the audit log before
// they see it.
func (a *API) getContent(c *call) (any, error) {
	rec, err := a.findGeneration(c, c.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	said, err := a.findContent(c, rec)
	if err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "content.view", rec.ID, nil), func(*directory.Tx) error { return nil }); err != nil {
		return nil, err
	}
	return data{newContentRow(rec, said)}, nil
}

func (a *API) deleteContent(c *call) (any, error) {
	rec, err := a.findGeneration(c, c.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	if _, err := a.findContent(c, rec); err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "content.delete", rec.ID, nil), func(*directory.Tx) error { return nil }); err != nil {
		return nil, err
	}
	if err := a.Contents.Delete(c.Context(), rec.Account, rec.Workspace, rec.ID); err != nil && !errors.Is(err, contents.ErrNotFound) {
		return nil, stored("delete what a request said", err)
	}
	return gone{true}, nil
}

func (a *API) findContent(c *call, rec *generation.Record) (*transcript.Transcript, error) {
	err := contents.ErrNotFound
	var said *transcript.Transcript
	if a.Contents != nil {
		said, err = a.Contents.Find(c.Context(), rec.Account, rec.Workspace, rec.ID, c.now)
	}
	if errors.Is(err, contents.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "What this request said is not kept: its workspace did not log prompts and answers then, it was not in the sample or under zero data retention, or it has expired or was deleted")
	}
	if err != nil {
		return nil, stored("read what a request said", err)
	}
	return said, nil
}

// findGeneration is a record of the caller's account, by its id or the upstream's.
func (a *API) findGeneration(c *call, id string) (*generation.Record, error) {
	if id == "" {
		return nil, fault.Bad("id", "Query parameter id must be the id of a generation")
	}
	rec, err := a.Store.Generation(c.Context(), id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, stored("read a generation", err)
	}
	if err != nil || cmp.Or(rec.Account, a.Account) != a.account(c) {
		return nil, fault.New(fault.NotFound, "No generation of this account has this id; ids are in the X-Generation-Id header and in the id of every answer")
	}
	return rec, nil
}

// contentRow is what a request said, in OpenRouter's shape (reference §3.14).
type contentRow struct {
	Error   *contentError   `json:"error"`
	Input   map[string]any  `json:"input"`
	Output  contentOutput   `json:"output"`
	Request json.RawMessage `json:"request"` // ours: the whole body; null: too long to be kept
	Cut     bool            `json:"truncated"`
}

type contentOutput struct {
	Completion *string `json:"completion"`
	Reasoning  *string `json:"reasoning"`
}

// contentError is what the client was told, and the attempts before. No raw error of a
// provider is kept.
type contentError struct {
	Status   *int              `json:"status"`
	Message  *string           `json:"message"`
	Provider *string           `json:"provider_name"`
	Raw      *string           `json:"raw"`
	Previous []previousAttempt `json:"previous_errors"`
}

type previousAttempt struct {
	Code     int     `json:"code"`
	Message  string  `json:"message"`
	Provider *string `json:"provider_name"`
	Raw      *string `json:"raw"`
}

func newContentRow(rec *generation.Record, said *transcript.Transcript) contentRow {
	row := contentRow{
		Input:   contentInput(said.Input),
		Output:  contentOutput{present(string(said.Completion)), present(string(said.Reasoning))},
		Request: said.Input, Cut: said.Cut,
	}
	if len(said.Input) == 0 {
		row.Request = json.RawMessage("null")
	}
	if rec.Error == nil {
		return row
	}
	row.Error = &contentError{Status: &rec.Error.Status, Message: present(rec.Error.Message), Provider: present(rec.Provider), Previous: []previousAttempt{}}
	for _, t := range rec.Attempts[:max(len(rec.Attempts)-1, 0)] {
		row.Error.Previous = append(row.Error.Previous, previousAttempt{t.Status, t.Message, present(t.Provider), nil})
	}
	return row
}

// contentInput is the prompt or the messages of a request.
func contentInput(body []byte) map[string]any {
	prompt, messages := transcript.Prompt(body)
	if messages != nil {
		return map[string]any{"messages": messages}
	}
	return map[string]any{"prompt": prompt}
}
