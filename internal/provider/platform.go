package provider

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/azure"
	"github.com/dragoman-gateway/dragoman/internal/dialect/bedrock"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaitext"
	"github.com/dragoman-gateway/dragoman/internal/dialect/vertex"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// spoken is one dialect of a provider.
type spoken struct {
	dialect.Adapter
	serves func(model string) bool // nil every model
}

func (s *spoken) does(model string) bool { return s.serves == nil || model == "" || s.serves(model) }

// onlyIn is which models a row serves in a dialect, nil for every one.
func onlyIn(row *catalog.Provider, d llm.Dialect) func(string) bool {
	if len(row.Only) == 0 {
		return nil
	}
	return func(model string) bool { return row.Serves(d, model) }
}

// onPlatform is a dialect's adapter as the row's platform wants it.
func onPlatform(row *catalog.Provider, base *url.URL, d llm.Dialect, inner dialect.Adapter) (spoken, error) {
	switch row.Platform {
	case "":
		serves := onlyIn(row, d)
		if d == llm.OpenAIText && row.Slug == "openai" {
			serves = openaitext.OpenAIServes
		}
		return spoken{Adapter: inner, serves: serves}, nil
	case catalog.Azure:
		if strings.HasPrefix(string(d), "openai.") || d == "" {
			return spoken{azure.New(inner, azure.ShapeOf(base.Path), row.APIVersion), onlyIn(row, d)}, nil
		}
	case catalog.Vertex:
		if a, ok := vertex.New(inner); ok {
			return spoken{a, func(model string) bool { return vertex.Serves(a.Dialect(), model) }}, nil
		}
	case catalog.Bedrock:
		switch d {
		case llm.Converse:
			return spoken{Adapter: inner}, nil
		case llm.Anthropic, llm.AnthropicCount:
			return spoken{bedrock.NewInvoke(inner), bedrock.IsClaude}, nil
		}
	default:
		return spoken{}, fmt.Errorf("provider %s: platform %q is none of %s", row.Slug, row.Platform, catalog.PlatformNames)
	}
	return spoken{}, fmt.Errorf("provider %s: platform %s does not speak %q", row.Slug, row.Platform, d)
}
