package manage

import (
	"errors"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// feedbackCategories are what feedback can be about (reference §3.14).
var feedbackCategories = []string{"latency", "incoherence", "incorrect_response", "formatting", "billing", "api_error", "other"}

// submitFeedback keeps what somebody says of a generation, in the place of what the account
// said before.
func (a *API) submitFeedback(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	f := generation.Feedback{At: c.now, Actor: c.actor()}
	for _, name := range []string{"generation_id", "category"} {
		if !b.has(name) {
			b.fail(name, "given")
		}
	}
	id := b.text("generation_id", false)
	if f.Category = b.text("category", false); !slices.Contains(feedbackCategories, f.Category) {
		b.fail("category", "one of "+strings.Join(feedbackCategories, ", "))
	}
	f.Comment = b.within("comment", false, 0, 1000)
	if b.err != nil {
		return nil, b.err
	}
	rec, err := a.findGeneration(c, id)
	if err != nil {
		return nil, err
	}
	f.Generation, f.Account = rec.ID, a.account(c)
	entry := a.entry(c, "generation.feedback", rec.ID, map[string]string{"category": f.Category})
	if err := a.Store.Apply(c.Context(), store.Change{Feedback: []generation.Feedback{f}, Audit: []audit.Entry{entry}}); err != nil {
		return nil, stored("keep feedback", err)
	}
	return data{struct {
		Success bool `json:"success"`
	}{true}}, nil
}

// feedbackRow is feedback as the record shows it.
type feedbackRow struct {
	At       string  `json:"created_at"`
	Category string  `json:"category"`
	Comment  *string `json:"comment"`
}

// feedbackOf is what the caller's account said of a generation; nil: nothing.
func (a *API) feedbackOf(c *call, id string) (*feedbackRow, error) {
	f, err := a.Store.Feedback(c.Context(), a.account(c), id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, stored("read feedback", err)
	}
	return &feedbackRow{timestamp(f.At), f.Category, present(f.Comment)}, nil
}
