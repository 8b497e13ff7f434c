package manage

import "github.com/dragoman-gateway/dragoman/internal/account"

// filters reads the content filters of a guardrail.
func (b *body) filters(g *account.Guardrail) {
	for _, name := range []string{"content_filter_builtins", "content_filters"} {
		if b.has(name) && string(b.members[name]) != "null" {
			b.fail(name, "null: content filters are not built in this version")
		}
	}
}
