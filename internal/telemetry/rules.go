package telemetry

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// fields are what rules can compare (reference §8, ObservabilityFilterRuleGroup).
var fields = map[string]func(*Event) string{
	"model":             func(e *Event) string { return modelOf(e.Record) },
	"provider":          func(e *Event) string { return e.Record.Provider },
	"session_id":        func(e *Event) string { return e.Record.Session },
	"user_id":           func(e *Event) string { return cmp.Or(e.Record.User, e.Record.Member) },
	"api_key_name":      func(e *Event) string { return e.KeyName },
	"finish_reason":     func(e *Event) string { return string(e.Record.Finish) },
	"input":             func(e *Event) string { return said(e, true) },
	"output":            func(e *Event) string { return said(e, false) },
	"total_cost":        func(e *Event) string { return e.Record.Cost.String() },
	"total_tokens":      func(e *Event) string { return count(e.Record.Usage.Prompt() + e.Record.Usage.Completion()) },
	"prompt_tokens":     func(e *Event) string { return count(e.Record.Usage.Prompt()) },
	"completion_tokens": func(e *Event) string { return count(e.Record.Usage.Completion()) },
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func said(e *Event, input bool) string {
	switch {
	case e.Said == nil:
		return ""
	case input:
		return string(e.Said.Input)
	}
	return string(e.Said.Completion)
}

// operators are how they compare.
var operators = map[string]func(have, want string) bool{
	"equals":       func(h, w string) bool { return h == w },
	"not_equals":   func(h, w string) bool { return h != w },
	"contains":     strings.Contains,
	"not_contains": func(h, w string) bool { return !strings.Contains(h, w) },
	"starts_with":  strings.HasPrefix,
	"ends_with":    strings.HasSuffix,
	"exists":       func(h, _ string) bool { return h != "" },
	"not_exists":   func(h, _ string) bool { return h == "" },
	"regex": func(h, w string) bool {
		re, err := regexp.Compile(w)
		return err == nil && re.MatchString(h)
	},
	"gt":  func(h, w string) bool { return order(h, w) == 1 },
	"gte": func(h, w string) bool { o := order(h, w); return o == 0 || o == 1 },
	"lt":  func(h, w string) bool { return order(h, w) == -1 },
	"lte": func(h, w string) bool { o := order(h, w); return o == 0 || o == -1 },
}

// order compares numbers; 2 is that one is none.
func order(a, b string) int {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err != nil || err2 != nil {
		return 2
	}
	return cmp.Compare(x, y)
}

// Bounds of rules.
const (
	maxGroups = 10
	maxRules  = 20 // of a group
	maxValue  = 1000
)

// Check says what is wrong with rules, for their owner.
func Check(r *account.Rules) error {
	if len(r.Groups) > maxGroups {
		return fmt.Errorf("filter_rules.groups must be at most %d", maxGroups)
	}
	for i, g := range r.Groups {
		if len(g.Rules) > maxRules {
			return fmt.Errorf("filter_rules.groups[%d].rules must be at most %d", i, maxRules)
		}
		for j, rule := range g.Rules {
			at := fmt.Sprintf("filter_rules.groups[%d].rules[%d]", i, j)
			_, err := regexp.Compile(rule.Value)
			switch {
			case fields[rule.Field] == nil:
				return fmt.Errorf("%s.field is not one that can be compared", at)
			case operators[rule.Operator] == nil:
				return fmt.Errorf("%s.operator is not one of the operators", at)
			case len(rule.Value) > maxValue:
				return fmt.Errorf("%s.value must be at most %d bytes", at, maxValue)
			case rule.Operator == "regex" && err != nil:
				return fmt.Errorf("%s.value must be a regular expression in RE2 syntax", at)
			}
		}
	}
	return nil
}

// Wanted reports whether a destination's rules choose an event.
func Wanted(d *account.Destination, e *Event) bool {
	if d.Rules == nil || d.Rules.Off {
		return true
	}
	for _, g := range d.Rules.Groups {
		holds := func(r account.Rule) bool {
			field, operator := fields[r.Field], operators[r.Operator]
			return field != nil && operator != nil && operator(field(e), r.Value)
		}
		if g.Any && !slices.ContainsFunc(g.Rules, holds) || !g.Any && slices.ContainsFunc(g.Rules, func(r account.Rule) bool { return !holds(r) }) {
			return false
		}
	}
	return true
}
