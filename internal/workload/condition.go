package workload

import (
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// Met reports whether claims meet every condition. There is none that no condition meets:
// whoever an issuer has signed for would be let in.
func Met(conditions []account.ClaimCondition, claims map[string]any) bool {
	for _, c := range conditions {
		if !met(c, claims) {
			return false
		}
	}
	return len(conditions) > 0
}

// met reports whether one of the claim's values is one that the condition names.
func met(c account.ClaimCondition, claims map[string]any) bool {
	v, ok := claim(claims, c.Claim)
	if !ok {
		return false
	}
	values, several := v.([]any)
	if !several {
		values = []any{v}
	}
	for _, v := range values {
		for _, pattern := range c.Values {
			if s, ok := text(v); ok && matches(pattern, s) {
				return true
			}
		}
	}
	return false
}

// claim is a claim by its name, or by the path to it with slashes between names, which may
// have slashes themselves.
func claim(claims map[string]any, name string) (any, bool) {
	if v, ok := claims[name]; ok {
		return v, true
	}
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		if inner, ok := claims[name[:i]].(map[string]any); ok {
			if v, ok := claim(inner, name[i+1:]); ok {
				return v, true
			}
		}
	}
	return nil, false
}

// text is a single value as a condition names it.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// matches reports whether a text is the pattern, in which an asterisk stands for any run of
// characters.
func matches(pattern, s string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return s == pattern
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		next, more, starred := strings.Cut(rest, "*")
		if !starred {
			return strings.HasSuffix(s, next)
		}
		i := strings.Index(s, next)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(next):], more
	}
}
