package sqlite

import (
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// A row is a generation record as the table has it: columns for what is asked by, and
// the rest as one JSON blob (detail.go).
type row struct {
	id, upstream, model, provider, endpoint string
	outcome                                 generation.Outcome
	created, settled                        int64 // µs
	day                                     int64 // of the hold: where use is counted
	account                                 ledger.AccountID
	ledger.Spender
	prompt, completion int64
	cost, loss, byok   money.Amount
	detail             []byte
	sample             analytics.Sample
	searched           searched
}

var rows = sync.Pool{New: func() any { return new(row) }}

// newRow copies what the record says; the hold and the outcome come with settled.
func newRow(rec *generation.Record) *row {
	r := rows.Get().(*row)
	*r = row{
		id: rec.ID, upstream: rec.Upstream, model: rec.Model, provider: rec.Provider, endpoint: rec.Endpoint,
		outcome: rec.Outcome, created: rec.Created.UnixMicro(),
		prompt: rec.Usage.Prompt(), completion: rec.Usage.Completion(),
		detail: appendDetail(r.detail[:0], rec), sample: analytics.NewSample(rec),
	}
	r.searched.of(rec)
	return r
}

// settle adds what the ledger decided.
func (r *row) settle(h *openHold, out ledger.Outcome, byok money.Amount, at time.Time) {
	r.account, r.Spender, r.day = h.Account, h.Spender, h.at[daily]
	r.cost, r.loss, r.byok, r.settled = out.Charged, out.Loss, byok, at.UnixMicro()
	r.charge()
}

// charge tells the sample and the digest what the row says beyond the record.
func (r *row) charge() {
	r.searched.spent(r.account, &r.Spender)
	r.sample.Workspace, r.sample.Member, r.sample.Key = r.Workspace, r.Member, string(r.Key)
	r.sample.Charge(r.cost, r.loss, r.byok)
}

// resample makes the sample of a row that was read back.
func (r *row) resample() error {
	rec := &generation.Record{Model: r.model, Provider: r.provider, Endpoint: r.endpoint, Outcome: r.outcome}
	if err := readCounted(r.detail, rec); err != nil {
		return fmt.Errorf("detail of generation %s: %w", r.id, err)
	}
	r.sample = analytics.NewSample(rec)
	r.sample.Sums[analytics.Prompt], r.sample.Sums[analytics.Completion] = r.prompt, r.completion
	r.charge()
	return nil
}

func (r *row) free() { rows.Put(r) }

const recordColumns = `id, upstream, created, account, key, member, workspace, model, provider, endpoint, outcome, cost, loss, detail`

// recordWidth is how many they are.
const recordWidth = 14

// scanRecord is the reverse of newRow.
func scanRecord(scan func(...any) error) (*generation.Record, error) {
	var v [recordWidth]driver.Value
	var to [recordWidth]any
	for i := range v {
		to[i] = &v[i]
	}
	if err := scan(to[:]...); err != nil {
		return nil, err
	}
	rec, detail := recordFrom(v[:])
	if err := readDetail(detail, rec); err != nil {
		return nil, fmt.Errorf("detail of generation %s: %w", rec.ID, err)
	}
	return rec, nil
}

// recordFrom is what the values of recordColumns say. The detail is not read, and is the
// caller's of the values.
func recordFrom(v []driver.Value) (rec *generation.Record, detail []byte) {
	rec = &generation.Record{
		ID: text(v[0]), Upstream: text(v[1]), Created: time.UnixMicro(integer(v[2])).UTC(),
		Account: text(v[3]), Key: text(v[4]), Member: text(v[5]), Workspace: text(v[6]),
		Model: text(v[7]), Provider: text(v[8]), Endpoint: text(v[9]), Outcome: generation.Outcome(text(v[10])),
		Cost: money.Amount(integer(v[11])), Loss: money.Amount(integer(v[12])),
	}
	return rec, blob(v[13])
}

// blob is a value that may be stored as a text too.
func blob(v driver.Value) []byte {
	if s, ok := v.(string); ok {
		return []byte(s)
	}
	b, _ := v.([]byte)
	return b
}

func integer(v driver.Value) int64 { n, _ := v.(int64); return n }
