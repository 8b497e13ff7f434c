package gateway

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// metadata is openrouter_metadata (reference §4.18): how the request was routed, with the
// reason for every endpoint. It is built only for clients that ask, so it may be slow.
func (x *exchange) metadata(failed bool) []byte {
	if x.req == nil || !x.req.WantsMeta || len(x.plan.Steps)+len(x.plan.Dropped) == 0 {
		return nil
	}
	type endpoint struct {
		Provider string   `json:"provider"`
		Model    string   `json:"model"`
		Selected bool     `json:"selected"`
		Reasons  []string `json:"reasons,omitempty"`
	}
	type excluded struct {
		Provider string `json:"provider"`
		Model    string `json:"model"`
		Reason   string `json:"reason"`
	}
	type attempt struct {
		Provider string `json:"provider"`
		Model    string `json:"model"`
		Status   int    `json:"status"`
	}
	m := struct {
		Requested string `json:"requested"`
		Strategy  string `json:"strategy"`
		Region    string `json:"region"`
		Summary   string `json:"summary"`
		Attempt   int    `json:"attempt"`
		BYOK      bool   `json:"is_byok"`
		Endpoints struct {
			Total     int        `json:"total"`
			Available []endpoint `json:"available"`
			Excluded  []excluded `json:"excluded,omitempty"`
		} `json:"endpoints"`
		Attempts []attempt  `json:"attempts,omitempty"`
		Dropped  []llm.Loss `json:"dropped,omitempty"`
		Shape    *shape     `json:"structured_output,omitempty"`
		Pipeline []stage    `json:"pipeline,omitempty"`
	}{Pipeline: x.pipeline(), BYOK: x.rec.BYOK, Requested: x.rec.Asked, Strategy: "direct", Region: "global", Dropped: x.rec.Lost}
	if !failed {
		m.Shape = x.shape
	}
	if len(x.req.Models) > 0 {
		m.Strategy = "fallback"
	}
	m.Endpoints.Total = len(x.plan.Steps) + len(x.plan.Dropped)
	for _, s := range x.plan.Steps {
		e := endpoint{s.Endpoint.Provider.Name, s.Model, !failed && s.Endpoint.ID == x.rec.Endpoint, nil}
		for _, r := range s.Reasons {
			e.Reasons = append(e.Reasons, string(r))
		}
		m.Endpoints.Available = append(m.Endpoints.Available, e)
	}
	for _, d := range x.plan.Dropped {
		m.Endpoints.Excluded = append(m.Endpoints.Excluded, excluded{d.Endpoint.Provider.Name, d.Model, string(d.Reason)})
	}
	for _, a := range x.rec.Attempts {
		m.Attempts = append(m.Attempts, attempt{a.Provider, a.Model, a.Status})
	}
	m.Attempt = len(m.Attempts)
	m.Summary = fmt.Sprintf("%d of %d endpoints eligible, attempt %d", len(x.plan.Steps), m.Endpoints.Total, m.Attempt)
	raw, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	return raw
}

// stage is a step of the pipeline that did something to the request (reference §4.18).
type stage struct {
	Type      string                `json:"type"`
	Name      string                `json:"name"`
	Summary   string                `json:"summary"`
	Guardrail string                `json:"guardrail_id,omitempty"`
	Data      []generation.Filtered `json:"data,omitempty"`
}

// pipeline is what content filters did, guardrail by guardrail.
func (x *exchange) pipeline() (stages []stage) {
	for _, f := range x.rec.Filtered {
		i := slices.IndexFunc(stages, func(s stage) bool { return s.Guardrail == f.Guardrail })
		if i < 0 {
			i = len(stages)
			stages = append(stages, stage{Type: "guardrail", Name: "content-filter", Guardrail: f.Guardrail})
		}
		s := &stages[i]
		s.Data = append(s.Data, f)
		if s.Summary != "" {
			s.Summary += ", "
		}
		s.Summary += fmt.Sprintf("%d × %s: %s", f.Count, f.Filter, f.Action)
		if f.Answer {
			s.Summary += " (answer)"
		}
	}
	return stages
}
