package sqlite

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// appendDetail writes what of a record has no column, under the names that encoding/json
// reads it by; what is zero is left out. Written by hand because every request pays for
// it. A test fills every field of a record and compares what comes back.
func appendDetail(dst []byte, r *generation.Record) []byte {
	o := object{append(dst, '{')}
	o.text("api", r.API)
	o.text("surface", string(r.Surface))
	o.text("asked", r.Asked)
	if r.Preset != nil {
		o.open("preset", '{')
		o.text("id", r.Preset.ID)
		o.text("slug", r.Preset.Slug)
		o.number("version", r.Preset.Version)
		o.close('}')
	}
	o.flag("streamed", r.Streamed)
	o.flag("byok", r.BYOK)
	o.text("finish", string(r.Finish))
	o.text("native_finish", r.Native)
	o.flag("cancelled", r.Cancelled)
	if r.Error != nil {
		o.open("error", '{')
		o.number("status", int64(r.Error.Status))
		o.text("type", r.Error.Type)
		o.text("message", r.Error.Message)
		o.close('}')
	}
	o.text("service_tier", r.Tier)
	o.text("structured", r.Structured)
	o.usage(&r.Usage)
	o.text("usage_state", r.UsageState)
	o.lines(r.Lines)
	o.amount("upstream_cost", r.List)
	o.text("reported_cost", r.Reported)
	o.number("latency_ms", r.LatencyMS)
	o.number("generation_ms", r.GenerationMS)
	o.number("prompt_bytes", r.PromptBytes)
	o.number("answer_bytes", r.AnswerBytes)
	o.attempts(r)
	o.decision(r.Decision)
	o.losses(r.Lost)
	o.filtered(r.Filtered)
	o.moderated(r.Moderated)
	o.text("purpose", r.Purpose)
	o.text("for", r.For)
	o.text("receipt", r.Receipt)
	o.text("referer", r.Referer)
	o.text("title", r.Title)
	o.text("user_agent", r.UserAgent)
	o.text("user", r.User)
	o.text("session", r.Session)
	o.text("request_id", r.RequestID)
	o.close('}')
	return o.b
}

// answered reports whether an attempt is the one that the columns of its record tell of.
func answered(a *generation.Attempt, r *generation.Record) bool {
	return a.Endpoint != "" && a.Endpoint == r.Endpoint && a.Provider == r.Provider && a.Model == r.Model && a.UpstreamID == r.Upstream
}

// readDetail is the reverse of appendDetail, for a record that has its columns.
func readDetail(detail []byte, r *generation.Record) error {
	err := json.Unmarshal(detail, r)
	for i := range r.Attempts {
		if a := &r.Attempts[i]; a.Endpoint == "" {
			a.Endpoint, a.Provider, a.Model, a.UpstreamID = r.Endpoint, r.Provider, r.Model, r.Upstream
		}
	}
	return err
}

func (o *object) usage(u *llm.Usage) {
	o.open("usage", '{')
	o.number("State", int64(u.State))
	o.number("Input", u.Input)
	o.number("CacheRead", u.CacheRead)
	o.number("CacheWrite", u.CacheWrite)
	o.number("CacheWrite5m", u.CacheWrite5m)
	o.number("CacheWrite1h", u.CacheWrite1h)
	o.number("AudioInput", u.AudioInput)
	o.number("ImageInput", u.ImageInput)
	o.number("VideoInput", u.VideoInput)
	o.number("Output", u.Output)
	o.number("Reasoning", u.Reasoning)
	o.number("AudioOutput", u.AudioOutput)
	o.number("ImageOutput", u.ImageOutput)
	o.number("AcceptedPrediction", u.AcceptedPrediction)
	o.number("RejectedPrediction", u.RejectedPrediction)
	o.number("WebSearches", u.WebSearches)
	o.number("WebFetches", u.WebFetches)
	o.number("Images", u.Images)
	o.number("Searches", u.Searches)
	o.number("Characters", u.Characters)
	o.number("AudioMillis", u.AudioMillis)
	o.text("ServiceTier", u.ServiceTier)
	o.text("Cost", u.Cost)
	if len(u.Raw) > 0 {
		o.key("Raw")
		o.b = append(base64.StdEncoding.AppendEncode(append(o.b, '"'), u.Raw), '"')
	}
	o.close('}')
}

func (o *object) lines(lines []generation.ChargeLine) {
	if len(lines) == 0 {
		return
	}
	o.open("lines", '[')
	for i := range lines {
		o.element('{')
		o.text("class", lines[i].Class)
		o.number("units", lines[i].Units)
		o.text("price", lines[i].Price.String())
		o.close('}')
	}
	o.close(']')
}

func (o *object) attempts(r *generation.Record) {
	if len(r.Attempts) == 0 {
		return
	}
	o.open("attempts", '[')
	for i := range r.Attempts {
		a := &r.Attempts[i]
		o.element('{')
		columns := answered(a, r) // have it already
		if !columns {
			o.text("endpoint", a.Endpoint)
			o.text("provider", a.Provider)
			o.text("model", a.Model)
		}
		o.number("status", int64(a.Status))
		o.text("kind", a.Kind)
		o.text("message", a.Message)
		o.number("start_ms", a.StartMS)
		o.number("headers_ms", a.HeadersMS)
		o.number("first_ms", a.FirstMS)
		o.number("end_ms", a.EndMS)
		if !columns {
			o.text("upstream_id", a.UpstreamID)
		}
		o.amount("loss", a.Loss)
		o.flag("byok", a.BYOK)
		o.losses(a.Lost)
		o.close('}')
	}
	o.close(']')
}

func (o *object) decision(d *generation.Decision) {
	if d == nil {
		return
	}
	o.open("decision", '{')
	o.text("catalog", d.Catalog)
	o.unsigned("health", d.Health)
	o.unsigned("seed", d.Seed)
	if len(d.Steps) > 0 {
		o.open("steps", '[')
		for i := range d.Steps {
			o.element('{')
			o.text("endpoint", d.Steps[i].Endpoint)
			o.text("byok_id", d.Steps[i].Own)
			o.texts("reasons", d.Steps[i].Reasons)
			o.close('}')
		}
		o.close(']')
	}
	if len(d.Dropped) > 0 {
		o.open("dropped", '[')
		for i := range d.Dropped {
			o.element('{')
			o.text("endpoint", d.Dropped[i].Endpoint)
			o.text("reason", d.Dropped[i].Reason)
			o.close('}')
		}
		o.close(']')
	}
	o.close('}')
}

func (o *object) losses(losses []llm.Loss) {
	if len(losses) == 0 {
		return
	}
	o.open("losses", '[')
	for i := range losses {
		o.element('{')
		o.text("path", losses[i].Path)
		o.text("why", losses[i].Why)
		o.close('}')
	}
	o.close(']')
}

func (o *object) filtered(list []generation.Filtered) {
	if len(list) == 0 {
		return
	}
	o.open("filtered", '[')
	for i := range list {
		o.element('{')
		o.text("guardrail", list[i].Guardrail)
		o.text("filter", list[i].Filter)
		o.text("action", list[i].Action)
		o.number("count", list[i].Count)
		o.flag("answer", list[i].Answer)
		o.close('}')
	}
	o.close(']')
}

func (o *object) moderated(list []generation.Moderated) {
	if len(list) == 0 {
		return
	}
	o.open("moderated", '[')
	for i := range list {
		m := &list[i]
		o.element('{')
		o.text("guardrail", m.Guardrail)
		o.text("model", m.Model)
		o.text("generation", m.Generation)
		o.text("action", m.Action)
		o.texts("categories", m.Categories)
		o.text("failed", m.Failed)
		o.amount("cost", m.Cost)
		o.close('}')
	}
	o.close(']')
}

// object appends members of JSON objects and elements of arrays, with commas between.
type object struct{ b []byte }

func (o *object) comma() {
	if c := o.b[len(o.b)-1]; c != '{' && c != '[' {
		o.b = append(o.b, ',')
	}
}

func (o *object) key(name string) {
	o.comma()
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *object) open(name string, bracket byte) {
	o.key(name)
	o.b = append(o.b, bracket)
}

func (o *object) element(bracket byte) {
	o.comma()
	o.b = append(o.b, bracket)
}

func (o *object) close(bracket byte) { o.b = append(o.b, bracket) }

func (o *object) text(name, v string) {
	if v != "" {
		o.key(name)
		o.b = rawjson.AppendString(o.b, v)
	}
}

func (o *object) texts(name string, v []string) {
	if len(v) == 0 {
		return
	}
	o.open(name, '[')
	for _, s := range v {
		o.comma()
		o.b = rawjson.AppendString(o.b, s)
	}
	o.close(']')
}

func (o *object) number(name string, v int64) {
	if v != 0 {
		o.key(name)
		o.b = strconv.AppendInt(o.b, v, 10)
	}
}

func (o *object) unsigned(name string, v uint64) {
	if v != 0 {
		o.key(name)
		o.b = strconv.AppendUint(o.b, v, 10)
	}
}

func (o *object) flag(name string, v bool) {
	if v {
		o.key(name)
		o.b = append(o.b, "true"...)
	}
}

func (o *object) amount(name string, v money.Amount) {
	if v != 0 {
		o.key(name)
		o.b = v.Append(o.b)
	}
}
