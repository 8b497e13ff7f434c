package dialect

import (
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// maxLosses bounds what an answer may lose one by one.
const maxLosses = 32

// LoseOnce adds a loss of an answer to those before, once: answers repeat themselves.
func LoseOnce(list []llm.Loss, path, why string) []llm.Loss {
	if l := (llm.Loss{Path: path, Why: why}); len(list) < maxLosses && !slices.Contains(list, l) {
		list = append(list, l)
	}
	return list
}

// Unnamed tells lose what of a message has no place on a wire that knows neither names of
// participants nor members beyond the canonical ones.
func Unnamed(m *llm.Message, lose func(path, why string)) {
	if m.Name != "" && m.Role != llm.ToolRole {
		lose(m.Path+".name", "the provider has no names for participants")
	}
	extra(m.Extra, lose)
	unnamed(m.Parts, lose)
}

func unnamed(parts []llm.Part, lose func(path, why string)) {
	for i := range parts {
		extra(parts[i].Extra, lose)
		if r := parts[i].Result; r != nil {
			unnamed(r.Parts, lose)
		}
	}
}

func extra(list []llm.Field, lose func(path, why string)) {
	for _, f := range list {
		lose(f.Path, "the provider has no such member")
	}
}
