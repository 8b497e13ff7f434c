package manage

import (
	"crypto/rand"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// credits are what an account was granted and what it has used.
type credits struct {
	Total money.Amount `json:"total_credits"`
	Usage money.Amount `json:"total_usage"`
}

func (a *API) getCredits(c *call) (any, error) {
	b, err := a.Store.Balance(c.Context(), ledger.AccountID(a.account(c)))
	if err != nil {
		return nil, stored("read the balance", err)
	}
	return data{credits{b.Granted, b.Spent}}, nil
}

// listTransfers is what moved the account's credit besides requests, the newest first.
func (a *API) listTransfers(c *call) (any, error) {
	offset, limit, err := c.page()
	if err != nil {
		return nil, err
	}
	id := ledger.AccountID(a.account(c))
	page, total, err := a.Store.Transfers(c.Context(), id, offset, limit)
	if err != nil {
		return nil, stored("read the transfers", err)
	}
	rows := []transferRow{}
	for i := range page {
		row := newTransferRow(&page[i], id)
		row.CreatorName = a.memberName(c, page[i].Actor)
		rows = append(rows, row)
	}
	return part{rows, total}, nil
}

// transferRow is a transfer as its account sees it.
type transferRow struct {
	Ref         string       `json:"ref"`
	Type        string       `json:"type"` // grant or correction
	Amount      money.Amount `json:"amount"`
	Note        *string      `json:"note"`
	Creator     *string      `json:"created_by"`
	CreatorName *string      `json:"created_by_name"` // a member's
	Created     string       `json:"created_at"`
}

func newTransferRow(m *store.Moved, of ledger.AccountID) transferRow {
	r := transferRow{Ref: m.Ref, Type: "correction", Amount: m.Amount, Note: present(m.Note), Creator: present(m.Actor), Created: timestamp(m.At)}
	switch {
	case m.Debit == of:
		r.Amount = -m.Amount
	case m.Debit == ledger.Issued:
		r.Type = "grant"
	}
	return r
}

// grantCredits gives an organisation credit, the caller's own unless the body names another.
// It is ours: OpenRouter sells credit on its site.
func (a *API) grantCredits(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	t, err := grant(b)
	if err != nil {
		return nil, err
	}
	t.Credit, t.At = ledger.AccountID(a.account(c)), c.now
	if to := b.optional("organization"); to != "" {
		if _, there := a.Directory.Organization(to); !there {
			b.fail("organization", "the id of one; dragoman organizations list has them")
		}
		t.Credit = ledger.AccountID(to)
	}
	if b.err != nil {
		return nil, b.err
	}
	return a.transfer(c, t)
}

func grant(b *body) (ledger.Transfer, error) {
	t := ledger.Transfer{Debit: ledger.Issued, Ref: "grant:" + rand.Text()}
	if !b.has("amount") {
		b.fail("amount", "given")
	}
	amount := b.amount("amount", false)
	if ref := b.optional("ref"); ref != "" {
		t.Ref = ref
	}
	t.Note = b.optional("note")
	if b.err != nil {
		return t, b.err
	}
	if t.Amount = *amount; t.Amount <= 0 {
		return t, fault.Bad("amount", "amount must be more than 0")
	}
	return t, nil
}

// optional is a text that may also be empty or null, which is none.
func (b *body) optional(name string) string {
	if string(b.members[name]) == `""` {
		return ""
	}
	return b.text(name, true)
}

// transfer moves the money and says whether it did: a known reference moves nothing.
func (a *API) transfer(c *call, t ledger.Transfer) (any, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	before, err := a.Store.Balance(c.Context(), t.Credit)
	if err != nil {
		return nil, stored("read the balance", err)
	}
	if err := a.Store.Transfer(c.Context(), t, a.entry(c, "credit.grant", t.Ref, map[string]any{"amount": t.Amount, "note": t.Note, "organization": t.Credit})); err != nil {
		return nil, stored("grant credit", err)
	}
	after, err := a.Store.Balance(c.Context(), t.Credit)
	if err != nil {
		return nil, stored("read the balance", err)
	}
	return data{struct {
		Ref    string       `json:"ref"`
		Amount money.Amount `json:"amount"`
		Moved  bool         `json:"moved"`
		credits
	}{t.Ref, t.Amount, after.Granted != before.Granted, credits{after.Granted, after.Spent}}}, nil
}
