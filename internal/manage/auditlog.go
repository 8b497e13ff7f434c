package manage

import (
	"cmp"
	"encoding/json"

	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// listAudit is the account's log, the newest entry first.
func (a *API) listAudit(c *call) (any, error) {
	p := c.params()
	before, _ := p.int("before", 1, maxOffset)
	limit, ok := p.int("limit", 1, 1000)
	if p.err != nil {
		return nil, p.err
	}
	if !ok {
		limit = 50
	}
	log, err := a.Store.AuditLog(c.Context(), store.AuditFilter{Account: a.account(c), Before: before, Limit: int(limit)})
	if err != nil {
		return nil, stored("read the audit log", err)
	}
	rows := []auditRow{}
	for i := range log {
		rows = append(rows, newAuditRow(&log[i]))
	}
	return data{rows}, nil
}

// auditRow is an entry of the audit log as the API shows it. All that its hash is made of is
// there, so that whoever has the rows can check the chain.
type auditRow struct {
	N        int64           `json:"n"`
	At       string          `json:"at"` // to the microsecond
	Account  string          `json:"account"`
	Actor    string          `json:"actor"`
	Address  *string         `json:"address"`
	Action   string          `json:"action"`
	Target   string          `json:"target"`
	Detail   json.RawMessage `json:"detail"`
	Previous string          `json:"previous_hash"`
	Hash     string          `json:"hash"`
}

func newAuditRow(e *audit.Entry) auditRow {
	return auditRow{e.N, e.At.Format("2006-01-02T15:04:05.000000Z"), e.Account, e.Actor, present(e.Address), e.Action, e.Target,
		json.RawMessage(cmp.Or(e.Detail, "{}")), e.Previous.String(), e.Hash.String()}
}
