package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// A Diff is one field in which the client's view and the recording's differ.
type Diff struct {
	Field string `json:"field"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

func (d Diff) String() string {
	return fmt.Sprintf("%s: want %s, got %s", d.Field, clip(d.Want), clip(d.Got))
}

func clip(s string) string {
	const most = 160
	if len(s) > most {
		s = s[:most/2] + " … " + s[len(s)-most/2:]
	}
	return fmt.Sprintf("%q", s)
}

// Compare lists the differences between what a recording says and what the client saw.
func Compare(x *Exchange, want, got *Result) []Diff { return CompareOn(Chat, x, want, got) }

// CompareOn is Compare for a client of any surface: what a surface has no name for is not
// asked of it.
func CompareOn(s Surface, x *Exchange, want, got *Result) []Diff {
	d := &differ{x: x, s: s}
	for _, f := range got.Faults {
		d.add("shape", "", f)
	}
	switch {
	case want.Failure != nil:
		d.failure(want.Failure, got)
	case !want.Whole:
		d.incomplete(got)
	case want.Blocked && d.blocked(got):
	default:
		d.success(want, got)
	}
	return d.diffs
}

type differ struct {
	x     *Exchange
	s     Surface
	diffs []Diff
}

func (d *differ) add(field string, want, got any) {
	d.diffs = append(d.diffs, Diff{field, fmt.Sprint(want), fmt.Sprint(got)})
}

func (d *differ) equal(field string, want, got any) {
	if want != got {
		d.add(field, want, got)
	}
}

func (d *differ) failure(want *Failure, got *Result) {
	f := got.Failure
	if f == nil {
		d.add("error", fmt.Sprintf("%d %s", want.Status, want.Message), "success")
		return
	}
	if d.s != Chat {
		if !f.InStream && len(want.Statuses) > 0 && !slices.Contains(want.Statuses, f.Status) {
			d.add("error.status", fmt.Sprint(want.Statuses), fmt.Sprintf("%d %s", f.Status, f.Message))
		}
		return
	}
	if len(want.Statuses) > 0 && !slices.Contains(want.Statuses, f.Status) {
		d.add("error.status", fmt.Sprint(want.Statuses), fmt.Sprintf("%d %s", f.Status, f.Message))
	}
	if len(want.Types) > 0 && !slices.Contains(want.Types, f.Type) {
		d.add("error.type", strings.Join(want.Types, "|"), f.Type)
	}
}

func (d *differ) incomplete(got *Result) {
	if got.Failure == nil {
		d.add("error", "the recording breaks off before its end", "success")
	}
}

// blocked accepts both ways of telling that a prompt was refused without an answer.
func (d *differ) blocked(got *Result) bool {
	if f := got.Failure; f != nil {
		return d.s != Chat || slices.Contains(policyTypes, f.Type)
	}
	return got.Blocked || len(got.Choices) == 1 && got.Choices[0].Finish == "content_filter"
}

func (d *differ) success(want, got *Result) {
	if got.Failure != nil && !endsInError(want) {
		d.add("error", "success", fmt.Sprintf("%d %s: %s", got.Failure.Status, got.Failure.Type, got.Failure.Message))
		return
	}
	d.equal("choices", len(want.Choices), len(got.Choices))
	for i := range min(len(want.Choices), len(got.Choices)) {
		d.choice(want.Choices[i], got.Choices[i])
	}
	d.usage(want.Usage, got.Usage)
}

func endsInError(r *Result) bool {
	return slices.ContainsFunc(r.Choices, func(c *Choice) bool { return c.Finish == "error" })
}

func (d *differ) choice(want, got *Choice) {
	d.equal("index", want.Index, got.Index)
	want = d.fitting(want, got)
	if want.Text != got.Text && want.Text != withoutCode(got.Text, want.Code) {
		d.add("text", want.Text, got.Text)
	}
	if d.joins(want.Reasoning) != d.joins(got.Reasoning) {
		d.add("reasoning", want.Reasoning, got.Reasoning)
	}
	if d.x.Wire == OpenAI && (d.s == Chat || d.s == Responded) { // the other wires have no such field; a gateway may add an explanation
		d.equal("refusal", want.Refusal, got.Refusal)
	}
	d.equal("images", want.Images, got.Images)
	d.equal("tools", len(want.Tools), len(got.Tools))
	for i := range min(len(want.Tools), len(got.Tools)) {
		d.tool(want.Tools[i], got.Tools[i])
	}
	d.finish(want, got)
}

// joins is reasoning without the line ends that parts may be joined with, where a wire has
// it in parts.
func (d *differ) joins(s string) string {
	if d.s == Chat && d.x.Wire != Responses {
		return s
	}
	return strings.ReplaceAll(s, "\n", "")
}

// fitting puts Cohere's plan, and a refusal on surfaces without such a field, where the
// gateway has put them.
func (d *differ) fitting(want, got *Choice) *Choice {
	w := *want
	switch {
	case w.Plan == "":
	case strings.Contains(got.Reasoning, w.Plan):
		w.Reasoning = w.Plan + w.Reasoning
	default:
		w.Text = w.Plan + w.Text
	}
	if w.Refusal != "" && (d.s == Messages || d.s == Generated) && strings.Contains(got.Text, w.Refusal) {
		w.Text += w.Refusal
	}
	return &w
}

var fenced = regexp.MustCompile("(?s)\n?(```+)[a-z]*\n(.*?)\n?```+\n?")

// withoutCode takes out of a text the fenced blocks that show, in order, what the provider
// ran: a gateway may show it to a client whose wire has no place for it.
func withoutCode(text string, code []string) string {
	var out strings.Builder
	at := 0
	for _, m := range fenced.FindAllStringSubmatchIndex(text, -1) {
		for len(code) > 0 && strings.TrimSpace(code[0]) == "" {
			code = code[1:]
		}
		if len(code) > 0 && strings.TrimSpace(text[m[4]:m[5]]) == strings.TrimSpace(code[0]) {
			out.WriteString(text[at:m[0]])
			at, code = m[1], code[1:]
		}
	}
	return out.String() + text[at:]
}

func (d *differ) tool(want, got *ToolCall) {
	if d.s == Generated && got.ID == "" { // optional there
	} else if want.ID != "" {
		d.equal("tool.id", want.ID, got.ID)
	} else if got.ID == "" {
		d.add("tool.id", "an invented id", "")
	}
	d.equal("tool.name", want.Name, got.Name)
	if d.s == Generated && !json.Valid([]byte(want.Arguments)) { // cut, where arguments must be an object
		var o struct{ Arguments string }
		if json.Unmarshal([]byte(got.Arguments), &o) == nil && o.Arguments == want.Arguments {
			return
		}
	}
	if !sameJSON(want.Arguments, got.Arguments) {
		d.add("tool.arguments", want.Arguments, got.Arguments)
	}
}

// sameJSON compares as values; no arguments and {} are the same, and what is no JSON (a
// call cut by max_tokens) must be the same text.
func sameJSON(a, b string) bool {
	va, errA := decodeArguments(a)
	vb, errB := decodeArguments(b)
	if errA != nil || errB != nil {
		return a == b
	}
	return reflect.DeepEqual(va, vb)
}

func decodeArguments(s string) (any, error) {
	if strings.TrimSpace(s) == "" {
		return map[string]any{}, nil
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader([]byte(s)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, fmt.Errorf("text after the arguments")
	}
	return v, nil
}

// finish compares the normalised reasons. OpenAI itself says stop after a forced call, and
// some hosts say nothing: then stop and tool_calls fit as the calls do.
func (d *differ) finish(want, got *Choice) {
	derived := "stop"
	if len(want.Tools) > 0 {
		derived = "tool_calls"
	}
	switch {
	case want.Finish == got.Finish:
	case want.Finish == "" && want.Native == "" && got.Finish == derived:
	case want.Finish == "stop" && d.x.Wire == OpenAI && got.Finish == derived:
	case want.Finish == "" && want.Native != "": // a word nobody has mapped: any reason will do
	default:
		d.add("finish_reason", orNone(want.Finish, want.Native), got.Finish)
	}
}

func orNone(finish, native string) string {
	if finish == "" && native == "" {
		return "stop or tool_calls (the upstream gave none)"
	}
	return finish
}

// usage compares every class. Without counts in the recording the gateway estimates, and
// only its own sum is checked.
func (d *differ) usage(want, got *Usage) {
	if got == nil {
		if want != nil {
			d.add("usage", fmt.Sprintf("%+v", *want), "none")
		}
		return
	}
	sum := got.Prompt + got.Completion
	if got.Total != sum && (want == nil || got.Total != want.Total) {
		d.add("usage.total", sum, got.Total)
	}
	if want == nil {
		return
	}
	d.equal("usage.prompt", want.Prompt, got.Prompt)
	d.equal("usage.completion", want.Completion, got.Completion)
	d.equal("usage.cache_read", want.CacheRead, got.CacheRead)
	if d.s != Chat && got.CacheWrite == 0 && d.s != Messages { // no such field
	} else if want.CacheRead+want.CacheWrite <= want.Prompt { // else the upstream counts the same tokens twice
		d.equal("usage.cache_write", want.CacheWrite, got.CacheWrite)
	}
	if d.s != Messages || got.Reasoning != 0 { // no such field in most of its versions
		d.equal("usage.reasoning", want.Reasoning, got.Reasoning)
	}
}
