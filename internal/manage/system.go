package manage

import (
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
)

// systemRow is the gateway as whoever runs it sees it.
type systemRow struct {
	Version   string       `json:"version"`
	Go        string       `json:"go_version"`
	Demo      bool         `json:"demo"`
	Started   string       `json:"started_at"`
	Uptime    int64        `json:"uptime_seconds"`
	Running   int64        `json:"requests_in_flight"`
	Process   processRow   `json:"process"`
	Catalogue catalogueRow `json:"catalog"`
	Store     storeRow     `json:"store"`
	Ill       []illRow     `json:"endpoints_out"`
}

type processRow struct {
	Memory     uint64 `json:"memory_bytes"` // held by the process
	Heap       uint64 `json:"heap_bytes"`   // in use of that
	Goroutines int    `json:"goroutines"`
	CPUs       int    `json:"cpus"`
}

// catalogueRow counts what there is, and what of it can be called.
type catalogueRow struct {
	Revision  string  `json:"revision"`
	Models    int     `json:"models"`
	Usable    int     `json:"models_usable"`
	Endpoints int     `json:"endpoints"`
	Callable  int     `json:"endpoints_usable"`
	Providers int     `json:"providers"`
	Connected int     `json:"providers_connected"`
	Prices    *string `json:"prices_as_of"` // date of the newest price
}

type storeRow struct {
	Kind     string `json:"kind"`
	Schema   int64  `json:"schema_version"`
	Bytes    int64  `json:"database_bytes"`
	Journal  int64  `json:"journal_bytes"`
	Archive  *int64 `json:"archive_bytes"`
	Holds    int    `json:"open_holds"`
	Queued   int    `json:"writes_queued"`
	Writable bool   `json:"writable"`
}

// illRow is an endpoint that routing moves back at the moment.
type illRow struct {
	Endpoint string    `json:"endpoint"`
	State    condition `json:"state"`
	Until    *string   `json:"until"` // null: until calls go well
}

// getSystem is how the gateway is doing as a whole.
func (a *API) getSystem(c *call) (any, error) {
	s, err := a.storeRow(c)
	if err != nil {
		return nil, err
	}
	snap := a.Catalog()
	return data{systemRow{
		Version: a.Version, Go: runtime.Version(), Demo: a.Demo(),
		Started: timestamp(a.Started), Uptime: int64(c.now.Sub(a.Started) / time.Second), Running: a.Running(),
		Process: newProcessRow(), Catalogue: newCatalogueRow(snap), Store: s,
		Ill: newIllRows(snap, a.Health.Snapshot(c.now)),
	}}, nil
}

func (a *API) storeRow(c *call) (storeRow, error) {
	s, err := a.Store.Status(c.Context())
	if err != nil {
		return storeRow{}, stored("ask the store how it is", err)
	}
	row := storeRow{Kind: s.Kind, Schema: s.Schema, Bytes: s.Bytes, Journal: s.Journal, Holds: s.Holds, Queued: s.Queued, Writable: s.Failing == nil}
	if a.Archive != nil {
		n, err := a.Archive()
		if err != nil {
			return row, stored("ask the archive for its size", err)
		}
		row.Archive = &n
	}
	return row, nil
}

func newProcessRow() processRow {
	figures := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(figures)
	return processRow{
		Memory: figures[0].Value.Uint64() - figures[1].Value.Uint64(), Heap: figures[2].Value.Uint64(),
		Goroutines: runtime.NumGoroutine(), CPUs: runtime.GOMAXPROCS(0),
	}
}

func newCatalogueRow(snap *catalog.Snapshot) catalogueRow {
	row := catalogueRow{Revision: snap.Revision(), Models: len(snap.Models()), Endpoints: len(snap.AllEndpoints()), Providers: len(snap.Providers())}
	usable, connected := map[*catalog.Model]bool{}, map[*catalog.Provider]bool{}
	newest := ""
	for _, e := range snap.AllEndpoints() {
		if e.Pricing != nil {
			newest = max(newest, e.Source.AsOf)
		}
		if e.Live {
			connected[e.Provider] = true
		}
		if e.Live && e.Pricing != nil {
			usable[e.Model] = true
			row.Callable++
		}
	}
	row.Usable, row.Connected, row.Prices = len(usable), len(connected), present(newest)
	return row
}

func newIllRows(snap *catalog.Snapshot, h *health.Snapshot) []illRow {
	rows := []illRow{}
	for _, e := range snap.AllEndpoints() {
		if state := conditionOf(h.Of(e.ID)); e.Live && state != "normal" {
			rows = append(rows, illRow{e.ID, state, until(h.Of(e.ID))})
		}
	}
	return rows
}

func until(h *health.Endpoint) *string {
	if h.UntilMS == 0 {
		return nil
	}
	return since(time.UnixMilli(h.UntilMS))
}

// healthRow is what is known of an endpoint from its calls.
type healthRow struct {
	Endpoint   string       `json:"endpoint"`
	Model      string       `json:"model_id"`
	Provider   string       `json:"provider_name"`
	Tag        string       `json:"tag"`
	State      condition    `json:"state"`
	Until      *string      `json:"until"`
	Uptime5m   *float64     `json:"uptime_last_5m"` // percent
	Uptime30m  *float64     `json:"uptime_last_30m"`
	Uptime1d   *float64     `json:"uptime_last_1d"`
	Latency5m  *percentiles `json:"latency_last_5m"` // ms to the first content
	Latency30m *percentiles `json:"latency_last_30m"`
	Speed5m    *percentiles `json:"throughput_last_5m"` // tokens per second
	Speed30m   *percentiles `json:"throughput_last_30m"`
}

// listHealth is how the endpoints are that the caller can use.
func (a *API) listHealth(c *call) (any, error) {
	v, h := a.viewer(c), a.Health.Snapshot(c.now)
	rows := []healthRow{}
	for _, e := range v.everyUsable() {
		row := newHealthRow(e, h.Of(e.ID))
		if !c.seesSpeed() {
			row.Latency5m, row.Latency30m, row.Speed5m, row.Speed30m = nil, nil, nil, nil
		}
		rows = append(rows, row)
	}
	return data{rows}, nil
}

func newHealthRow(e *catalog.Endpoint, h *health.Endpoint) healthRow {
	return healthRow{
		Endpoint: e.ID, Model: e.Model.Slug, Provider: e.Provider.Name, Tag: e.Tag, State: conditionOf(h), Until: until(h),
		Uptime5m: h.Uptime5m, Uptime30m: h.Uptime30m, Uptime1d: h.Uptime1d,
		Latency5m: newPercentiles(h.Last5m.Latency, 1000), Latency30m: newPercentiles(h.Last30m.Latency, 1000),
		Speed5m: newPercentiles(h.Last5m.Throughput, 1), Speed30m: newPercentiles(h.Last30m.Throughput, 1),
	}
}
