package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
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

// stage is a step of the pipeline that did something to the request or its answer (reference
// §4.18).
type stage struct {
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	Summary   string         `json:"summary"`
	Guardrail string         `json:"guardrail_id,omitempty"`
	Cost      *money.Amount  `json:"cost_usd,omitempty"`
	Data      map[string]any `json:"data,omitempty"`
}

// pipeline is what content filters did, guardrail by guardrail, and what models said.
func (x *exchange) pipeline() (stages []stage) {
	for _, f := range x.rec.Filtered {
		i := slices.IndexFunc(stages, func(s stage) bool { return s.Guardrail == f.Guardrail })
		if i < 0 {
			i = len(stages)
			stages = append(stages, stage{Type: "guardrail", Name: "content-filter", Guardrail: f.Guardrail, Data: map[string]any{}})
		}
		s := &stages[i]
		list, _ := s.Data["findings"].([]generation.Filtered)
		s.Data["findings"] = append(list, f)
		if s.Summary != "" {
			s.Summary += ", "
		}
		s.Summary += fmt.Sprintf("%d × %s: %s", f.Count, f.Filter, f.Action)
		if f.Answer {
			s.Summary += " (answer)"
		}
	}
	for i := range x.rec.Moderated {
		stages = append(stages, judged(&x.rec.Moderated[i]))
	}
	return stages
}

func judged(m *generation.Moderated) stage {
	s := stage{Type: "guardrail", Name: "moderation", Guardrail: m.Guardrail, Cost: &m.Cost, Data: map[string]any{"model": m.Model, "generation_id": m.Generation, "action": m.Action}}
	switch {
	case m.Failed != "":
		s.Summary = m.Model + " gave no verdict: " + m.Action
		s.Data["failed"] = m.Failed
	case len(m.Categories) > 0:
		s.Summary = strings.Join(m.Categories, ", ") + ": " + m.Action
		s.Data["categories"] = m.Categories
	default:
		s.Summary = m.Action
	}
	return s
}
