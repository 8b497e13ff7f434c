package manage

import (
	"cmp"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// generationRow is a record in OpenRouter's shape (reference §3.14).
type generationRow struct {
	ID       string  `json:"id"`
	Upstream *string `json:"upstream_id"`
	Created  string  `json:"created_at"`
	API      *string `json:"api_type"`
	Model    string  `json:"model"`
	Provider *string `json:"provider_name"`
	spent
	Streamed  bool    `json:"streamed"`
	Cancelled bool    `json:"cancelled"`
	Finish    *string `json:"finish_reason"`
	Native    *string `json:"native_finish_reason"`
	Latency   *int64  `json:"latency"`         // ms to the first content
	Time      *int64  `json:"generation_time"` // ms to the end
	Tier      *string `json:"service_tier"`
	Region    string  `json:"data_region"`
	Origin    string  `json:"origin"`
	Referer   *string `json:"http_referer"`
	UserAgent *string `json:"user_agent"`
	User      *string `json:"external_user"`
	Session   *string `json:"session_id"`
	RequestID *string `json:"request_id"`
	Workspace *string `json:"workspace_id"`
	Preset    *string `json:"preset_id"`
	tokens
	unmeasured
	Responses []providerResponse `json:"provider_responses"`
	Ours      explanation        `json:"dragoman"`
}

// spent is what a request cost.
type spent struct {
	Usage     money.Amount  `json:"usage"`
	Cost      money.Amount  `json:"total_cost"`
	BYOK      bool          `json:"is_byok"`
	Elsewhere *money.Amount `json:"upstream_inference_cost"` // at list price, when paid elsewhere
}

func newSpent(r *generation.Record) spent {
	s := spent{Usage: r.Cost, Cost: r.Cost, BYOK: r.BYOK}
	if r.BYOK {
		s.Elsewhere = &r.List
	}
	return s
}

// tokens are as the provider counted them: there is no second tokenizer here.
type tokens struct {
	Prompt           int64 `json:"tokens_prompt"`
	Completion       int64 `json:"tokens_completion"`
	NativePrompt     int64 `json:"native_tokens_prompt"`
	NativeCompletion int64 `json:"native_tokens_completion"`
	NativeImages     int64 `json:"native_tokens_completion_images"`
	NativeReasoning  int64 `json:"native_tokens_reasoning"`
	NativeCached     int64 `json:"native_tokens_cached"`
	Fetches          int64 `json:"num_fetches"`
}

// unmeasured members are always null: nothing here measures them.
type unmeasured struct {
	App           *int64  `json:"app_id"`
	CacheDiscount *int64  `json:"cache_discount"`
	Moderation    *int64  `json:"moderation_latency"`
	AudioPrompt   *int64  `json:"num_input_audio_prompt"`
	MediaOut      *int64  `json:"num_media_completion"`
	MediaIn       *int64  `json:"num_media_prompt"`
	SearchResults *int64  `json:"num_search_results"`
	CacheSource   *string `json:"response_cache_source_id"`
	Router        *string `json:"router"`
	SearchEngine  *string `json:"web_search_engine"`
}

// providerResponse is one attempt in OpenRouter's shape.
type providerResponse struct {
	ID       string `json:"id,omitempty"`
	Endpoint string `json:"endpoint_id"`
	Model    string `json:"model_permaslug,omitempty"`
	Provider string `json:"provider_name"`
	Status   *int   `json:"status"`
	Latency  int64  `json:"latency"` // ms to the first content, or to the failure
	BYOK     bool   `json:"is_byok"`
}

// explanation is what our record says beyond OpenRouter's: why the request went where it
// went, and how the charge comes about.
type explanation struct {
	Outcome  generation.Outcome      `json:"outcome"`
	Asked    string                  `json:"asked"`
	Endpoint string                  `json:"endpoint"`
	Error    *generation.Failure     `json:"error"`
	Attempts []generation.Attempt    `json:"attempts"`
	Decision *generation.Decision    `json:"decision"`
	Losses   []llm.Loss              `json:"losses"`
	Lines    []generation.ChargeLine `json:"lines"`
	State    string                  `json:"usage_state"`
	List     money.Amount            `json:"upstream_cost"`
	Loss     money.Amount            `json:"loss"`
	Reported string                  `json:"reported_cost"`
	Diverges bool                    `json:"cost_diverges"`
	Shape    string                  `json:"structured"`
	Filtered []generation.Filtered   `json:"filtered,omitempty"`
	Judged   []generation.Moderated  `json:"moderated,omitempty"`
	Purpose  string                  `json:"purpose,omitempty"`
	For      string                  `json:"for,omitempty"`
	Preset   *generation.Preset      `json:"preset,omitempty"`
	Receipt  bool                    `json:"receipt"` // there is one
	Feedback *feedbackRow            `json:"feedback"`
}

func newGenerationRow(r *generation.Record, snap *catalog.Snapshot) generationRow {
	row := generationRow{
		ID: r.ID, Upstream: present(r.Upstream), Created: timestamp(r.Created), API: present(r.API),
		Model: cmp.Or(r.Model, r.Asked), Provider: present(r.Provider),
		spent:    newSpent(r),
		Streamed: r.Streamed, Cancelled: r.Cancelled, Finish: present(string(r.Finish)), Native: present(r.Native),
		Latency: known(r.LatencyMS), Time: known(r.GenerationMS), Tier: present(r.Tier),
		Region: "global", Origin: analytics.Origin(r.Referer), Referer: present(r.Referer), UserAgent: present(r.UserAgent),
		User: present(r.User), Session: present(r.Session), RequestID: present(r.RequestID), Workspace: present(r.Workspace),
		tokens:    newTokens(&r.Usage),
		Responses: providerResponses(r.Attempts, snap),
		Ours:      explain(r),
	}
	if r.Preset != nil {
		row.Preset = &r.Preset.ID
	}
	return row
}

func newTokens(u *llm.Usage) tokens {
	return tokens{
		Prompt: u.Prompt(), NativePrompt: u.Prompt(),
		Completion: u.Completion(), NativeCompletion: u.Completion(),
		NativeImages: u.ImageOutput, NativeReasoning: u.Reasoning, NativeCached: u.CacheRead, Fetches: u.WebFetches,
	}
}

func providerResponses(attempts []generation.Attempt, snap *catalog.Snapshot) []providerResponse {
	rows := []providerResponse{}
	for i := range attempts {
		t := &attempts[i]
		row := providerResponse{ID: t.UpstreamID, Endpoint: t.Endpoint, Model: t.Model, Provider: t.Provider, BYOK: t.BYOK, Latency: t.EndMS - t.StartMS}
		if m := snap.Model(t.Model); m != nil {
			row.Model = cmp.Or(m.CanonicalSlug, m.Slug)
		}
		if t.FirstMS > 0 {
			row.Latency = t.FirstMS - t.StartMS
		}
		if t.Status != 0 {
			row.Status = &t.Status
		}
		rows = append(rows, row)
	}
	return rows
}

func explain(r *generation.Record) explanation {
	return explanation{
		Outcome: r.Outcome, Asked: r.Asked, Endpoint: r.Endpoint, Error: r.Error,
		Attempts: notNil(r.Attempts), Decision: r.Decision, Losses: notNil(r.Lost), Filtered: r.Filtered, Judged: r.Moderated, Purpose: r.Purpose, For: r.For, Preset: r.Preset, Lines: notNil(r.Lines),
		State: r.UsageState, List: r.List, Loss: r.Loss, Reported: r.Reported, Diverges: r.Diverges(), Shape: r.Structured, Receipt: r.Receipt != "",
	}
}

// notNil makes an empty list [], as clients expect, instead of null.
func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
