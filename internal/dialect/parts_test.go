package dialect_test

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestMediaAt(t *testing.T) {
	for url, want := range map[string]llm.Media{
		"":                               {},
		"https://x/y.png":                {URL: "https://x/y.png"},
		"data:image/png;base64,AAAA":     {MIME: "image/png", Data: "AAAA"},
		"DATA:Image/PNG;x=y;BASE64,AAAA": {MIME: "image/png", Data: "AAAA"},
		"data:;base64,AAAA":              {Data: "AAAA"},
		"Data:text/plain,hi":             {URL: "data:text/plain,hi"},
		"data:text/plain;base64":         {URL: "data:text/plain;base64"},
		"data:":                          {URL: "data:"},
	} {
		if got := dialect.MediaAt(url); got.URL != want.URL || got.MIME != want.MIME || got.Data != want.Data {
			t.Errorf("%s: %+v", url, got)
		}
	}
}
