package manage

import (
	"cmp"
	"math"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/health"
)

// endpointRow is an endpoint in OpenRouter's shape (reference §8, PublicEndpoint).
type endpointRow struct {
	Name         string       `json:"name"`
	Model        string       `json:"model_id"`
	ModelName    string       `json:"model_name"`
	Provider     string       `json:"provider_name"`
	Tag          string       `json:"tag"`
	Context      int64        `json:"context_length"` // tokens, 0 unknown
	MaxPrompt    *int64       `json:"max_prompt_tokens"`
	MaxOutput    *int64       `json:"max_completion_tokens"`
	Quantization *string      `json:"quantization"`
	Pricing      pricing      `json:"pricing"`
	Parameters   []string     `json:"supported_parameters"`
	ToolChoice   toolChoice   `json:"supports_tool_choice"`
	Caching      bool         `json:"supports_implicit_caching"`
	Status       int          `json:"status"`
	Uptime5m     *float64     `json:"uptime_last_5m"` // percent
	Uptime30m    *float64     `json:"uptime_last_30m"`
	Uptime1d     *float64     `json:"uptime_last_1d"`
	Latency      *percentiles `json:"latency_last_30m"`    // ms to the first content
	Throughput   *percentiles `json:"throughput_last_30m"` // tokens per second

	Needs string `json:"needs,omitempty"` // ours: what makes it live
	ZDR   bool   `json:"zdr"`             // ours: known to keep nothing
}

// toolChoice is which values of tool_choice an endpoint takes. The catalogue knows only
// whether it takes the parameter, and whether it takes tools.
type toolChoice struct {
	Auto     bool `json:"auto"`
	None     bool `json:"none"`
	Required bool `json:"required"`
	Function bool `json:"function"`
}

func newToolChoice(parameters []string) toolChoice {
	takes := slices.Contains(parameters, "tool_choice")
	return toolChoice{Auto: takes || slices.Contains(parameters, "tools"), None: takes, Required: takes, Function: takes}
}

type percentiles struct {
	P50 float64 `json:"p50"`
	P75 float64 `json:"p75"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// listEndpoints is where the caller's requests for a model may go, and with all=true where
// they might.
func (a *API) listEndpoints(c *call) (any, error) {
	p := c.params()
	all := p.flag("all")
	if p.err != nil {
		return nil, p.err
	}
	l, err := a.findModel(c)
	if err != nil {
		return nil, err
	}
	v := a.viewer(c)
	list := v.usable(l.model)
	if all {
		list = v.snap.Endpoints(l.model.Slug)
	}
	return data{struct {
		ID          string        `json:"id"`
		Name        string        `json:"name"`
		Created     int64         `json:"created"`
		Description string        `json:"description"`
		Arch        architecture  `json:"architecture"`
		Endpoints   []endpointRow `json:"endpoints"`
	}{l.model.Slug, l.model.Name, l.model.Created, l.model.Description, l.architecture(), a.endpointRows(c, list)}}, nil
}

// listZDR is the usable endpoints that are known to keep nothing.
func (a *API) listZDR(c *call) (any, error) {
	list := slices.DeleteFunc(a.viewer(c).everyUsable(), func(e *catalog.Endpoint) bool { return !e.Data.ZDR() })
	return data{a.endpointRows(c, list)}, nil
}

func live(e *catalog.Endpoint) bool { return e.Live }

func (a *API) endpointRows(c *call, list []*catalog.Endpoint) []endpointRow {
	h := a.Health.Snapshot(c.now)
	rows := []endpointRow{}
	for _, e := range list {
		row := newEndpointRow(e, h.Of(e.ID))
		if !c.seesSpeed() {
			row.Latency, row.Throughput = nil, nil
		}
		rows = append(rows, row)
	}
	return rows
}

// seesSpeed reports whether the caller learns how fast endpoints are: OpenRouter shows it to
// key holders only.
func (c *call) seesSpeed() bool { return c.governed() != nil || c.trusted }

func newEndpointRow(e *catalog.Endpoint, h *health.Endpoint) endpointRow {
	return endpointRow{
		Name: e.Provider.Name + ": " + e.Model.Name, Model: e.Model.Slug, ModelName: e.Model.Name,
		Provider: e.Provider.Name, Tag: e.Tag,
		Context: cmp.Or(e.ContextLength, e.Model.ContextLength), MaxPrompt: known(e.MaxPrompt), MaxOutput: known(e.MaxOutput),
		Quantization: present(e.Quantization), Pricing: newPricing(e.Pricing),
		Parameters: notNil(e.Parameters), Caching: e.ImplicitCaching, ToolChoice: newToolChoice(e.Parameters),
		Status: status(h), Uptime5m: h.Uptime5m, Uptime30m: h.Uptime30m, Uptime1d: h.Uptime1d,
		Latency:    newPercentiles(h.Last30m.Latency, 1000),
		Throughput: newPercentiles(h.Last30m.Throughput, 1),
		Needs:      e.Needs, ZDR: e.Data.ZDR(),
	}
}

// status is one of OpenRouter's values, of which only 0, normal, is documented; the lower,
// the worse.
func status(h *health.Endpoint) int { return conditions[conditionOf(h)] }

// condition is how an endpoint is, in a word.
type condition string

// conditionOf is the worst of what is known of an endpoint.
func conditionOf(h *health.Endpoint) condition {
	switch {
	case h.Breaker == health.Open:
		return "paused"
	case h.Outage:
		return "outage"
	case h.Breaker == health.Probing:
		return "probing"
	case h.BackOff:
		return "rate_limited"
	}
	return "normal"
}

// conditions are all of them, with their status.
var conditions = map[condition]int{"normal": 0, "rate_limited": -1, "probing": -2, "outage": -3, "paused": -5}

// newPercentiles scales a window's figures and rounds them to thousandths.
func newPercentiles(p health.Percentiles, scale float64) *percentiles {
	if !p.Known() {
		return nil
	}
	round := func(v float64) float64 { return math.Round(v*scale*1000) / 1000 }
	return &percentiles{round(p.P50), round(p.P75), round(p.P90), round(p.P99)}
}
